import { DeskgraphError } from '../domain/errors.ts'
import type { TicketOrder } from '../domain/source.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { Place } from './cursor.ts'
import type { Deadline } from './deadline.ts'
import { compareValues, isInOrder } from './order.ts'
import { markOf, marksOf } from './place.ts'
import type { ReadPlan, Tally } from './stream.ts'

/** The order that lists without a documented one are assumed to have (decision 10). */
export const assumedOrder: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }

/** Records that follow a place. */
export interface Following {
  readonly tickets: readonly Ticket[]
  /** How many records lie before and at each of them. */
  readonly offsets: readonly number[]
  readonly end: boolean
  /** The place they follow, as it is now: moved where the list has shifted. */
  readonly place: Place | null
}

/**
 * Walks a list whose records shift while tickets change. Each read begins one record early: if that is the record the
 * walk stopped at, what follows it is new, whatever its time. If not, the list has shifted, and the place is looked for.
 */
export interface OffsetWalk {
  /** A page contradicted the assumed order. */
  readonly contradicted: boolean
  following(place: Place | null, want: number, deadline: Deadline): Promise<Following>
}

interface Window {
  readonly tickets: readonly Ticket[]
  readonly offsets: readonly number[]
  /** Records before the window, and up to its end. */
  readonly from: number
  readonly to: number
  readonly end: boolean
}

/** Where the walk goes on: at this index of the window, not in this window, or the window does not say. */
type Found = number | 'earlier' | 'later' | 'lost'

export function createOffsetWalk(plan: ReadPlan, tally: Tally, distrusted: boolean): OffsetWalk {
  const { source, metrics } = plan
  let contradicted = distrusted
  let counted = false

  async function readWindow(from: number, limit: number, deadline: Deadline): Promise<Window> {
    const slice = await tally.list(from === 0 ? null : String(from), limit, deadline)
    if (!isInOrder(slice.tickets, assumedOrder)) contradict()
    const to = from + slice.tickets.length + slice.dropped
    return { tickets: slice.tickets, offsets: slice.positions.map(Number), from, to, end: slice.end }
  }

  function contradict(): void {
    contradicted = true
    if (!counted) metrics.count('order_contradictions_total', { source: source.info.key })
    counted = true
  }

  /** Reads from here without looking for a place; past records that could not be understood. */
  async function readOn(from: number, want: number, place: Place | null, deadline: Deadline): Promise<Following> {
    let window = await readWindow(from, want, deadline)
    while (window.tickets.length === 0 && !window.end) {
      if (tally.left <= 0 || window.to === window.from) throw notUnderstood(source.info.key)
      window = await readWindow(window.to, want, deadline)
    }
    return { ...window, place }
  }

  async function following(start: Place | null, want: number, deadline: Deadline): Promise<Following> {
    if (start === null) return readOn(0, want, null, deadline)
    let place = start
    let lookedBack = false
    for (;;) {
      const window = await readWindow(place.o - 1, want + 1, deadline)
      const found = locate(window, place, !contradicted)
      if (found === 'lost' && (lookedBack || window.from === 0)) return readOn(start.o, want, start, deadline)
      if (found === 'lost' || found === 'earlier') {
        lookedBack = true
        place = { ...place, o: Math.max(0, window.from - source.maxPageSize) + 1 }
      } else if (found === 'later' || (found === window.tickets.length && !window.end)) {
        if (window.to > window.from + window.tickets.length) return readOn(window.to, want, place, deadline)
        place = { ...place, o: window.to }
      } else {
        return { tickets: window.tickets.slice(found), offsets: window.offsets.slice(found), end: window.end, place }
      }
      if (tally.left <= 0) return { tickets: [], offsets: [], end: false, place }
    }
  }

  return {
    get contradicted() {
      return contradicted
    },
    following,
  }
}

/**
 * Behind the last record that is recognised. Where none is (all of them changed or went), a list in the assumed order
 * still tells by time: newer records were given or have changed since; the others were not given, or they would be recognised.
 */
function locate(window: Window, place: Place, trusted: boolean): Found {
  const marks = marksOf(place)
  const last = window.tickets.findLastIndex((ticket) => marks.has(markOf(ticket)))
  if (last >= 0) return last + 1
  if (!trusted) return 'lost'
  const first = window.tickets[0]
  if (!first) return window.from > 0 ? 'earlier' : window.end ? 0 : 'later'
  if (!isNewer(first, place)) return window.from > 0 ? 'earlier' : 0
  const index = window.tickets.findIndex((ticket) => !isNewer(ticket, place))
  if (index >= 0) return index
  return window.end ? window.tickets.length : 'later'
}

function isNewer(ticket: Ticket, place: Place): boolean {
  return compareValues(ticket.updatedAt, place.t, 'DESC') < 0
}

function notUnderstood(source: string): DeskgraphError {
  return new DeskgraphError('UPSTREAM_BAD_RESPONSE', 'The source gave a page of which nothing could be understood.', { source })
}

import { DeskgraphError } from '../../domain/errors.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { TicketOrder } from '../../sources/source.ts'
import type { Deadline } from '../deadline.ts'
import { type AnchorMatch, remembersAll, toRecogniser } from './offset-cursor.ts'
import { compareValues, isInOrder } from './order.ts'
import type { OffsetCursor } from './page-cursor.ts'
import type { ReadPlan, ReadStats } from './ticket-iterator.ts'

/** The order that lists without a documented one are assumed to have (decision 10). */
export const assumedOrder: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }

/** Records that follow a place. */
export interface Following {
  readonly tickets: readonly Ticket[]
  /** How many records lie before and at each of them. */
  readonly offsets: readonly number[]
  readonly end: boolean
  /** The place they follow, as it is now: moved where the list has shifted. */
  readonly place: OffsetCursor | null
}

/**
 * Walks a list whose records shift while tickets change. Each read begins one record early: if that is the record the
 * walk stopped at, what follows it is new, whatever its time. If not, the list has shifted, and the place is looked for.
 */
export interface OffsetIterator {
  /** A page contradicted the assumed order. */
  isContradicted(): boolean
  following(place: OffsetCursor | null, want: number, deadline: Deadline): Promise<Following>
}

interface Window extends Omit<Following, 'place'> {
  /** Records before the window, and up to its end. */
  readonly from: number
  readonly to: number
}

/** Where the walk goes on: at this index of the window, not in this window, or the window does not say. */
type Found = number | 'earlier' | 'later' | 'lost'

export function createOffsetIterator(plan: ReadPlan, tally: ReadStats, distrusted: boolean): OffsetIterator {
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

  /** Reads from here without looking for a place, past records that are of no use. */
  async function readOn(from: number, want: number, isNew: IsNew | null, deadline: Deadline): Promise<Omit<Following, 'place'>> {
    let window = await readWindow(from, want, deadline)
    for (;;) {
      const fresh = isNew ? onlyNew(window, 0, isNew) : window
      if (fresh.tickets.length > 0 || window.end) return fresh
      if (tally.left <= 0 || window.to === window.from) throw notUnderstood(source.info.key)
      window = await readWindow(window.to, want, deadline)
    }
  }

  /** Looks for the place, window by window, and reads what follows it. */
  async function readBehind(start: OffsetCursor, want: number, deadline: Deadline): Promise<Following> {
    const recognise = toRecogniser(start)
    const isNew: IsNew = (ticket) => recognise(ticket) === 'UNKNOWN' && (contradicted || !isNewer(ticket, start))
    let place = start
    let limit = want + 1
    let lookedBack = false
    do {
      const window = await readWindow(place.o - 1, limit, deadline)
      limit = want + 1
      const found = locate(window, place, recognise, !contradicted)
      if (found === 'lost' && (lookedBack || window.from === 0)) {
        const next = remembersAll(start) ? 0 : start.o
        return { ...(await readOn(next, want, isNew, deadline)), place: start }
      }
      if (found === 'lost' || found === 'earlier') {
        lookedBack = true
        const earlier = Math.max(0, window.from - Math.max(1, source.maxPageSize - 1))
        limit = window.from - earlier + 1
        place = { ...place, o: earlier + 1 }
      } else if (found === 'later') {
        place = { ...place, o: window.to }
      } else {
        const fresh = onlyNew(window, found, isNew)
        if (fresh.tickets.length > 0 || window.end) return { ...fresh, place }
        if (!canBeJoined(window, recognise, !contradicted)) return { ...(await readOn(window.to, want, isNew, deadline)), place }
        place = { ...place, o: window.to }
      }
    } while (tally.left > 0)
    return { tickets: [], offsets: [], end: false, place }
  }

  return {
    isContradicted: () => contradicted,
    following: async (place, want, deadline) =>
      place ? readBehind(place, want, deadline) : { ...(await readOn(0, want, null, deadline)), place },
  }
}

type IsNew = (ticket: Ticket) => boolean

/** What of a window, from an index on, was not given before it changed. */
function onlyNew({ tickets, offsets, end }: Window, index: number, isNew: IsNew): Omit<Following, 'place'> {
  const isWanted = (_: unknown, at: number) => at >= index && isNew(tickets[at]!)
  return { tickets: tickets.filter(isWanted), offsets: offsets.filter(isWanted), end }
}

/**
 * Behind the last record that is recognised. Where none is (all of them changed or went), a list in the assumed order
 * still tells by time: newer records were given or have changed since; the others were not given, or they would be recognised.
 */
function locate(window: Window, place: OffsetCursor, recognise: (ticket: Ticket) => AnchorMatch, trusted: boolean): Found {
  const last = window.tickets.findLastIndex((ticket) => recognise(ticket) === 'SAME')
  if (last >= 0) return last + 1
  if (!trusted) return 'lost'
  const first = window.tickets[0]
  if (!first) return window.from > 0 ? 'earlier' : window.end ? 0 : 'later'
  if (!isNewer(first, place)) return window.from > 0 ? 'earlier' : 0
  const index = window.tickets.findIndex((ticket) => !isNewer(ticket, place))
  if (index >= 0) return index
  return window.end ? window.tickets.length : 'later'
}

/** Would the place be found again by a read that begins at this window's last record? */
function canBeJoined(window: Window, recognise: (ticket: Ticket) => AnchorMatch, trusted: boolean): boolean {
  if (window.to > window.from + window.tickets.length) return false
  return trusted || recognise(window.tickets.at(-1)!) === 'SAME'
}

function isNewer(ticket: Ticket, place: OffsetCursor): boolean {
  return compareValues(ticket.updatedAt, place.t, 'DESC') < 0
}

function notUnderstood(source: string): DeskgraphError {
  return new DeskgraphError('UPSTREAM_BAD_RESPONSE', 'The source gave a page of which nothing could be understood.', { source })
}

import type { Metrics } from '../../domain/telemetry.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { ListSlice, TicketFilter, TicketOrder, TicketSource } from '../../sources/source.ts'
import type { Deadline } from '../deadline.ts'
import type { OrderValue } from './order.ts'
import type { SourceState } from './page-cursor.ts'

/** How one source is to be read for one page. */
export interface ReadPlan {
  readonly source: TicketSource
  readonly order: TicketOrder
  /** What the source applies itself. */
  readonly filter: TicketFilter
  /** What is applied here; null: nothing. */
  readonly test: ((ticket: Ticket) => boolean) | null
  /** How many records may be read for one page. */
  readonly scanLimit: number
  readonly metrics: Metrics
}

/** One source's matching tickets, read on demand, from where a cursor stands. */
export interface TicketIterator {
  /** The matching tickets read for this page, in order; grows with `read`. */
  readonly found: readonly Ticket[]
  /** Nothing follows the last of them. */
  readonly ended: boolean
  /** This page may read no more; what follows comes with the next page. */
  readonly spent: boolean
  /** How far the source is read: nothing unread comes before it. undefined: that cannot be said. */
  readonly frontier: OrderValue | undefined
  readonly ordering: 'EXACT' | 'BEST_EFFORT'
  /** null when the source did not say, or when a filter is applied here. */
  readonly totalCount: number | null
  /** Records that could not be understood. */
  readonly dropped: number
  /** Asks the source once, or more often where its list has shifted. `want`: how many tickets would do. */
  read(want: number, deadline: Deadline): Promise<void>
  /** Where the walk stands once the first `taken` of `found` are given. null: at the beginning. */
  stateAfter(taken: number): SourceState | null
}

type Live = 'ended' | 'spent' | 'frontier' | 'ordering' | 'totalCount' | 'dropped'
/** A stream's parts; what changes with every read is asked for. */
export type TicketIteratorParts = Omit<TicketIterator, Live> & { readonly [Part in Live]: () => TicketIterator[Part] }

/**
 * The stream of these parts. A class, because an object literal with getters gets a shape of its own each time it is made,
 * and shapes belong to the old generation: they would take the whole page there.
 */
export function toTicketIterator(parts: TicketIteratorParts): TicketIterator {
  return new LiveStream(parts)
}

class LiveStream implements TicketIterator {
  readonly found: TicketIterator['found']
  readonly read: TicketIterator['read']
  readonly stateAfter: TicketIterator['stateAfter']
  readonly #parts: TicketIteratorParts

  constructor(parts: TicketIteratorParts) {
    this.found = parts.found
    this.read = parts.read
    this.stateAfter = parts.stateAfter
    this.#parts = parts
  }

  get ended() {
    return this.#parts.ended()
  }
  get spent() {
    return this.#parts.spent()
  }
  get frontier() {
    return this.#parts.frontier()
  }
  get ordering() {
    return this.#parts.ordering()
  }
  get totalCount() {
    return this.#parts.totalCount()
  }
  get dropped() {
    return this.#parts.dropped()
  }
}

/** What slices have in common for every stream: counting, totals, the page's share. */
export interface ReadStats {
  readonly totalCount: number | null
  readonly dropped: number
  /** How many more records this page may read. */
  readonly left: number
  list(position: string | null, limit: number, deadline: Deadline): Promise<ListSlice>
}

/** Reads slices of the plan's list and counts what they cost. */
export function createReadStats(plan: ReadPlan): ReadStats {
  const { source, filter, order } = plan
  const tally = {
    totalCount: null as number | null,
    dropped: 0,
    left: plan.scanLimit,
    async list(position: string | null, limit: number, deadline: Deadline) {
      // A walk that goes on begins one record early: what is wanted behind it is a whole page all the same.
      const most = source.maxPageSize + (position === null ? 0 : 1)
      const request = { filter, order, position, limit: Math.min(limit, most) }
      const slice = await deadline.keep(source.listTickets(request, deadline.call))
      tally.left -= slice.tickets.length + slice.dropped
      tally.dropped += slice.dropped
      tally.totalCount = plan.test ? null : slice.totalCount
      return slice
    },
  }
  return tally
}

import type { Call } from '../../domain/call.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { TicketKey } from '../../sources/pagination/list-point.ts'
import type { OrderValue } from '../../sources/pagination/ticket-order.ts'
import type { ListSlice, TicketFilter, TicketOrder, TicketSource } from '../../sources/source.ts'
import type { Ties } from './offset-cursor.ts'
import type { SourcePosition } from './page-cursor.ts'

/** How one source is read for one page. */
export interface ReadPlan {
  readonly source: TicketSource
  /** The order of the page. */
  readonly order: TicketOrder
  /** The order in which the source lists: `order` where it can, else the one that offset pagination is assumed to have. */
  readonly listOrder: TicketOrder
  /** The conditions that the source applies itself. */
  readonly pushedDown: TicketFilter
  /** The conditions that the gateway applies; null when the source applies all of them. */
  readonly matches: ((ticket: Ticket) => boolean) | null
  /** The source's `listedFields` that the operation reads. Absent: none. */
  readonly wanted?: readonly (keyof Ticket)[]
  /** false: nothing reads `totalCount`. */
  readonly counted: boolean
  /** How many records may be read for one page. */
  readonly scanLimit: number
  readonly metrics: Metrics
}

/** Iterates the matching tickets of one source for one page, from a position in its list. Reads only when asked. */
export interface TicketIterator {
  /** The matching tickets read so far, in order. Grows with `read`. */
  readonly buffer: readonly Ticket[]
  /** True when the list has no ticket after the last of `buffer`. */
  readonly exhausted: boolean
  /** True when this page may read no more of the source. The next page continues. */
  readonly scanLimitReached: boolean
  /** No unread ticket sorts before this value. undefined when nothing was read or the list is not in order. */
  readonly lowWatermark: OrderValue | undefined
  /** BEST_EFFORT when the source does not deliver the asked order exactly. */
  readonly ordering: 'EXACT' | 'BEST_EFFORT'
  /** How many tickets match in the source; null when it does not say or when the gateway applies conditions. */
  readonly totalCount: number | null
  /** How many records were left out because they could not be decoded. */
  readonly dropped: number
  /**
   * Reads about `want` more tickets into `buffer`, usually with one call to the source.
   * Rejects with the source's error, or with the reason of `call.signal` once that aborts.
   */
  read(want: number, call: Call): Promise<void>
  /** Where a later page resumes after the first `emitted` tickets of `buffer`; null: at the beginning of the list. */
  positionAfter(emitted: number): SourcePosition | null
  /** How an edge cursor names the ticket before this position; `emitted` is at least 1. */
  placeAfter(emitted: number): TicketPlace
  /**
   * What resumes at an edge of the page without one call more than `positionAfter`, together with the key of the edge's ticket.
   * `isPassed` tells which records come before the edge. null: there is no such hint, and the edge needs the positions of all sources.
   */
  hintAfter(emitted: number, isPassed: IsPassed): PositionHint | null
}

export type IsPassed = (ticket: Ticket) => boolean

/** Tells a ticket from the others of its source with the same value: by its key, or by the records up to it with its time. */
export type TicketPlace = { readonly kind: 'key'; readonly key: TicketKey } | { readonly kind: 'ties'; readonly ties: Ties }

/** What an edge cursor keeps of each source. */
export type PositionHint =
  | { readonly kind: 'exhausted'; readonly totalCount: number | null }
  /** How many records of an offset-paginated list lie before the edge; 0 for every other list, which finds the edge by its key. */
  | { readonly kind: 'active'; readonly offset: number }

/** Reads slices of the planned list, enforces the scan limit, and keeps the counters that every iterator reports. */
export class ReadStats {
  totalCount: number | null = null
  dropped = 0
  /** How many more records this page may read. At or below 0 the scan limit is reached. */
  remaining: number
  readonly #plan: ReadPlan

  constructor(plan: ReadPlan) {
    this.#plan = plan
    this.remaining = plan.scanLimit
  }

  /** Reads one slice. Rejects when `call.signal` aborts, also when the source ignores the signal. */
  async list(position: string | null, limit: number, call: Call): Promise<ListSlice> {
    const { source, pushedDown, listOrder: order, matches, wanted = [], counted } = this.#plan
    // A resumed read begins one record early, so one record more makes a full page.
    const maxLimit = source.maxPageSize + (position === null ? 0 : 1)
    const slices = { filter: pushedDown, order, position, limit: Math.min(limit, maxLimit) }
    // What the gateway filters has no total.
    const request = {
      ...slices,
      ...(wanted.length > 0 && { wanted }),
      ...((!counted || matches) && { counted: false }),
    }
    const slice = await rejectOnAbort(source.listTickets(request, call), call.signal)
    this.remaining -= slice.tickets.length + slice.dropped
    this.dropped += slice.dropped
    this.totalCount = matches ? null : slice.totalCount
    return slice
  }
}

/** Rejects with the signal's reason once that aborts, also when the work ignores the signal. */
export async function rejectOnAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** The records read for one page, in the source's order, and those of them that match the filter. */
export class ReadBuffer {
  readonly records: Ticket[] = []
  readonly matching: readonly Ticket[]
  /** True when the source has no record after the last of `records`. */
  exhausted = false
  readonly #matches: ReadPlan['matches']
  readonly #matching: Ticket[]
  /** The index in `records` of each matching ticket. Empty when every record matches. */
  readonly #indexes: number[] = []

  constructor(matches: ReadPlan['matches']) {
    this.#matches = matches
    this.#matching = matches ? [] : this.records
    this.matching = this.#matching
  }

  /** Appends what one read gave. */
  add(tickets: readonly Ticket[], exhausted: boolean): void {
    for (const ticket of tickets) {
      this.records.push(ticket)
      if (!this.#matches?.(ticket)) continue
      this.#indexes.push(this.records.length - 1)
      this.#matching.push(ticket)
    }
    this.exhausted = exhausted
  }

  /**
   * How many records lie before the matching ticket that follows the first `emitted` ones.
   * Records that did not match are counted, so that a later page does not read them again.
   */
  recordsBefore(emitted: number): number {
    return this.#matches ? (this.#indexes[emitted] ?? this.records.length) : emitted
  }

  /** The index in `records` of a matching ticket. */
  indexOf(matching: number): number {
    return this.#matches ? this.#indexes[matching]! : matching
  }

  /**
   * How many records are passed when the first `emitted` matching ones are: those before the next matching ticket, without the records
   * that follow the edge and do not match. null: more than `limit` of these follow it.
   */
  passedRecords(emitted: number, isPassed: IsPassed, limit: number): number | null {
    const end = this.recordsBefore(emitted)
    if (!this.#matches) return end
    for (let count = end; count >= Math.max(0, end - limit); count--) {
      if (count === 0 || isPassed(this.records[count - 1]!)) return count
    }
    return null
  }

  /** True when nothing follows the first `count` records. */
  isEnd(count: number): boolean {
    return this.exhausted && count === this.records.length
  }
}

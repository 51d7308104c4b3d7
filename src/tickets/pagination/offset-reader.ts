import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { isInOrder } from '../../sources/pagination/ticket-order.ts'
import type { TicketOrder } from '../../sources/source.ts'
import { type AnchorMatcher, anchorsEveryRecord, createAnchorMatcher, liesBefore, type OffsetCursor } from './offset-cursor.ts'
import type { ReadPlan, ReadStats } from './ticket-iterator.ts'

// Records of an offset-paginated list shift while tickets change, so a cursor's offset alone would repeat or miss tickets.
// `OffsetReader` is a state machine that finds the position again. docs/decisions/0007-offset-iterator.md draws its states.

/** What one call to the source gave: the records `from` to `to` of the list. */
interface Window {
  readonly tickets: readonly Ticket[]
  /** How many records of the list lie before and at each ticket. */
  readonly offsets: readonly number[]
  readonly from: number
  /** Records that could not be decoded are counted, though they are not in `tickets`. */
  readonly to: number
  /** True when the list ends with this window. */
  readonly end: boolean
}

type ActiveState = SearchState | ReadingState
type State = ActiveState | ReadResult

/**
 * Looks for the position of `cursor` in the window of `limit` records after the first `from`.
 * `verifyingAnchors`: the window begins one record before the cursor's offset. An unshifted list shows the last anchor there.
 * `searchingAnchors`: the anchors were not there, so earlier windows are read.
 */
interface SearchState {
  readonly name: 'verifyingAnchors' | 'searchingAnchors'
  readonly from: number
  readonly limit: number
  readonly cursor: OffsetCursor
}

/** Reads on without looking for anchors: from the beginning of the list, or where no anchor can be found. */
interface ReadingState {
  readonly name: 'reading'
  readonly from: number
  readonly limit: number
  readonly cursor: OffsetCursor | null
}

/**
 * The final states of one read.
 * `delivered`: at least one ticket; more may follow. `exhausted`: any number of tickets; none follow.
 * `scanLimitReached`: no ticket, because the position was not found within the scan limit. The next page searches on from `cursor`.
 */
export interface ReadResult {
  readonly name: 'delivered' | 'exhausted' | 'scanLimitReached'
  /** The tickets after the cursor that were not emitted before, in the list's order. */
  readonly tickets: readonly Ticket[]
  /** How many records of the list lie before and at each ticket. */
  readonly offsets: readonly number[]
  /** The cursor that the tickets follow. Its offset is the present one, where records have shifted. */
  readonly cursor: OffsetCursor | null
}

const noAnchors: AnchorMatcher = { match: () => 'UNKNOWN', isTie: () => false }

/** What one `readAfter` keeps through all its states. */
interface Read {
  readonly want: number
  readonly matcher: AnchorMatcher
}

/** Reads what follows a cursor. It never gives a ticket twice and misses none that stays unchanged (DECISION-11). */
export class OffsetReader {
  /** True once a window has contradicted the assumed order, on this page or on an earlier one. Then times locate nothing. */
  orderBroken: boolean
  readonly #plan: ReadPlan
  readonly #stats: ReadStats
  #contradictionCounted = false

  /** `orderBroken`: what the cursor says about the pages before. */
  constructor(plan: ReadPlan, stats: ReadStats, orderBroken: boolean) {
    this.#plan = plan
    this.#stats = stats
    this.orderBroken = orderBroken
  }

  /** Reads about `want` tickets after `cursor`; null: from the beginning. UPSTREAM_BAD_RESPONSE when no record can be decoded. */
  async readAfter(cursor: OffsetCursor | null, want: number, call: Call): Promise<ReadResult> {
    const read: Read = { want, matcher: cursor ? createAnchorMatcher(cursor, this.#plan.listOrder) : noAnchors }
    let state: State = cursor
      ? { name: 'verifyingAnchors', from: cursor.offset - 1, limit: want + 1, cursor }
      : { name: 'reading', from: 0, limit: want, cursor }
    while (isActive(state)) {
      const window = await this.#readWindow(state, call)
      state = state.name === 'reading' ? this.#afterReading(state, window, read) : this.#afterSearch(state, window, read)
    }
    return state
  }

  async #readWindow({ from, limit }: ActiveState, call: Call): Promise<Window> {
    const slice = await this.#stats.list(from === 0 ? null : String(from), limit, call)
    if (!isInOrder(slice.tickets, this.#plan.listOrder)) this.#reportBrokenOrder()
    const to = from + slice.tickets.length + slice.dropped
    return { tickets: slice.tickets, offsets: slice.positions.map(Number), from, to, end: slice.end }
  }

  #reportBrokenOrder(): void {
    this.orderBroken = true
    if (this.#contradictionCounted) return
    this.#contradictionCounted = true
    this.#plan.metrics.count('order_contradictions_total', { source: this.#plan.source.info.key })
  }

  /** Passes windows without a new ticket, up to the scan limit. */
  #afterReading(state: ReadingState, window: Window, read: Read): State {
    const result = this.#toResult(window, 0, state.cursor, read)
    if (result) return result
    if (this.#stats.remaining <= 0) throw this.#notDecodable()
    return { ...state, from: this.#endOf(window) }
  }

  /** Looks for the cursor's position in the window. A search that has to read on stops at the scan limit. */
  #afterSearch(state: SearchState, window: Window, read: Read): State {
    const location = locate(window, state.cursor, read.matcher, this.orderBroken ? null : this.#plan.listOrder)
    const next =
      typeof location === 'number'
        ? this.#resumeFromAnchor(state, window, location, read)
        : this.#searchOn(state, window, location, read)
    const searches = next.name === 'verifyingAnchors' || next.name === 'searchingAnchors'
    if (!searches || this.#stats.remaining > 0) return next
    return { name: 'scanLimitReached', tickets: [], offsets: [], cursor: { ...state.cursor, offset: next.from + 1 } }
  }

  /** The position is in this window: its record at `index` is the first after the position. */
  #resumeFromAnchor(state: SearchState, window: Window, index: number, read: Read): State {
    const cursor = { ...state.cursor, offset: window.from + 1 }
    const result = this.#toResult(window, index, cursor, read)
    if (result) return result
    // All of the window was emitted. The next window overlaps by one record, so that it shows whether records shift meanwhile.
    if (this.#canOverlap(window, read)) return { ...state, from: window.to - 1, limit: read.want + 1 }
    return { name: 'reading', from: window.to, limit: read.want, cursor }
  }

  /** True when a read that begins at the window's last record would find the position again. */
  #canOverlap(window: Window, read: Read): boolean {
    if (window.to > window.from + window.tickets.length) return false
    return !this.orderBroken || read.matcher.match(window.tickets.at(-1)!) === 'SAME'
  }

  /** The position is not in this window. */
  #searchOn(state: SearchState, window: Window, location: 'earlier' | 'later' | 'unknown', read: Read): ActiveState {
    const { cursor } = state
    if (location === 'later') return { ...state, from: this.#endOf(window) - 1, limit: read.want + 1 }
    if (location === 'unknown' && (state.name === 'searchingAnchors' || window.from === 0)) {
      return { name: 'reading', from: anchorsEveryRecord(cursor) ? 0 : cursor.offset, limit: read.want, cursor }
    }
    const from = Math.max(0, window.from - Math.max(1, this.#plan.source.maxPageSize - 1))
    return { name: 'searchingAnchors', from, limit: window.from - from + 1, cursor }
  }

  /** Where the next window begins. A window without records would be read forever. */
  #endOf(window: Window): number {
    if (window.to === window.from) throw this.#notDecodable()
    return window.to
  }

  /** The final state, when the window has a new ticket from `index` on or ends the list; else null. */
  #toResult(window: Window, index: number, cursor: OffsetCursor | null, read: Read): ReadResult | null {
    const isSelected = (_: unknown, i: number) => i >= index && this.#isNew(window.tickets[i]!, cursor, read)
    const tickets = window.tickets.filter(isSelected)
    if (tickets.length === 0 && !window.end) return null
    return { name: window.end ? 'exhausted' : 'delivered', tickets, offsets: window.offsets.filter(isSelected), cursor }
  }

  /** A record newer than the cursor was emitted and has changed since, or was added since: it belongs to a new list. */
  #isNew(ticket: Ticket, cursor: OffsetCursor | null, read: Read): boolean {
    if (cursor === null) return true
    return read.matcher.match(ticket) === 'UNKNOWN' && (this.orderBroken || !liesBefore(ticket, cursor, this.#plan.listOrder))
  }

  #notDecodable(): DeskgraphError {
    const source = this.#plan.source.info.key
    return new DeskgraphError('UPSTREAM_BAD_RESPONSE', 'The source gave a page of which nothing could be understood.', { source })
  }
}

function isActive(state: State): state is ActiveState {
  return state.name === 'reading' || state.name === 'verifyingAnchors' || state.name === 'searchingAnchors'
}

/**
 * The index of the first record after the cursor's position, or where to look for it: before or after this window.
 * The position is after the last unchanged anchor. When every anchored record has changed or was removed, the list's order still locates
 * it: records that sort before it were emitted or have changed since. The others were not emitted, or an anchor would match.
 * `order`: null when it is broken. `unknown`: no anchor matches, and the order is broken.
 */
function locate(
  window: Window,
  cursor: OffsetCursor,
  matcher: AnchorMatcher,
  order: TicketOrder | null,
): number | 'earlier' | 'later' | 'unknown' {
  const { tickets, from, end } = window
  const anchor = tickets.findLastIndex((ticket) => matcher.match(ticket) === 'SAME')
  if (anchor >= 0) return anchor + 1
  const tie = tickets.findLastIndex((ticket) => matcher.isTie(ticket))
  if (tie >= 0) return tie + 1
  if (order === null) return 'unknown'
  const first = tickets[0]
  if (!first) return from > 0 ? 'earlier' : end ? 0 : 'later'
  if (!liesBefore(first, cursor, order)) return from > 0 ? 'earlier' : 0
  const index = tickets.findIndex((ticket) => !liesBefore(ticket, cursor, order))
  if (index >= 0) return index
  return end ? tickets.length : 'later'
}

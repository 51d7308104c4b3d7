import type { Call } from '../../domain/call.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { type OrderValue, orderValue } from '../../sources/pagination/ticket-order.ts'
import { createAnchorCache, cursorAfter, type OffsetCursor, type ReadRecords, tiesAt } from './offset-cursor.ts'
import { OffsetReader } from './offset-reader.ts'
import type { SourcePosition } from './page-cursor.ts'
import {
  type IsPassed,
  type PositionHint,
  ReadBuffer,
  type ReadPlan,
  ReadStats,
  type TicketIterator,
  type TicketPlace,
} from './ticket-iterator.ts'

/** Iterates an offset-paginated list in the order in which its source lists it. */
export class OffsetIterator implements TicketIterator {
  readonly #plan: ReadPlan
  readonly #stats: ReadStats
  readonly #reader: OffsetReader
  readonly #records: ReadBuffer
  readonly #anchorAt: (index: number) => string
  /** How many records of the list lie before and at each record read. */
  readonly #offsets: number[] = []
  /** The cursor that the records follow, corrected by the first read. */
  #start: OffsetCursor | null

  /** `start`: where an earlier page stopped; null: the beginning of the list. */
  constructor(plan: ReadPlan, start: OffsetCursor | null) {
    this.#plan = plan
    this.#start = start
    this.#stats = new ReadStats(plan)
    this.#reader = new OffsetReader(plan, this.#stats, start?.orderBroken ?? false)
    this.#records = new ReadBuffer(plan.matches)
    this.#anchorAt = createAnchorCache(this.#records.records, plan.listOrder)
  }

  get buffer(): readonly Ticket[] {
    return this.#records.matching
  }
  get exhausted(): boolean {
    return this.#records.exhausted
  }
  get scanLimitReached(): boolean {
    return this.#stats.remaining <= 0
  }
  get lowWatermark(): OrderValue | undefined {
    const last = this.#records.records.at(-1)
    return last === undefined || this.#reader.orderBroken ? undefined : orderValue(last, this.#plan.listOrder)
  }
  get ordering(): 'EXACT' | 'BEST_EFFORT' {
    return this.#reader.orderBroken ? 'BEST_EFFORT' : 'EXACT'
  }
  get totalCount(): number | null {
    return this.#stats.totalCount
  }
  get dropped(): number {
    return this.#stats.dropped
  }

  get #read(): ReadRecords {
    return { order: this.#plan.listOrder, records: this.#records.records, anchorAt: this.#anchorAt, start: this.#start }
  }

  async read(want: number, call: Call): Promise<void> {
    const { records } = this.#records
    const limit = this.#plan.matches ? this.#plan.source.maxPageSize : want
    const result = await this.#reader.readAfter(this.#cursorAfter(records.length), limit, call)
    if (records.length === 0) this.#start = result.cursor
    this.#records.add(result.tickets, result.name === 'exhausted')
    this.#offsets.push(...result.offsets)
  }

  positionAfter(emitted: number): SourcePosition | null {
    const count = this.#records.recordsBefore(emitted)
    if (this.#records.isEnd(count)) return { kind: 'exhausted', totalCount: this.#stats.totalCount }
    const cursor = this.#cursorAfter(count)
    return cursor && { kind: 'offset', cursor }
  }

  placeAfter(emitted: number): TicketPlace {
    return { kind: 'ties', ties: tiesAt(this.#read, this.#records.indexOf(emitted - 1)) }
  }

  hintAfter(emitted: number, isPassed: IsPassed): PositionHint | null {
    if (this.#records.isEnd(this.#records.recordsBefore(emitted)))
      return { kind: 'exhausted', totalCount: this.#stats.totalCount }
    const { source, matches } = this.#plan
    const passed = this.#records.passedRecords(emitted, isPassed, source.maxPageSize)
    if (passed === null) return null
    if (passed > 0) return { kind: 'active', offset: this.#offsets[passed - 1]! }
    // How many records before `start` do not match is not known.
    return matches && this.#start ? null : { kind: 'active', offset: this.#start?.offset ?? 0 }
  }

  #cursorAfter(count: number): OffsetCursor | null {
    const { orderBroken } = this.#reader
    if (count === 0) return this.#start && { ...this.#start, orderBroken }
    return cursorAfter(this.#read, count, this.#offsets[count - 1]!, orderBroken)
  }
}

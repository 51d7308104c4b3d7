import type { Call } from '../../domain/call.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { isInOrder, type OrderValue, orderValue } from '../../sources/pagination/ticket-order.ts'
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

/**
 * Iterates a list whose records never shift between two pages: its positions are (value, id) keys, or cursors of the vendor. The
 * source's own position is all that a page cursor needs.
 */
export class KeysetIterator implements TicketIterator {
  readonly #plan: ReadPlan
  readonly #start: string | null
  readonly #stats: ReadStats
  readonly #records: ReadBuffer
  /** The source's position after each record. */
  readonly #positions: string[] = []
  ordering: TicketIterator['ordering'] = 'EXACT'

  /** `start`: a position that the source gave; null: the beginning of the list. */
  constructor(plan: ReadPlan, start: string | null) {
    this.#plan = plan
    this.#start = start
    this.#stats = new ReadStats(plan)
    this.#records = new ReadBuffer(plan.matches)
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
    return last && this.ordering === 'EXACT' ? orderValue(last, this.#plan.order) : undefined
  }
  get totalCount(): number | null {
    return this.#stats.totalCount
  }
  get dropped(): number {
    return this.#stats.dropped
  }

  async read(want: number, call: Call): Promise<void> {
    const { source, order, matches, metrics } = this.#plan
    const position = this.#positions.at(-1) ?? this.#start
    const slice = await this.#stats.list(position, matches ? source.maxPageSize : want, call)
    if (!isInOrder(slice.tickets, order)) {
      this.ordering = 'BEST_EFFORT'
      metrics.count('order_contradictions_total', { source: source.info.key })
    }
    this.#records.add(slice.tickets, slice.end)
    this.#positions.push(...slice.positions)
  }

  positionAfter(emitted: number): SourcePosition | null {
    const count = this.#records.recordsBefore(emitted)
    if (this.#records.isEnd(count)) return { kind: 'exhausted', totalCount: this.#stats.totalCount }
    const position = count === 0 ? this.#start : this.#positions[count - 1]!
    return position === null ? null : { kind: 'keyset', position }
  }

  placeAfter(emitted: number): TicketPlace {
    const { tenant, externalId } = this.buffer[emitted - 1]!
    return { kind: 'key', key: { tenant, externalId } }
  }

  hintAfter(emitted: number, isPassed: IsPassed): PositionHint | null {
    const count = this.#records.recordsBefore(emitted)
    if (this.#records.isEnd(count)) return { kind: 'exhausted', totalCount: this.#stats.totalCount }
    const { source, matches } = this.#plan
    if (!source.toPosition) return null
    const passed = this.#records.passedRecords(emitted, isPassed, source.maxPageSize)
    // How many records before `start` do not match is not known.
    return passed === null || (passed === 0 && matches && this.#start !== null) ? null : { kind: 'active', offset: 0 }
  }
}

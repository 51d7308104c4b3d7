import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { compareKeys, type OrderKey, orderKey } from '../../sources/pagination/ticket-order.ts'
import type { TicketOrder } from '../../sources/source.ts'
import type { WantedFields } from '../../sources/wanted-fields.ts'
import { createAnchorCache, cursorAfter } from './offset-cursor.ts'
import { OffsetReader } from './offset-reader.ts'
import type { Block, SourcePosition } from './page-cursor.ts'
import {
  type PositionHint,
  type ReadPlan,
  ReadStats,
  rejectOnAbort,
  type TicketIterator,
  type TicketPlace,
} from './ticket-iterator.ts'

/**
 * Iterates a list in an order that its source cannot deliver. One read loads a block of the list, up to the
 * scan limit, and sorts it in memory. The order is EXACT when the block is the whole list. A longer list continues with the
 * next block: no ticket is missed, but the order begins anew with each block.
 */
export class SortedIterator implements TicketIterator {
  readonly buffer: Ticket[] = []
  /** A list that is not in order has no lower bound for its unread tickets. */
  readonly lowWatermark = undefined
  readonly #plan: ReadPlan
  readonly #stats: ReadStats
  readonly #reader: OffsetReader
  /** Where the block begins; corrected by the first read. */
  #block: Block | null
  readonly #after: OrderKey | null
  /** Every record of the block, in the list's order. */
  readonly #records: Ticket[] = []
  #lastOffset = 0
  /** The source's own position behind the block, where its list has cursors. */
  #lastPosition: string | null = null
  #isRead = false
  #atEnd = false
  /** True when a record came twice, because records shifted while the block was read. */
  #repeated = false

  /** The block begins after the cursor `block` (null: the beginning of the list); tickets up to the key `after` were emitted. */
  constructor(plan: ReadPlan, block: Block | null, after: OrderKey | null) {
    this.#plan = plan
    this.#block = block
    this.#after = after
    this.#stats = new ReadStats(plan)
    this.#reader = new OffsetReader(plan, this.#stats, typeof block === 'object' && block?.orderBroken === true)
  }

  get exhausted(): boolean {
    return this.#isRead && this.#atEnd
  }
  get scanLimitReached(): boolean {
    return this.#isRead
  }
  get ordering(): 'EXACT' | 'BEST_EFFORT' {
    return this.exhausted && this.#block === null && !this.#repeated ? 'EXACT' : 'BEST_EFFORT'
  }
  get totalCount(): number | null {
    return this.#stats.totalCount
  }
  get dropped(): number {
    return this.#stats.dropped
  }

  async read(_want: number, call: Call): Promise<void> {
    await (this.#plan.source.paginationStyle === 'cursor' ? this.#readByPositions(call) : this.#readByOffsets(call))
    this.#sort()
    this.#isRead = true
  }

  /** Reads window after window. They do not overlap within a block: overlapping would double the number of calls. */
  async #readByOffsets(call: Call): Promise<void> {
    const { source, scanLimit } = this.#plan
    const seen = new Set<string>()
    const block = typeof this.#block === 'object' ? this.#block : null
    const first = await this.#reader.readAfter(block, Math.min(source.maxPageSize, scanLimit), call)
    this.#block = first.cursor
    this.#add(first.tickets, seen)
    this.#lastOffset = first.offsets.at(-1) ?? 0
    this.#atEnd = first.name === 'exhausted'
    while (!this.#atEnd && this.#stats.remaining > 0) {
      const limit = Math.min(source.maxPageSize, this.#stats.remaining)
      const slice = await this.#stats.list(String(this.#lastOffset), limit, call)
      this.#add(slice.tickets, seen)
      this.#lastOffset = Number(slice.positions.at(-1) ?? this.#lastOffset + slice.dropped)
      this.#atEnd = slice.end
    }
  }

  async #readByPositions(call: Call): Promise<void> {
    const seen = new Set<string>()
    this.#lastPosition = typeof this.#block === 'string' ? this.#block : null
    while (!this.#atEnd && this.#stats.remaining > 0) {
      const limit = Math.min(this.#plan.source.maxPageSize, this.#stats.remaining)
      const { tickets, positions, end } = await this.#stats.list(this.#lastPosition, limit, call)
      this.#add(tickets, seen)
      this.#lastPosition = positions.at(-1) ?? this.#lastPosition
      this.#atEnd = end
    }
  }

  #add(tickets: readonly Ticket[], seen: Set<string>): void {
    for (const ticket of tickets) {
      if (seen.has(ticket.id)) this.#repeated = true
      else this.#records.push(ticket)
      seen.add(ticket.id)
    }
  }

  #sort(): void {
    const { matches, order } = this.#plan
    this.buffer.push(
      ...sortBehind(
        this.#records.filter((ticket) => !matches || matches(ticket)),
        order,
        this.#after,
      ),
    )
  }

  positionAfter(emitted: number): SourcePosition | null {
    if (this.#isRead && emitted === this.buffer.length) {
      if (this.#atEnd) return { kind: 'exhausted', totalCount: this.#stats.totalCount }
      if (this.#records.length > 0) return { kind: 'sorted', block: this.#nextBlock(), after: null }
    }
    const after = emitted === 0 ? this.#after : orderKey(this.buffer[emitted - 1]!, this.#plan.order)
    return this.#block || after ? { kind: 'sorted', block: this.#block, after } : null
  }

  placeAfter(emitted: number): TicketPlace {
    return toPlace(this.buffer, emitted)
  }

  hintAfter(emitted: number): PositionHint {
    return toHint(this.exhausted && emitted === this.buffer.length, this.totalCount)
  }

  #nextBlock(): Block {
    if (this.#lastPosition !== null) return this.#lastPosition
    const records = this.#records
    const order = this.#plan.listOrder
    const start = typeof this.#block === 'object' ? this.#block : null
    const read = { order, records, anchorAt: createAnchorCache(records, order), start }
    return cursorAfter(read, records.length, this.#lastOffset, this.#reader.orderBroken)
  }
}

/**
 * Iterates tickets that a filter names by their ids: reads them by id, not by the list, and sorts them in memory. Deleted tickets and
 * those that do not meet the other conditions are left out.
 */
export class NamedIterator implements TicketIterator {
  readonly buffer: Ticket[] = []
  readonly scanLimitReached = false
  readonly lowWatermark = undefined
  readonly ordering = 'EXACT'
  exhausted = false
  totalCount: number | null = null
  dropped = 0
  readonly #plan: ReadPlan
  readonly #refs: readonly EntityRef[]
  readonly #after: OrderKey | null
  readonly #wanted: WantedFields | undefined

  /** `after`: tickets up to this key were emitted. `wanted`: as for `loadTickets`. */
  constructor(plan: ReadPlan, refs: readonly EntityRef[], after: OrderKey | null, wanted: WantedFields | undefined) {
    this.#wanted = wanted
    this.#plan = plan
    this.#refs = refs
    this.#after = after
  }

  async read(_want: number, call: Call): Promise<void> {
    const { source, matches, order } = this.#plan
    const loaded = await rejectOnAbort(source.loadTickets(this.#refs, call, this.#wanted), call.signal)
    const failed = loaded.filter((ticket) => ticket instanceof DeskgraphError)
    // One ticket that cannot be read is left out. When none can be read, the source has failed.
    if (failed[0] && failed.length === loaded.length) throw failed[0]
    const found = loaded.flatMap((ticket) => (ticket === null || ticket instanceof DeskgraphError ? [] : [ticket]))
    const matching = found.filter((ticket) => ticket.deletedAt === null && (!matches || matches(ticket)))
    this.buffer.push(...sortBehind(matching, order, this.#after))
    this.totalCount = matching.length
    this.dropped = failed.length
    this.exhausted = true
  }

  positionAfter(emitted: number): SourcePosition | null {
    if (this.exhausted && emitted === this.buffer.length) return { kind: 'exhausted', totalCount: this.totalCount }
    const after = emitted === 0 ? this.#after : orderKey(this.buffer[emitted - 1]!, this.#plan.order)
    return after && { kind: 'sorted', block: null, after }
  }

  placeAfter(emitted: number): TicketPlace {
    return toPlace(this.buffer, emitted)
  }

  hintAfter(emitted: number): PositionHint {
    return toHint(this.exhausted && emitted === this.buffer.length, this.totalCount)
  }
}

function toPlace(buffer: readonly Ticket[], emitted: number): TicketPlace {
  const { tenant, externalId } = buffer[emitted - 1]!
  return { kind: 'key', key: { tenant, externalId } }
}

/** A list that is sorted in memory is read as a whole again: it needs no offset. */
function toHint(exhausted: boolean, totalCount: number | null): PositionHint {
  return exhausted ? { kind: 'exhausted', totalCount } : { kind: 'active', offset: 0 }
}

/** The tickets that come after a key (null: all), in the order. */
function sortBehind(tickets: readonly Ticket[], order: TicketOrder, after: OrderKey | null): readonly Ticket[] {
  return tickets
    .map((ticket) => ({ ticket, key: orderKey(ticket, order) }))
    .filter(({ key }) => after === null || compareKeys(key, after, order.direction) > 0)
    .sort((a, b) => compareKeys(a.key, b.key, order.direction))
    .map(({ ticket }) => ticket)
}

import type { Ticket } from '../../domain/ticket.ts'
import type { Deadline } from '../deadline.ts'
import { createMarker, placeBehind } from './offset-cursor.ts'
import { createOffsetIterator } from './offset-iterator.ts'
import { compareKeys, type OrderKey, orderKey } from './order.ts'
import type { OffsetCursor, SourceState } from './page-cursor.ts'
import { createReadStats, type ReadPlan, type TicketIterator, toTicketIterator } from './ticket-iterator.ts'

/**
 * A list whose source cannot give the asked order: a block of it, up to the scan limit, is read and sorted here.
 * Exact when the block is the whole list. Behind a block comes the next: nothing is left out, but the order begins anew.
 */
export function createSortedIterator(plan: ReadPlan, block: OffsetCursor | null, after: OrderKey | null): TicketIterator {
  const { order, source } = plan
  const tally = createReadStats(plan)
  const walk = createOffsetIterator(plan, tally, block?.x === 1)
  const records: Ticket[] = []
  const found: Ticket[] = []
  let lastOffset = 0
  let atEnd = false
  let isRead = false
  let repeated = false

  /** The next slice of the block. Within it nothing is read twice on purpose: the calls would double. */
  async function readBlock(deadline: Deadline): Promise<void> {
    const seen = new Set<string>()
    const first = await walk.following(block, Math.min(source.maxPageSize, plan.scanLimit), deadline)
    keep(first.tickets, seen)
    lastOffset = first.offsets.at(-1) ?? 0
    atEnd = first.end
    while (!atEnd && tally.left > 0 && lastOffset > 0) {
      const slice = await tally.list(String(lastOffset), Math.min(source.maxPageSize, tally.left), deadline)
      keep(slice.tickets, seen)
      lastOffset = Number(slice.positions.at(-1) ?? lastOffset + slice.dropped)
      atEnd = slice.end
    }
  }

  function keep(tickets: readonly Ticket[], seen: Set<string>): void {
    for (const ticket of tickets) {
      if (seen.has(ticket.id)) repeated = true
      else records.push(ticket)
      seen.add(ticket.id)
    }
  }

  function sort(): void {
    const keyed = records
      .filter((ticket) => !plan.test || plan.test(ticket))
      .map((ticket) => ({ ticket, key: orderKey(ticket, order) }))
      .filter(({ key }) => after === null || compareKeys(key, after, order.direction) > 0)
      .sort((a, b) => compareKeys(a.key, b.key, order.direction))
    found.push(...keyed.map(({ ticket }) => ticket))
  }

  return toTicketIterator({
    found,
    ended: () => isRead && atEnd,
    spent: () => isRead,
    frontier: () => undefined,
    ordering: () => (isRead && atEnd && block === null && !repeated ? 'EXACT' : 'BEST_EFFORT'),
    totalCount: () => tally.totalCount,
    dropped: () => tally.dropped,
    async read(_want, deadline) {
      await readBlock(deadline)
      sort()
      isRead = true
    },
    stateAfter(taken): SourceState | null {
      if (isRead && taken === found.length) {
        if (atEnd) return { e: 1, n: tally.totalCount }
        if (records.length > 0)
          return {
            b: placeBehind(records, createMarker(records), records.length, lastOffset, block, walk.isContradicted()),
            k: null,
          }
      }
      const key = taken === 0 ? after : orderKey(found[taken - 1]!, order)
      return block || key ? { b: block, k: key && [...key] } : null
    },
  })
}

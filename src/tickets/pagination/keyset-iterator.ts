import { isInOrder, orderValue } from './order.ts'
import type { SourceState } from './page-cursor.ts'
import { createReadBuffer } from './read-buffer.ts'
import { createReadStats, type ReadPlan, type TicketIterator, toTicketIterator } from './ticket-iterator.ts'

/** A list that nothing shifts: the source's own positions are all that a cursor needs. */
export function createKeysetIterator(plan: ReadPlan, start: string | null): TicketIterator {
  const log = createReadBuffer(plan.test)
  const tally = createReadStats(plan)
  const positions: string[] = []
  let ordering: TicketIterator['ordering'] = 'EXACT'
  const stateAfterRecords = (count: number): SourceState | null => {
    const position = count === 0 ? start : positions[count - 1]!
    return position === null ? null : { p: position }
  }
  return toTicketIterator({
    found: log.found,
    ended: () => log.ended,
    spent: () => tally.left <= 0,
    frontier: () => {
      const last = log.records.at(-1)
      return last && ordering === 'EXACT' ? orderValue(last, plan.order) : undefined
    },
    ordering: () => ordering,
    totalCount: () => tally.totalCount,
    dropped: () => tally.dropped,
    async read(want, deadline) {
      const slice = await tally.list(positions.at(-1) ?? start, plan.test ? plan.source.maxPageSize : want, deadline)
      if (!isInOrder(slice.tickets, plan.order)) {
        ordering = 'BEST_EFFORT'
        plan.metrics.count('order_contradictions_total', { source: plan.source.info.key })
      }
      log.add(slice.tickets)
      positions.push(...slice.positions)
      log.ended = slice.end
      log.totalCount = tally.totalCount
    },
    stateAfter: (taken) => log.stateAfter(taken, stateAfterRecords),
  })
}

import { createMarker, placeBehind } from './offset-cursor.ts'
import { createOffsetIterator } from './offset-iterator.ts'
import type { OffsetCursor, SourceState } from './page-cursor.ts'
import { createReadBuffer } from './read-buffer.ts'
import { createReadStats, type ReadPlan, type TicketIterator, toTicketIterator } from './ticket-iterator.ts'

/** A list that is assumed to show the latest update first, in just that order. */
export function createOffsetStream(plan: ReadPlan, start: OffsetCursor | null): TicketIterator {
  const tally = createReadStats(plan)
  const walk = createOffsetIterator(plan, tally, start?.x === 1)
  const log = createReadBuffer(plan.test)
  const markAt = createMarker(log.records)
  const offsets: number[] = []
  let before = start
  const placeAfter = (count: number): OffsetCursor | null => {
    if (count > 0) return placeBehind(log.records, markAt, count, offsets[count - 1]!, before, walk.isContradicted())
    return before && walk.isContradicted() ? { ...before, x: 1 } : before
  }
  const stateAfterRecords = (count: number): SourceState | null => {
    const place = placeAfter(count)
    return place && { w: place }
  }
  return toTicketIterator({
    found: log.found,
    ended: () => log.ended,
    spent: () => tally.left <= 0,
    frontier: () => (walk.isContradicted() ? undefined : log.records.at(-1)?.updatedAt),
    ordering: () => (walk.isContradicted() ? 'BEST_EFFORT' : 'EXACT'),
    totalCount: () => tally.totalCount,
    dropped: () => tally.dropped,
    async read(want, deadline) {
      const limit = plan.test ? plan.source.maxPageSize : want
      const next = await walk.following(placeAfter(log.records.length), limit, deadline)
      if (log.records.length === 0) before = next.place
      log.add(next.tickets)
      offsets.push(...next.offsets)
      log.ended = next.end
      log.totalCount = tally.totalCount
    },
    stateAfter: (taken) => log.stateAfter(taken, stateAfterRecords),
  })
}

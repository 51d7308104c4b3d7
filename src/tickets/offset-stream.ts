import type { Place, SourceState } from './cursor.ts'
import { createOffsetWalk } from './offset-walk.ts'
import { createMarker, placeBehind } from './place.ts'
import { createTally, type ReadPlan, type TicketStream, toStream } from './stream.ts'
import { createWalkLog } from './walk-log.ts'

/** A list that is assumed to show the latest update first, in just that order. */
export function createOffsetStream(plan: ReadPlan, start: Place | null): TicketStream {
  const tally = createTally(plan)
  const walk = createOffsetWalk(plan, tally, start?.x === 1)
  const log = createWalkLog(plan.test)
  const markAt = createMarker(log.records)
  const offsets: number[] = []
  let before = start
  const placeAfter = (count: number): Place | null => {
    if (count > 0) return placeBehind(log.records, markAt, count, offsets[count - 1]!, before, walk.isContradicted())
    return before && walk.isContradicted() ? { ...before, x: 1 } : before
  }
  const stateAfterRecords = (count: number): SourceState | null => {
    const place = placeAfter(count)
    return place && { w: place }
  }
  return toStream({
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

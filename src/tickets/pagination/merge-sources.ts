import type { TicketOrder } from '../../sources/source.ts'
import type { Deadline } from '../deadline.ts'
import { compareTexts, compareValues, type OrderValue, orderValue } from './order.ts'
import type { SourceCursor } from './source-cursor.ts'

/** Whose each ticket of a page is, in order, as indexes of the lanes. */
export type Taken = readonly number[]

/**
 * Takes the next `first` tickets of all lanes in the asked order (a k-way merge). Lanes that have nothing at hand are
 * asked at once, all together. There are a handful of lanes, so the best head is found by looking at each: a heap would cost more.
 */
export async function merge(
  lanes: readonly SourceCursor[],
  order: TicketOrder,
  first: number,
  deadlineOf: (lane: SourceCursor) => Deadline,
): Promise<Taken> {
  const taken: number[] = []
  while (taken.length < first) {
    const empty = lanes.filter((lane) => lane.mayRead && headValue(lane, order) === undefined)
    if (empty.length > 0) {
      await Promise.all(empty.map((lane) => lane.read(first - taken.length, deadlineOf(lane))))
      continue
    }
    const before = taken.length
    takeWhileSure(lanes, order, first, taken)
    if (taken.length === before) break
  }
  return taken
}

/** Takes heads until the page is full, or a lane runs dry that may still be asked. */
function takeWhileSure(lanes: readonly SourceCursor[], order: TicketOrder, first: number, taken: number[]): void {
  const values = lanes.map((lane) => headValue(lane, order))
  let bars = barsOf(lanes, values)
  while (taken.length < first) {
    const best = bestOf(lanes, values, order)
    if (best < 0) return
    const value = values[best]!
    if (bars.some((bar) => compareValues(value, bar, order.direction) > 0)) return
    const lane = lanes[best]!
    lane.taken += 1
    taken.push(best)
    values[best] = headValue(lane, order)
    if (values[best] !== undefined) continue
    if (lane.mayRead) return
    bars = barsOf(lanes, values)
  }
}

/** What the lane's next ticket is sorted by; undefined: none is at hand. */
function headValue(lane: SourceCursor, order: TicketOrder): OrderValue | undefined {
  const head = lane.stream?.found[lane.taken]
  return head && orderValue(head, order)
}

function bestOf(lanes: readonly SourceCursor[], values: readonly (OrderValue | undefined)[], order: TicketOrder): number {
  let best = -1
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== undefined && (best < 0 || compareHeads(i, best) < 0)) best = i
  }
  return best

  function compareHeads(a: number, b: number): number {
    const byValue = compareValues(values[a]!, values[b]!, order.direction)
    return byValue || compareTexts(lanes[a]!.source.info.key, lanes[b]!.source.info.key)
  }
}

/**
 * A lane that may read no more for this page, and has more, could still hold tickets that come behind its frontier:
 * no ticket beyond that is given, the page ends early, and the next one goes on from there. A failed lane bars nobody.
 */
function barsOf(lanes: readonly SourceCursor[], values: readonly (OrderValue | undefined)[]): readonly OrderValue[] {
  const bars: OrderValue[] = []
  lanes.forEach(({ stream, fault }, index) => {
    if (values[index] !== undefined || fault || !stream?.spent || stream.ended) return
    if (stream.frontier !== undefined) bars.push(stream.frontier)
  })
  return bars
}

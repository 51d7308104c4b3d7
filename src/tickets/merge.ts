import type { TicketOrder } from '../domain/source.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { Deadline } from './deadline.ts'
import type { Lane } from './lane.ts'
import { compareTexts, compareValues, orderValue } from './order.ts'

/**
 * Takes the next `first` tickets of all lanes in the asked order (a k-way merge) and returns whose each one is.
 * Lanes that have nothing at hand are asked at once, all together. There are a handful of lanes, so the best head is
 * found by looking at each: a heap would cost more.
 */
export async function merge(
  lanes: readonly Lane[],
  order: TicketOrder,
  first: number,
  deadlineOf: (lane: Lane) => Deadline,
): Promise<readonly Lane[]> {
  const taken: Lane[] = []
  while (taken.length < first) {
    const empty = lanes.filter((lane) => lane.mayRead && head(lane) === undefined)
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
function takeWhileSure(lanes: readonly Lane[], order: TicketOrder, first: number, taken: Lane[]): void {
  while (taken.length < first) {
    const best = bestOf(lanes, order)
    if (best === undefined || isBarred(best, lanes, order)) return
    best.taken += 1
    taken.push(best)
    if (head(best) === undefined && best.mayRead) return
  }
}

function head(lane: Lane): Ticket | undefined {
  return lane.stream?.found[lane.taken]
}

function bestOf(lanes: readonly Lane[], order: TicketOrder): Lane | undefined {
  let best: Lane | undefined
  for (const lane of lanes) {
    if (head(lane) !== undefined && (best === undefined || compareHeads(lane, best, order) < 0)) best = lane
  }
  return best
}

function compareHeads(a: Lane, b: Lane, order: TicketOrder): number {
  const byValue = compareValues(orderValue(head(a)!, order), orderValue(head(b)!, order), order.direction)
  return byValue || compareTexts(a.source.info.key, b.source.info.key)
}

/**
 * A lane that may read no more for this page, and has more, could still hold tickets that come before this head:
 * then the page ends early and the next one goes on from there. A failed lane bars nobody.
 */
function isBarred(best: Lane, lanes: readonly Lane[], order: TicketOrder): boolean {
  const value = orderValue(head(best)!, order)
  return lanes.some((lane) => {
    const { stream } = lane
    if (lane === best || !stream?.spent || stream.ended || lane.fault || head(lane) !== undefined) return false
    return stream.frontier !== undefined && compareValues(value, stream.frontier, order.direction) > 0
  })
}

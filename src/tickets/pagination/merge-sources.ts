import type { Call } from '../../domain/call.ts'
import { compareTexts, compareValues, type OrderValue, orderValue } from '../../sources/pagination/ticket-order.ts'
import type { TicketOrder } from '../../sources/source.ts'
import type { SourceCursor } from './source-cursor.ts'

/** The tickets of a page, in order, each as the index of the cursor that its source has. */
export type Emitted = readonly number[]

/**
 * Merges the next `first` tickets of all cursors in the asked order (a k-way merge). Equal values sort by source key.
 * Cursors without a buffered ticket are read at once and in parallel, each with the call that `callOf` gives.
 * There are few sources, so the best head is found by comparing all of them: a heap would cost more.
 */
export async function mergeSources(
  cursors: readonly SourceCursor[],
  order: TicketOrder,
  first: number,
  callOf: (cursor: SourceCursor) => Call,
): Promise<Emitted> {
  const emitted: number[] = []
  while (emitted.length < first) {
    const empty = cursors.filter((cursor) => cursor.canRead && headValue(cursor, order) === undefined)
    if (empty.length > 0) {
      await Promise.all(empty.map((cursor) => cursor.read(first - emitted.length, callOf(cursor))))
      continue
    }
    const before = emitted.length
    emitBuffered(cursors, order, first, emitted)
    if (emitted.length === before) break
  }
  return emitted
}

/** Emits heads until the page is full, a cursor that can be read runs empty, or a watermark stops it. */
function emitBuffered(cursors: readonly SourceCursor[], order: TicketOrder, first: number, emitted: number[]): void {
  const values = cursors.map((cursor) => headValue(cursor, order))
  let watermarks = watermarksOf(cursors, values)
  while (emitted.length < first) {
    const best = bestOf(cursors, values, order)
    if (best < 0) return
    const value = values[best]!
    if (watermarks.some((watermark) => compareValues(value, watermark, order.direction) > 0)) return
    const cursor = cursors[best]!
    cursor.emitted += 1
    emitted.push(best)
    values[best] = headValue(cursor, order)
    if (values[best] !== undefined) continue
    if (cursor.canRead) return
    watermarks = watermarksOf(cursors, values)
  }
}

/** The value that the next ticket of the cursor sorts by; undefined when none is buffered. */
function headValue({ iterator, emitted }: SourceCursor, order: TicketOrder): OrderValue | undefined {
  const head = iterator?.buffer[emitted]
  return head && orderValue(head, order)
}

/** The index of the head that sorts first; -1 when there is none. */
function bestOf(cursors: readonly SourceCursor[], values: readonly (OrderValue | undefined)[], order: TicketOrder): number {
  let best = -1
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== undefined && (best < 0 || compareHeads(i, best) < 0)) best = i
  }
  return best

  function compareHeads(a: number, b: number): number {
    const byValue = compareValues(values[a]!, values[b]!, order.direction)
    return byValue || compareTexts(cursors[a]!.source.info.key, cursors[b]!.source.info.key)
  }
}

/**
 * The low watermarks of sources that have unread tickets and may not be read for this page again (the scan limit).
 * Their unread tickets may sort right after the watermark, so a ticket beyond it has to wait for a later page:
 * the page ends early. A failed source sets no watermark, because it must not hold the others back.
 */
function watermarksOf(cursors: readonly SourceCursor[], values: readonly (OrderValue | undefined)[]): readonly OrderValue[] {
  const watermarks: OrderValue[] = []
  cursors.forEach(({ iterator, error }, index) => {
    if (values[index] !== undefined || error || !iterator?.scanLimitReached || iterator.exhausted) return
    if (iterator.lowWatermark !== undefined) watermarks.push(iterator.lowWatermark)
  })
  return watermarks
}

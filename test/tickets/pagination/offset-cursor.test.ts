import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { withFields } from '../../../src/domain/ticket-view.ts'
import { assumedOrder } from '../../../src/sources/pagination/ticket-order.ts'
import {
  anchorsEveryRecord,
  createAnchorCache,
  createAnchorMatcher,
  cursorAfter,
  type OffsetCursor,
} from '../../../src/tickets/pagination/offset-cursor.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const source = toSourceInfo('a')
const order = assumedOrder
const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString()
const anchorLength = 8

/** Tickets t-0, t-1, … in the list's order. */
function recordsAt(seconds: readonly number[], first = 0): Ticket[] {
  return seconds.map((second, i) => toTicket(source, `t-${first + i}`, { updatedAt: at(second) }))
}

function cursorAfterAll(records: readonly Ticket[], start: OffsetCursor | null = null): OffsetCursor {
  const offset = (start?.offset ?? 0) + records.length
  return cursorAfter({ order, records, anchorAt: createAnchorCache(records, order), start }, records.length, offset, false)
}

/** Which of these records the cursor anchors, unchanged. */
function anchored(cursor: OffsetCursor, records: readonly Ticket[]): string[] {
  const { match } = createAnchorMatcher(cursor, order)
  return records.filter((ticket) => match(ticket) === 'SAME').map((ticket) => ticket.externalId)
}

describe('the anchors of an offset cursor', () => {
  it('are the last five records', () => {
    const records = recordsAt([9, 8, 7, 6, 5, 4, 3])
    const cursor = cursorAfterAll(records)
    expect(cursor).toMatchObject({ offset: 7, lastValue: at(3), orderBroken: false })
    expect(anchored(cursor, records)).toEqual(['t-2', 't-3', 't-4', 't-5', 't-6'])
    expect([anchorsEveryRecord(cursor), anchorsEveryRecord(cursorAfterAll(records.slice(0, 5)))]).toEqual([false, true])
  })

  it('are all records that share the last time, 40 at most', () => {
    const records = recordsAt([9, ...Array<number>(60).fill(3)])
    expect(anchored(cursorAfterAll(records.slice(0, 9)), records)).toEqual(records.slice(1, 9).map((ticket) => ticket.externalId))
    expect(cursorAfterAll(records).anchors).toHaveLength(40 * anchorLength)
  })

  it('include those of the page before while there are fewer than five', () => {
    const before = recordsAt([9, 8, 7, 6, 5, 4])
    const after = recordsAt([3, 2], 6)
    const cursor = cursorAfterAll(after, cursorAfterAll(before))
    expect(cursor.offset).toBe(8)
    expect(anchored(cursor, [...before, ...after])).toEqual(['t-3', 't-4', 't-5', 't-6', 't-7'])
  })

  it('tell a changed record from an unknown one', () => {
    const [first, second] = recordsAt([9, 8])
    const { match } = createAnchorMatcher(cursorAfterAll([first!]), order)
    expect([match(first!), match(withFields(first!, { updatedAt: at(20) })), match(second!)]).toEqual([
      'SAME',
      'CHANGED',
      'UNKNOWN',
    ])
  })
})

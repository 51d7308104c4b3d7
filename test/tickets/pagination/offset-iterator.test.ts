import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { assumedOrder } from '../../../src/sources/pagination/ticket-order.ts'
import type { OffsetCursor } from '../../../src/tickets/pagination/offset-cursor.ts'
import { OffsetIterator } from '../../../src/tickets/pagination/offset-iterator.ts'
import type { ReadPlan } from '../../../src/tickets/pagination/ticket-iterator.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../../support/memory-source.ts'

/** t1 to t9, each updated a second later than the one before: the list begins with t9. */
function nineTickets(options: MemorySourceOptions = {}): MemorySource {
  const source = createMemorySource('desk', { paginationStyle: 'offset', maxPageSize: 4, ...options })
  for (let i = 1; i <= 9; i++) source.put(`t${i}`)
  return source
}
const at = (second: number) => `2024-01-01T00:00:0${second}.000Z`
const isEven = ({ externalId }: Ticket) => Number(externalId.slice(1)) % 2 === 0

function iteratorOver(
  source: MemorySource,
  { start = null, ...differences }: Partial<ReadPlan> & { start?: OffsetCursor | null } = {},
) {
  const conditions = { pushedDown: {}, matches: null, counted: true, scanLimit: 100, metrics: countingMetrics() }
  const plan = { source, order: assumedOrder, listOrder: assumedOrder, ...conditions, ...differences }
  const iterator = new OffsetIterator(plan, start)
  return {
    iterator,
    read: (want: number) => iterator.read(want, someCall()),
    ids: () => iterator.buffer.map((t) => t.externalId),
  }
}

/** The cursor after the first `count` tickets. */
async function cursorAfter(source: MemorySource, count: number): Promise<OffsetCursor> {
  const { iterator, read } = iteratorOver(source)
  await read(count)
  const position = iterator.positionAfter(count)
  if (position?.kind !== 'offset') throw new Error('the list has ended')
  return position.cursor
}

describe('the order of an offset-paginated list', () => {
  it('gives the value behind which every unread ticket lies: that of the last record', async () => {
    const { iterator, read } = iteratorOver(nineTickets())
    expect([iterator.lowWatermark, iterator.ordering]).toEqual([undefined, 'EXACT'])
    await read(2)
    expect(iterator.lowWatermark).toBe(at(8))
    await read(2)
    expect([iterator.lowWatermark, iterator.ordering]).toEqual([at(6), 'EXACT'])
  })

  it('is a best effort from the page on that has contradicted it, and gives no such value', async () => {
    const broken = iteratorOver(nineTickets({ listOrder: 'scrambled' }))
    await broken.read(4)
    expect([broken.iterator.lowWatermark, broken.iterator.ordering]).toEqual([undefined, 'BEST_EFFORT'])
    const start = { ...(await cursorAfter(nineTickets(), 2)), orderBroken: true }
    const later = iteratorOver(nineTickets(), { start })
    expect(later.iterator.ordering).toBe('BEST_EFFORT')
    await later.read(2)
    expect([later.iterator.lowWatermark, later.iterator.ordering]).toEqual([undefined, 'BEST_EFFORT'])
    expect(later.iterator.positionAfter(0)).toMatchObject({ cursor: { orderBroken: true } })
  })
})

describe('the reads of an offset-paginated list', () => {
  it('end at the scan limit', async () => {
    const { iterator, read } = iteratorOver(nineTickets(), { scanLimit: 4 })
    await read(3)
    expect(iterator.scanLimitReached).toBe(false)
    // One record early, so that the page shows whether the list has shifted.
    await read(1)
    expect(iterator.scanLimitReached).toBe(true)
  })

  it('ask for whole pages where the gateway filters', async () => {
    const source = nineTickets()
    const { read, ids } = iteratorOver(source, { matches: isEven })
    await read(1)
    expect(source.calls.list.map(({ limit }) => limit)).toEqual([4])
    expect(ids()).toEqual(['t8', 't6'])
  })

  it('count the records that could not be decoded', async () => {
    const source = nineTickets()
    const list = source.listTickets
    source.listTickets = async (request, call) => ({ ...(await list(request, call)), dropped: 1 })
    const { iterator, read } = iteratorOver(source)
    await read(2)
    expect([iterator.dropped, iterator.totalCount]).toEqual([1, 9])
  })
})

describe('where a later page resumes in an offset-paginated list', () => {
  it('is after the last emitted ticket', async () => {
    const { iterator, read } = iteratorOver(nineTickets())
    expect(iterator.positionAfter(0)).toBeNull()
    await read(4)
    expect(iterator.positionAfter(0)).toBeNull()
    expect(iterator.positionAfter(3)).toMatchObject({
      kind: 'offset',
      cursor: { offset: 3, lastValue: at(7), orderBroken: false },
    })
    expect(iterator.placeAfter(3)).toMatchObject({ kind: 'ties', ties: { others: '' } })
  })

  it('is behind the records that do not match, so that they are read once', async () => {
    const { iterator, read } = iteratorOver(nineTickets(), { matches: isEven })
    await read(1)
    await read(1)
    // t7 and t6 lie between the matches t8 and t6.
    expect(iterator.positionAfter(1)).toMatchObject({ cursor: { offset: 3, lastValue: at(7) } })
  })

  it('is nowhere after the last ticket of the list', async () => {
    const { iterator, read } = iteratorOver(nineTickets({ maxPageSize: 10 }))
    await read(9)
    expect(iterator.positionAfter(8)).toMatchObject({ kind: 'offset', cursor: { offset: 8 } })
    expect(iterator.positionAfter(9)).toEqual({ kind: 'exhausted', totalCount: 9 })
    expect(iterator.hintAfter(9, () => true)).toEqual({ kind: 'exhausted', totalCount: 9 })
  })

  it('is where this page began, with the offset that its first read has found, when nothing was emitted', async () => {
    const source = nineTickets()
    const start = await cursorAfter(source, 3)
    for (const id of ['new1', 'new2']) source.put(id)
    const { iterator, read, ids } = iteratorOver(source, { start })
    expect(iterator.positionAfter(0)).toEqual({ kind: 'offset', cursor: start })
    await read(1)
    await read(1)
    expect(ids()).toEqual(['t6', 't5'])
    // new2, new1, t9, t8 and t7 lie before it now.
    expect(iterator.positionAfter(0)).toEqual({ kind: 'offset', cursor: { ...start, offset: 5 } })
    expect(iterator.positionAfter(1)).toMatchObject({ cursor: { offset: 6, lastValue: at(6) } })
  })
})

describe('the hint by which an edge of an offset-paginated list resumes', () => {
  const upTo = (second: number) => (ticket: Ticket) => ticket.updatedAt !== null && ticket.updatedAt >= at(second)

  it('is how many records lie before it', async () => {
    const { iterator, read } = iteratorOver(nineTickets())
    await read(4)
    expect([0, 1, 3].map((emitted) => iterator.hintAfter(emitted, () => true))).toEqual(
      [0, 1, 3].map((offset) => ({ kind: 'active', offset })),
    )
  })

  it('is where the page began as long as nothing of it was emitted', async () => {
    const source = nineTickets()
    const { iterator, read } = iteratorOver(source, { start: await cursorAfter(source, 3) })
    await read(2)
    expect(iterator.hintAfter(0, () => true)).toEqual({ kind: 'active', offset: 3 })
  })

  it('is up to the edge where the gateway filters, and none with more than a page of other records behind it', async () => {
    const { iterator, read } = iteratorOver(nineTickets(), { matches: ({ externalId }) => ['t9', 't3'].includes(externalId) })
    await read(1)
    await read(1)
    // t8 to t4 lie between t9 and t3: five records, and a page has four.
    expect(iterator.hintAfter(1, upTo(9))).toBeNull()
    expect(iterator.hintAfter(1, upTo(8))).toEqual({ kind: 'active', offset: 2 })
  })

  it('is none before the first record where the gateway filters and the page began within the list', async () => {
    const source = nineTickets()
    const { iterator, read } = iteratorOver(source, { matches: isEven, start: await cursorAfter(source, 2) })
    await read(1)
    expect(iterator.hintAfter(0, () => false)).toBeNull()
    const first = iteratorOver(source, { matches: isEven })
    await first.read(1)
    expect(first.iterator.hintAfter(0, () => false)).toEqual({ kind: 'active', offset: 0 })
  })
})

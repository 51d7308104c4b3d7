import { describe, expect, it } from 'vitest'
import { noMetrics } from '../../../src/domain/telemetry.ts'
import { assumedOrder } from '../../../src/sources/pagination/ticket-order.ts'
import type { ListSlice } from '../../../src/sources/source.ts'
import type { OffsetCursor } from '../../../src/tickets/pagination/offset-cursor.ts'
import { OffsetIterator } from '../../../src/tickets/pagination/offset-iterator.ts'
import { OffsetReader, type ReadResult } from '../../../src/tickets/pagination/offset-reader.ts'
import { type ReadPlan, ReadStats } from '../../../src/tickets/pagination/ticket-iterator.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../../support/memory-source.ts'
import { toCall } from '../ticket-service-fixture.ts'

/** t-29 was updated last and comes first. */
function thirtyTickets(options: MemorySourceOptions = {}): MemorySource {
  const source = createMemorySource('a', { paginationStyle: 'offset', ...options })
  for (let i = 0; i < 30; i++) source.put(`t-${i}`)
  return source
}

function toPlan(source: MemorySource, scanLimit = 1_000): ReadPlan {
  return {
    source,
    order: assumedOrder,
    listOrder: assumedOrder,
    pushedDown: {},
    matches: null,
    counted: true,
    scanLimit,
    metrics: noMetrics,
  }
}

/** The cursor after the first `count` tickets. */
async function cursorAfter(source: MemorySource, count: number): Promise<OffsetCursor> {
  const iterator = new OffsetIterator(toPlan(source), null)
  await iterator.read(count, toCall())
  const position = iterator.positionAfter(count)
  if (position?.kind !== 'offset') throw new Error('the list has ended')
  return position.cursor
}

/** Reads five tickets after the cursor. `calls` are the position and limit of each call to the source. */
async function readFive(source: MemorySource, cursor: OffsetCursor | null, scanLimit?: number) {
  const plan = toPlan(source, scanLimit)
  source.calls.list.length = 0
  const reader = new OffsetReader(plan, new ReadStats(plan), cursor?.orderBroken ?? false)
  const result = await reader.readAfter(cursor, 5, toCall())
  return { result, calls: source.calls.list.map(({ position, limit }) => [position, limit]) }
}

const idsOf = ({ tickets }: ReadResult) => tickets.map((ticket) => ticket.externalId)

describe('the offset reader, from the beginning of a list', () => {
  it('delivers the first tickets', async () => {
    const { result, calls } = await readFive(thirtyTickets(), null)
    expect([result.name, idsOf(result), result.offsets]).toEqual([
      'delivered',
      ['t-29', 't-28', 't-27', 't-26', 't-25'],
      [1, 2, 3, 4, 5],
    ])
    expect(calls).toEqual([[null, 5]])
  })

  it('is exhausted at the end of the list', async () => {
    const source = createMemorySource('a', { paginationStyle: 'offset' })
    source.put('only')
    expect(await readFive(source, null)).toMatchObject({ result: { name: 'exhausted', offsets: [1] } })
    source.remove('only')
    expect(await readFive(source, null)).toMatchObject({ result: { name: 'exhausted', tickets: [] } })
  })
})

describe('the offset reader, verifying anchors after ten tickets', () => {
  it('reads one record early and delivers what follows it', async () => {
    const source = thirtyTickets()
    const { result, calls } = await readFive(source, await cursorAfter(source, 10))
    expect([result.name, idsOf(result)]).toEqual(['delivered', ['t-19', 't-18', 't-17', 't-16', 't-15']])
    expect(calls).toEqual([['9', 6]])
  })

  it('reads later windows when records were added before the position', async () => {
    const source = thirtyTickets()
    const cursor = await cursorAfter(source, 10)
    for (let i = 0; i < 12; i++) source.put(`added-${i}`)
    const { result, calls } = await readFive(source, cursor)
    // The anchors t-24 to t-20 are the records 18 to 22 now.
    expect(idsOf(result)).toEqual(['t-19', 't-18', 't-17'])
    expect(calls).toEqual([
      ['9', 6],
      ['14', 6],
      ['19', 6],
    ])
  })

  it('finds the position by time when every anchor has changed', async () => {
    const source = thirtyTickets()
    const cursor = await cursorAfter(source, 10)
    for (const id of ['t-20', 't-21', 't-22', 't-23', 't-24']) source.touch(id)
    const { result, calls } = await readFive(source, cursor)
    expect(idsOf(result)).toEqual(['t-19', 't-18', 't-17', 't-16', 't-15'])
    expect(calls).toEqual([['9', 6]])
  })

  it('reaches the scan limit among added records, and the next page searches on from there', async () => {
    const source = thirtyTickets()
    const cursor = await cursorAfter(source, 10)
    for (let i = 0; i < 12; i++) source.put(`added-${i}`)
    const { result, calls } = await readFive(source, cursor, 6)
    expect([result.name, idsOf(result), result.cursor?.offset, calls]).toEqual(['scanLimitReached', [], 15, [['9', 6]]])
    const next = await readFive(source, result.cursor)
    expect(idsOf(next.result)).toEqual(['t-19', 't-18', 't-17'])
    expect(next.calls[0]).toEqual(['14', 6])
  })
})

describe('the offset reader, searching anchors', () => {
  it('reads one page earlier when records before the position have gone', async () => {
    const source = thirtyTickets({ maxPageSize: 8 })
    const cursor = await cursorAfter(source, 8)
    source.remove('t-29')
    source.remove('t-28')
    const { result, calls } = await readFive(source, cursor)
    // t-22, the last anchor, is the record 6 now.
    expect([idsOf(result), result.cursor?.offset]).toEqual([['t-21', 't-20'], 1])
    expect(calls).toEqual([
      ['7', 6],
      [null, 8],
    ])
  })

  it('goes on at the offset when the order is broken and no anchor is found a page earlier', async () => {
    const source = thirtyTickets({ maxPageSize: 5 })
    const lost: OffsetCursor = { offset: 10, lastValue: null, anchors: '', orderBroken: true }
    const { result, calls } = await readFive(source, lost)
    expect([idsOf(result), result.cursor]).toEqual([['t-19', 't-18', 't-17', 't-16', 't-15'], lost])
    expect(calls).toEqual([
      ['9', 6],
      ['5', 5],
      ['10', 5],
    ])
  })

  it('begins again when the order is broken and every record before the position has an anchor', async () => {
    const source = thirtyTickets({ listOrder: 'scrambled' })
    const first = idsOf((await readFive(source, null)).result)
    const cursor = { ...(await cursorAfter(source, 3)), orderBroken: true }
    for (const id of first.slice(0, 3)) source.touch(id)
    const { result, calls } = await readFive(source, cursor)
    // The three changed tickets stay where they are in this list, and are not given again.
    expect(idsOf(result)).toEqual(first.slice(3))
    expect(calls).toEqual([
      ['2', 6],
      [null, 3],
      [null, 5],
    ])
  })
})

describe('the offset reader, with records that cannot be decoded', () => {
  const undecodable: ListSlice = { tickets: [], positions: [], end: false, totalCount: null, dropped: 5 }

  it.each([
    ['up to the scan limit', undecodable, 2],
    ['once, when a page has no record at all', { ...undecodable, dropped: 0 }, 1],
  ])('reads on %s, then fails with UPSTREAM_BAD_RESPONSE', async (_, slice, calls) => {
    const source = thirtyTickets()
    let called = 0
    source.listTickets = async () => {
      called += 1
      return slice
    }
    await expect(readFive(source, null, 10)).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
    expect(called).toBe(calls)
  })

  it('passes them and delivers what follows', async () => {
    const source = thirtyTickets()
    const list = source.listTickets
    source.listTickets = async (request, call) => (request.position === null ? undecodable : list(request, call))
    const { result } = await readFive(source, null)
    expect(idsOf(result)).toEqual(['t-24', 't-23', 't-22', 't-21', 't-20'])
  })
})

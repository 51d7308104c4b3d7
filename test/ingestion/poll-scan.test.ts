import { describe, expect, test } from 'vitest'
import type { Ticket } from '../../src/domain/ticket.ts'
import { type PollScanOptions, scanList, startOf } from '../../src/ingestion/poll-scan.ts'
import type { ListRequest } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'
import { createMemorySource, type MemorySourceOptions } from '../support/memory-source.ts'

/** The second of the tickets' update time, on the first minute of 2024. */
const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString()
const later = '2024-06-01T12:00:00.000Z'

/** A desk with a ticket for each second from 1: `t-1` is the oldest. Its lists apply no filter. */
function deskOf(count: number, options: MemorySourceOptions = {}) {
  const source = createMemorySource('desk', { info: { filters: [] }, paginationStyle: 'offset', maxPageSize: 3, ...options })
  for (let second = 1; second <= count; second++) source.put(`t-${second}`)
  return source
}

const everything = async (tickets: readonly Ticket[]) => tickets
const idsOf = (tickets: readonly Ticket[]) => tickets.map(({ externalId }) => externalId)
const scan = (source: ReturnType<typeof deskOf>, options: Partial<PollScanOptions> = {}) =>
  scanList(source, { knownBefore: null, lagMs: 0, selectChanged: everything, now: later, ...options }, someCall())

describe('a list is read back', () => {
  test('to the time that is known, and no page further', async () => {
    const source = deskOf(12)
    // The pages are 12 to 10, 9 to 7, 6 to 4 and 3 to 1. The first one that ends before second 8 is the second one.
    const { read, complete } = await scan(source, { knownBefore: at(8) })
    expect(idsOf(read)).toEqual(['t-12', 't-11', 't-10', 't-9', 't-8', 't-7'])
    expect(complete).toBe(true)
  })

  test('one page further where the last ticket has exactly that time: others may share it', async () => {
    const { read } = await scan(deskOf(12), { knownBefore: at(7) })
    expect(idsOf(read).at(-1)).toBe('t-4')
  })

  test('further by the time that the list may lag', async () => {
    const { read } = await scan(deskOf(12), { knownBefore: at(11), lagMs: 2_000 })
    expect(idsOf(read).at(-1)).toBe('t-7')
  })

  test('to its end when all of it is newer', async () => {
    const source = deskOf(4)
    expect(await scan(source, { knownBefore: at(0) })).toMatchObject({ complete: true, latest: at(4) })
    expect(source.calls.list).toHaveLength(2)
  })

  test('for the first time to its latest update, less the lag', async () => {
    const source = deskOf(12)
    expect(idsOf((await scan(source)).read)).toEqual(['t-12', 't-11', 't-10'])
    expect(idsOf((await scan(deskOf(12), { lagMs: 3_000 })).read).at(-1)).toBe('t-7')
  })

  test('by a hundred pages at most, and then it is not complete', async () => {
    const source = deskOf(101, { maxPageSize: 1 })
    const { complete, read } = await scan(source, { knownBefore: at(0) })
    expect([complete, read.length, source.calls.list.length]).toEqual([false, 100, 100])
  })

  test('where it is empty, or its tickets have no time', async () => {
    expect(await scan(deskOf(0))).toEqual({ changed: [], read: [], latest: null, complete: true })
    const timeless = deskOf(0)
    for (const id of ['a', 'b', 'c', 'd']) timeless.put(id, { updatedAt: null })
    expect(await scan(timeless)).toMatchObject({ latest: null, complete: true })
    expect(timeless.calls.list).toHaveLength(1)
  })

  test('page by page, latest update first, uncounted, each page behind the one before', async () => {
    const source = deskOf(9)
    await scan(source, { knownBefore: at(5) })
    const expected: Partial<ListRequest> = { order: { field: 'UPDATED_AT', direction: 'DESC' }, limit: 3, counted: false }
    expect(source.calls.list).toMatchObject([
      { ...expected, position: null },
      { ...expected, position: '3' },
    ])
  })

  test('and ends at a page without tickets', async () => {
    const empty = { tickets: [], positions: [], end: false, totalCount: null, dropped: 0 }
    const source = deskOf(0, { methods: { listTickets: async () => empty } })
    expect(await scan(source, { knownBefore: at(0) })).toEqual({ changed: [], read: [], latest: null, complete: true })
  })
})

describe('the filter of a list', () => {
  const applied = { info: { filters: ['UPDATED'] } } satisfies MemorySourceOptions
  const filtersOf = (source: ReturnType<typeof deskOf>) => source.calls.list.map(({ filter }) => filter)

  test('is a second before the time, because it is exclusive and may be in whole seconds', async () => {
    const source = deskOf(2, applied)
    await scan(source, { knownBefore: at(30), lagMs: 5_000 })
    expect(filtersOf(source)).toEqual([{ updatedAfter: at(24) }])
  })

  test('is never before 1970', async () => {
    const source = deskOf(2, applied)
    await scan(source, { knownBefore: '1970-01-01T00:00:00.500Z' })
    expect(filtersOf(source)).toEqual([{ updatedAfter: '1970-01-01T00:00:00.000Z' }])
  })

  test('is left out for the first time, and where the source does not apply it', async () => {
    const first = deskOf(2, applied)
    await scan(first)
    const without = deskOf(2, { info: { filters: ['STATUS'] } })
    await scan(without, { knownBefore: at(30) })
    const inLists = deskOf(2, { ...applied, methods: { pushdownFilters: () => ['STATUS'] } })
    await scan(inLists, { knownBefore: at(30) })
    expect([first, without, inLists].map(filtersOf)).toEqual([[{}], [{}], [{}]])
  })

  test('is used where the source says that its lists apply it', async () => {
    const source = deskOf(2, { info: { filters: [] }, methods: { pushdownFilters: () => ['UPDATED'] } })
    await scan(source, { knownBefore: at(30) })
    expect(filtersOf(source)).toEqual([{ updatedAfter: at(29) }])
  })
})

describe('the result', () => {
  test('has the changed tickets, the oldest update first, those without a time before them', async () => {
    const source = deskOf(4)
    source.put('new', { updatedAt: null })
    const chosen = new Set(['t-1', 't-4', 't-2', 'new'])
    const selectChanged = async (tickets: readonly Ticket[]) => tickets.filter(({ externalId }) => chosen.has(externalId))
    const { changed } = await scan(source, { knownBefore: at(0), selectChanged })
    expect(idsOf(changed)).toEqual(['new', 't-1', 't-2', 't-4'])
  })

  test('has a ticket that moved between two pages once, as it was read last', async () => {
    const source = deskOf(6)
    let pages = 0
    source.beforeList = () => {
      pages += 1
      // A new ticket moves t-4 from the end of the first page to the beginning of the second one.
      if (pages === 2) source.put('t-7')
    }
    const { read, changed } = await scan(source, { knownBefore: at(1) })
    expect(idsOf(read)).toEqual(['t-6', 't-5', 't-4', 't-3', 't-2', 't-1'])
    expect(idsOf(changed)).toEqual(['t-1', 't-2', 't-3', 't-4', 't-5', 't-6'])
  })

  test('has the latest update, and none of the future', async () => {
    const source = deskOf(3)
    source.put('wrong', { updatedAt: '2030-01-01T00:00:00.000Z' })
    expect((await scan(source, { knownBefore: at(1), now: at(3) })).latest).toBe(at(3))
    expect((await scan(source, { knownBefore: at(1), now: at(2) })).latest).toBe(at(2))
  })
})

test('the time back to which a list is read is the known one less the lag, and not before 1970', () => {
  expect(startOf({ knownBefore: at(10), lagMs: 4_000 })).toBe(at(6))
  expect(startOf({ knownBefore: '1970-01-01T00:00:01.000Z', lagMs: 5_000 })).toBe('1970-01-01T00:00:00.000Z')
})

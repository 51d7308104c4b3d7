import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { ListRequest, ListSlice } from '../../../src/sources/source.ts'
import { ReadBuffer, type ReadPlan, ReadStats, rejectOnAbort } from '../../../src/tickets/pagination/ticket-iterator.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'
import { latestFirst } from '../ticket-service-fixture.ts'

const info = toSourceInfo('desk')
const ticketsOf = (numbers: readonly number[]) => numbers.map((number) => toTicket(info, String(number)))
const numberOf = ({ externalId }: Ticket) => Number(externalId)
const isEven = (ticket: Ticket) => numberOf(ticket) % 2 === 0
const upTo = (last: number) => (ticket: Ticket) => numberOf(ticket) <= last

/** A buffer that has read the tickets 1 to 7 in two slices. */
function sevenRecords(matches: ReadPlan['matches'], exhausted = true): ReadBuffer {
  const buffer = new ReadBuffer(matches)
  buffer.add(ticketsOf([1, 2, 3]), false)
  buffer.add(ticketsOf([4, 5, 6, 7]), exhausted)
  return buffer
}

describe('the records of a page, where the source applies the filter', () => {
  it('all match, and are as many as the emitted tickets', () => {
    const buffer = sevenRecords(null)
    expect(buffer.matching).toBe(buffer.records)
    expect(buffer.matching.map(numberOf)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect([buffer.recordsBefore(0), buffer.recordsBefore(2), buffer.indexOf(2)]).toEqual([0, 2, 2])
  })

  it('are passed with the emitted ones, also where none comes before the edge', () => {
    expect(sevenRecords(null).passedRecords(3, () => false, 0)).toBe(3)
  })
})

describe('the records of a page, where the gateway filters', () => {
  it('count also where they do not match', () => {
    const buffer = sevenRecords(isEven)
    expect(buffer.records.map(numberOf)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(buffer.matching.map(numberOf)).toEqual([2, 4, 6])
    // 1 lies before 2, which is the first match; 7 follows the last one.
    expect([0, 1, 2, 3].map((emitted) => buffer.recordsBefore(emitted))).toEqual([1, 3, 5, 7])
    expect([0, 1, 2].map((matching) => buffer.indexOf(matching))).toEqual([1, 3, 5])
  })

  it('are passed up to the last one that comes before the edge', () => {
    const buffer = sevenRecords(isEven)
    // After the ticket 2: the record 3 follows it, and 4 is the next match.
    expect(buffer.passedRecords(1, upTo(2), 1)).toBe(2)
    expect(buffer.passedRecords(1, upTo(3), 1)).toBe(3)
    expect(buffer.passedRecords(3, upTo(6), 9)).toBe(6)
  })

  it('are not told where more of them follow the edge than the limit', () => {
    const buffer = sevenRecords(isEven)
    expect(buffer.passedRecords(1, upTo(2), 0)).toBeNull()
    expect(buffer.passedRecords(3, upTo(4), 2)).toBeNull()
    expect(buffer.passedRecords(3, upTo(4), 3)).toBe(4)
  })

  it('are none where none comes before the edge', () => {
    const buffer = sevenRecords(isEven)
    expect(buffer.passedRecords(0, upTo(0), 1)).toBe(0)
    expect(buffer.passedRecords(1, upTo(0), 9)).toBe(0)
    expect(buffer.passedRecords(0, upTo(0), 0)).toBeNull()
  })
})

describe('the end of the records of a page', () => {
  it('is behind the last record of a list that has no more', () => {
    const buffer = sevenRecords(isEven)
    expect([6, 7].map((count) => buffer.isEnd(count))).toEqual([false, true])
    expect(sevenRecords(isEven, false).isEnd(7)).toBe(false)
  })

  it('is at the beginning of a list without tickets, once it is read', () => {
    const buffer = new ReadBuffer(null)
    expect(buffer.isEnd(0)).toBe(false)
    buffer.add([], true)
    expect([buffer.exhausted, buffer.isEnd(0)]).toEqual([true, true])
  })
})

/** The counters of reads from a source with pages of 10, whose slices are these. */
function readsOf(slices: readonly Partial<ListSlice>[], differences: Partial<ReadPlan> = {}) {
  const requests: ListRequest[] = []
  const left = [...slices]
  const source = createMemorySource(info, {
    maxPageSize: 10,
    methods: {
      async listTickets(request) {
        requests.push(request)
        return { tickets: [], positions: [], end: false, totalCount: null, dropped: 0, ...left.shift() }
      },
    },
  })
  const plan = { source, order: latestFirst, listOrder: latestFirst, pushedDown: { tags: ['vip'] }, matches: null }
  const stats = new ReadStats({ ...plan, counted: true, scanLimit: 8, metrics: countingMetrics(), ...differences })
  return { stats, requests, list: (position: string | null, limit: number) => stats.list(position, limit, someCall()) }
}

describe('the counters of the reads of a page', () => {
  it('are of all records, also of those that could not be decoded', async () => {
    const { stats, list } = readsOf([
      { tickets: ticketsOf([1, 2, 3]), dropped: 1, totalCount: 40 },
      { tickets: ticketsOf([4, 5]), dropped: 2, totalCount: 41 },
    ])
    expect([stats.remaining, stats.dropped, stats.totalCount]).toEqual([8, 0, null])
    expect((await list(null, 5)).tickets.map(numberOf)).toEqual([1, 2, 3])
    expect([stats.remaining, stats.dropped, stats.totalCount]).toEqual([4, 1, 40])
    await list('p', 5)
    expect([stats.remaining, stats.dropped, stats.totalCount]).toEqual([0, 3, 41])
  })

  it('have no total where the gateway filters', async () => {
    const { stats, list } = readsOf([{ totalCount: 40 }], { matches: isEven })
    await list(null, 5)
    expect(stats.totalCount).toBeNull()
  })
})

describe('a read of a page', () => {
  const asked = { filter: { tags: ['vip'] }, order: latestFirst, position: null, limit: 5 }

  it('asks the source for its own conditions, in the order of its list', async () => {
    const listOrder = { field: 'CREATED_AT', direction: 'ASC' } as const
    const { requests, list } = readsOf([], { listOrder })
    await list(null, 5)
    expect(requests).toEqual([{ ...asked, order: listOrder }])
  })

  it('has a page of the source at most, and one record more where it begins one record early', async () => {
    const { requests, list } = readsOf([])
    for (const [position, limit] of [
      [null, 11],
      ['p', 12],
      ['p', 10],
    ] as const)
      await list(position, limit)
    expect(requests.map(({ position, limit }) => [position, limit])).toEqual([
      [null, 10],
      ['p', 11],
      ['p', 10],
    ])
  })

  it('names the fields that the operation reads of a list, where it reads any', async () => {
    const some = readsOf([], { wanted: ['messages'] })
    await some.list(null, 5)
    expect(some.requests).toEqual([{ ...asked, wanted: ['messages'] }])
    const none = readsOf([], { wanted: [] })
    await none.list(null, 5)
    expect(none.requests).toEqual([asked])
  })

  it.each<[string, Partial<ReadPlan>]>([
    ['where nothing reads it', { counted: false }],
    ['where the gateway filters', { matches: isEven }],
  ])('asks for no total %s', async (_, differences) => {
    const { requests, list } = readsOf([], differences)
    await list(null, 5)
    expect(requests).toEqual([{ ...asked, counted: false }])
  })
})

describe('work that ignores its signal', () => {
  const never = new Promise<never>(() => {})
  const reason = new Error('the time is over')

  it('rejects once the signal aborts, with its reason', async () => {
    const controller = new AbortController()
    const waiting = rejectOnAbort(never, controller.signal)
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(rejectOnAbort(never, AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  it('leaves no listener on the signal, however it ends', async () => {
    const { signal } = new AbortController()
    expect(await rejectOnAbort(Promise.resolve('done'), signal)).toBe('done')
    const fault = new Error('it broke')
    await expect(rejectOnAbort(Promise.reject(fault), signal)).rejects.toBe(fault)
    const waiting = rejectOnAbort(Promise.resolve('done'), signal)
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    await waiting
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

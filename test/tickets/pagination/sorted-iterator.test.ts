import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { assumedOrder, type OrderKey } from '../../../src/sources/pagination/ticket-order.ts'
import type { ListSlice, TicketOrder } from '../../../src/sources/source.ts'
import type { Block } from '../../../src/tickets/pagination/page-cursor.ts'
import { SortedIterator } from '../../../src/tickets/pagination/sorted-iterator.ts'
import type { ReadPlan } from '../../../src/tickets/pagination/ticket-iterator.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../../support/memory-source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('desk')
const order: TicketOrder = { field: 'CREATED_AT', direction: 'ASC' }
const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`
const idsOf = (tickets: readonly Ticket[]) => tickets.map(({ externalId }) => externalId)

/** The ticket that was created in this minute. It was updated in the opposite order: t9 first, t1 last. */
const ticket = (minute: number) =>
  toTicket(info, `t${minute}`, { tenant: 'acme', createdAt: at(minute), updatedAt: at(9 - minute) })

/** A source that lists the latest update first, in pages of two. */
function sourceOf(minutes: readonly number[], options: MemorySourceOptions = {}): MemorySource {
  return createMemorySource(info, { paginationStyle: 'offset', maxPageSize: 2, tickets: minutes.map(ticket), ...options })
}

/** A source whose list calls give these slices. */
function sourceOfSlices(paginationStyle: 'offset' | 'cursor', slices: readonly Partial<ListSlice>[]): MemorySource {
  const source: MemorySource = sourceOf([], {
    paginationStyle,
    methods: {
      async listTickets(request) {
        const slice = slices[source.calls.list.length]!
        source.calls.list.push(request)
        return { tickets: [], positions: [], end: false, totalCount: null, dropped: 0, ...slice }
      },
    },
  })
  return source
}

interface Start {
  readonly block?: Block | null
  readonly after?: OrderKey | null
}

function iteratorOver(source: MemorySource, { block = null, after = null, ...differences }: Partial<ReadPlan> & Start = {}) {
  const conditions = { pushedDown: {}, matches: null, counted: true, scanLimit: 100, metrics: countingMetrics() }
  const iterator = new SortedIterator({ source, order, listOrder: assumedOrder, ...conditions, ...differences }, block, after)
  const calls = () => source.calls.list.map(({ position, limit }) => [position, limit])
  return { iterator, calls, read: () => iterator.read(1, someCall()) }
}

const byUpdate = [3, 5, 2, 4, 1]

describe('a list that the gateway sorts', () => {
  it('is read in whole pages to its end, then it is exactly in the order', async () => {
    const { iterator, calls, read } = iteratorOver(sourceOf(byUpdate))
    expect([iterator.exhausted, iterator.scanLimitReached, iterator.ordering]).toEqual([false, false, 'BEST_EFFORT'])
    await read()
    expect(idsOf(iterator.buffer)).toEqual(['t1', 't2', 't3', 't4', 't5'])
    expect([iterator.exhausted, iterator.scanLimitReached, iterator.ordering]).toEqual([true, true, 'EXACT'])
    expect([iterator.totalCount, iterator.dropped, iterator.lowWatermark]).toEqual([5, 0, undefined])
    expect(calls()).toEqual([
      [null, 2],
      ['2', 2],
      ['4', 2],
    ])
  })

  it('is sorted up to the scan limit where it is longer', async () => {
    const { iterator, calls, read } = iteratorOver(sourceOf(byUpdate), { scanLimit: 3 })
    await read()
    // Updated first to last: t5, t4, t3, t2, t1. The latest update comes first: t1, t2, t3.
    expect(idsOf(iterator.buffer)).toEqual(['t1', 't2', 't3'])
    expect([iterator.exhausted, iterator.scanLimitReached, iterator.ordering]).toEqual([false, true, 'BEST_EFFORT'])
    expect(calls()).toEqual([
      [null, 2],
      ['2', 1],
    ])
    const single = iteratorOver(sourceOf(byUpdate), { scanLimit: 1 })
    await single.read()
    expect(single.calls()).toEqual([[null, 1]])
  })

  it('has only what the gateway lets through, and no total', async () => {
    const { iterator, read } = iteratorOver(sourceOf(byUpdate), { matches: ({ externalId }) => externalId > 't3' })
    await read()
    expect([idsOf(iterator.buffer), iterator.totalCount, iterator.ordering]).toEqual([['t4', 't5'], null, 'EXACT'])
  })

  it('gives a record once that shifts into the next page, and is not exact then', async () => {
    const first = { tickets: [ticket(4), ticket(3)], positions: ['1', '2'] }
    const second = { tickets: [ticket(3), ticket(1)], positions: ['3', '4'], end: true }
    const { iterator, read } = iteratorOver(sourceOfSlices('offset', [first, second]))
    await read()
    expect([idsOf(iterator.buffer), iterator.exhausted, iterator.ordering]).toEqual([['t1', 't3', 't4'], true, 'BEST_EFFORT'])
  })

  it('is read on behind a page of which no record can be decoded', async () => {
    const { iterator, calls, read } = iteratorOver(
      sourceOfSlices('offset', [
        { tickets: [ticket(4)], positions: ['1'] },
        { dropped: 2 },
        { tickets: [ticket(1)], positions: ['4'], end: true },
      ]),
    )
    await read()
    expect([idsOf(iterator.buffer), iterator.dropped]).toEqual([['t1', 't4'], 2])
    expect(calls().map(([position]) => position)).toEqual([null, '1', '3'])
  })
})

describe('where a later page resumes in a list that the gateway sorts', () => {
  it('is the key of the last emitted ticket, in the block that this page has sorted', async () => {
    const { iterator, read } = iteratorOver(sourceOf(byUpdate))
    expect(iterator.positionAfter(0)).toBeNull()
    await read()
    expect(iterator.positionAfter(0)).toBeNull()
    expect(iterator.positionAfter(2)).toEqual({ kind: 'sorted', block: null, after: [at(2), 'acme', 't2'] })
    expect(iterator.placeAfter(2)).toEqual({ kind: 'key', key: { tenant: 'acme', externalId: 't2' } })
    expect(iterator.hintAfter(2)).toEqual({ kind: 'active', offset: 0 })
  })

  it('is nowhere behind the last ticket of the list', async () => {
    const { iterator, read } = iteratorOver(sourceOf(byUpdate))
    await read()
    expect(iterator.positionAfter(5)).toEqual({ kind: 'exhausted', totalCount: 5 })
    expect(iterator.hintAfter(5)).toEqual({ kind: 'exhausted', totalCount: 5 })
  })

  it('is the next block behind the last ticket of a block, and that is read from there', async () => {
    const source = sourceOf(byUpdate)
    const first = iteratorOver(source, { scanLimit: 3 })
    await first.read()
    expect(first.iterator.hintAfter(3)).toEqual({ kind: 'active', offset: 0 })
    const position = first.iterator.positionAfter(3)
    // Three records of the list were read, the last of them t3 with its update in minute 6.
    expect(position).toMatchObject({ kind: 'sorted', block: { offset: 3, lastValue: at(6), orderBroken: false }, after: null })
    if (position?.kind !== 'sorted') return
    source.calls.list.length = 0
    const { iterator, calls, read } = iteratorOver(source, { scanLimit: 3, block: position.block })
    await read()
    // One record earlier, so that it shows whether the list has shifted. The source gives two: t3 again and t4.
    expect(calls()).toEqual([
      ['2', 3],
      ['4', 1],
    ])
    expect([idsOf(iterator.buffer), iterator.exhausted, iterator.ordering]).toEqual([['t4', 't5'], true, 'BEST_EFFORT'])
    expect(iterator.positionAfter(0)).toEqual({ kind: 'sorted', block: position.block, after: null })
    expect(iterator.positionAfter(1)).toEqual({ kind: 'sorted', block: position.block, after: [at(4), 'acme', 't4'] })
    expect(iterator.positionAfter(2)).toEqual({ kind: 'exhausted', totalCount: 5 })
  })

  it('is where the search for the block stopped at the scan limit, among records that came meanwhile', async () => {
    const source = sourceOf(byUpdate, { startAt: Date.UTC(2026, 1, 1) })
    const first = iteratorOver(source, { scanLimit: 3 })
    await first.read()
    const position = first.iterator.positionAfter(3)
    if (position?.kind !== 'sorted' || typeof position.block !== 'object') throw new Error('there is no next block')
    for (let i = 0; i < 8; i++) source.put(`new${i}`, { tenant: 'acme' })
    const second = iteratorOver(source, { scanLimit: 3, block: position.block })
    await second.read()
    // It has looked at the records 3 to 5, and the next window begins with the last of them.
    expect(idsOf(second.iterator.buffer)).toEqual([])
    const searched = { kind: 'sorted', block: { ...position.block, offset: 5 }, after: null }
    expect(second.iterator.positionAfter(0)).toEqual(searched)
    let block: Block | null = position.block
    const given: string[] = []
    for (let pages = 0; block !== null && pages < 20; pages++) {
      const { iterator, read } = iteratorOver(source, { scanLimit: 3, block })
      await read()
      given.push(...idsOf(iterator.buffer))
      const next = iterator.positionAfter(iterator.buffer.length)
      block = next?.kind === 'sorted' ? next.block : null
    }
    expect(given).toEqual(['t4', 't5'])
  })

  it('skips what sorts up to the key where this page began, and leads back there when nothing was emitted', async () => {
    const after: OrderKey = [at(2), 'acme', 't2']
    const { iterator, read } = iteratorOver(sourceOf(byUpdate), { after })
    await read()
    expect(idsOf(iterator.buffer)).toEqual(['t3', 't4', 't5'])
    expect(iterator.positionAfter(0)).toEqual({ kind: 'sorted', block: null, after })
  })

  it('knows from the pages before that the list is not in order', async () => {
    const block = { offset: 2, lastValue: at(8), anchors: '', orderBroken: true }
    const { iterator, read } = iteratorOver(sourceOf([1, 2, 3, 4, 5, 6, 7]), { block, scanLimit: 5 })
    await read()
    expect(iterator.positionAfter(iterator.buffer.length)).toMatchObject({ block: { orderBroken: true } })
  })
})

describe('a list with cursors that the gateway sorts', () => {
  const slices = [
    { tickets: [ticket(4), ticket(3)], positions: ['p1', 'p2'] },
    { tickets: [ticket(1)], positions: ['p3'] },
    { tickets: [ticket(2)], positions: ['p4'], end: true },
  ]

  it('is read from position to position', async () => {
    const { iterator, calls, read } = iteratorOver(sourceOfSlices('cursor', slices), { scanLimit: 6 })
    await read()
    expect([idsOf(iterator.buffer), iterator.ordering]).toEqual([['t1', 't2', 't3', 't4'], 'EXACT'])
    // At most two records a page, and a read that continues may have one more.
    expect(calls()).toEqual([
      [null, 2],
      ['p2', 2],
      ['p3', 2],
    ])
  })

  it('resumes behind the last position of a block', async () => {
    const first = iteratorOver(sourceOfSlices('cursor', slices), { scanLimit: 3 })
    await first.read()
    expect(first.calls()).toEqual([
      [null, 2],
      ['p2', 1],
    ])
    expect([idsOf(first.iterator.buffer), first.iterator.exhausted]).toEqual([['t1', 't3', 't4'], false])
    expect(first.iterator.positionAfter(3)).toEqual({ kind: 'sorted', block: 'p3', after: null })
    expect(first.iterator.positionAfter(1)).toEqual({ kind: 'sorted', block: null, after: [at(1), 'acme', 't1'] })
    const { iterator, calls, read } = iteratorOver(sourceOfSlices('cursor', slices.slice(2)), { scanLimit: 3, block: 'p3' })
    await read()
    expect(calls()).toEqual([['p3', 2]])
    expect([idsOf(iterator.buffer), iterator.ordering]).toEqual([['t2'], 'BEST_EFFORT'])
    expect(iterator.positionAfter(0)).toEqual({ kind: 'sorted', block: 'p3', after: null })
  })

  it('ends with the position of its last record, also where the last page is empty', async () => {
    const { iterator, read } = iteratorOver(sourceOfSlices('cursor', [slices[0]!, { end: true }]))
    await read()
    expect([idsOf(iterator.buffer), iterator.positionAfter(2)]).toEqual([['t3', 't4'], { kind: 'exhausted', totalCount: null }])
  })
})

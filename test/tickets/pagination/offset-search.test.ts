import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { assumedOrder as order } from '../../../src/sources/pagination/ticket-order.ts'
import { createAnchorCache, cursorAfter, type OffsetCursor } from '../../../src/tickets/pagination/offset-cursor.ts'
import { OffsetReader } from '../../../src/tickets/pagination/offset-reader.ts'
import { ReadStats } from '../../../src/tickets/pagination/ticket-iterator.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('desk')
const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString()
/** The tickets `t second`, which were updated then. */
const ticketsAt = (...seconds: number[]) => seconds.map((second) => toTicket(info, `t${second}`, { updatedAt: at(second) }))
const changed = (id: number, second: number) => toTicket(info, `t${id}`, { updatedAt: at(second) })
/** A record that cannot be decoded. */
const bad = null

/** The cursor behind these records of a list. */
function behind(records: readonly Ticket[], differences: Partial<OffsetCursor> = {}): OffsetCursor {
  const read = { order, records, anchorAt: createAnchorCache(records, order), start: null }
  return { ...cursorAfter(read, records.length, records.length, false), ...differences }
}
/** A cursor that no record of the list is an anchor of: everything at or before this second was given. */
const behindTime = (second: number, offset: number): OffsetCursor => ({ ...behind(ticketsAt(second)), anchors: '', offset })

interface Given {
  readonly want?: number
  readonly maxPageSize?: number
  readonly scanLimit?: number
}

/** Reads behind a cursor in a list of these records. `calls` are the position and the limit of each call. */
async function readAfter(
  cursor: OffsetCursor | null,
  list: readonly (Ticket | null)[],
  { want = 2, maxPageSize = 10, scanLimit = 100 }: Given = {},
) {
  const calls: (readonly [string | null, number])[] = []
  const source = createMemorySource(info, {
    ...{ paginationStyle: 'offset', maxPageSize },
    methods: {
      async listTickets({ position, limit }) {
        calls.push([position, limit])
        const from = Number(position ?? 0)
        const window = list.slice(from, from + limit).map((ticket, i) => ({ ticket, position: String(from + i + 1) }))
        const decoded = window.flatMap(({ ticket, position }) => (ticket === null ? [] : [{ ticket, position }]))
        return {
          ...{ tickets: decoded.map(({ ticket }) => ticket), positions: decoded.map(({ position }) => position) },
          ...{ end: from + limit >= list.length, totalCount: null, dropped: window.length - decoded.length },
        }
      },
    },
  })
  const metrics = countingMetrics()
  const conditions = { pushedDown: {}, matches: null, counted: true, scanLimit, metrics }
  const plan = { source, order, listOrder: order, ...conditions }
  const reader = new OffsetReader(plan, new ReadStats(plan), cursor?.orderBroken ?? false)
  const { name, tickets, offsets, cursor: found } = await reader.readAfter(cursor, want, someCall())
  const contradictions = metrics.total('order_contradictions_total', { source: 'desk' })
  return { name, ids: tickets.map(({ externalId }) => externalId), offsets, found, calls, contradictions, reader }
}

describe('the search for a position whose records have gone', () => {
  it('begins with the records before it, and finds the first that sorts behind it', async () => {
    const read = await readAfter(behindTime(7, 3), ticketsAt(6, 5, 4, 3))
    expect(read).toMatchObject({ name: 'delivered', ids: ['t6', 't5', 't4'], offsets: [1, 2, 3] })
    // The window from 2 begins with t4, which sorts behind the position; so the window up to there and one record more.
    expect(read.calls).toEqual([
      ['2', 3],
      [null, 3],
    ])
  })

  it('goes back a page at a time, and one record where a page has no more', async () => {
    const list = ticketsAt(20, 19, 8, 7, 6, 5, 4, 3, 2)
    const pages = await readAfter(behindTime(9, 8), list, { maxPageSize: 3 })
    expect(pages).toMatchObject({ ids: ['t8', 't7'], offsets: [3, 4] })
    // From 7 to 5, to 3, and to 1, where t19 lies before the position.
    expect(pages.calls).toEqual([
      ['7', 3],
      ['5', 3],
      ['3', 3],
      ['1', 3],
    ])
    const single = await readAfter(behindTime(9, 4), list, { maxPageSize: 1 })
    expect(single.calls.map(([position]) => position)).toEqual(['3', '2', '1'])
    expect(single.ids).toEqual(['t8'])
  })

  it('stops at the scan limit on its way back, and the next page goes on from there', async () => {
    const list = ticketsAt(20, 19, 8, 7, 6, 5, 4, 3, 2)
    const first = await readAfter(behindTime(9, 8), list, { maxPageSize: 3, scanLimit: 2 })
    // The window from 7 has two records, and the next one would begin at 5.
    expect(first).toMatchObject({ name: 'scanLimitReached', ids: [], offsets: [], found: behindTime(9, 6), calls: [['7', 3]] })
    const second = await readAfter(first.found, list, { maxPageSize: 3 })
    expect([second.ids, second.calls[0]]).toEqual([
      ['t8', 't7'],
      ['5', 3],
    ])
  })

  it('begins with the records before it where the list is shorter now', async () => {
    const read = await readAfter(behindTime(7, 9), ticketsAt(9, 8, 6, 5))
    expect(read).toMatchObject({ ids: ['t6', 't5'], offsets: [3, 4] })
    expect(read.calls).toEqual([
      ['8', 3],
      [null, 9],
    ])
  })

  it('ends with the list where every record lies before the position, or there is none', async () => {
    expect(await readAfter(behindTime(2, 3), ticketsAt(5, 4, 3))).toMatchObject({ name: 'exhausted', ids: [], offsets: [] })
    expect(await readAfter(behindTime(2, 1), [])).toMatchObject({ name: 'exhausted', ids: [], calls: [[null, 3]] })
  })

  it('goes on behind records that cannot be decoded at the beginning of the list', async () => {
    const { ids, calls } = await readAfter(behindTime(7, 1), [bad, bad, bad, ...ticketsAt(8, 6, 5, 4)])
    expect(ids).toEqual(['t6'])
    expect(calls).toEqual([
      [null, 3],
      ['2', 3],
    ])
  })
})

describe('the search for a position by the ties of an edge', () => {
  it('is behind the last of them where the ticket of the edge has gone', async () => {
    const tied = ['a', 'b', 'c', 'd'].map((id) => toTicket(info, id, { updatedAt: at(5) }))
    const anchorAt = createAnchorCache(tied, order)
    const ties = tied.slice(0, 2).map((_, i) => anchorAt(i).slice(0, 4))
    const cursor: OffsetCursor = { ...behind(tied.slice(2, 3)), offset: 3, ties: ties.join('') }
    const [a, b, , d] = tied
    // The window from 2 has none of them, and so the one before it is read.
    const { ids, calls } = await readAfter(cursor, [a!, b!, d!, ...ticketsAt(1)])
    expect(ids).toEqual(['d'])
    expect(calls).toEqual([
      ['2', 3],
      [null, 3],
    ])
  })
})

describe('records that come or change meanwhile', () => {
  it('are passed where they stand before the position', async () => {
    const cursor = behind(ticketsAt(9, 8))
    const { ids, found, calls } = await readAfter(cursor, ticketsAt(12, 11, 10, 9, 8, 7, 6))
    expect([ids, found?.offset]).toEqual([['t7'], 4])
    // Each window begins with the last record of the one before.
    expect(calls).toEqual([
      ['1', 3],
      ['3', 3],
    ])
  })

  it('are given again where they stand behind an anchor', async () => {
    const { ids, offsets } = await readAfter(behind(ticketsAt(9, 8)), [...ticketsAt(9, 8, 7), changed(5, 20), ...ticketsAt(6)], {
      want: 4,
    })
    // Such a list contradicts its order: then all that no anchor names are given.
    expect([ids, offsets]).toEqual([
      ['t7', 't5', 't6'],
      [3, 4, 5],
    ])
  })

  it('are not given again where they were given before they changed', async () => {
    const cursor = behind(ticketsAt(9, 8), { offset: 1, orderBroken: true })
    const { ids, offsets } = await readAfter(cursor, [...ticketsAt(9, 7), changed(8, 6), ...ticketsAt(5)], { want: 4 })
    expect([ids, offsets]).toEqual([
      ['t7', 't5'],
      [2, 4],
    ])
  })
})

describe('a window of which every record was given', () => {
  it('is followed by one that begins with its last record', async () => {
    const cursor = behind(ticketsAt(9, 8, 7, 6), { offset: 2 })
    const { ids, calls } = await readAfter(cursor, ticketsAt(9, 8, 7, 6, 5, 4))
    expect(calls).toEqual([
      ['1', 3],
      ['3', 3],
    ])
    expect(ids).toEqual(['t5', 't4'])
  })

  it('is followed by the next records where one of its own cannot be decoded', async () => {
    const cursor = behind(ticketsAt(9, 8, 7), { offset: 2 })
    const { ids, calls, found } = await readAfter(cursor, [...ticketsAt(9, 8), bad, ...ticketsAt(7, 6, 5)], { want: 1 })
    // The window 1 to 3 has t8 and the other one.
    expect(calls).toEqual([
      ['1', 2],
      ['3', 1],
      ['4', 1],
    ])
    expect([ids, found?.offset]).toEqual([['t6'], 2])
  })

  it('is followed by one record of it in a broken order only where an anchor is its last record', async () => {
    const broken = { offset: 2, orderBroken: true }
    const anchored = await readAfter(behind(ticketsAt(9, 8, 7), broken), ticketsAt(9, 8, 7, 6, 5), { want: 1 })
    expect(anchored.calls).toEqual([
      ['1', 2],
      ['2', 2],
    ])
    expect(anchored.ids).toEqual(['t6'])
    // t7 has changed: no window can be found again by it.
    const list = [...ticketsAt(9, 8), changed(7, 3), ...ticketsAt(6, 5)]
    const lost = await readAfter(behind(ticketsAt(9, 8, 7), broken), list, { want: 1 })
    expect(lost.calls).toEqual([
      ['1', 2],
      ['3', 1],
    ])
    expect(lost.ids).toEqual(['t6'])
  })
})

describe('a list that contradicts its order', () => {
  it('is counted once for a page, and told by the reader', async () => {
    const cursor = behind(ticketsAt(9, 7, 8, 6), { offset: 2 })
    const read = await readAfter(cursor, ticketsAt(9, 7, 8, 6, 5, 30))
    // The windows 1 to 4 and 3 to 6 contradict it.
    expect([read.calls.length, read.ids]).toEqual([2, ['t5', 't30']])
    expect([read.reader.orderBroken, read.contradictions]).toEqual([true, 1])
    expect((await readAfter(null, ticketsAt(9, 8, 7))).contradictions).toBe(0)
  })

  it('goes on at the count of records where no anchor is found', async () => {
    const cursor = { ...behindTime(7, 3), orderBroken: true }
    const read = await readAfter(cursor, ticketsAt(1, 2, 3, 4, 5))
    expect([read.ids, read.found]).toEqual([['t4', 't5'], cursor])
    expect(read.calls).toEqual([
      ['2', 3],
      [null, 3],
      ['3', 2],
    ])
  })
})

describe('records that cannot be decoded', () => {
  it('fail the read within the scan limit, with the source', async () => {
    await expect(readAfter(null, [bad, bad, bad, bad, bad, bad], { scanLimit: 3 })).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      message: 'The source gave a page of which nothing could be understood.',
      source: 'desk',
    })
    expect(await readAfter(null, [bad, bad, bad, ...ticketsAt(1)], { scanLimit: 5 })).toMatchObject({ ids: ['t1'], offsets: [4] })
  })

  it('are counted in the position of what follows', async () => {
    const read = await readAfter(null, [bad, ...ticketsAt(9), bad, ...ticketsAt(8)], { want: 4 })
    expect(read).toMatchObject({ ids: ['t9', 't8'], offsets: [2, 4] })
  })
})

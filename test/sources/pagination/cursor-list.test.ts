import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { type CursorPage, readCursorSlice } from '../../../src/sources/pagination/cursor-list.ts'
import type { ListRequest } from '../../../src/sources/source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('vendor')
const order = { field: 'UPDATED_AT', direction: 'DESC' } as const
const ticket = (externalId: string, second: number) =>
  toTicket(info, externalId, { updatedAt: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z` })

/** A vendor whose cursor is a number of records. null: a record that cannot be decoded. */
function vendorOf(records: (Ticket | null)[]) {
  const calls: string[] = []
  const readPage = async (cursor: string | null, size: number): Promise<CursorPage> => {
    calls.push(`${cursor ?? 'start'}+${size}`)
    const from = Number(cursor ?? 0)
    const page = records.slice(from, from + size)
    return { records: page, next: from + size < records.length ? String(from + size) : null }
  }
  const read = (request: Partial<ListRequest>) =>
    readCursorSlice({ order, position: null, limit: 2, ...request }, { info, maxPageSize: 3 }, readPage)
  return { calls, read }
}

const idsOf = ({ tickets }: { tickets: readonly Ticket[] }) => tickets.map(({ externalId }) => externalId)

describe('a list of a vendor that gives a cursor behind each page', () => {
  const five = [ticket('e', 50), ticket('d', 40), ticket('c', 40), ticket('b', 20), ticket('a', 10)]

  it('resumes behind the last ticket of a page with the cursor alone, and inside a page with the page', async () => {
    const { calls, read } = vendorOf(five)
    const first = await read({})
    expect([idsOf(first), first.end, first.totalCount]).toEqual([['e', 'd'], false, null])
    expect(idsOf(await read({ position: first.positions[1]! }))).toEqual(['c', 'b'])
    expect(idsOf(await read({ position: first.positions[0]! }))).toEqual(['d', 'c'])
    expect(calls).toEqual(['start+2', '2+2', 'start+3'])
  })

  it('ends with the last page, whose last ticket has a position behind which nothing is', async () => {
    const { read } = vendorOf(five)
    const slice = await read({ limit: 9 })
    expect([idsOf(slice), slice.end]).toEqual([['e', 'd', 'c'], false])
    const last = await read({ position: slice.positions[2]!, limit: 9 })
    expect([idsOf(last), last.end]).toEqual([['b', 'a'], true])
    expect(await read({ position: last.positions[1]! })).toMatchObject({ tickets: [], positions: [], end: true })
  })

  it('DECISION-11 gives no ticket again where records have shifted, also of those with one time', async () => {
    const { read } = vendorOf(five)
    const { positions } = await read({ limit: 3 })
    // `a` changes and comes first: behind the three records are now `c`, which was given, and `b`.
    const shifted = vendorOf([ticket('a', 59), ...five.slice(0, 4)])
    expect(idsOf(await shifted.read({ position: positions[2]! }))).toEqual(['b'])
    // Inside a page: `e` was given and has changed since, so that `c` is the second record now.
    const moved = vendorOf([five[1]!, five[2]!, ticket('b', 39)])
    expect(idsOf(await moved.read({ position: positions[1]! }))).toEqual(['c', 'b'])
  })

  it('counts what cannot be decoded, and passes pages of nothing else', async () => {
    const { calls, read } = vendorOf([null, null, null, ticket('a', 10), null])
    expect(await read({})).toMatchObject({ tickets: [{ externalId: 'a' }], end: false, dropped: 3 })
    expect(calls).toEqual(['start+2', '2+2'])
  })

  it('fails where the cursor repeats, or no page has a ticket', async () => {
    const fault = { code: 'UPSTREAM_BAD_RESPONSE' }
    const again = async () => ({ records: [null], next: 'same' })
    await expect(readCursorSlice({ order, position: null, limit: 2 }, { info, maxPageSize: 3 }, again)).rejects.toMatchObject(
      fault,
    )
    await expect(vendorOf(new Array(70).fill(null)).read({ limit: 3 })).rejects.toMatchObject(fault)
  })

  it('refuses a position that it never gave', async () => {
    for (const position of ['', '7', '{}', '[1,2]']) await expect(vendorOf(five).read({ position })).rejects.toThrow(RangeError)
  })

  it.each([
    '[7,0,null,[]]',
    '[null,-1,null,[]]',
    '[null,0.5,null,[]]',
    '[null,0,7,[]]',
    '[null,0,null,[7]]',
    '[null,0,null]',
    'x',
  ])('refuses a position with a wrong member: %s', async (position) => {
    const { calls, read } = vendorOf(five)
    await expect(read({ position })).rejects.toThrow(new RangeError('not a position of this source'))
    expect(calls).toEqual([])
  })

  it('fails after twenty pages without a ticket, and not before', async () => {
    const empty = (pages: number) => vendorOf([...new Array(pages * 3).fill(null), ticket('a', 10)])
    const { calls, read } = empty(19)
    expect(idsOf(await read({ limit: 3 }))).toEqual(['a'])
    expect(calls).toHaveLength(20)
    const longer = empty(20)
    await expect(longer.read({ limit: 3 })).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      message: 'Memory vendor sent an answer that could not be understood.',
    })
    expect(longer.calls).toHaveLength(20)
  })

  it('counts the records that cannot be decoded behind the position only', async () => {
    const { read } = vendorOf([null, ticket('d', 40), null, ticket('b', 20)])
    const first = await read({ limit: 2 })
    expect([idsOf(first), first.dropped]).toEqual([['d'], 1])
    const inside = vendorOf([null, ticket('d', 40), null])
    const { positions } = await inside.read({ limit: 3 })
    expect(await inside.read({ position: positions[0]!, limit: 1 })).toMatchObject({ tickets: [], dropped: 1, end: true })
  })

  it('asks for one record at least, and for no more than a page has', async () => {
    const { calls, read } = vendorOf(five)
    await read({ limit: 0 })
    await read({ limit: 100 })
    expect(calls).toEqual(['start+1', 'start+3'])
  })

  it('remembers the tickets with the value of the last one, and those with it only', async () => {
    const { read } = vendorOf(five)
    const { positions } = await read({ limit: 3 })
    const time = (second: number) => `2026-01-01T00:00:${second}.000Z`
    expect(positions.map((position) => JSON.parse(position))).toEqual([
      [null, 1, time(50), ['e']],
      [null, 2, time(40), ['d']],
      ['3', 0, time(40), ['d', 'c']],
    ])
  })

  it('remembers a hundred tickets with one value, the last ones', async () => {
    const equal = Array.from({ length: 102 }, (_, index) => ticket(`t${index}`, 10))
    const readPage = async (): Promise<CursorPage> => ({ records: equal, next: null })
    const slice = await readCursorSlice({ order, position: null, limit: 102 }, { info, maxPageSize: 200 }, readPage)
    const ids = JSON.parse(slice.positions[101]!)[3]
    expect([ids.length, ids[0], ids[99]]).toEqual([100, 't2', 't101'])
  })

  it('fails where a page with tickets leads to itself', async () => {
    const again = async (): Promise<CursorPage> => ({ records: [ticket('a', 10)], next: 'same' })
    const position = '["same",0,null,[]]'
    await expect(readCursorSlice({ order, position, limit: 2 }, { info, maxPageSize: 3 }, again)).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
    })
  })

  it('gives a ticket again that sorts behind the position now', async () => {
    const { read } = vendorOf([ticket('c', 30)])
    const position = JSON.stringify([null, 0, '2026-01-01T00:00:40.000Z', ['c']])
    expect(idsOf(await read({ position }))).toEqual(['c'])
  })

  it('has a position within the last page behind its last ticket', async () => {
    const { read } = vendorOf(five.slice(0, 2))
    const { positions } = await read({ limit: 2 })
    expect(positions.map((position) => JSON.parse(position).slice(0, 2))).toEqual([
      [null, 1],
      [null, 2],
    ])
  })
})

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
})

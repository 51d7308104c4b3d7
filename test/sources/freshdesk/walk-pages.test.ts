import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { type Asked, readCursorPage, toBounds, type Walk } from '../../../src/sources/freshdesk/walk.ts'
import type { TicketOrder } from '../../../src/sources/source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const [latestFirst, oldestFirst]: TicketOrder[] = [
  { field: 'UPDATED_AT', direction: 'DESC' },
  { field: 'UPDATED_AT', direction: 'ASC' },
]
const info = toSourceInfo('freshdesk')
/** 2026-01-01T00:00Z. */
const start = 1_767_225_600
/** Without a time, a list has the tickets of the last 30 days alone: it begins at 2000-01-01T00:00Z (FRESHDESK-01). */
const firstSecond = 946_684_800
const at = (second: number) => new Date((start + second) * 1000).toISOString()
/** Its id is the second of its update, or the one given. */
const ticket = (second: number, id = String(second)) => toTicket(info, id, { updatedAt: at(second) })

/** One page behind a cursor, over scripted pages: what was asked for, the ids that were given, and the next cursor. */
async function read(
  cursor: object | null,
  pages: readonly (readonly (Ticket | null)[])[],
  changes: Partial<Pick<Walk, 'bounds' | 'order' | 'wanted' | 'maxPageSize'>> = {},
) {
  const asked: (readonly [order: Asked['order'], page: number, perPage: number, since: number])[] = []
  const walk: Walk = {
    ...{ info, order: latestFirst!, bounds: { after: null, before: null }, wanted: 2, maxPageSize: 2, ...changes },
    async readPage({ order, page, perPage, since }) {
      asked.push([order, page, perPage, since === firstSecond ? since : since - start])
      const records = pages[asked.length - 1]
      if (!records) throw new Error('no further page')
      return { records, isFull: records.length === perPage }
    },
  }
  const { records, next } = await readCursorPage(walk, cursor && JSON.stringify(cursor))
  return { asked, ids: records.map((one) => one?.externalId ?? null), next: next && JSON.parse(next) }
}

describe('the first pages of a list of Freshdesk', () => {
  it('are the latest tickets, and the last page is one that is not full', async () => {
    expect(await read(null, [[ticket(10), ticket(4)]], { maxPageSize: 5, wanted: 2 })).toEqual({
      ...{ asked: [['desc', 1, 2, firstSecond]], ids: ['10', '4'], next: { offset: 2, time: at(4) } },
    })
    expect(await read(null, [[ticket(10)]])).toMatchObject({ ids: ['10'], next: null })
    expect(await read(null, [[]])).toMatchObject({ ids: [], next: null })
    expect(await read(null, [[null, null]])).toMatchObject({ ids: [null, null], next: null })
  })

  it('end at the lower bound, which is asked for and excluded', async () => {
    const bounds = { after: at(5), before: null }
    expect(await read(null, [[ticket(7), null, ticket(5), ticket(4)]], { bounds, maxPageSize: 4, wanted: 4 })).toEqual({
      ...{ asked: [['desc', 1, 4, 5]], ids: ['7', null], next: null },
    })
  })

  it('go on by the page size that has the record before, and most of those wanted', async () => {
    // Of a page with three, one is wanted; of one with four, two are.
    expect((await read({ offset: 2, time: at(6) }, [[]], { maxPageSize: 5 })).asked).toEqual([['desc', 1, 4, firstSecond]])
    // The second page of four has the records 5 to 8.
    const four = [ticket(5), ticket(4), ticket(3), ticket(2)]
    expect(await read({ offset: 5, time: at(5) }, [four], { maxPageSize: 5 })).toEqual({
      ...{ asked: [['desc', 2, 4, firstSecond]], ids: ['5', '4', '3', '2'], next: { offset: 8, time: at(2) } },
    })
  })

  it('go back where tickets were deleted, so that their records have moved forward', async () => {
    // In place of the record 5, which had the time 5, stands a later one. The second page of three has the records 4 to 6.
    const moved = [ticket(4), ticket(3), ticket(2), ticket(1)]
    const before = [ticket(5), ticket(4), ticket(3)]
    expect(await read({ offset: 5, time: at(5) }, [moved, before], { maxPageSize: 5 })).toEqual({
      asked: [
        ['desc', 2, 4, firstSecond],
        ['desc', 2, 3, firstSecond],
      ],
      ...{ ids: ['5', '4', '3'], next: { offset: 6, time: at(3) } },
    })
    expect((await read({ offset: 5, time: at(5) }, [[], before], { maxPageSize: 5 })).ids).toEqual(['5', '4', '3'])
  })

  it('go on by windows of time where no page size fits', async () => {
    expect((await read(null, [[ticket(10), ticket(4)]])).next).toEqual({ until: at(4), id: null, seconds: 6 })
    expect((await read(null, [[ticket(10)]], { maxPageSize: 1 })).next).toEqual({ until: at(10), id: null, seconds: 1 })
    const window = await read({ offset: 2, time: at(4) }, [[ticket(3)]])
    // A day before.
    expect(window.asked).toEqual([['asc', 1, 2, 4 - 86_400]])
  })

  it('FRESHDESK-02: are 300 pages at most', async () => {
    // The page 300 of two has the records 599 and 600.
    const last = [ticket(5), ticket(3)]
    expect(await read({ offset: 599, time: at(5) }, [last])).toEqual({
      ...{ asked: [['desc', 300, 2, firstSecond]], ids: ['5', '3'], next: { until: at(3), id: null, seconds: 2 } },
    })
    expect((await read({ offset: 601, time: at(5) }, [[ticket(4)]])).asked).toEqual([['asc', 1, 2, 5 - 86_400]])
  })
})

describe('a list of Freshdesk with the oldest update first', () => {
  const order = oldestFirst!

  it('goes on from the last time, again from page 1', async () => {
    expect(await read(null, [[ticket(1), ticket(2)]], { order })).toEqual({
      ...{ asked: [['asc', 1, 2, firstSecond]], ids: ['1', '2'], next: { from: at(2), page: 1 } },
    })
    expect((await read({ from: at(2), page: 1 }, [[ticket(2), null]], { order })).asked).toEqual([['asc', 1, 2, 2]])
    expect((await read(null, [[ticket(1)]], { order })).next).toBeNull()
    expect((await read(null, [[null, null]], { order })).next).toBeNull()
  })

  it('goes on by page within a second that has more than one', async () => {
    const page = [ticket(2, '7'), ticket(2, '8')]
    expect((await read({ from: at(2), page: 1 }, [page], { order })).next).toEqual({ from: at(2), page: 2 })
    expect((await read({ from: at(2), page: 2 }, [[ticket(2), ticket(3)]], { order })).next).toEqual({ from: at(3), page: 1 })
    expect((await read({ from: at(2), page: 300 }, [page], { order })).asked).toEqual([['asc', 300, 2, 2]])
    await expect(read({ from: at(2), page: 301 }, [page], { order })).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('has the tickets between its bounds, which are excluded', async () => {
    const bounds = { after: at(1), before: at(4) }
    expect(await read(null, [[ticket(1), ticket(2)]], { order, bounds })).toEqual({
      ...{ asked: [['asc', 1, 2, 1]], ids: ['2'], next: { from: at(2), page: 1 } },
    })
    expect(await read({ from: at(2), page: 1 }, [[ticket(3), ticket(4)]], { order, bounds })).toMatchObject({
      ...{ ids: ['3'], next: null },
    })
    expect((await read({ from: at(2), page: 1 }, [[null, ticket(3)]], { order, bounds })).ids).toEqual([null, '3'])
  })
})

describe('a position of a list of Freshdesk', () => {
  it.each([
    ...['', 'text', '[]', '{}', 'null', '{"offset":0,"time":"2026-01-01T00:00:00.000Z"}', '{"offset":1,"time":"soon"}'],
    ...['{"offset":1.5,"time":"2026-01-01T00:00:00Z"}', '{"offset":1,"time":"2026-01-01T00:00:00Z","id":null}'],
    ...['{"until":"2026-01-01T00:00:00Z","seconds":1}', '{"until":"2026-01-01T00:00:00Z","id":null,"seconds":0}'],
    ...['{"until":"soon","id":null,"seconds":1}', '{"from":"2026-01-01T00:00:00Z","page":0}', '{"from":"soon","page":1}'],
  ])('is not %j', async (text) => {
    const walk = { info, order: latestFirst!, bounds: { after: null, before: null }, wanted: 2, maxPageSize: 2 }
    const readPage = () => Promise.reject(new Error('nothing is read'))
    await expect(readCursorPage({ ...walk, readPage }, text)).rejects.toThrow(new RangeError('not a position of this source'))
  })
})

describe('the bounds of a list of Freshdesk', () => {
  it('are those of the update, and no ticket was changed before it was opened', () => {
    expect(toBounds({})).toEqual({ after: null, before: null })
    expect(toBounds({ updatedAfter: at(1), updatedBefore: at(9) })).toEqual({ after: at(1), before: at(9) })
    expect(toBounds({ updatedAfter: at(1), createdAfter: at(2) }).after).toBe(at(2))
    expect(toBounds({ updatedAfter: at(3), createdAfter: at(2) }).after).toBe(at(3))
    expect(toBounds({ updatedAfter: null, createdAfter: at(2), updatedBefore: null })).toEqual({ after: at(2), before: null })
  })
})

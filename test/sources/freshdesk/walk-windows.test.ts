import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { readCursorPage, type Walk } from '../../../src/sources/freshdesk/walk.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('freshdesk')
/** 2026-01-01T00:00Z. */
const start = 1_767_225_600
const at = (second: number) => new Date((start + second) * 1000).toISOString()
/** Its id is the second of its update, or the one given. */
const ticket = (second: number, id = String(second)) => toTicket(info, id, { updatedAt: at(second) })
type Pages = readonly (readonly (Ticket | null)[])[]

/** The page behind a window, over scripted pages of two: what was asked for, the ids that were given, and the next window. */
async function read(window: object | null, pages: Pages | ((page: number) => Pages[number]), changes: Partial<Walk> = {}) {
  const asked: (readonly [page: number, since: number])[] = []
  const walk: Walk = {
    ...{ info, order: { field: 'UPDATED_AT', direction: 'DESC' }, bounds: { after: null, before: null }, wanted: 2 },
    maxPageSize: 2,
    async readPage({ order, page, perPage, since }) {
      expect([order, perPage]).toEqual(['asc', 2])
      asked.push([page, since - start])
      const records = typeof pages === 'function' ? pages(page) : pages[asked.length - 1]
      if (!records) throw new Error('no further page')
      return { records, isFull: records.length === perPage }
    },
    ...changes,
  }
  const { records, next } = await readCursorPage(walk, window && JSON.stringify({ id: null, ...window }))
  return { asked, ids: records.map((one) => one?.externalId ?? null), next: next && JSON.parse(next) }
}

describe('a window of time of a list of Freshdesk', () => {
  it('is read upwards as a whole, and its latest tickets are given', async () => {
    const pages = [
      [ticket(60), ticket(80)],
      [ticket(100), ticket(101)],
    ]
    // Three tickets in 50 seconds: 0.9 of a page of two is in 30.
    expect(await read({ until: at(100), seconds: 50 }, pages)).toEqual({
      asked: [
        [1, 50],
        [2, 50],
      ],
      ...{ ids: ['100', '80'], next: { until: at(80), id: '80', seconds: 30 } },
    })
  })

  it('ends with a page that is not full, and goes on before its start', async () => {
    expect(await read({ until: at(100), seconds: 50 }, [[ticket(60)]])).toEqual({
      ...{ asked: [[1, 50]], ids: ['60'], next: { until: at(50), id: null, seconds: 90 } },
    })
    // A second ticket of its first second would be in the next window.
    expect((await read({ until: at(100), seconds: 50 }, [[ticket(50)]])).next).toEqual({ until: at(50), id: '50', seconds: 90 })
    const two = [[null, ticket(60)], [ticket(50)]]
    expect(await read({ until: at(100), seconds: 50 }, two)).toMatchObject({ ids: ['60', '50'], next: { id: '50', seconds: 45 } })
  })

  it('is eight times larger behind an empty one, down to the lower bound, where the list ends', async () => {
    const bounds = { after: at(0), before: null }
    expect(await read({ until: at(1000), seconds: 50 }, [[], [], [ticket(20)]], { bounds })).toEqual({
      asked: [
        [1, 950],
        [1, 550],
        [1, 0],
      ],
      ...{ ids: ['20'], next: null },
    })
    expect(await read({ until: at(10), seconds: 50 }, [[ticket(0)]], { bounds })).toEqual({
      asked: [[1, 0]],
      ids: [],
      next: null,
    })
    expect(await read({ until: at(30), seconds: 30 }, [[ticket(10), ticket(20)], [ticket(30)]], { bounds })).toMatchObject({
      ...{ ids: ['30', '20'], next: { until: at(20), id: '20', seconds: 18 } },
    })
  })

  it('is a quarter of one with more than three pages, and at least a second', async () => {
    const full: Pages = [1, 2, 3].map((page) => [ticket(50 + page, `${page}a`), ticket(50 + page, `${page}b`)])
    expect(await read({ until: at(100), seconds: 50 }, [...full, [ticket(99)]])).toEqual({
      asked: [
        [1, 50],
        [2, 50],
        [3, 50],
        [1, 88],
      ],
      ...{ ids: ['99'], next: { until: at(88), id: null, seconds: 22 } },
    })
    expect((await read({ until: at(100), seconds: 3 }, [...full, [ticket(99)]])).asked.at(-1)).toEqual([1, 99])
  })

  it('of one second is read to the 300th page, and no further', async () => {
    const page = (number: number) => [ticket(100, `${number}a`), ticket(100, `${number}b`)]
    const whole = await read({ until: at(100), seconds: 1 }, (number) => (number < 300 ? page(number) : [ticket(100, 'last')]))
    expect([whole.asked.length, whole.ids]).toEqual([300, ['100a', '100b']])
    await expect(read({ until: at(100), seconds: 1 }, page)).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('begins behind a ticket: one of the same second has a greater id', async () => {
    const pages = [
      [ticket(99, '9'), ticket(100, '4')],
      [ticket(100, '5'), ticket(100, '6')],
      [ticket(101, '7'), null],
    ]
    const next = { until: at(99), id: null, seconds: 1 }
    expect(await read({ until: at(100), id: '5', seconds: 1 }, pages)).toMatchObject({
      ids: ['6', '9'],
      next: { ...next, id: '9' },
    })
    expect((await read({ until: at(100), id: '6', seconds: 1 }, pages)).ids).toEqual(['9'])
  })

  it('has each ticket once, also where a page repeats it, in the order of their ids within a second', async () => {
    const pages = [[ticket(98, '8'), ticket(98, '6')], [ticket(98, '8'), ticket(98, '7')], []]
    expect((await read({ until: at(100), seconds: 5 }, pages, { wanted: 5 })).ids).toEqual(['6', '7', '8'])
  })

  it('is the first one of a list with an upper bound, which is excluded', async () => {
    const bounds = { after: null, before: at(100) }
    expect(await read(null, [[ticket(90), ticket(100)], [ticket(101)]], { bounds })).toMatchObject({
      asked: [
        [1, 100 - 86_400],
        [2, 100 - 86_400],
      ],
      ids: ['90'],
    })
  })
})

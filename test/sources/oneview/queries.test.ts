import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { toPlainTicket } from '../../../src/domain/ticket-view.ts'
import type { ListRequest } from '../../../src/sources/source.ts'
import { readFixture } from '../../fixtures/read-fixture.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, releaseWhenQuiet, startVendor, type Vendor } from '../../support/vendor.ts'
import { oneViewAt, record, refTo } from './oneview-fixture.ts'

const request = (position: string | null, limit: number): ListRequest => ({
  filter: {},
  order: { field: 'UPDATED_AT', direction: 'DESC' },
  position,
  limit,
})

/** A vendor with `count` tickets in numbered pages. t-0 has the latest update. */
function startList(count: number): Promise<Vendor> {
  return startVendor(({ path }, res) => {
    const query = new URL(path, 'http://x').searchParams
    const [page, pageSize] = [Number(query.get('page')), Number(query.get('pageSize'))]
    const all = Array.from({ length: count }, (_, index) => record({ id: `t-${index}`, UpdatedAt: 1_700_000_000 - index }))
    json(res, { list: all.slice((page - 1) * pageSize, page * pageSize), page, pageSize })
  })
}

describe('reading tickets from OneView', () => {
  it('sends one call for each distinct ticket, as the signed-in agent, and keeps the order of the references', async () => {
    const vendor = await startVendor(({ path }, res) => {
      const id = path.split('/').at(-1) ?? ''
      if (id === 'missing') return json(res, readFixture('oneview/error-404.json'), 404)
      json(res, record({ id }))
    })
    const refs = ['a', 'missing', 'b', 'a'].map(refTo)
    const tickets = await oneViewAt(vendor.url).loadTickets(refs, someCall({ email: 'agent@foodpanda.com' }))
    expect(tickets.map((ticket) => ticket && 'externalId' in ticket && ticket.externalId)).toEqual(['a', null, 'b', 'a'])
    expect(vendor.lines().sort()).toEqual([
      'GET /ticket-detail/v1/tickets/a',
      'GET /ticket-detail/v1/tickets/b',
      'GET /ticket-detail/v1/tickets/missing',
    ])
    for (const { headers } of vendor.calls) {
      expect(headers).toMatchObject({ authorization: 'Bearer t0ken', 'x-agent-user-id': 'agent@foodpanda.com' })
    }
  })

  it('sends at most the configured number of calls at once', async () => {
    const pending: (() => void)[] = []
    const atOnce: number[] = []
    const vendor = await startVendor(({ path }, res) => {
      pending.push(() => json(res, record({ id: path.split('/').at(-1) })))
    })
    const releasing = releaseWhenQuiet(pending, atOnce)
    const refs = Array.from({ length: 12 }, (_, index) => refTo(`t-${index}`))
    const tickets = await oneViewAt(vendor.url, { concurrency: 3 }).loadTickets(refs, someCall())
    clearInterval(releasing)
    expect(tickets.filter((ticket) => ticket !== null && 'externalId' in ticket)).toHaveLength(12)
    expect(Math.max(...atOnce)).toBe(3)
  })

  it('returns null for a ticket that the agent may not see (403), and an error for one that could not be read', async () => {
    const vendor = await startVendor(({ path }, res) => {
      if (path.endsWith('/hidden')) json(res, {}, 403)
      else if (path.endsWith('/broken')) json(res, {}, 500)
      else json(res, record({ id: 'fine' }))
    })
    const [hidden, broken, fine] = await oneViewAt(vendor.url).loadTickets(['hidden', 'broken', 'fine'].map(refTo), someCall())
    expect(hidden).toBeNull()
    expect(broken).toBeInstanceOf(DeskgraphError)
    expect(broken).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', source: 'oneview' })
    expect(fine).toMatchObject({ externalId: 'fine' })
  })

  it('UPSTREAM-09: never returns another ticket', async () => {
    const vendor = await startVendor((_, res) => json(res, record({ id: 'another-ticket' })))
    const [ticket] = await oneViewAt(vendor.url).loadTickets([refTo('mine')], someCall())
    expect(ticket).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('UPSTREAM-19: returns the ticket whose id is a long number, and never another with a similar number', async () => {
    const vendor = await startVendor((_, res) => res.end('{"id":9007199254740993,"status":"CLOSED"}'))
    const [right, wrong] = await oneViewAt(vendor.url).loadTickets(
      ['9007199254740993', '9007199254740992'].map(refTo),
      someCall(),
    )
    expect(right).toMatchObject({ externalId: '9007199254740993', status: 'CLOSED' })
    expect(wrong).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('ONEVIEW-17: goes by the HTTP status when an error has no body, or one that is not JSON', async () => {
    const vendor = await startVendor(({ index }, res) => res.writeHead(404).end(index === 0 ? '' : '<html>nginx</html>'))
    const source = oneViewAt(vendor.url)
    expect(await source.loadTickets([refTo('a')], someCall())).toEqual([null])
    expect(await source.loadTickets([refTo('b')], someCall())).toEqual([null])
  })

  it('sends no call for ids that could change a path, of another source or of another tenant', async () => {
    const vendor = await startVendor((_, res) => json(res, record()))
    const source = oneViewAt(vendor.url)
    const refs = [
      ...['..', '.', 'a/b', 'a?b', 'a#b', 'a\\b', '%2e%2e', ''].map(refTo),
      { ...refTo('a'), sourceKey: 'verifik' },
      { ...refTo('a'), tenant: 'other' },
    ]
    expect(await source.loadTickets(refs, someCall())).toEqual(refs.map(() => null))
    expect(vendor.calls).toEqual([])
  })

  it('escapes every other id in the path', async () => {
    const vendor = await startVendor(({ path }, res) => json(res, record({ id: decodeURIComponent(path.split('/').at(-1)!) })))
    const tickets = await oneViewAt(vendor.url).loadTickets(['n:2', 'ä b', 'a&b=c;d'].map(refTo), someCall())
    expect(tickets).toMatchObject([{ externalId: 'n:2' }, { externalId: 'ä b' }, { externalId: 'a&b=c;d' }])
    // RFC 3986, section 2.1: UTF-8 bytes, percent-encoded.
    expect(vendor.lines().sort()).toEqual([
      'GET /ticket-detail/v1/tickets/%C3%A4%20b',
      'GET /ticket-detail/v1/tickets/a%26b%3Dc%3Bd',
      'GET /ticket-detail/v1/tickets/n%3A2',
    ])
  })

  it('fails with UPSTREAM_NOT_SUPPORTED and sends no call when single tickets are switched off', async () => {
    const vendor = await startVendor((_, res) => json(res, record()))
    const source = oneViewAt(vendor.url, { capabilities: { ticket: false } })
    expect(await source.loadTickets([refTo('a')], someCall())).toMatchObject([{ code: 'UPSTREAM_NOT_SUPPORTED' }])
    expect(vendor.calls).toEqual([])
  })
})

describe('listing OneView', () => {
  it('requests page 1 of the limit, and returns the position behind each ticket', async () => {
    const vendor = await startList(30)
    const slice = await oneViewAt(vendor.url).listTickets(request(null, 3), someCall())
    expect(slice.tickets.map(({ externalId }) => externalId)).toEqual(['t-0', 't-1', 't-2'])
    expect(slice).toMatchObject({ positions: ['1', '2', '3'], end: false, totalCount: null, dropped: 0 })
    expect(vendor.lines()).toEqual(['GET /ticket-detail/v1/tickets?page=1&pageSize=3'])
  })

  it.each([
    [0, 25, 'page=1&pageSize=25'],
    [25, 25, 'page=2&pageSize=25'],
    [24, 26, 'page=1&pageSize=50'],
    [49, 26, 'page=2&pageSize=38'],
    [10, 5, 'page=3&pageSize=5'],
  ])('reads %i to +%i with one call', async (offset, limit, query) => {
    const vendor = await startList(200)
    const slice = await oneViewAt(vendor.url).listTickets(request(String(offset), limit), someCall())
    expect(slice.tickets.map(({ externalId }) => externalId)).toEqual(
      Array.from({ length: limit }, (_, index) => `t-${offset + index}`),
    )
    expect(slice.positions.at(-1)).toBe(String(offset + limit))
    expect(vendor.lines()).toEqual([`GET /ticket-detail/v1/tickets?${query}`])
  })

  it('reads two pages where no page size up to 100 covers the slice', async () => {
    const vendor = await startList(300)
    const slice = await oneViewAt(vendor.url).listTickets(request('50', 100), someCall())
    expect(slice.tickets.map(({ externalId }) => externalId)).toEqual(
      Array.from({ length: 100 }, (_, index) => `t-${50 + index}`),
    )
    expect(vendor.lines().sort()).toEqual([
      'GET /ticket-detail/v1/tickets?page=2&pageSize=100',
      'GET /ticket-detail/v1/tickets?page=2&pageSize=50',
    ])
  })

  it('returns one record more than a page when the pages that it reads hold it', async () => {
    const vendor = await startList(300)
    const slice = await oneViewAt(vendor.url).listTickets(request('99', 101), someCall())
    expect(slice.tickets.map(({ externalId }) => externalId)).toEqual(
      Array.from({ length: 101 }, (_, index) => `t-${99 + index}`),
    )
    expect(slice).toMatchObject({ end: false })
    expect(slice.positions.at(-1)).toBe('200')
    expect(vendor.lines().sort()).toEqual([
      'GET /ticket-detail/v1/tickets?page=100&pageSize=1',
      'GET /ticket-detail/v1/tickets?page=2&pageSize=100',
    ])
  })

  it('DECISION-12: never requests more than 100 records, or than the configuration allows', async () => {
    const vendor = await startList(300)
    expect((await oneViewAt(vendor.url).listTickets(request(null, 500), someCall())).tickets).toHaveLength(100)
    expect((await oneViewAt(vendor.url, { pageSize: 20 }).listTickets(request(null, 500), someCall())).tickets).toHaveLength(20)
  })

  it('ONEVIEW-15: ends at a page that is shorter than requested', async () => {
    const vendor = await startList(7)
    const source = oneViewAt(vendor.url)
    expect(await source.listTickets(request('5', 5), someCall())).toMatchObject({ positions: ['6', '7'], end: true })
    expect(await source.listTickets(request('4', 2), someCall())).toMatchObject({ positions: ['5', '6'], end: false })
    expect(await source.listTickets(request('7', 7), someCall())).toMatchObject({ tickets: [], end: true })
  })

  it('lists every ticket once for each slice size', async () => {
    const vendor = await startList(57)
    const source = oneViewAt(vendor.url)
    for (const limit of [1, 7, 19, 20, 100]) {
      const ids: string[] = []
      let position: string | null = null
      for (let end = false; !end; ) {
        const slice = await source.listTickets(request(position, limit), someCall())
        ids.push(...slice.tickets.map(({ externalId }) => externalId))
        position = slice.positions.at(-1) ?? position
        end = slice.end
      }
      expect(ids).toEqual(Array.from({ length: 57 }, (_, index) => `t-${index}`))
    }
  })

  it('accepts the documented answer, whose page size is not the requested one', async () => {
    const vendor = await startVendor((_, res) => json(res, { list: [record({ id: 'a' })], page: 1, pageSize: 10 }))
    const slice = await oneViewAt(vendor.url).listTickets(request(null, 50), someCall())
    expect(slice).toMatchObject({ tickets: [{ externalId: 'a' }], positions: ['1'], end: true })
  })

  it.each([
    ['caps its pages at 10', (asked: number) => Math.min(asked, 10)],
    ['always returns pages of 10', () => 10],
    ['always returns pages of 30', () => 30],
  ])('lists every ticket once and in order when the vendor %s', async (_what, sizeOf) => {
    const all = Array.from({ length: 57 }, (_, index) => record({ id: `t-${index}` }))
    const vendor = await startVendor(({ path }, res) => {
      const query = new URL(path, 'http://x').searchParams
      const [page, pageSize] = [Number(query.get('page')), sizeOf(Number(query.get('pageSize')))]
      json(res, { list: all.slice((page - 1) * pageSize, page * pageSize), page, pageSize })
    })
    for (const limit of [1, 7, 25, 100]) {
      const source = oneViewAt(vendor.url)
      const ids: string[] = []
      let position: string | null = null
      for (let end = false; !end; ) {
        const slice = await source.listTickets(request(position, limit), someCall())
        ids.push(...slice.tickets.map(({ externalId }) => externalId))
        position = slice.positions.at(-1) ?? position
        end = slice.end
      }
      expect(ids).toEqual(Array.from({ length: 57 }, (_, index) => `t-${index}`))
    }
  })

  it('UPSTREAM-09: leaves out and counts a record that is not a ticket, and keeps the positions of the others', async () => {
    const metrics = countingMetrics()
    const vendor = await startVendor((_, res) =>
      json(res, { list: [record({ id: 'a' }), 'x', { no: 'id' }, record({ id: 'b' })], page: 1, pageSize: 4 }),
    )
    const slice = await oneViewAt(vendor.url, {}, metrics).listTickets(request(null, 4), someCall())
    expect(slice.tickets.map(({ externalId }) => externalId)).toEqual(['a', 'b'])
    expect(slice).toMatchObject({ positions: ['1', '4'], dropped: 2 })
    expect(metrics.total('dropped_records_total', { source: 'oneview' })).toBe(2)
  })

  it.each([
    ['another page', { list: [], page: 7, pageSize: 5 }],
    ['no list', { page: 1, pageSize: 5 }],
    ['a bare list', [{ id: 'a' }]],
  ])('fails with UPSTREAM_BAD_RESPONSE for %s', async (_, body) => {
    const vendor = await startVendor((_call, res) => json(res, body))
    await expect(oneViewAt(vendor.url).listTickets(request(null, 5), someCall())).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
      source: 'oneview',
    })
  })

  it('fails with FORBIDDEN when the agent may not list, and with UPSTREAM_NOT_SUPPORTED when lists are switched off', async () => {
    const vendor = await startVendor((_, res) => json(res, {}, 403))
    await expect(oneViewAt(vendor.url).listTickets(request(null, 5), someCall())).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const off = oneViewAt(vendor.url, { capabilities: { list: false } })
    await expect(off.listTickets(request(null, 5), someCall())).rejects.toMatchObject({ code: 'UPSTREAM_NOT_SUPPORTED' })
    expect(vendor.calls).toHaveLength(1)
  })

  it('counts the values that the model has no word for, each once, when their field is read', async () => {
    const metrics = countingMetrics()
    const list = [
      record({ id: 'a', status: 'ON_HOLD_BY_BOT', channel: 'fax', vendor: { id: 'v', vertical: 'ghost_kitchens' } }),
      record({ id: 'b', vendor: { id: 'v', vertical: 'unknown' }, status: undefined }),
    ]
    const vendor = await startVendor((_, res) => json(res, { list, page: 1, pageSize: 5 }))
    const { tickets } = await oneViewAt(vendor.url, {}, metrics).listTickets(request(null, 5), someCall())
    const totals = () =>
      ['status', 'channel', 'vertical'].map((field) => metrics.total('unknown_values_total', { source: 'oneview', field }))
    expect(totals()).toEqual([0, 0, 0])
    for (const { status } of [...tickets, ...tickets]) expect(status).toBe('UNKNOWN')
    expect(totals()).toEqual([1, 0, 0])
    tickets.map(toPlainTicket)
    expect(totals()).toEqual([1, 1, 1])
  })
})

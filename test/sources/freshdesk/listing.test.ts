import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { TicketFilter, TicketOrder, TicketSource } from '../../../src/sources/source.ts'
import { someCall } from '../../support/call.ts'
import { json, type VendorCall } from '../../support/vendor.ts'
import {
  freshdeskAt,
  freshdeskRef,
  included,
  linesOf,
  queryOf,
  type Record,
  startFreshdesk,
  ticket,
} from './freshdesk-fixture.ts'

const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }
const oldestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'ASC' }

/** Seconds of 2026-01-01T00:00:00Z and later. */
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()
const plain = (id: number, second: number): Record => ({
  ...{ id, subject: `Ticket ${id}`, status: 2, priority: 1, source: 1, requester_id: 1018 },
  ...{ created_at: '2020-01-01T00:00:00Z', updated_at: at(second).replace('.000', '') },
})

/** A list as Freshdesk gives it: a lower bound, and 300 pages. Tickets of one second come in the order in which they are given here. */
function listOf(tickets: () => readonly Record[]) {
  return (call: VendorCall, res: ServerResponse) => {
    const query = queryOf(call)
    const [page, perPage] = [Number(query.get('page')), Number(query.get('per_page'))]
    const since = query.get('updated_since') ?? '2025-12-02T00:00:00Z'
    if (page > 300 || perPage > 100)
      return json(
        res,
        {
          description: 'Validation failed',
          errors: [{ field: 'page', message: 'It should be a Positive Integer and less than 300', code: 'invalid_value' }],
        },
        400,
      )
    const sign = query.get('order_type') === 'asc' ? 1 : -1
    const found = tickets()
      .filter(({ updated_at: updatedAt }) => Date.parse(String(updatedAt)) >= Date.parse(since))
      .toSorted((one, other) => sign * (Date.parse(String(one.updated_at)) - Date.parse(String(other.updated_at))))
    json(res, found.slice((page - 1) * perPage, page * perPage))
  }
}

async function walk(
  source: TicketSource,
  limit: number,
  {
    filter = {},
    order = latestFirst,
    onSlice,
  }: { filter?: TicketFilter; order?: TicketOrder; onSlice?: (index: number) => void } = {},
): Promise<readonly string[]> {
  const ids: string[] = []
  for (let position: string | null = null, index = 0; ; index++) {
    const slice = await source.listTickets({ filter, order, position, limit }, someCall())
    expect(slice.tickets.length).toBeLessThanOrEqual(limit)
    ids.push(...slice.tickets.map(({ externalId }) => externalId))
    if (slice.end) return ids
    position = slice.positions.at(-1) ?? position
    onSlice?.(index)
  }
}

async function listing(tickets: () => readonly Record[], pageSize: number) {
  const vendor = await startFreshdesk({ 'GET /api/v2/tickets': listOf(tickets) })
  return { vendor, source: freshdeskAt(vendor.url, { pageSize }) }
}

describe('a list of Freshdesk', () => {
  it('FRESHDESK-01 always has a time, so that it has tickets of more than the last 30 days', async () => {
    const { vendor, source } = await listing(() => [plain(1, -90 * 86_400), plain(2, 0)], 100)
    expect(await walk(source, 10)).toEqual(['2', '1'])
    expect(linesOf(vendor)).toEqual([
      'GET /api/v2/tickets?updated_since=2000-01-01T00%3A00%3A00Z&order_by=updated_at&order_type=desc&per_page=10&page=1',
    ])
  })

  it('is asked for between two times by the lower one, and upwards where the oldest update comes first', async () => {
    const { vendor, source } = await listing(() => [plain(1, 0), plain(2, 10), plain(3, 20)], 100)
    expect(await walk(source, 5, { filter: { updatedAfter: at(0), updatedBefore: at(20) } })).toEqual(['2'])
    expect(await walk(source, 5, { order: oldestFirst, filter: { updatedAfter: at(0) } })).toEqual(['2', '3'])
    expect(await walk(source, 5, { filter: { updatedAfter: at(0) } })).toEqual(['3', '2'])
    const asked = vendor.calls.filter(({ path }) => path.startsWith('/api/v2/tickets?')).map(queryOf)
    expect(asked.map((query) => [query.get('updated_since'), query.get('order_type'), query.get('page')])).toEqual([
      ['2026-01-01T00:00:00Z', 'asc', '1'],
      ['2026-01-01T00:00:00Z', 'asc', '1'],
      ['2026-01-01T00:00:00Z', 'desc', '1'],
    ])
  })

  it('FRESHDESK-03 has no description, customer and statistics unless they are asked for', async () => {
    const described = { ...ticket, ...included }
    const vendor = await startFreshdesk({
      'GET /api/v2/tickets': (call, res) => {
        const parts = queryOf(call).get('include')?.split(',') ?? []
        const { description, description_text: text, requester, stats, company: _, ...rest } = described as Record
        json(res, [
          {
            ...rest,
            ...(parts.includes('description') && { description, description_text: text }),
            ...(parts.includes('requester') && { requester }),
            ...(parts.includes('stats') && { stats }),
          },
        ])
      },
    })
    const source = freshdeskAt(vendor.url)
    const list = async (wanted: readonly ('description' | 'customer' | 'resolvedAt')[]) =>
      (await source.listTickets({ filter: {}, order: latestFirst, position: null, limit: 5, wanted }, someCall())).tickets[0]
    expect(await list([])).toMatchObject({
      title: 'Printer on fire',
      description: null,
      customer: null,
      slaTargets: null,
      isSummary: true,
    })
    expect(await list(['description', 'customer'])).toMatchObject({
      ...{ description: 'It burns.', customer: { name: 'Johnny Customer' }, slaTargets: null },
      lazyFieldsRead: ['description', 'customer'],
    })
    expect(linesOf(vendor).map((line) => new URLSearchParams(line.split('?')[1]).get('include'))).toEqual([
      null,
      'description,requester',
    ])
  })

  it('asks for the tickets of one customer, and for none of a contact that Freshdesk does not know', async () => {
    const vendor = await startFreshdesk({
      'GET /api/v2/tickets': (call, res) => {
        const unknown = {
          description: 'Validation failed',
          errors: [{ field: 'email', message: 'There is no contact matching the given email', code: 'invalid_value' }],
        }
        if (queryOf(call).get('email') === 'unknown@example.com') json(res, unknown, 400)
        else json(res, [{ ...ticket, ...included }])
      },
    })
    const source = freshdeskAt(vendor.url)
    const list = (filter: TicketFilter) =>
      source.listTickets({ filter, order: latestFirst, position: null, limit: 5 }, someCall())
    const customer = { kind: 'customer' as const, sourceKey: 'freshdesk', tenant: '', externalId: '1018' }
    expect(source.pushdownFilters!({ customer, customerEmail: 'johnny@example.com', text: 'fire' })).toEqual(['CUSTOMER'])
    expect(source.narrowingFilters!({ customerEmail: 'johnny@example.com', createdAfter: at(0) })).toEqual([
      'CREATED',
      'CUSTOMER_EMAIL',
    ])
    await list({ customer })
    // Of both conditions the gateway tests the address.
    expect(source.narrowingFilters!({ customer, customerEmail: 'johnny@example.com' })).toEqual(['CUSTOMER_EMAIL'])
    expect((await list({ customer, customerEmail: 'johnny@example.com' })).tickets[0]?.customer?.email).toBe('johnny@example.com')
    // The gateway tests the address, so that the list has to have it.
    expect((await list({ customerEmail: 'johnny@example.com' })).tickets[0]?.customer?.email).toBe('johnny@example.com')
    expect(await list({ customerEmail: 'unknown@example.com' })).toMatchObject({ tickets: [], end: true })
    const given = vendor.calls.filter(({ path }) => path.startsWith('/api/v2/tickets?')).map(queryOf)
    expect(given.map((query) => [query.get('requester_id'), query.get('email'), query.get('include')])).toEqual([
      ['1018', null, null],
      ['1018', null, 'requester'],
      [null, 'johnny@example.com', 'requester'],
      [null, 'unknown@example.com', 'requester'],
    ])
  })

  it('FRESHDESK-11 never comes from the search, which lags and knows whole days', async () => {
    const { vendor, source } = await listing(() => [plain(1, 0)], 100)
    const filter: TicketFilter = { status: ['OPEN'], assignee: 'Ann Agent', text: 'printer', tags: ['fire'], priority: ['LOW'] }
    expect(source.pushdownFilters!(filter)).toEqual([])
    expect(source.narrowingFilters!(filter)).toEqual([])
    await walk(source, 10, { filter: { updatedAfter: at(-5) } })
    expect(vendor.lines().filter((line) => line.includes('/search/'))).toEqual([])
  })

  it('refuses a position that it never gave, and an answer that is no list', async () => {
    const { source } = await listing(() => [], 100)
    const position = (cursor: string) => JSON.stringify([cursor, 0, at(0), []])
    for (const text of ['{"offset":-1}', 'x', '{"until":"soon","id":null,"seconds":1}']) {
      const request = { filter: {}, order: latestFirst, position: position(text), limit: 5 }
      await expect(source.listTickets(request, someCall())).rejects.toBeInstanceOf(RangeError)
    }
    const refusing = await startFreshdesk({
      'GET /api/v2/tickets': (_, res) => json(res, { description: 'Validation failed' }, 400),
    })
    const any = { filter: {}, order: latestFirst, position: null, limit: 5 }
    await expect(freshdeskAt(refusing.url).listTickets(any, someCall())).rejects.toMatchObject({ source: 'freshdesk' })
    const vendor = await startFreshdesk({ 'GET /api/v2/tickets': { tickets: [] } })
    const request = { filter: {}, order: latestFirst, position: null, limit: 5 }
    await expect(freshdeskAt(vendor.url).listTickets(request, someCall())).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
    })
  })
})

describe('the trash and the spam of Freshdesk', () => {
  it('FRESHDESK-06 are asked for, because other lists leave them out, and go on from the last time', async () => {
    const lists: { [filter: string]: readonly Record[] } = { deleted: [plain(7, 100), plain(8, 200)], spam: [plain(9, 150)] }
    const vendor = await startFreshdesk({
      'GET /api/v2/tickets': (call, res) => listOf(() => lists[queryOf(call).get('filter') ?? ''] ?? [])(call, res),
    })
    const source = freshdeskAt(vendor.url)
    const slice = await source.changesSince!({ since: at(50), cursor: null, limit: 100 }, someCall())
    expect(slice.tickets.map(({ externalId, deletedAt }) => [externalId, deletedAt])).toEqual([
      ['7', at(100)],
      ['8', at(200)],
      ['9', at(150)],
    ])
    expect(slice).toMatchObject({ removed: [], cursor: at(200), end: true })
    expect(linesOf(vendor)).toEqual(
      ['deleted', 'spam'].map(
        (filter) =>
          `GET /api/v2/tickets?updated_since=2026-01-01T00%3A00%3A50Z&order_by=updated_at&order_type=asc&per_page=100&page=1&filter=${filter}`,
      ),
    )
    // Both are full: the next slice begins where the shorter of them ends.
    expect(await source.changesSince!({ since: at(50), cursor: at(60), limit: 1 }, someCall())).toMatchObject({
      ...{ cursor: at(100), end: false },
    })
    // A list that is full is read to its end before the other one goes on.
    expect(await source.changesSince!({ since: at(50), cursor: at(60), limit: 2 }, someCall())).toMatchObject({
      cursor: at(200),
      end: false,
    })
    expect(await source.changesSince!({ since: at(50), cursor: at(300), limit: 2 }, someCall())).toMatchObject({
      tickets: [],
      cursor: at(300),
      end: true,
    })
    expect(freshdeskRef('7').externalId).toBe('7')
  })
})

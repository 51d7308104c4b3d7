import { describe, expect, it } from 'vitest'
import type { ListRequest, TicketFilter } from '../../../src/sources/source.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { json, type Vendor } from '../../support/vendor.ts'
import { contacts, intercomAt, linesOf, refusal, startIntercom, ticket, types } from './intercom-fixture.ts'

const request: ListRequest = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 2 }
const at = (id: string, seconds: number) => ({ ...ticket, id, updated_at: 1767312000 + seconds })
const page = (tickets: readonly unknown[], next: string | null = null, total = 3) => ({
  ...{ type: 'ticket.list', tickets, total_count: total },
  pages: { type: 'pages', page: 1, per_page: 2, total_pages: 2, ...(next && { next: { per_page: 2, starting_after: next } }) },
})

/** The bodies of the searches. */
const searches = ({ calls }: Vendor) => calls.filter(({ path }) => path === '/tickets/search').map(({ body }) => body)

/** The conditions that a list asks for; undefined: it asks nothing. */
async function conditionsOf(filter: TicketFilter, config: { [key: string]: unknown } = {}): Promise<unknown> {
  const vendor = await startIntercom({ 'POST /tickets/search': page([]) })
  await intercomAt(vendor.url, config).listTickets({ ...request, filter }, someCall())
  const [body] = searches(vendor) as { query: { operator: string; value: unknown } }[]
  if (body) expect(body.query.operator).toBe('AND')
  return body?.query.value
}

describe('a list of Intercom', () => {
  it('is a search, newest change first, with the names of all contacts by one call', async () => {
    const vendor = await startIntercom({ 'POST /tickets/search': page([at('1', 9), at('2', 5)], 'a/b=') })
    const slice = await intercomAt(vendor.url).listTickets(request, someCall())
    expect(slice).toMatchObject({ end: false, totalCount: 3, dropped: 0 })
    expect(slice.tickets).toMatchObject([
      { externalId: '1', isSummary: true, messages: null, attachments: null, organization: null, title: 'The app is broken' },
      { externalId: '2', customer: { name: 'Ida Kunde', email: 'ida@example.com' }, followers: [{ name: 'Carl Copied' }] },
    ])
    expect(searches(vendor)).toEqual([
      {
        query: { operator: 'AND', value: [{ field: 'created_at', operator: '>', value: 0 }] },
        pagination: { per_page: 2 },
        sort: { field: 'updated_at', order: 'descending' },
      },
    ])
    expect(vendor.calls.filter(({ path }) => path === '/contacts/search').map(({ body }) => body)).toEqual([
      {
        query: { field: 'id', operator: 'IN', value: contacts.map(({ id }) => id) },
        pagination: { per_page: 2 },
      },
    ])
  })

  it('has contacts without names where the search of contacts does not know them yet, or may not be asked', async () => {
    const list = async (answer: unknown, status = 200) => {
      const vendor = await startIntercom({
        'POST /tickets/search': page([at('1', 9)]),
        'POST /contacts/search': (_, res) => json(res, answer, status),
      })
      return (await intercomAt(vendor.url).listTickets(request, someCall())).tickets[0]!.customer
    }
    const nameless = { externalId: '6762f2dd1bb69f9f2193bc55', name: null, email: null }
    expect(await list({ type: 'list', data: [] })).toMatchObject(nameless)
    expect(await list(refusal('forbidden'), 403)).toMatchObject(nameless)
  })

  it('goes on behind the cursor, gives no ticket again that has moved, and takes no position of another source', async () => {
    const vendor = await startIntercom({
      'POST /tickets/search': ({ body }, res) => {
        const { starting_after: cursor } = (body as { pagination: { starting_after?: string } }).pagination
        if (cursor === 'gone') json(res, refusal('parameter_invalid'), 400)
        else json(res, cursor === 'c2' ? page([at('2', 5), at('3', 1)]) : page([at('1', 9), at('2', 5)], 'c2'))
      },
    })
    const source = intercomAt(vendor.url)
    const first = await source.listTickets(request, someCall())
    const next = await source.listTickets({ ...request, position: first.positions[1]! }, someCall())
    expect(next.tickets.map(({ externalId }) => externalId)).toEqual(['3'])
    expect(next.end).toBe(true)
    expect((searches(vendor)[1] as { pagination: unknown }).pagination).toEqual({ per_page: 2, starting_after: 'c2' })
    const position = first.positions[1]!.replace('c2', 'gone')
    await expect(source.listTickets({ ...request, position }, someCall())).rejects.toThrow(RangeError)
  })

  it('INTERCOM-05 ends at a page without tickets, and is an error where the cursor repeats or pages never end', async () => {
    const empty = await startIntercom({ 'POST /tickets/search': page([], 'more') })
    expect(await intercomAt(empty.url).listTickets(request, someCall())).toMatchObject({ tickets: [], end: true })
    const repeating = await startIntercom({
      'POST /tickets/search': ({ body }, res) =>
        json(
          res,
          page(
            'starting_after' in (body as { pagination: object }).pagination ? [{ id: '..' }, { id: '..' }] : [at('1', 9)],
            'c',
          ),
        ),
    })
    const source = intercomAt(repeating.url)
    const { positions } = await source.listTickets(request, someCall())
    await expect(source.listTickets({ ...request, position: positions[0]! }, someCall())).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
    })
    let cursors = 0
    const endless = await startIntercom({ 'POST /tickets/search': (_, res) => json(res, page([at('1', 9)], `c${++cursors}`)) })
    const other = intercomAt(endless.url)
    const first = await other.listTickets(request, someCall())
    await expect(other.listTickets({ ...request, position: first.positions[0]! }, someCall())).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
    })
    // The first page, and twenty behind it.
    expect(searches(endless)).toHaveLength(21)
  })

  it('is sorted by the time of the change or of the creation, in both directions', async () => {
    const vendor = await startIntercom({ 'POST /tickets/search': page([]) })
    const source = intercomAt(vendor.url)
    expect(source.sorts!({ field: 'PRIORITY', direction: 'DESC' })).toBe(false)
    for (const order of [
      { field: 'CREATED_AT', direction: 'DESC' },
      { field: 'UPDATED_AT', direction: 'ASC' },
    ] as const) {
      expect(source.sorts!(order)).toBe(true)
      await source.listTickets({ ...request, order }, someCall())
    }
    expect(searches(vendor).map((body) => (body as { sort: unknown }).sort)).toEqual([
      { field: 'created_at', order: 'descending' },
      { field: 'updated_at', order: 'ascending' },
    ])
  })

  it('counts what cannot be decoded', async () => {
    const metrics = countingMetrics()
    const vendor = await startIntercom({ 'POST /tickets/search': page([at('1', 9), { id: 'x' }, at('3', 1)]) })
    const slice = await intercomAt(vendor.url, {}, metrics).listTickets({ ...request, limit: 3 }, someCall())
    expect(slice.tickets.map(({ externalId }) => externalId)).toEqual(['1', '3'])
    expect(slice.dropped).toBe(1)
    expect(metrics.total('dropped_records_total', { source: 'intercom' })).toBe(1)
  })
})

describe('the conditions of a search of Intercom', () => {
  it('INTERCOM-04 names categories by the words of the search', async () => {
    expect(await conditionsOf({ category: ['Customer'] })).toEqual([{ field: 'category', operator: '=', value: 'request' }])
    expect(await conditionsOf({ category: ['Back-office', 'Tracker'] })).toEqual([
      { field: 'category', operator: 'IN', value: ['task', 'tracker'] },
    ])
    const source = intercomAt('http://127.0.0.1:1')
    expect(source.pushdownFilters!({ category: ['Tracker'] })).toEqual(['CATEGORY'])
    expect(source.pushdownFilters!({ category: ['Tracker', 'Newer'] })).toEqual([])
  })

  it('INTERCOM-03 has whole seconds for times, and the gateway compares them again', async () => {
    expect(
      await conditionsOf({
        ...{ updatedAfter: '2026-01-02T00:00:00.400Z', updatedBefore: '2026-01-03T00:00:00.400Z' },
        createdAfter: '2026-01-01T00:00:00.000Z',
      }),
    ).toEqual([
      { field: 'created_at', operator: '>', value: 1767225600 },
      { field: 'updated_at', operator: '>', value: 1767312000 },
      { field: 'updated_at', operator: '<', value: 1767398401 },
    ])
    const source = intercomAt('http://127.0.0.1:1')
    const filter = { createdAfter: '2026-01-01T00:00:00.000Z' }
    expect([source.pushdownFilters!(filter), source.narrowingFilters!(filter)]).toEqual([[], ['CREATED']])
  })

  it('INTERCOM-06 names a teammate by id, name or e-mail address, and none by 0', async () => {
    const field = 'admin_assignee_id'
    expect(await conditionsOf({ unassigned: true })).toEqual([{ field, operator: '=', value: '0' }])
    expect(await conditionsOf({ assignee: 'BEA@desk.example' })).toEqual([{ field, operator: '=', value: '991267944' }])
    expect(await conditionsOf({ assignee: 'ciaran lee' })).toEqual([{ field, operator: 'IN', value: ['991267943', '991267945'] }])
    expect(await conditionsOf({ assignee: '555' })).toEqual([{ field, operator: '=', value: '555' }])
    expect(await conditionsOf({ assignee: 'No such teammate' })).toBeUndefined()
    expect(await conditionsOf({ assignedTo: { intercom: 'ciaran@desk.example' } })).toEqual([
      { field, operator: '=', value: '991267943' },
    ])
    expect(await conditionsOf({ assignedTo: { zendesk: 'ciaran@desk.example' } })).toBeUndefined()
  })

  it('INTERCOM-08 has open and the state as two conditions, and asks for no state of closed and snoozed tickets', async () => {
    const open = (value: boolean) => ({ field: 'open', operator: '=', value })
    const every = { field: 'created_at', operator: '>', value: 0 }
    expect(await conditionsOf({ status: ['NEW'] })).toEqual([open(true), { field: 'state', operator: '=', value: 'submitted' }])
    expect(await conditionsOf({ status: ['RESOLVED'] })).toEqual([{ field: 'state', operator: '=', value: 'resolved' }])
    expect(await conditionsOf({ status: ['NEW', 'RESOLVED'] })).toEqual([
      { field: 'state', operator: 'IN', value: ['submitted', 'resolved'] },
    ])
    expect(await conditionsOf({ status: ['CLOSED'] })).toEqual([open(false)])
    expect(await conditionsOf({ status: ['ON_HOLD', 'NEW'] })).toEqual([open(true)])
    expect(await conditionsOf({ status: ['ON_HOLD', 'CLOSED'] })).toEqual([every])
    expect(await conditionsOf({ status: ['ESCALATED'] })).toBeUndefined()
    // A state of this name is in the category, with others that the gateway leaves out.
    const statuses = { 'With the developers': 'ESCALATED' }
    expect(await conditionsOf({ status: ['ESCALATED'] }, { statuses })).toEqual([
      open(true),
      { field: 'state', operator: '=', value: 'in_progress' },
    ])
  })

  it('INTERCOM-02 names attributes by their ids', async () => {
    const field = 'ticket_attribute.170'
    expect(await conditionsOf({ priority: ['HIGH'] })).toEqual([{ field, operator: 'IN', value: ['High', 'aaaa-2'] }])
    // A group has either conditions or groups, as the document has it: the second type has the attribute too.
    const second = {
      ...types[0],
      id: '69',
      ticket_type_attributes: { data: [{ id: '180', name: 'Urgency', data_type: 'string' }] },
    }
    const two = await startIntercom({ 'POST /tickets/search': page([]), 'GET /ticket_types': { data: [types[0], second] } })
    await intercomAt(two.url).listTickets({ ...request, filter: { priority: ['HIGH'], unassigned: true } }, someCall())
    expect((searches(two)[0] as { query: unknown }).query).toEqual({
      operator: 'AND',
      value: [
        { operator: 'AND', value: [{ field: 'admin_assignee_id', operator: '=', value: '0' }] },
        {
          operator: 'OR',
          value: [
            { field, operator: 'IN', value: ['High', 'aaaa-2'] },
            { field: 'ticket_attribute.180', operator: '=', value: 'High' },
          ],
        },
      ],
    })
    const source = intercomAt('http://127.0.0.1:1', { priorityField: undefined })
    expect(source.narrowingFilters!({ priority: ['HIGH'] })).toEqual([])
    expect(intercomAt('http://127.0.0.1:1').narrowingFilters!({ priority: ['HIGH', 'UNKNOWN'] })).toEqual([])
  })

  it('finds a customer among the contacts of a ticket, of which the gateway takes the first', async () => {
    const customer = { kind: 'customer' as const, sourceKey: 'intercom', tenant: '', externalId: '6762f2dd1bb69f9f2193bc55' }
    expect(await conditionsOf({ customer })).toEqual([{ field: 'contact_ids', operator: '=', value: customer.externalId }])
    const source = intercomAt('http://127.0.0.1:1')
    expect([source.pushdownFilters!({ customer }), source.narrowingFilters!({ customer })]).toEqual([[], ['CUSTOMER']])
  })
})

describe('counts of Intercom', () => {
  it('are totals of a search that applies the filter exactly, else none', async () => {
    const vendor = await startIntercom({ 'POST /tickets/search': page([at('1', 9)], null, 41) })
    const source = intercomAt(vendor.url)
    const count = (filter: TicketFilter) => source.countTickets!({ filter, by: 'SOURCE' }, someCall())
    expect(await count({ unassigned: true })).toEqual({ total: 41, groups: [], complete: true })
    expect(await count({ assignee: 'No such teammate' })).toEqual({ total: 0, groups: [], complete: true })
    expect(await count({ status: ['NEW'] })).toBeNull()
    expect(linesOf(vendor)).toEqual(['POST /tickets/search'])
    expect(searches(vendor)).toEqual([
      {
        query: { operator: 'AND', value: [{ field: 'admin_assignee_id', operator: '=', value: '0' }] },
        pagination: { per_page: 1 },
      },
    ])
  })
})

import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { ListRequest } from '../../../src/sources/source.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { comments, linesOf, longId, send, sideLoads, startZendesk, ticket, zendeskAt, zendeskRef } from './zendesk-fixture.ts'

const request: ListRequest = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 2 }

async function load(changes: { [key: string]: unknown } = {}, thread: readonly unknown[] = comments): Promise<Ticket> {
  const vendor = await startZendesk({
    'GET /api/v2/tickets/show_many': { tickets: [{ ...ticket, ...changes }], ...sideLoads },
    'GET /api/v2/tickets/35436/comments': { comments: thread, users: [], meta: { has_more: false } },
  })
  const [loaded] = await zendeskAt(vendor.url).loadTickets([zendeskRef('35436')], someCall())
  if (!loaded || loaded instanceof Error) throw new Error('the ticket was not read', { cause: loaded })
  return loaded
}

describe('a ticket of Zendesk', () => {
  it('has the names of people, groups and organizations without a call for them', async () => {
    const vendor = await startZendesk({
      'GET /api/v2/tickets/show_many': { tickets: [ticket], ...sideLoads },
      'GET /api/v2/tickets/35436/comments': { comments, users: [], meta: { has_more: false } },
    })
    const [loaded] = await zendeskAt(vendor.url).loadTickets([zendeskRef('35436')], someCall())
    expect(loaded).toMatchObject({
      ...{ externalId: '35436', number: '35436', isSummary: false, url: `${vendor.url}/agent/tickets/35436` },
      ...{ title: 'Help, my printer is on fire!', type: 'incident', priority: 'HIGH', sourcePriority: 'high' },
      ...{ channel: 'WEB', origin: 'web', queue: 'First Level Support', queueKey: '98738' },
      customer: { externalId: '20978392', name: 'Johnny Customer', email: 'johnny@example.com', phone: '+15551234567' },
      assignee: { externalId: '235323', name: 'Ann Agent', email: 'ann@company.example' },
      createdBy: { externalId: '235323', name: 'Ann Agent' },
      group: { externalId: '98738', name: 'First Level Support' },
      organization: { externalId: '509974', name: 'One Organization' },
      followers: [
        { kind: 'AGENT', externalId: '35334', name: 'Bo Admin' },
        { kind: 'CUSTOMER', externalId: '234', name: 'Carl Copied' },
      ],
      satisfaction: { score: 'GOOD', sourceScore: 'good', comment: 'Great support!', ratedAt: null },
      ...{ createdAt: '2026-03-01T22:55:29.000Z', updatedAt: '2026-03-05T10:38:52.000Z', dueAt: null },
    })
    expect(linesOf(vendor).toSorted()).toEqual([
      'GET /api/v2/tickets/35436/comments?include=users&page[size]=100',
      'GET /api/v2/tickets/show_many?ids=35436&include=users,groups,organizations,slas',
    ])
  })

  it('ZENDESK-10 shows the first comment once, as its description, and its files among those of the ticket', async () => {
    const { description, messages, attachments } = await load()
    expect(description).toBe('The fire is very colorful.')
    expect(messages).toMatchObject([
      {
        body: '<div class="zd-comment" dir="auto"><p dir="auto">Use the <strong>red</strong> button.</p></div>',
        ...{ format: 'HTML', visibility: 'PUBLIC', author: { kind: 'AGENT', name: 'Ann Agent' } },
      },
      { body: 'He has an old printer.', format: 'TEXT', visibility: 'INTERNAL', author: { kind: 'AGENT', name: 'Bo Admin' } },
    ])
    expect(attachments).toMatchObject([
      {
        ...{ filename: 'crash.log', size: 2532, contentType: 'text/plain', requiresAuth: true },
        url: 'https://company.zendesk.com/attachments/token/abc/?name=crash.log',
      },
    ])
  })

  it('ZENDESK-07 shows no comment as public that does not say that it is', async () => {
    const { public: _, ...unsaid } = comments[1]!
    expect((await load({}, [comments[0], unsaid])).messages).toMatchObject([{ visibility: 'INTERNAL' }])
  })

  it('ZENDESK-11 has the name of its custom status, and the meaning of its category or of the configuration', async () => {
    expect(await load()).toMatchObject({ status: 'OPEN', sourceStatus: 'Waiting for courier' })
    expect(await load({ status: 'hold', custom_status_id: 777 })).toMatchObject({ status: 'ON_HOLD', sourceStatus: 'hold' })
    expect(await load({ status: 'Open' })).toMatchObject({ status: 'UNKNOWN', sourceStatus: 'Open' })
    const { statusOptions } = await load()
    expect(statusOptions?.map(({ key, label, status }) => [key, label, status])).toEqual([
      ['502', 'Open', 'OPEN'],
      ['503', 'Pending', 'PENDING'],
      ['505', 'Solved', 'RESOLVED'],
      ['506', 'Waiting for courier', 'OPEN'],
    ])
    const vendor = await startZendesk({ 'GET /api/v2/tickets/show_many': { tickets: [ticket] } })
    const named = zendeskAt(vendor.url, { statuses: { 'Waiting for courier': 'ESCALATED' } })
    expect((await named.loadSummaries!([zendeskRef('35436')], someCall()))[0]).toMatchObject({ status: 'ESCALATED' })
  })

  it('ZENDESK-09 offers no change of status when it is closed', async () => {
    expect(await load({ status: 'closed' })).toMatchObject({ status: 'CLOSED', statusOptions: [] })
  })

  it('has its custom fields with names and types, and not the tags that they add', async () => {
    expect(await load()).toMatchObject({
      tags: ['enterprise', 'other_tag'],
      customFields: [
        { key: '27642', label: 'Boxes', type: 'NUMBER', value: 745, text: '745' },
        { key: '27648', label: 'Country', type: 'CHOICE', value: 'country_sg', text: 'Singapore' },
        { key: '27650', label: 'Frequent', type: 'BOOLEAN', value: true, text: 'true' },
      ],
    })
  })

  it('has links to its problem, incidents, follow-ups, and to the ticket that it was merged into', async () => {
    expect((await load()).links).toMatchObject([
      { kind: 'PARENT', externalId: '9873764', reason: 'problem' },
      { kind: 'PRECEDES', externalId: '40000', reason: 'follow-up' },
    ])
    const via = { channel: 'web', source: { from: { ticket_id: 77 }, rel: 'follow_up' } }
    const merge = { ...comments[2], body: 'This request was closed and merged into request #123 "Printer".', public: true }
    const merged = await load({ problem_id: null, followup_ids: [], via, tags: ['closed_by_merge'] }, [comments[0], merge])
    expect(merged.links).toMatchObject([
      { kind: 'FOLLOWS', externalId: '77' },
      { kind: 'MERGED_INTO', externalId: '123' },
    ])
    const vendor = await startZendesk({
      'GET /api/v2/tickets/show_many': { tickets: [{ ...ticket, problem_id: null, followup_ids: [], has_incidents: true }] },
      'GET /api/v2/tickets/35436/comments': { comments },
      'GET /api/v2/tickets/35436/incidents': { tickets: [{ id: 33 }, { id: 34 }] },
    })
    const [problem] = await zendeskAt(vendor.url).loadTickets([zendeskRef('35436')], someCall())
    expect((problem as Ticket).links).toMatchObject([
      { kind: 'CHILD', externalId: '33' },
      { kind: 'CHILD', externalId: '34' },
    ])
  })

  it('has the targets of its service levels, which are known to be missed only while they run', async () => {
    const policy_metrics = [
      { metric: 'first_reply_time', stage: 'active', breach_at: '2026-03-09T23:00:00Z' },
      { metric: 'requester_wait_time', stage: 'paused', breach_at: '2026-03-12T00:00:00Z' },
      { metric: 'periodic_update_time', stage: 'active', breach_at: '2026-03-12T00:00:00Z' },
    ]
    expect((await load({ slas: { policy_metrics } })).slaTargets).toMatchObject([
      { kind: 'FIRST_REPLY', dueAt: '2026-03-09T23:00:00.000Z', breached: true, paused: false },
      { kind: 'RESOLUTION', breached: null, paused: true },
      { kind: 'OTHER', breached: false, paused: false },
    ])
  })

  it('ZENDESK-15 keeps every digit of ids above 2^53', async () => {
    const vendor = await startZendesk({
      'GET /api/v2/tickets/show_many': (_, res) =>
        send(res, { tickets: [{ ...ticket, id: longId, requester_id: '9007199254740995' }], users: [] }),
    })
    const [summary] = await zendeskAt(vendor.url).loadSummaries!([zendeskRef(longId)], someCall())
    expect(summary).toMatchObject({ externalId: longId, customer: { externalId: '9007199254740995' } })
    expect(linesOf(vendor)).toEqual([`GET /api/v2/tickets/show_many?ids=${longId}&include=users,groups,organizations`])
  })

  it('ZENDESK-13 is asked for alone where a list of ids leaves it out, and is null at 404 and 403', async () => {
    const read = async (status: number) => {
      const vendor = await startZendesk({
        'GET /api/v2/tickets/show_many': { tickets: [] },
        'GET /api/v2/tickets/7': (_, res) => send(res, status < 300 ? { ticket: { ...ticket, id: 7 } } : { error: 'x' }, status),
      })
      return (await zendeskAt(vendor.url).loadTickets([zendeskRef('7')], someCall()))[0]
    }
    expect([await read(404), await read(403)]).toEqual([null, null])
    expect(await read(200)).toMatchObject({ externalId: '7' })
  })

  it('is read by calls for a hundred each', async () => {
    const vendor = await startZendesk({
      'GET /api/v2/tickets/show_many': ({ path }, res) => {
        const ids = new URL(path, 'http://x').searchParams.get('ids')!.split(',')
        send(res, { tickets: ids.map((id) => ({ ...ticket, id: Number(id) })) })
      },
    })
    const refs = Array.from({ length: 130 }, (_, index) => zendeskRef(String(index + 1)))
    const summaries = await zendeskAt(vendor.url).loadSummaries!([...refs, zendeskRef('0')], someCall())
    expect(summaries.map((one) => one?.externalId ?? null)).toEqual([...refs.map(({ externalId }) => externalId), null])
    expect(linesOf(vendor)).toHaveLength(2)
  })
})

describe('a list of Zendesk', () => {
  const at = (id: number, second: number) => ({ ...ticket, id, updated_at: `2026-03-05T10:00:${second}Z` })

  it('ZENDESK-05 goes on behind the cursor, and gives no ticket again that has shifted', async () => {
    const vendor = await startZendesk({
      'GET /api/v2/tickets': ({ path }, res) =>
        path.includes('page[after]')
          ? send(res, { tickets: [at(2, 40), at(3, 30)], meta: { has_more: false, after_cursor: 'end' } })
          : send(res, { tickets: [at(1, 50), at(2, 40)], ...sideLoads, meta: { has_more: true, after_cursor: 'a/b=' } }),
    })
    const source = zendeskAt(vendor.url)
    const first = await source.listTickets(request, someCall())
    expect(first).toMatchObject({ end: false, totalCount: null, dropped: 0 })
    const next = await source.listTickets({ ...request, position: first.positions[1]! }, someCall())
    expect(next.tickets.map(({ externalId }) => externalId)).toEqual(['3'])
    expect(next.end).toBe(true)
    const include = 'include=users,groups,organizations'
    expect(linesOf(vendor)).toEqual([
      `GET /api/v2/tickets?sort=-updated_at&page[size]=2&${include}`,
      `GET /api/v2/tickets?sort=-updated_at&page[size]=2&page[after]=a%2Fb%3D&${include}`,
    ])
  })

  it('ends where tickets begin that were updated before the wanted time', async () => {
    const tickets = [at(1, 50), at(2, 40), at(3, 30)]
    const vendor = await startZendesk({ 'GET /api/v2/tickets': { tickets, meta: { has_more: true, after_cursor: 'c' } } })
    const source = zendeskAt(vendor.url)
    const filter = { updatedAfter: '2026-03-05T10:00:40.000Z' }
    expect(source.pushdownFilters?.(filter)).toEqual(['UPDATED'])
    expect(source.pushdownFilters?.({ ...filter, updatedBefore: '2026-03-06T00:00:00.000Z', status: ['OPEN'] })).toEqual([])
    const slice = await source.listTickets({ ...request, filter }, someCall())
    expect(slice.tickets.map(({ externalId }) => externalId)).toEqual(['1'])
    expect(slice.end).toBe(true)
  })

  it('counts what cannot be decoded, and refuses a cursor that Zendesk does not know', async () => {
    const metrics = countingMetrics()
    const vendor = await startZendesk({
      'GET /api/v2/tickets': ({ path }, res) =>
        path.includes('page[after]')
          ? send(res, { errors: [{ code: 'InvalidPaginationParameter', title: 'page[after] is not valid' }] }, 400)
          : send(res, { tickets: [at(1, 50), { id: 'x' }], meta: { has_more: true, after_cursor: 'c' } }),
    })
    const source = zendeskAt(vendor.url, {}, metrics)
    expect(await source.listTickets(request, someCall())).toMatchObject({ dropped: 1 })
    expect(metrics.total('dropped_records_total', { source: 'zendesk' })).toBe(1)
    await expect(source.listTickets({ ...request, position: '["old",0,null,[]]' }, someCall())).rejects.toThrow(RangeError)
  })
})

describe('the account of the gateway at Zendesk', () => {
  it('ZENDESK-17 is refused where Zendesk takes its credentials for those of no user', async () => {
    const vendor = await startZendesk({
      'GET /api/v2/users/me': { user: { id: null, name: 'Anonymous user', role: 'end-user' } },
      'GET /api/v2/tickets': { tickets: [], meta: { has_more: false } },
    })
    const source = zendeskAt(vendor.url)
    await expect(source.listTickets(request, someCall())).rejects.toMatchObject({
      code: 'UPSTREAM_AUTH_FAILED',
      source: 'zendesk',
    })
    await expect(source.checkAccount?.()).rejects.toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
    expect(await source.health()).toMatchObject({ state: 'DOWN', lastError: 'UPSTREAM_AUTH_FAILED' })
  })

  it('ZENDESK-01 ZENDESK-02 warns of an API token, of missing rights and of tickets that it does not see', async () => {
    const user = { id: 5, role: 'agent', ticket_restriction: 'groups' }
    const vendor = await startZendesk({ 'GET /api/v2/users/me': { user } })
    const source = zendeskAt(vendor.url, { email: 'bo@company.example', actAsViewer: true })
    const warnings = (await source.checkAccount?.()) ?? []
    expect(warnings.map(({ found }) => found)).toEqual([
      expect.stringContaining('2027-04-30'),
      expect.stringContaining('no administrator'),
      expect.stringContaining('a part of the tickets'),
    ])
    // "bo@company.example/token:access-token"
    expect(vendor.calls[0]?.headers.authorization).toBe('Basic Ym9AY29tcGFueS5leGFtcGxlL3Rva2VuOmFjY2Vzcy10b2tlbg==')
    expect(await zendeskAt((await startZendesk({})).url).checkAccount?.()).toEqual([])
  })

  it('acts as the viewer where it is told to, and as itself where it asks who it is', async () => {
    const vendor = await startZendesk({ 'GET /api/v2/tickets': { tickets: [], meta: { has_more: false } } })
    const source = zendeskAt(vendor.url, { actAsViewer: true })
    await source.listTickets(request, someCall({ email: 'ann@company.example' }))
    const identityOf = (part: string) => vendor.calls.find(({ path }) => path.includes(part))?.headers['x-on-behalf-of']
    expect(identityOf('/tickets?')).toBe('ann@company.example')
    expect(identityOf('/users/me')).toBeUndefined()
  })
})

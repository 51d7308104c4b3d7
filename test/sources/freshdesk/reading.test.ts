import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { someCall } from '../../support/call.ts'
import { json } from '../../support/vendor.ts'
import {
  conversations,
  fields,
  freshdeskAt,
  freshdeskRef,
  included,
  linesOf,
  me,
  queryOf,
  type Record,
  startFreshdesk,
  ticket,
} from './freshdesk-fixture.ts'

const complete = {
  'GET /api/v2/tickets/20': { ...ticket, ...included },
  'GET /api/v2/tickets/20/conversations': conversations,
  'GET /api/v2/tickets/20/watchers': { watcher_ids: [302, 999] },
  'GET /api/v2/tickets/20/satisfaction_ratings': [
    { id: 1, ratings: { default_question: 103 }, feedback: 'Great', created_at: '2026-03-04T00:00:00Z' },
    { id: 2, ratings: { default_question: -102 }, feedback: 'Less so', created_at: '2026-03-05T00:00:00Z' },
  ],
}

async function load(answers: Parameters<typeof startFreshdesk>[0], wanted?: readonly (keyof Ticket)[], id = '20') {
  const vendor = await startFreshdesk(answers)
  const [loaded] = await freshdeskAt(vendor.url).loadTickets([freshdeskRef(id)], someCall(), wanted && new Set(wanted))
  if (loaded instanceof Error) throw loaded
  return { vendor, loaded: loaded as Ticket }
}

const loadWith = async (changes: Record, more: Parameters<typeof startFreshdesk>[0] = {}) =>
  (await load({ ...complete, 'GET /api/v2/tickets/20': { ...ticket, ...included, ...changes }, ...more })).loaded

describe('a ticket of Freshdesk', () => {
  it('is read with its people, fields, service levels and rating', async () => {
    const { loaded } = await load(complete)
    expect(loaded).toMatchObject({
      ...{ externalId: '20', number: '20', title: 'Printer on fire', description: 'It burns.', isSummary: false },
      ...{ status: 'OPEN', sourceStatus: 'Open', priority: 'HIGH', sourcePriority: 'High', type: 'Incident' },
      ...{ channel: 'WEB', origin: 'Portal', queue: 'First Level', queueKey: '156', tags: ['fire', 'Printer'] },
      assignee: { externalId: '301', name: 'Ann Agent', email: 'ann@company.example' },
      group: { externalId: '156', name: 'First Level' },
      organization: { externalId: '77', name: 'One Company' },
      customer: { externalId: '1018', name: 'Johnny Customer', email: 'johnny@example.com', phone: '+15551234567' },
      followers: [
        { kind: 'AGENT', externalId: '302', name: 'Bo Agent' },
        { kind: 'AGENT', externalId: '999', name: null },
      ],
      satisfaction: { score: 'BAD', sourceScore: '-102', comment: 'Less so', ratedAt: '2026-03-05T00:00:00.000Z' },
      ...{ createdAt: '2026-03-01T22:55:29.000Z', updatedAt: '2026-03-05T10:38:52.000Z', dueAt: '2026-03-06T10:00:00.000Z' },
      // 11:00 at +05:30.
      ...{ statusChangedAt: '2026-03-04T05:30:00.000Z', resolvedAt: null, deletedAt: null, links: [] },
    })
    expect(loaded.slaTargets).toEqual([
      {
        ...{ name: 'fr_due_by', kind: 'FIRST_REPLY', dueAt: '2026-03-02T09:00:00.000Z', completedAt: '2026-03-02T08:00:00.000Z' },
        // `fr_escalated` says so.
        ...{ breached: true, paused: null },
      },
      {
        ...{ name: 'due_by', kind: 'RESOLUTION', dueAt: '2026-03-06T10:00:00.000Z', completedAt: null },
        // It is 10 March.
        ...{ breached: true, paused: null },
      },
    ])
    expect(loaded.customFields).toEqual([
      { key: 'cf_boxes', label: 'Boxes', type: 'NUMBER', value: 7, text: '7' },
      { key: 'cf_order', label: 'Order number', type: 'TEXT', value: null, text: null },
      { key: 'cf_country', label: 'Country', type: 'CHOICE', value: 'Chile', text: 'Chile' },
      { key: 'cf_city', label: 'City', type: 'CHOICE', value: 'Arica', text: 'Arica' },
    ])
  })

  it('signs in by its key as the name of Basic, and asks for what is wanted alone', async () => {
    const { vendor, loaded } = await load(complete, ['customer'])
    // base64 of `api-key:X`.
    expect(new Set(vendor.calls.map(({ headers }) => headers.authorization))).toEqual(new Set(['Basic YXBpLWtleTpY']))
    expect(linesOf(vendor)).toEqual(['GET /api/v2/tickets/20?include=requester'])
    expect(loaded).toMatchObject({ isSummary: true, customer: { name: 'Johnny Customer' }, messages: null, slaTargets: null })
    expect(linesOf((await load(complete, [])).vendor)).toEqual(['GET /api/v2/tickets/20'])
    expect(linesOf((await load(complete)).vendor)).toEqual([
      'GET /api/v2/tickets/20?include=requester,company,stats',
      'GET /api/v2/tickets/20/conversations?per_page=100&page=1',
      'GET /api/v2/tickets/20/watchers',
      'GET /api/v2/tickets/20/satisfaction_ratings',
    ])
  })

  it('has what was said, and as INTERNAL what is not said to be not private', async () => {
    const { loaded } = await load(complete)
    expect(loaded.messages).toMatchObject([
      {
        ...{ author: { kind: 'AGENT', externalId: '301', name: 'Ann Agent' }, format: 'HTML', visibility: 'PUBLIC' },
        body: '<div>Use the <strong>red</strong> button.</div>',
      },
      { body: 'An old printer.', format: 'TEXT', visibility: 'INTERNAL' },
      { author: { kind: 'CUSTOMER', externalId: '1018', name: 'Johnny Customer' }, body: 'Thanks\na lot', visibility: 'PUBLIC' },
    ])
    const { private: _, ...unsaid } = conversations[0]!
    const { loaded: other } = await load({ ...complete, 'GET /api/v2/tickets/20/conversations': [unsaid] })
    expect(other.messages).toMatchObject([{ visibility: 'INTERNAL' }])
  })

  it('never shows the messages of another ticket', async () => {
    const others = conversations.map((one) => ({ ...one, ticket_id: 21 }))
    await expect(load({ ...complete, 'GET /api/v2/tickets/20/conversations': others })).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
    })
  })

  it('FRESHDESK-04 has the name of its status for agents, and its meaning by the configuration', async () => {
    expect(await loadWith({ status: 6 })).toMatchObject({ status: 'PENDING', sourceStatus: 'Waiting on Customer' })
    expect(await loadWith({ status: 8 })).toMatchObject({ status: 'UNKNOWN', sourceStatus: 'Waiting for courier' })
    expect(await loadWith({ status: 99 })).toMatchObject({ status: 'UNKNOWN', sourceStatus: '99' })
    const vendor = await startFreshdesk({ 'GET /api/v2/tickets/20': { ...ticket, status: 8 } })
    const source = freshdeskAt(vendor.url, { statuses: { 'Waiting for courier': 'ON_HOLD', Pending: 'ON_HOLD' } })
    const [loaded] = await source.loadTickets([freshdeskRef('20')], someCall(), new Set())
    expect(loaded).toMatchObject({
      status: 'ON_HOLD',
      statusOptions: [
        { key: '2', label: 'Open', status: 'OPEN', requires: [] },
        { key: '3', label: 'Pending', status: 'ON_HOLD', requires: [] },
        { key: '4', label: 'Resolved', status: 'RESOLVED', requires: [] },
        // It has no order number.
        { key: '5', label: 'Closed', status: 'CLOSED', requires: ['cf_order'] },
        { key: '6', label: 'Waiting on Customer', status: 'UNKNOWN', requires: [] },
        { key: '8', label: 'Waiting for courier', status: 'ON_HOLD', requires: [] },
      ],
    })
  })

  it('FRESHDESK-05 has all of a thread, also where it is longer than a page', async () => {
    const long = Array.from({ length: 120 }, (_, index) => ({
      ...conversations[0],
      id: 1000 + index,
      body_text: `Message ${index}`,
    }))
    const vendor = await startFreshdesk({
      'GET /api/v2/tickets/20': { ...ticket, ...included, conversations: long.slice(0, 10) },
      'GET /api/v2/tickets/20/conversations': (call, res) => {
        const page = Number(queryOf(call).get('page'))
        json(res, long.slice((page - 1) * 100, page * 100))
      },
    })
    const [loaded] = await freshdeskAt(vendor.url).loadTickets([freshdeskRef('20')], someCall(), new Set(['messages'] as const))
    expect((loaded as Ticket).messages).toHaveLength(120)
    expect(linesOf(vendor).slice(1)).toEqual([
      'GET /api/v2/tickets/20/conversations?per_page=100&page=1',
      'GET /api/v2/tickets/20/conversations?per_page=100&page=2',
    ])
  })

  it('FRESHDESK-06 is gone where it is deleted or spam, and offers nothing', async () => {
    for (const flag of ['deleted', 'spam']) {
      const gone = await loadWith({ [flag]: true })
      expect(gone).toMatchObject({ deletedAt: '2026-03-05T10:38:52.000Z', statusOptions: [] })
    }
  })

  it('FRESHDESK-07 is read by the paths of archived tickets where it is archived, and takes no action', async () => {
    const { vendor, loaded } = await load({
      'GET /api/v2/tickets/archived/20': { ...ticket, status: 5, archived: true },
      'GET /api/v2/tickets/archived/20/conversations': conversations,
    })
    expect(loaded).toMatchObject({ status: 'CLOSED', title: 'Printer on fire', statusOptions: [], deletedAt: null })
    expect(loaded.messages).toHaveLength(3)
    expect(linesOf(vendor).slice(0, 3)).toEqual([
      'GET /api/v2/tickets/20?include=requester,company,stats',
      'GET /api/v2/tickets/archived/20',
      'GET /api/v2/tickets/archived/20/conversations?per_page=100&page=1',
    ])
    const source = freshdeskAt(vendor.url)
    expect(source.suitsState!('REOPEN', loaded)).toBe(false)
    expect(source.suitsState!('REOPEN', await loadWith({ status: 5 }))).toBeUndefined()
  })

  it('FRESHDESK-10 has no target until Freshdesk has set its times', async () => {
    const fresh = await loadWith({ due_by: null, fr_due_by: null })
    expect(fresh).toMatchObject({ slaTargets: [], dueAt: null })
    const half = await loadWith({ fr_due_by: null, stats: { resolved_at: '2026-03-06T09:59:59Z' } })
    expect(half.slaTargets).toMatchObject([{ kind: 'RESOLUTION', breached: false, completedAt: '2026-03-06T09:59:59.000Z' }])
  })

  it('FRESHDESK-12 has the text of a chat from its parts, and an empty one where Freshdesk withholds it', async () => {
    const { body: _, body_text: __, ...bare } = conversations[0]!
    const chat = {
      ...bare,
      structured_body: {
        body_contents: [
          { type: 'text', data: { content: 'Hello' } },
          { type: 'text', data: { content: 'again' } },
        ],
      },
    }
    const tweet = { ...bare, id: 502, source: 5, body: null, body_text: null, created_at: '2026-03-02T09:00:00Z' }
    const { loaded } = await load({ ...complete, 'GET /api/v2/tickets/20/conversations': [chat, tweet] })
    expect(loaded.messages).toMatchObject([
      { body: 'Hello\nagain', format: 'TEXT' },
      { body: '', format: 'TEXT' },
    ])
    const described = {
      description: null,
      description_text: null,
      structured_description: { description_contents: [{ type: 'text', data: { content: 'Hi' } }] },
    }
    expect(await loadWith(described)).toMatchObject({ description: 'Hi' })
  })

  it('FRESHDESK-13 FRESHDESK-14 has files with the time of their addresses, and their sizes by either name', async () => {
    const { loaded } = await load(complete)
    expect(loaded.attachments).toMatchObject([
      // X-Amz-Date and 300 seconds.
      { filename: 'crash.log', size: 2532, expiresAt: '2026-03-10T00:05:00.000Z', requiresAuth: false },
      // `Expires` in seconds since 1970: 2026-03-10T00:00:00Z.
      { filename: 'photo.png', size: 99, expiresAt: '2026-03-10T00:00:00.000Z', requiresAuth: false },
    ])
    const { loaded: other } = await load({
      ...complete,
      'GET /api/v2/tickets/20': { ...ticket, attachments: [{ id: 1, name: 'a', attachment_url: 'https://files.example.net/a' }] },
    })
    expect(other.attachments?.[0]).toMatchObject({ size: null, expiresAt: null })
  })

  it('FRESHDESK-15 reads the statistics anew each time: their change need not move the update', async () => {
    let resolved: string | null = null
    const vendor = await startFreshdesk({
      'GET /api/v2/tickets/20': (_, res) => json(res, { ...ticket, ...included, stats: { resolved_at: resolved } }),
    })
    const source = freshdeskAt(vendor.url)
    const read = async () => (await source.loadTickets([freshdeskRef('20')], someCall(), new Set(['resolvedAt'] as const)))[0]
    expect(await read()).toMatchObject({ resolvedAt: null, updatedAt: '2026-03-05T10:38:52.000Z' })
    resolved = '2026-03-06T00:00:00Z'
    expect(await read()).toMatchObject({ resolvedAt: '2026-03-06T00:00:00.000Z', updatedAt: '2026-03-05T10:38:52.000Z' })
  })

  it('has the score of its rating by the number of the survey', async () => {
    const scoreOf = async (score: number) => {
      const ratings = [{ id: 1, ratings: { default_question: score }, feedback: null, created_at: '2026-03-04T00:00:00Z' }]
      return (await loadWith({}, { 'GET /api/v2/tickets/20/satisfaction_ratings': ratings })).satisfaction?.score
    }
    expect([await scoreOf(103), await scoreOf(101), await scoreOf(100), await scoreOf(-101), await scoreOf(0)]).toEqual([
      ...['GOOD', 'GOOD', 'NEUTRAL', 'BAD', 'UNKNOWN'],
    ])
    expect((await loadWith({}, { 'GET /api/v2/tickets/20/satisfaction_ratings': [] })).satisfaction).toBeNull()
  })

  it('has links to the tickets that it is associated with', async () => {
    const linksOf = async (changes: Record, more: Parameters<typeof startFreshdesk>[0] = {}) =>
      (await loadWith(changes, more)).links?.map(({ kind, externalId, reason }) => [kind, externalId, reason])
    const below = { 'GET /api/v2/tickets/20/associated_tickets': { tickets: [{ id: 21 }, { id: 22 }] } }
    const above = { 'GET /api/v2/tickets/20/prime_association': { ...ticket, id: 19 } }
    expect(await linksOf({ association_type: 1 }, below)).toEqual([
      ['CHILD', '21', null],
      ['CHILD', '22', null],
    ])
    expect(await linksOf({ association_type: 2 }, above)).toEqual([['PARENT', '19', null]])
    expect(await linksOf({ association_type: 3, associated_tickets_list: [21] })).toEqual([['RELATED', '21', 'related']])
    expect(await linksOf({ association_type: 4 }, above)).toEqual([['RELATED', '19', 'tracker']])
  })

  it('has ids without names where the key may not see agents, groups and fields', async () => {
    const refuse = (_: unknown, res: Parameters<typeof json>[0]) => json(res, { code: 'access_denied', message: 'No' }, 403)
    const hidden = { 'GET /api/v2/agents': refuse, 'GET /api/v2/groups': refuse, 'GET /api/v2/ticket_fields': refuse }
    expect(await loadWith({}, hidden)).toMatchObject({
      ...{ status: 'OPEN', sourceStatus: 'Open', sourcePriority: '3', customFields: [] },
      assignee: { externalId: '301', name: null },
      group: { externalId: '156', name: null },
    })
  })
})

describe('the account of a Freshdesk', () => {
  const warn = async (answers: Parameters<typeof startFreshdesk>[0], changes: Record = {}) =>
    (await freshdeskAt((await startFreshdesk(answers)).url, changes).checkAccount!()).map(({ found }) => found)

  it('is told what it does not see, and which statuses have no meaning', async () => {
    const configured = { statuses: { 'Waiting on Customer': 'PENDING', 'Waiting for courier': 'ON_HOLD' } }
    expect(await warn({ 'GET /api/v2/agents/me': me }, configured)).toEqual([])
    expect(await warn({ 'GET /api/v2/agents/me': { ...me, ticket_scope: 3 } })).toEqual([
      'Its agent sees a part of the tickets only. Lists leave out the others without a word.',
      'The account has statuses of its own whose meaning is not configured: Waiting for courier. Their tickets have the status UNKNOWN.',
    ])
    expect(await warn({ 'GET /api/v2/agents/me': me, 'GET /api/v2/agents': [], 'GET /api/v2/groups': [] }, configured)).toEqual([
      "It does not see the account's agents, so that tickets have their ids without names.",
      "It does not see the account's groups, so that tickets have their ids without names.",
    ])
  })

  it('is refused where its key is', async () => {
    const refuse = (_: unknown, res: Parameters<typeof json>[0]) =>
      json(res, { code: 'invalid_credentials', message: 'You have to be logged in to perform this action.' }, 401)
    await expect(warn({ 'GET /api/v2/agents/me': refuse })).rejects.toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
  })

  it('offers its agents, groups, fields in levels by either form of their choices, and the form of a new ticket', async () => {
    const source = freshdeskAt((await startFreshdesk({})).url)
    expect(await source.agents!({ search: 'BO@', first: 5 }, someCall())).toMatchObject([{ externalId: '302', name: 'Bo Agent' }])
    expect(await source.groups!({ first: 1 }, someCall())).toMatchObject([{ externalId: '156', name: 'First Level' }])
    expect(await source.transferQueues!(someCall())).toEqual([
      { key: '156', name: 'First Level', language: null },
      { key: '157', name: 'Second Level', language: null },
    ])
    const definitions = await source.customFieldDefinitions!({ queue: null, type: null }, someCall())
    expect(definitions.map(({ key, type }) => [key, type])).toEqual([
      ...[
        ['cf_boxes', 'NUMBER'],
        ['cf_order', 'TEXT'],
        ['cf_country', 'CHOICE'],
        ['cf_city', 'CHOICE'],
        ['cf_wants', 'CHOICE'],
      ],
    ])
    expect(definitions[3]?.options).toEqual([
      { key: 'Arica', label: 'Arica', parent: 'Chile' },
      { key: 'Santiago', label: 'Santiago', parent: 'Chile' },
      { key: 'Lima', label: 'Lima', parent: 'Peru' },
    ])
    const form = await source.createForm!({ queue: null, type: null, market: null }, someCall())
    expect(form.filter(({ required }) => required).map(({ key }) => key)).toEqual(['title', 'description', 'customer'])
    expect(form.find(({ key }) => key === 'type')?.options?.map(({ key }) => key)).toEqual(['Question', 'Incident'])
    const listed = fields.map((field) =>
      field.name === 'cf_country'
        ? { ...field, choices: [{ Chile: [{ Arica: [] }, { Santiago: [] }] }, { Peru: ['Lima'] }] }
        : field,
    )
    const other = freshdeskAt((await startFreshdesk({ 'GET /api/v2/ticket_fields': listed })).url)
    expect(await other.customFieldDefinitions!({ queue: null, type: null }, someCall())).toEqual(definitions)
  })
})

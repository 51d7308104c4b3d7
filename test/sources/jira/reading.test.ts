import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { someCall } from '../../support/call.ts'
import {
  ann,
  comment,
  deskPage,
  issue,
  issueRoutes,
  jiraAt,
  jiraRef,
  mia,
  startJira,
  statuses,
  withStatus,
} from './jira-fixture.ts'

const idOf = (kind: Parameters<typeof encodeId>[0], externalId: string) => encodeId(kind, 'jira', '', externalId)

async function load(source: TicketSource, id: string): Promise<Ticket> {
  const [ticket] = await source.loadTickets([jiraRef(id)], someCall())
  if (!ticket || ticket instanceof DeskgraphError) throw ticket ?? new Error('no ticket')
  return ticket
}

const file = {
  ...{ id: '10500', filename: 'smoke.png', mimeType: 'image/png', size: 2460, created: '2026-01-02T03:04:05.678+0100' },
  content: 'https://desk.example/rest/api/3/attachment/content/10500',
}
const rich = issue('10001', {
  attachment: [file],
  resolution: { id: '10000', name: 'Done' },
  resolutiondate: '2026-01-03T00:00:00.000+0000',
  parent: { id: '10090', key: 'DESK-90', fields: { summary: 'Parent' } },
  subtasks: [{ id: '10091', key: 'DESK-91', fields: { summary: 'Child' } }],
  issuelinks: [
    {
      id: '1',
      type: { id: '1', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' },
      outwardIssue: { id: '10002', key: 'FAC-2' },
    },
    {
      id: '2',
      type: { id: '1', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' },
      inwardIssue: { id: '20002', key: 'DEV-7' },
    },
    {
      id: '3',
      type: { id: '2', name: 'Duplicate', inward: 'is duplicated by', outward: 'duplicates' },
      inwardIssue: { id: '10003', key: 'DESK-3' },
    },
    {
      id: '4',
      type: { id: '2', name: 'Duplicate', inward: 'is duplicated by', outward: 'duplicates' },
      inwardIssue: { id: '10003', key: 'DESK-3' },
    },
    {
      id: '5',
      type: { id: '8', name: 'Invented', inward: 'comes from', outward: 'leads to' },
      outwardIssue: { id: '10004', key: 'DESK-4' },
    },
  ],
  customfield_10010: {
    requestType: { id: '25', name: 'Report broken equipment', serviceDeskId: '1' },
    currentStatus: { status: 'We are on it', statusCategory: 'INDETERMINATE' },
  },
  customfield_10002: [{ id: '3', name: 'Acme Ltd', _links: {} }],
  customfield_10026: [{ accountId: '5b10ac8d82e05b22cc7d4ef5', displayName: 'Paul Participant' }],
  customfield_10030: { id: '1', name: 'Time to resolution' },
  customfield_10040: { self: '', value: 'Whole floor', id: '10201' },
  customfield_10041: [
    { self: '', value: 'East', id: '10301' },
    { self: '', value: 'West', id: '10302' },
  ],
  customfield_10042: 12,
  customfield_10043: {
    type: 'doc',
    version: 1,
    content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Use the stairs' }] }],
  },
  customfield_10044: { value: 'Email', id: '10401' },
  customfield_10045: '2026-02-01T09:00:00.000+0100',
})

describe('a ticket of Jira', () => {
  it('JIRA-15: has everything that the documents name, with times in UTC, and says what it asked', async () => {
    const vendor = await startJira(
      issueRoutes('10001', rich, {
        'GET /rest/servicedeskapi/request/10001/comment': deskPage([
          {
            ...comment('11', 'Is it *hot*?', true),
            attachments: deskPage([
              {
                filename: 'smoke.png',
                size: 2460,
                mimeType: 'image/png',
                created: {},
                _links: { jiraRest: 'https://desk.example/rest/api/3/attachment/10500', content: 'https://desk.example/content' },
              },
            ]),
          },
          comment('12', 'Call the fire brigade', false),
        ]),
        'GET /rest/api/3/issue/10001/watchers': {
          watchCount: 2,
          watchers: [ann, { accountId: '557058:f58131cb', accountType: 'app', displayName: 'Bot' }],
        },
        'GET /rest/api/3/issue/10001/transitions': {
          transitions: [
            {
              id: '5',
              name: 'Resolve this issue',
              to: statuses.resolved,
              fields: {
                resolution: { required: true, hasDefaultValue: false, name: 'Resolution' },
                customfield_10042: { required: false },
              },
            },
            { id: '7', name: 'Not now', to: statuses.customer, isAvailable: false },
          ],
        },
      }),
    )
    const ticket = await load(jiraAt(vendor.url, { dialect: { channelField: 'Source' } }), '10001')
    expect(ticket).toMatchObject({
      externalId: '10001',
      number: 'DESK-10001',
      url: `${vendor.url}/browse/DESK-10001`,
      title: 'Printer on fire',
      description: 'It smokes.',
      status: 'OPEN',
      sourceStatus: 'Waiting for support',
      statusChangedAt: '2026-01-02T02:04:05.678Z',
      priority: 'URGENT',
      sourcePriority: 'Highest',
      category: { code: '25', label: 'Report broken equipment', path: ['Help desk', 'Report broken equipment'] },
      type: 'Incident',
      channel: 'EMAIL',
      queue: 'Help desk',
      queueKey: '10000',
      tags: ['fire', 'printer'],
      assignee: { externalId: '5b10a2844c20165700ede21g', name: 'Ann Agent', email: null },
      organization: { id: idOf('organization', '3'), externalId: '3', name: 'Acme Ltd' },
      customer: { externalId: mia.accountId, name: 'Mia Krystof', email: 'mia@example.com' },
      followers: [
        { kind: 'CUSTOMER', externalId: '5b10ac8d82e05b22cc7d4ef5', name: 'Paul Participant' },
        { kind: 'AGENT', externalId: '5b10a2844c20165700ede21g', name: 'Ann Agent' },
        { kind: 'SYSTEM', externalId: '557058:f58131cb', name: 'Bot' },
      ],
      attachments: [
        {
          id: idOf('attachment', '10001#10500'),
          filename: 'smoke.png',
          size: 2460,
          contentType: 'image/png',
          requiresAuth: true,
        },
      ],
      statusOptions: [{ key: '5', label: 'Resolve this issue', status: 'RESOLVED', requires: ['resolution'] }],
      resolution: { status: 'Done', reason: null, resolvedAt: '2026-01-03T00:00:00.000Z' },
      slaTargets: null,
      satisfaction: null,
      dueAt: '2026-01-31T23:59:59.000Z',
      createdAt: '2024-11-29T18:44:51.887Z',
      updatedAt: '2026-01-02T02:04:05.678Z',
      resolvedAt: '2026-01-03T00:00:00.000Z',
      messages: [
        {
          body: 'Is it *hot*?',
          format: 'OTHER',
          visibility: 'PUBLIC',
          createdAt: '2026-01-02T03:04:05.123Z',
          attachments: [{ filename: 'smoke.png', id: idOf('attachment', '10001#10500') }],
        },
        { body: 'Call the fire brigade', visibility: 'INTERNAL', author: { kind: 'AGENT', name: 'Ann Agent' } },
      ],
      customFields: [
        { key: 'customfield_10040', label: 'Impact', type: 'CHOICE', value: '10201', text: 'Whole floor' },
        { key: 'customfield_10041', label: 'Rooms', type: 'CHOICES', value: ['10301', '10302'], text: 'East, West' },
        { key: 'customfield_10042', label: 'Seats', type: 'NUMBER', value: 12, text: '12' },
        { key: 'customfield_10043', label: 'Workaround', type: 'TEXT', value: 'Use the stairs', text: 'Use the stairs' },
        { key: 'customfield_10045', label: 'Starts', type: 'DATETIME', value: '2026-02-01T08:00:00.000Z' },
      ],
    })
    expect(ticket.links?.map(({ kind, externalId, reason, ticketId }) => [kind, externalId, reason, ticketId !== null])).toEqual([
      ['PARENT', '10090', null, true],
      ['CHILD', '10091', null, true],
      ['BLOCKS', '10002', 'blocks', true],
      ['BLOCKED_BY', '20002', 'is blocked by', false],
      ['DUPLICATED_BY', '10003', 'is duplicated by', true],
      ['UNKNOWN', '10004', 'leads to', true],
    ])
    expect(vendor.calls[0]!.headers.authorization).toBe(
      `Basic ${Buffer.from('gateway@desk.example:jira-token-of-the-tests').toString('base64')}`,
    )
    expect(vendor.calls.every(({ method }) => method === 'GET')).toBe(true)
  })

  it('is null where the answer is 404, which is no right or not there, and where its project has no customers', async () => {
    const vendor = await startJira(
      issueRoutes('10002', issue('10002', { project: { id: '30000', key: 'DEV', name: 'Code' } }, 'DEV-1')),
    )
    const source = jiraAt(vendor.url)
    for (const id of ['10001', '10002', 'DESK-1', '0'])
      expect([id, await source.loadTickets([jiraRef(id)], someCall())]).toEqual([id, [null]])
  })

  it('of a configured project alone is read', async () => {
    const vendor = await startJira(issueRoutes('10001', issue('10001')))
    expect((await jiraAt(vendor.url, { projects: ['FAC'] }).loadTickets([jiraRef('10001')], someCall()))[0]).toBeNull()
    expect((await jiraAt(vendor.url, { projects: ['DESK'] }).loadTickets([jiraRef('10001')], someCall()))[0]).toMatchObject({
      number: 'DESK-10001',
    })
  })

  it('JIRA-16: is read by its id: its key may have changed, and the record of another id is never shown', async () => {
    const vendor = await startJira({
      ...issueRoutes('10001', issue('10001', { project: { id: '10100', key: 'FAC', name: 'Facilities' } }, 'FAC-44')),
      ...issueRoutes('10002', issue('10003')),
    })
    const source = jiraAt(vendor.url)
    expect(await load(source, '10001')).toMatchObject({ externalId: '10001', number: 'FAC-44', queue: 'Facilities' })
    expect(await source.loadTickets([jiraRef('10002')], someCall())).toMatchObject([{ code: 'UPSTREAM_BAD_RESPONSE' }])
    expect([source.isExternalId('10001'), source.isExternalId('DESK-1')]).toEqual([true, false])
  })

  it('JIRA-16: is found by what people call it: keys together, and a former key alone', async () => {
    const found = { issues: [{ id: '10001', key: 'FAC-44', fields: {} }], issueErrors: [] }
    const vendor = await startJira({
      'POST /rest/api/3/issue/bulkfetch': found,
      'GET /rest/api/3/issue/DESK-12': { id: '10001', key: 'FAC-44', fields: {} },
    })
    const numbers = ['fac-44', 'DESK-12', 'FAC-45', '10007', 'DESK-', '../1']
    expect(await jiraAt(vendor.url).externalIdsOf?.(numbers, someCall())).toEqual(['10001', '10001', null, '10007', null, null])
  })

  it('JIRA-14: takes its status from the workflow and its category, never from the text of the portal', async () => {
    const portal = { requestType: { id: '25', name: 'Broken' }, currentStatus: { status: 'Resolved', statusCategory: 'DONE' } }
    const statusOf = async (status: object, more: object = {}) => {
      const vendor = await startJira(issueRoutes('10001', issue('10001', { status, customfield_10010: portal, ...more })))
      return (await load(jiraAt(vendor.url), '10001')).status
    }
    const resolution = { id: '10000', name: 'Done' }
    expect([
      await statusOf(statuses.customer),
      await statusOf(statuses.triage),
      await statusOf(statuses.review),
      await statusOf(statuses.done),
      await statusOf(statuses.done, { resolution }),
      await statusOf(statuses.canceled, { resolution }),
      await statusOf(statuses.odd),
    ]).toEqual(['PENDING', 'NEW', 'IN_PROGRESS', 'CLOSED', 'RESOLVED', 'CANCELLED', 'UNKNOWN'])
  })

  it('JIRA-13: has customers whose e-mail address is withheld, and knows them by their account ids', async () => {
    const reporter = { accountId: 'qm:4df2', displayName: 'Customer' }
    const vendor = await startJira(
      issueRoutes('10001', issue('10001', { reporter, assignee: null }), {
        'GET /rest/servicedeskapi/request/10001/comment': deskPage([
          comment('11', 'Hello', true, { accountId: 'qm:77aa', displayName: 'Other' }),
          comment('12', 'Hi', true, { accountId: '5b10', displayName: 'A person' }),
        ]),
      }),
    )
    const ticket = await load(jiraAt(vendor.url), '10001')
    expect(ticket.customer).toMatchObject({ externalId: 'qm:4df2', name: 'Customer', email: null })
    expect(ticket.messages?.map(({ author }) => author?.kind)).toEqual(['CUSTOMER', 'UNKNOWN'])
  })

  it('JIRA-08: has the comments of the platform API, where the service desk API shows an empty page or no request', async () => {
    const adf = { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text: 'a < b' }] }] }
    const comments = [
      { id: '11', author: mia, body: adf, jsdPublic: true, created: '2026-01-02T03:04:05.000+0000' },
      { id: '12', author: ann, body: adf, jsdPublic: false, created: '2026-01-02T03:05:05.000+0000' },
      { id: '13', author: ann, body: adf, created: '2026-01-02T03:06:05.000+0000' },
    ]
    for (const shown of [deskPage([]), withStatus(404, { errorMessage: 'not found' })]) {
      const vendor = await startJira(
        issueRoutes('10001', issue('10001'), {
          'GET /rest/servicedeskapi/request/10001/comment': shown,
          'GET /rest/api/3/issue/10001/comment': { startAt: 0, maxResults: 50, total: 3, comments },
        }),
      )
      expect((await load(jiraAt(vendor.url), '10001')).messages).toMatchObject([
        { body: '<p>a &lt; b</p>', format: 'HTML', visibility: 'PUBLIC', author: { kind: 'CUSTOMER' } },
        { visibility: 'INTERNAL' },
        // Not said to be public.
        { visibility: 'INTERNAL' },
      ])
    }
  })

  it('has every page of its comments, oldest first', async () => {
    const page = ({ path }: { path: string }) => {
      const start = Number(new URL(path, 'http://x').searchParams.get('start'))
      const at = (index: number) => ({
        ...comment(String(1000 - index), `text ${index}`, true),
        created: { epochMillis: 1_767_323_045_000 - index },
      })
      const count = start === 0 ? 50 : 3
      return deskPage(
        Array.from({ length: count }, (_, index) => at(start + index)),
        start > 0,
        start,
      )
    }
    const vendor = await startJira(
      issueRoutes('10001', issue('10001'), { 'GET /rest/servicedeskapi/request/10001/comment': page }),
    )
    const bodies = (await load(jiraAt(vendor.url), '10001')).messages?.map(({ body }) => body)
    expect([bodies?.length, bodies?.[0], bodies?.at(-1)]).toEqual([53, 'text 52', 'text 0'])
  })

  it('has no link to a page where only the address of the API is configured', async () => {
    const vendor = await startJira(issueRoutes('10001', issue('10001')))
    expect((await load(jiraAt(vendor.url, { siteUrl: 'https://acme.atlassian.net/' }), '10001')).url).toBe(
      'https://acme.atlassian.net/browse/DESK-10001',
    )
  })
})

describe('several tickets of Jira', () => {
  const answer = {
    expand: '',
    issues: [issue('10001'), issue('10003'), issue('10004', { project: { id: '30000', key: 'DEV' } })],
    issueErrors: [{ id: '10002', errorMessage: 'timed out' }],
  }

  it('are fetched by one call for a hundred, by their ids; one that Jira could not read then is read by itself, and one that is not there is null', async () => {
    const vendor = await startJira({
      ...issueRoutes('10001', {}),
      ...issueRoutes('10003', {}),
      ...issueRoutes('10002', issue('10002')),
      'POST /rest/api/3/issue/bulkfetch': answer,
    })
    const source = jiraAt(vendor.url)
    const refs = ['10003', '10002', '10009', '10004', '10001'].map(jiraRef)
    const loaded = await source.loadTickets(refs, someCall())
    expect(loaded.map((one) => (one instanceof DeskgraphError ? one.code : (one?.externalId ?? null)))).toEqual([
      '10003',
      '10002',
      null,
      null,
      '10001',
    ])
    const summaries = await source.loadSummaries!(refs, someCall())
    expect(summaries.map((one) => one && [one.externalId, one.isSummary, one.messages])).toEqual([
      ['10003', true, null],
      ['10002', true, null],
      null,
      null,
      ['10001', true, null],
    ])
    const fetches = vendor.calls.filter(({ method }) => method === 'POST')
    expect(fetches.map(({ path, body }) => [path, (body as { issueIdsOrKeys: unknown }).issueIdsOrKeys])).toEqual(
      Array(2).fill(['/rest/api/3/issue/bulkfetch', ['10003', '10002', '10009', '10004', '10001']]),
    )
  })

  it('are fetched by hundreds', async () => {
    const vendor = await startJira({ 'POST /rest/api/3/issue/bulkfetch': { issues: [], issueErrors: [] } })
    await jiraAt(vendor.url).loadSummaries!(
      Array.from({ length: 230 }, (_, index) => jiraRef(String(10_000 + index))),
      someCall(),
    )
    const fetches = vendor.calls
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => (body as { issueIdsOrKeys: string[] }).issueIdsOrKeys.length)
    expect(fetches.sort()).toEqual([100, 100, 30])
  })
})

describe('the SLA targets and the satisfaction of a ticket of Jira', () => {
  const date = (epochMillis: number) => ({ iso8601: '', jira: '', friendly: '', epochMillis })

  const loadWith = async (url: string, field: 'slaTargets' | 'satisfaction', ids: readonly string[]) => {
    const loaded = await jiraAt(url).loadTickets(ids.map(jiraRef), someCall(), new Set([field]))
    return loaded as (Ticket | null)[]
  }
  const issues = (...ids: string[]) => ({
    'POST /rest/api/3/issue/bulkfetch': { issues: ids.map((id) => issue(id)), issueErrors: [] },
  })

  it('JIRA-18: are read by a call of their own: the clock that runs, else the last that ended', async () => {
    const vendor = await startJira({
      ...issues('10001', '10002'),
      'GET /rest/servicedeskapi/request/10001/sla': deskPage([
        {
          id: '1',
          name: 'Time to first response',
          completedCycles: [{ breachTime: date(1_767_300_000_000), stopTime: date(1_767_290_000_000), breached: false }],
        },
        {
          id: '2',
          name: 'Time to resolution',
          completedCycles: [{ breached: true }],
          ongoingCycle: { breachTime: date(1_767_400_000_000), breached: false, paused: true },
        },
        { id: '3', name: 'Time to approve normal change', completedCycles: [] },
      ]),
    })
    const loaded = await loadWith(vendor.url, 'slaTargets', ['10001', '10002'])
    expect(loaded.map((ticket) => ticket?.slaTargets)).toEqual([
      [
        {
          name: 'Time to first response',
          kind: 'FIRST_REPLY',
          dueAt: '2026-01-01T20:40:00.000Z',
          breached: false,
          paused: false,
          completedAt: '2026-01-01T17:53:20.000Z',
        },
        {
          name: 'Time to resolution',
          kind: 'RESOLUTION',
          dueAt: '2026-01-03T00:26:40.000Z',
          breached: false,
          paused: true,
          completedAt: null,
        },
      ],
      // The account is no agent there, or there is no such request.
      null,
    ])
  })

  it('are stars and what the customer wrote', async () => {
    const vendor = await startJira({
      ...issues('10001', '10002', '10003'),
      'GET /rest/servicedeskapi/request/10001/feedback': { type: 'csat', rating: 4, comment: { body: 'Great work!' } },
      'GET /rest/servicedeskapi/request/10002/feedback': { type: 'csat', rating: 2 },
    })
    const loaded = await loadWith(vendor.url, 'satisfaction', ['10001', '10002', '10003'])
    expect(loaded.map((ticket) => ticket?.satisfaction)).toEqual([
      { score: 'GOOD', sourceScore: '4', comment: 'Great work!', ratedAt: null },
      { score: 'BAD', sourceScore: '2', comment: null, ratedAt: null },
      null,
    ])
  })
})

import { describe, expect, it } from 'vitest'
import { someCall } from '../../support/call.ts'
import { json } from '../../support/vendor.ts'
import {
  intercomAt,
  intercomRef,
  linesOf,
  load,
  me,
  part,
  refusal,
  resolved,
  startIntercom,
  ticket,
  types,
  withDevelopers,
} from './intercom-fixture.ts'

describe('a ticket of Intercom', () => {
  it('has the names of its people, team and company', async () => {
    expect(await load()).toMatchObject({
      ...{ externalId: '627', isSummary: false, url: null, type: 'Bug Report', queue: 'First Line', queueKey: '814865' },
      category: { code: 'Customer', label: 'Customer', path: ['Customer'] },
      assignee: { externalId: '991267943', name: 'Ciaran Lee', email: 'ciaran@desk.example' },
      group: { externalId: '814865', name: 'First Line' },
      customer: { externalId: '6762f2dd1bb69f9f2193bc55', name: 'Ida Kunde', email: 'ida@example.com', phone: '+15551234567' },
      followers: [{ kind: 'CUSTOMER', externalId: '6762f2dd1bb69f9f2193bc56', name: 'Carl Copied' }],
      organization: { externalId: '531ee472cce572a6ec000006', name: 'Blue Sun' },
      ...{ createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-02T00:00:00.000Z' },
    })
  })

  it('INTERCOM-01 is named by its id, and shows the number that people say', async () => {
    const vendor = await startIntercom()
    const [loaded] = await intercomAt(vendor.url).loadTickets([intercomRef('627')], someCall())
    expect(loaded).toMatchObject({ externalId: '627', number: '34' })
    expect(linesOf(vendor)).toEqual(['GET /tickets/627'])
    expect(vendor.calls[0]!.headers).toMatchObject({
      ...{ authorization: 'Bearer intercom-token-of-the-tests', 'intercom-version': '2.14' },
    })
  })

  it('INTERCOM-01 is null where there is none, and never another one: the number of one may be the id of another', async () => {
    const read = async (answer: unknown, status: number) => {
      const vendor = await startIntercom({ 'GET /tickets/34': (_, res) => json(res, answer, status) })
      return (await intercomAt(vendor.url).loadTickets([intercomRef('34')], someCall()))[0]
    }
    expect(await read(refusal('ticket_not_found'), 404)).toBeNull()
    expect(await read(ticket, 200)).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('INTERCOM-02 has title and description from their attributes, and the others by the ids of their definitions', async () => {
    const loaded = await load()
    expect(loaded).toMatchObject({ title: 'The app is broken', description: 'It does not start.' })
    expect(loaded.customFields).toEqual([
      { key: '170', label: 'Urgency', type: 'CHOICE', value: 'aaaa-2', text: 'High' },
      { key: '171', label: 'Boxes', type: 'NUMBER', value: 3, text: '3' },
      { key: '172', label: 'Frequent', type: 'BOOLEAN', value: true, text: 'true' },
      {
        key: '173',
        label: 'Delivered at',
        type: 'DATETIME',
        value: '2025-12-31T00:00:00.000Z',
        text: '2025-12-31T00:00:00.000Z',
      },
    ])
  })

  it('has the priority of the attribute that the configuration names, by id or by label', async () => {
    expect(await load()).toMatchObject({ priority: 'HIGH', sourcePriority: 'High' })
    expect(await load({ ticket_attributes: { Urgency: 'Low' } })).toMatchObject({ priority: 'LOW', sourcePriority: 'Low' })
    expect(await load({ ticket_attributes: { Urgency: 'Soon' } })).toMatchObject({ priority: 'UNKNOWN', sourcePriority: 'Soon' })
    // The document has the list of attributes by two names.
    const { data } = types[0]!.ticket_type_attributes as { data: unknown }
    const named = { ...types[0], ticket_type_attributes: { type: 'ticket_type_attributes.list', ticket_type_attributes: data } }
    const vendor = await startIntercom({ 'GET /ticket_types': { type: 'list', data: [named] } })
    expect(await intercomAt(vendor.url).loadTickets([intercomRef('627')], someCall())).toMatchObject([{ priority: 'HIGH' }])
    expect(await load({}, { priorityField: 'Boxes or so' })).toMatchObject({ priority: null, sourcePriority: null })
  })

  it('INTERCOM-06 has a teammate and a team by two fields, of which 0 is none', async () => {
    expect(await load({ admin_assignee_id: '0' })).toMatchObject({ assignee: null, group: { externalId: '814865' } })
    expect(await load({ team_assignee_id: '0' })).toMatchObject({
      assignee: { externalId: '991267943' },
      group: null,
      queue: null,
    })
    expect(await load({ admin_assignee_id: '555' })).toMatchObject({ assignee: { externalId: '555', name: null } })
  })

  it('INTERCOM-07 has comments, notes and quick replies as messages, and no events', async () => {
    expect((await load()).messages).toMatchObject([
      {
        ...{ body: 'It does not start.', format: 'TEXT', visibility: 'PUBLIC', createdAt: '2026-01-01T00:00:00.000Z' },
        ...{ author: { kind: 'CUSTOMER', name: 'Ida Kunde' }, attachments: [{ filename: 'screen.png' }] },
      },
      { body: 'She has an old phone.', visibility: 'INTERNAL', author: { kind: 'AGENT', externalId: '991267943' } },
      { body: '', visibility: 'PUBLIC' },
    ])
  })

  it('shows a message as HTML where its tags say more than lines, else as text', async () => {
    const bodies = ['<p>One &lt; two</p>\n<p>Three<br>four</p>', '<h2>List</h2><ul><li>Milk</li></ul>', 'Plain']
    const list = bodies.map((body, index) => part(String(index + 1), 'comment', body))
    const { messages } = await load({ ticket_parts: { ticket_parts: list, total_count: 3 } })
    expect(messages?.map(({ body, format }) => [body, format])).toEqual([
      ['One < two\nThree\nfour', 'TEXT'],
      ['<h2>List</h2><ul><li>Milk</li></ul>', 'HTML'],
      ['Plain', 'TEXT'],
    ])
  })

  it('INTERCOM-08 is closed or on hold in any state that is not resolved, and keeps the word of its state', async () => {
    expect(await load()).toMatchObject({ status: 'IN_PROGRESS', sourceStatus: 'In progress' })
    expect(await load({ open: false })).toMatchObject({ status: 'CLOSED', sourceStatus: 'In progress' })
    expect(await load({ snoozed_until: 1773619200 })).toMatchObject({ status: 'ON_HOLD', sourceStatus: 'In progress' })
    expect(await load({ ticket_state: resolved })).toMatchObject({ status: 'RESOLVED', sourceStatus: 'Resolved' })
    expect(await load({ ticket_state: resolved, open: false })).toMatchObject({ status: 'RESOLVED', sourceStatus: 'Resolved' })
  })

  it('has the states of its type as options, with the meaning of their category or of the configuration', async () => {
    const { statusOptions } = await load({}, { statuses: { 'With the developers': 'ESCALATED' } })
    expect(statusOptions?.map(({ key, label, status }) => [key, label, status])).toEqual([
      ['8321', 'Submitted', 'NEW'],
      ['8322', 'In progress', 'IN_PROGRESS'],
      ['8323', 'Waiting on customer', 'PENDING'],
      ['8324', 'Resolved', 'RESOLVED'],
      ['8325', 'With the developers', 'ESCALATED'],
    ])
    expect(await load({ ticket_state: withDevelopers })).toMatchObject({
      status: 'IN_PROGRESS',
      sourceStatus: 'With the developers',
    })
    expect(await load({ ticket_state: { id: '9', category: 'new one' } })).toMatchObject({
      status: 'UNKNOWN',
      sourceStatus: 'new one',
    })
  })

  it('INTERCOM-10 shows no message as public of a ticket that is not shared, or does not say so', async () => {
    const visibilities = async (changes: { [key: string]: unknown }) =>
      (await load(changes)).messages?.map(({ visibility }) => visibility)
    expect(await visibilities({ is_shared: false })).toEqual(['INTERNAL', 'INTERNAL', 'INTERNAL'])
    expect(await visibilities({ is_shared: undefined })).toEqual(['INTERNAL', 'INTERNAL', 'INTERNAL'])
  })

  it('has links to tickets, and to conversations, which are no tickets', async () => {
    expect((await load()).links).toMatchObject([
      { kind: 'RELATED', externalId: '700', reason: 'Tracker', url: null, ticketId: expect.any(String) },
      { kind: 'RELATED', externalId: '9001', category: 'conversation', ticketId: null },
    ])
  })

  it('has no company where the customer has several, and none that is not read', async () => {
    const companies = { type: 'list', data: [{ id: '531ee472cce572a6ec000006' }, { id: '531ee472cce572a6ec000007' }] }
    const vendor = await startIntercom({
      'GET /contacts/6762f2dd1bb69f9f2193bc55': { id: '6762f2dd1bb69f9f2193bc55', name: 'Ida Kunde', companies },
    })
    expect(await intercomAt(vendor.url).loadTickets([intercomRef('627')], someCall())).toMatchObject([{ organization: null }])
    const other = await startIntercom()
    const [partial] = await intercomAt(other.url).loadTickets([intercomRef('627')], someCall(), new Set())
    expect(partial).toMatchObject({ isSummary: true, organization: null, lazyFieldsRead: ['messages', 'attachments'] })
    expect(other.lines().filter((line) => line.includes('/companies/'))).toEqual([])
  })

  it('INTERCOM-12 reads times in seconds and in milliseconds', async () => {
    expect(await load({ created_at: 1767225600000, updated_at: '1767312000' })).toMatchObject({
      ...{ createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-02T00:00:00.000Z' },
    })
  })

  it('INTERCOM-12 is an error where a 200 has no JSON', async () => {
    const vendor = await startIntercom({ 'GET /tickets/627': (_, res) => res.writeHead(200).end('<html>') })
    const source = intercomAt(vendor.url, { upstream: { retries: 0 } })
    expect((await source.loadTickets([intercomRef('627')], someCall()))[0]).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })
})

describe('the files of Intercom', () => {
  it('INTERCOM-11 are those of messages and of attributes, whose addresses end after half an hour', async () => {
    expect((await load()).attachments).toMatchObject([
      { filename: 'screen.png', size: 100, contentType: 'image/png', requiresAuth: false, expiresAt: null },
      {
        ...{ filename: 'box.jpg', size: 2048, contentType: 'image/jpeg', requiresAuth: false },
        expiresAt: '2026-03-10T00:30:00.000Z',
      },
    ])
  })

  it('INTERCOM-11 are read from the address that the ticket has now, without credentials on another host', async () => {
    const asked: unknown[] = []
    const host = await startIntercom({
      'GET /i/o/screen.png?expires=9': ({ headers }, res) => {
        asked.push(headers.authorization, headers['intercom-version'])
        res.end('bytes')
      },
    })
    const files = [{ type: 'upload', name: 'screen.png', url: `${host.url}/i/o/screen.png?expires=9` }]
    const fresh = [part('151', 'comment', '<p>See</p>', { attachments: files })]
    const vendor = await startIntercom({
      'GET /tickets/627': { ...ticket, ticket_parts: { ticket_parts: fresh, total_count: 1 } },
    })
    const source = intercomAt(vendor.url, { upstream: { fileNetworks: ['127.0.0.1/32'] } })
    const ref = (externalId: string) => ({ ...intercomRef(externalId), kind: 'attachment' as const })
    const opened = await source.openFile!(ref('627#part-151-0'), someCall())
    expect(await opened!.body.toArray()).toEqual([Buffer.from('bytes')])
    expect(asked).toEqual([undefined, undefined])
    expect(await source.openFile!(ref('627#part-151-1'), someCall())).toBeNull()
    expect(await source.openFile!(ref('628#part-151-0'), someCall())).toBeNull()
  })
})

describe('the account of Intercom', () => {
  it('is the teammate whose token it is, with a warning where there is no inbox seat', async () => {
    const check = async (changes: object) => {
      const vendor = await startIntercom({ 'GET /me': { ...me, ...changes } })
      return intercomAt(vendor.url).checkAccount!()
    }
    expect(await check({})).toEqual([])
    expect((await check({ has_inbox_seat: false })).map(({ found }) => found)).toEqual([
      'The teammate whose token it uses has no inbox seat. Intercom may refuse replies as this teammate.',
    ])
    const vendor = await startIntercom({ 'GET /me': (_, res) => json(res, refusal('unauthorized', 'Access Token Invalid'), 401) })
    await expect(intercomAt(vendor.url).checkAccount!()).rejects.toMatchObject({ code: 'UPSTREAM_AUTH_FAILED' })
  })
})

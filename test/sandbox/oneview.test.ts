import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { call } from './call.ts'

const documentedId = 'f4b8f8e5-365a-4ed1-a122-0f4ba1afef44'
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await createSandbox({ today: Date.parse('2026-03-02T12:00:00Z'), counts: { oneview: 700 } })
})
afterAll(() => sandbox.close())

const get = (path: string) => call(sandbox.oneview, 'GET', path)
const post = (path: string, body: unknown) => call(sandbox.oneview, 'POST', path, body)
const patch = (path: string, body: unknown) => call(sandbox.oneview, 'PATCH', path, body)
/** The id of an open ticket that no earlier test used. */
let used = 0
async function openTicket(): Promise<string> {
  const { body } = await get('/v1/tickets?page=2&pageSize=100')
  const open = body.list.filter((ticket: { status?: string }) => ticket.status === 'ASSIGNED')
  return open[used++].id
}

describe('the reads of OneView in the sandbox', () => {
  it('serves the documented ticket as printed: odd casing, epoch seconds', async () => {
    const { status, body } = await get(`/v1/tickets/${documentedId}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: documentedId,
      Assignee: 'agent',
      UpdatedAt: 1572499999,
      createdAt: 1572499999,
      queue: 'chat-sg-en',
      channel: 'chat',
      status: 'ASSIGNED',
      statusReason: 'Internal State Change by Workflow Server',
      priority: 1,
      customer: {
        id: '989899854090030232934sdfdsdf32dd4sdfdsddffdummycustomerid2',
        firstName: 'hugo',
        lastName: 'dan',
        name: 'hugo dan',
        email: 'test@email.com',
      },
      vendor: { id: 'bgaj', vertical: 'restaurants' },
      source: 'fp-sg',
      type: 'chat',
    })
    expect(body.metadata).toMatchObject({
      ccr: 'delivery - wrong address',
      country: 'sg',
      language: 'en',
      orderId: 'sdw-srr',
      sla: 64,
      entityId: 'FP_SG',
    })
    expect(body.metadata.childrenLinks[0]).toEqual({
      ticketId: 'absmw0dbma',
      ticketIdType: 'PANDACARE',
      ticketCategory: 'ESCALATED',
      creator: 'hugo',
      createdAt: 1572499999,
      reason: 'insufficient money',
    })
    expect(body.metadata.childrenLinks[1].ticketIdType).toBe('SALESFORCE')
  })

  it('lists {list, page, pageSize} and no total', async () => {
    const { body } = await get('/v1/tickets?page=3&pageSize=7')
    expect(Object.keys(body)).toEqual(['list', 'page', 'pageSize'])
    expect([body.list.length, body.page, body.pageSize]).toEqual([7, 3, 7])
  })

  it('has at most 100 tickets on a page, starts at page 1 and lists every ticket once', async () => {
    expect((await get('/v1/tickets?page=1&pageSize=500')).body).toMatchObject({ pageSize: 100 })
    expect((await get('/v1/tickets?page=0&pageSize=10')).status).toBe(400)
    const pages = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((page) => get(`/v1/tickets?page=${page}&pageSize=100`)))
    const ids = pages.flatMap(({ body }) => body.list.map(({ id }: { id: string }) => id))
    expect(ids).toHaveLength(700)
    expect(new Set(ids).size).toBe(700)
    expect(pages[7]?.body.list).toEqual([])
  })

  it('lists the latest status change first, tickets without a time last', async () => {
    const first = (await get('/v1/tickets?page=1&pageSize=100')).body.list
    const times = first
      .map((ticket: Record<string, unknown>) => Number(ticket.UpdatedAt ?? ticket.updatedAt))
      .map((time: number) => (time > 1e11 ? time / 1000 : time))
    expect(times).toEqual([...times].sort((one, other) => other - one))
    const last = (await get('/v1/tickets?page=7&pageSize=100')).body.list.at(-1)
    expect(Number(last.UpdatedAt ?? 0)).toBe(0)
  })

  it('has the anomalies: unknown status, bare ids, times as text, no assignee, all three forms of id', async () => {
    const pages = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((page) => get(`/v1/tickets?page=${page}&pageSize=100`)))
    const tickets: Record<string, unknown>[] = pages.flatMap(({ body }) => body.list)
    expect(tickets.some(({ status }) => status === 'ON_HOLD_BY_BOT')).toBe(true)
    expect(tickets.some((ticket) => Object.keys(ticket).length === 1)).toBe(true)
    expect(tickets.some(({ UpdatedAt }) => typeof UpdatedAt === 'string')).toBe(true)
    expect(tickets.some(({ UpdatedAt }) => Number(UpdatedAt) > 1e12)).toBe(true)
    expect(tickets.some(({ Assignee }) => Assignee === null)).toBe(true)
    for (const form of [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, /^[a-z0-9]{4}-[a-z0-9]{4}$/, /^[a-z0-9]{10}$/]) {
      expect(tickets.some(({ id }) => form.test(String(id)))).toBe(true)
    }
  })

  it('answers 401 and 404 in the documented error shape, the status as text', async () => {
    const wrong = await call(sandbox.oneview, 'GET', `/v1/tickets/${documentedId}`, undefined, { authorization: 'Bearer wrong' })
    expect([wrong.status, wrong.body]).toEqual([401, { errors: [{ status: '401', title: 'not authorize' }] }])
    const missing = await get('/v1/tickets/none-such')
    expect([missing.status, missing.body]).toEqual([404, { errors: [{ status: '404', title: 'not found' }] }])
  })

  it('lists departments as a bare array, the other lookups in their envelopes', async () => {
    const departments = (await get('/v2/escalation/departments')).body
    expect(departments[0]).toEqual({ id: 'partner-service', label: 'Partner Service' })
    expect(departments.some(({ id }: { id: string }) => id === 'corporate')).toBe(false)
    expect((await get('/v1/resolution-statuses')).body).toEqual({ list: ['NO_ACTION', 'REFUNDED', 'CUSTOMER_LEFT_CHAT'] })
    expect((await get('/v1/queues')).body.list[0]).toEqual({ id: 'dummyqueueid', name: 'chat-eng-sg', language: 'english' })
    const ccr = (await get('/v1/ccr')).body
    expect(ccr.status_code).toBe(200)
    expect(ccr.data['1'].child['1A'].child['1A.1'].translations[0]).toEqual({
      language: 'eng',
      translation: 'delivery - wrong address',
    })
    const found = (await get('/v1/ccr/search?q=wrong%20address')).body.list
    expect(found[0].data).toEqual({ translation: 'delivery - wrong address', language: 'eng', code: '1A.1', level: 3 })
    expect(found[0].parents.map(({ level }: { level: number }) => level)).toEqual([1, 2])
  })
})

describe('the writes of OneView in the sandbox', () => {
  it('escalates by v1 without and by v2 with a department, and refuses an unknown department', async () => {
    const id = await openTicket()
    const first = await post(`/v1/tickets/${id}/escalate`, { statusReason: 'allergy' })
    expect([first.status, first.body.status, first.body.statusReason]).toEqual([200, 'ESCALATED', 'allergy'])
    const second = await post(`/v2/tickets/${id}/escalate`, {
      statusReason: 'legal threat',
      resolutionReason: 'none yet',
      department: 'legal',
    })
    expect([second.status, second.body.statusReason, second.body.content.department]).toEqual([200, 'legal threat', 'legal'])
    expect(sandbox.oneview.ticket(id)).toMatchObject({ status: 'ESCALATED', statusReason: 'legal threat' })
    const refused = await post(`/v2/tickets/${id}/escalate`, { department: 'corporate' })
    expect([refused.status, refused.body]).toEqual([400, { errors: [{ status: '400', title: 'bad request' }] }])
  })

  it('closes once: every write to a closed ticket is a 409', async () => {
    const id = await openTicket()
    expect((await post(`/v1/tickets/${id}/close`, { resolutionStatus: 'MAYBE' })).status).toBe(400)
    const closed = await post(`/v1/tickets/${id}/close`, {
      statusReason: 'done',
      resolutionStatus: 'REFUNDED',
      resolutionReason: 'cold food',
    })
    expect([closed.status, closed.body.status, closed.body.content.resolutionStatus]).toEqual([200, 'CLOSED', 'REFUNDED'])
    const again = await post(`/v1/tickets/${id}/close`, {})
    expect([again.status, again.body]).toEqual([409, { errors: [{ status: '409', title: 'conflict' }] }])
    expect((await post(`/v1/tickets/${id}/escalate`, {})).status).toBe(409)
    expect((await patch(`/v1/tickets/${id}`, { type: 'UPDATE_PICKED_TIME' })).status).toBe(409)
  })

  it('reassigns to an agent and transfers to an existing queue', async () => {
    const id = await openTicket()
    expect((await post(`/v1/tickets/${id}/reassign`, { reason: 'agent overtime' })).status).toBe(400)
    const moved = await post(`/v1/tickets/${id}/reassign`, { reason: 'agent overtime', assignee: 'otheragent' })
    expect(moved.body).toMatchObject({ Assignee: 'otheragent', statusReason: 'agent overtime' })
    expect((await post(`/v1/tickets/${id}/transfer`, { queueId: 'nowhere' })).status).toBe(400)
    const transferred = await post(`/v1/tickets/${id}/transfer`, { queueId: 'dummyqueueid' })
    expect(transferred.body).toMatchObject({ queue: 'chat-sg-en', Assignee: null })
  })

  it('updates by type, requires the parameters of the type, and does not change the time of the status', async () => {
    const id = await openTicket()
    const before = (await get(`/v1/tickets/${id}`)).body
    expect((await patch(`/v1/tickets/${id}`, { type: 'UPDATE_CCR' })).status).toBe(400)
    expect((await patch(`/v1/tickets/${id}`, { type: 'UPDATE_CCR', ccr: '9Z.9' })).status).toBe(400)
    expect((await patch(`/v1/tickets/${id}`, { type: 'UPDATE_CCR', ccr: '3A.1' })).body.metadata.ccr).toBe(
      'payment - charged twice',
    )
    expect((await patch(`/v1/tickets/${id}`, { type: 'UPDATE_ORDER_ID', orderId: 'abc-123' })).status).toBe(400)
    const ordered = await patch(`/v1/tickets/${id}`, { type: 'UPDATE_ORDER_ID', orderId: 'abc-123', geid: 'FP_SG' })
    expect(ordered.body.metadata).toMatchObject({ orderId: 'abc-123', entityId: 'FP_SG' })
    const removed = await patch(`/v1/tickets/${id}`, { type: 'UPDATE_ORDER_ID', orderId: '', geid: 'FP_SG' })
    expect(removed.body.metadata).not.toHaveProperty('orderId')
    expect((await patch(`/v1/tickets/${id}`, { type: 'CLOSE_CHAT_ROOM' })).body.content.chatRoomClosed).toBe(true)
    expect((await patch(`/v1/tickets/${id}`, { type: 'UPDATE_EVERYTHING' })).status).toBe(400)
    expect((await get(`/v1/tickets/${id}`)).body.UpdatedAt).toBe(before.UpdatedAt)
  })

  it('counts its calls and records the agent of each', async () => {
    sandbox.oneview.resetCalls()
    await call(sandbox.oneview, 'POST', '/v1/tickets/none-such/close', {}, { 'x-agent-user-id': 'agent@foodpanda.com' })
    await get(`/v1/tickets/${documentedId}`)
    await get(`/v1/tickets/${documentedId}`)
    expect(sandbox.oneview.calls()).toEqual({ close: 1, ticket: 2 })
    expect(sandbox.oneview.callLog()[0]).toEqual({
      operation: 'close',
      method: 'POST',
      path: '/ticket-detail/v1/tickets/none-such/close',
      agent: 'agent@foodpanda.com',
      status: 404,
    })
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { call } from './call.ts'

const documentedId = 'support_ticket_123456789'
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await createSandbox({ today: Date.parse('2026-03-02T12:00:00Z'), counts: { verifik: 450 } })
})
afterAll(() => sandbox.close())

const get = (path: string) => call(sandbox.verifik, 'GET', path)

describe('Verifik in the sandbox', () => {
  it('serves the documented ticket as printed, in {success, data}', async () => {
    const { body } = await get(`/v2/support-tickets/${documentedId}`)
    expect(body.success).toBe(true)
    expect(body.data).toEqual({
      _id: 'support_ticket_123456789',
      title: 'API Integration Issue',
      description: 'Having trouble integrating the biometric validation API. Getting 401 errors.',
      status: 'in_progress',
      priority: 'high',
      category: 'technical',
      client: 'client_123456789',
      assignedTo: 'agent_123456789',
      threads: [
        {
          author: 'client_123456789',
          message: "I'm getting 401 errors when trying to use the biometric validation endpoint.",
          timestamp: '2024-01-15T10:30:00Z',
          type: 'user',
        },
        {
          author: 'agent_123456789',
          message: "I've reviewed your API key and it appears to be valid. Let me check the logs.",
          timestamp: '2024-01-15T11:00:00Z',
          type: 'agent',
        },
      ],
      attachments: [
        {
          filename: 'error_logs.txt',
          url: 'https://storage.verifik.co/attachments/error_logs.txt',
          size: 1024,
          type: 'text/plain',
        },
      ],
      tags: ['api', 'authentication', 'biometric'],
      resolution: null,
      createdAt: '2024-01-15T10:30:00Z',
      updatedAt: '2024-01-15T11:00:00Z',
      resolvedAt: null,
    })
  })

  it('lists partial items: the description cut, no threads, attachments or resolution', async () => {
    const { body } = await get('/v2/support-tickets?page=5&limit=90')
    expect(body.pagination).toEqual({ page: 5, limit: 90, total: 450, pages: 5 })
    expect(body).not.toHaveProperty('counts')
    const last = body.data.at(-1)
    expect(Object.keys(last).sort()).toEqual([
      '_id',
      'assignedTo',
      'category',
      'client',
      'createdAt',
      'description',
      'priority',
      'status',
      'tags',
      'title',
      'updatedAt',
    ])
    expect(last).toMatchObject({ _id: documentedId, description: 'Having trouble integrating the biometric validation API. ...' })
  })

  it('filters by the documented parameters, with counts that ignore the filter', async () => {
    const { body } = await get('/v2/support-tickets?page=1&limit=100&status=open&priority=high&countByStatus=true')
    expect(body.data.length).toBeGreaterThan(0)
    expect(body.data.every((ticket: Record<string, unknown>) => ticket.status === 'open' && ticket.priority === 'high')).toBe(
      true,
    )
    expect(body.pagination.total).toBe(body.data.length)
    const counted = Object.values(body.counts as Record<string, number>).reduce((sum, count) => sum + count, 0)
    expect(counted).toBe(450)
    expect((await get('/v2/support-tickets?status=nonsense')).body.data).toEqual([])
  })

  it('has clients and agents as ids and as objects, both forms of id, legacy values', async () => {
    const pages = await Promise.all([1, 2, 3, 4, 5].map((page) => get(`/v2/support-tickets?page=${page}&limit=100`)))
    const tickets: Record<string, unknown>[] = pages.flatMap(({ body }) => body.data)
    expect(new Set(tickets.map(({ _id }) => _id)).size).toBe(450)
    expect(new Set(tickets.map(({ client }) => typeof client))).toEqual(new Set(['string', 'object']))
    expect(tickets.some(({ _id }) => /^[0-9a-f]{24}$/.test(String(_id)))).toBe(true)
    const statuses = new Set(tickets.map(({ status }) => status))
    for (const status of ['progress', 'cancelled', 'reopened']) expect(statuses).toContain(status)
    expect(tickets.some((ticket) => 'assignee' in ticket)).toBe(true)
    const times = tickets.map(({ updatedAt }) => Date.parse(String(updatedAt)))
    expect(times).toEqual([...times].sort((one, other) => other - one))
  })

  it('refuses in all three error formats', async () => {
    const bad = await get('/v2/support-tickets?page=0')
    expect([bad.status, bad.body]).toEqual([
      400,
      { success: false, error: 'Invalid query parameters', code: 'INVALID_PARAMETERS' },
    ])
    const missing = await get('/v2/support-tickets/none')
    expect([missing.status, missing.body]).toEqual([
      404,
      { error: 'Support ticket not found', message: 'SUPPORT_TICKET_NOT_FOUND' },
    ])
    const wrong = await call(sandbox.verifik, 'GET', '/v2/support-tickets', undefined, { authorization: 'Bearer wrong' })
    expect([wrong.status, wrong.body]).toEqual([401, { code: 'Unauthorized', message: 'El token no es válido o ha expirado' }])
  })

  it('creates a ticket that is then first in the list', async () => {
    const incomplete = await call(sandbox.verifik, 'POST', '/v2/support-tickets', { title: 'No more' })
    expect([incomplete.status, incomplete.body.code]).toEqual([400, 'MISSING_REQUIRED_FIELDS'])
    const before = sandbox.verifik.tickets()
    const draft = { title: 'New one', description: 'What happened', priority: 'low', category: 'general', tags: ['x'] }
    const { body } = await call(sandbox.verifik, 'POST', '/v2/support-tickets', draft)
    expect(body.data).toMatchObject({ ...draft, status: 'open', assignedTo: null, resolvedAt: null })
    expect(body.data.threads[0]).toMatchObject({ message: 'What happened', type: 'user' })
    expect(sandbox.verifik.tickets()).toBe(before + 1)
    expect((await get('/v2/support-tickets?limit=1')).body.data[0]._id).toBe(body.data._id)
  })

  it('updates; every second answer is only {"status":"completed"}', async () => {
    const put = (body: unknown) => call(sandbox.verifik, 'PUT', `/v2/support-tickets/${documentedId}`, body)
    expect((await put({ priority: 'extreme' })).status).toBe(400)
    const first = await put({ priority: 'urgent' })
    expect(first.body.data).toMatchObject({ _id: documentedId, priority: 'urgent' })
    const second = await put({ status: 'resolved', resolution: 'Key replaced' })
    expect([second.status, second.body]).toEqual([200, { status: 'completed' }])
    expect(sandbox.verifik.ticket(documentedId)).toMatchObject({
      priority: 'urgent',
      status: 'resolved',
      resolution: 'Key replaced',
    })
  })

  it('accepts a message on the legacy path with 201', async () => {
    const path = `/support-tickets/${documentedId}/thread`
    expect((await call(sandbox.verifik, 'POST', path, {})).body).toEqual({
      code: 'MissingParameter',
      message: 'Falta el parámetro message',
    })
    expect((await call(sandbox.verifik, 'POST', path, { message: 'Try again now.' })).status).toBe(201)
    const { data } = (await get(`/v2/support-tickets/${documentedId}`)).body
    expect(data.threads.at(-1)).toMatchObject({ message: 'Try again now.', type: 'agent' })
    expect((await call(sandbox.verifik, 'POST', '/support-tickets/none/thread', { message: 'x' })).status).toBe(404)
  })
})

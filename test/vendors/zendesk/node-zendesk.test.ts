import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type ZendeskClientOptions } from 'node-zendesk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../sandbox/random.ts'
import type { SimulatorServer } from '../../../sandbox/simulator-server.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'
import { planLimits } from '../../../sandbox/zendesk/limits.ts'
import { createZendesk, type Zendesk } from '../../../sandbox/zendesk/simulator.ts'

// node-zendesk as its users install it, against the simulator. No source of the gateway takes part.

let zendesk: Zendesk
let server: SimulatorServer
beforeAll(async () => {
  const credentials = { token: 'access-token', apiToken: 'api-token' }
  zendesk = createZendesk({
    random: createRandom('node-zendesk'),
    until: Date.UTC(2026, 2, 2),
    count: 250,
    credentials,
    searchLagMs: 0,
  })
  server = await serveSimulator(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
})
afterAll(() => server.close())

const clientOf = (options: ZendeskClientOptions = {}) =>
  createClient({
    ...{ username: 'nadia@support.example', token: 'api-token', subdomain: 'sandbox' },
    endpointUri: `${server.origin}/api/v2`,
    ...options,
  })

describe('node-zendesk, unchanged', () => {
  it('walks the whole list of tickets, page after page', async () => {
    const tickets = await clientOf().tickets.list()
    expect(tickets).toHaveLength(zendesk.tickets())
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(tickets.length)
  })

  it('reads one ticket, some tickets and their people', async () => {
    const { result } = await clientOf().tickets.show(1)
    expect(result).toMatchObject({ id: 1, url: `${server.origin}/api/v2/tickets/1.json` })
    const many = await clientOf().tickets.showMany([1, 2, 3])
    expect(many.result.map(({ id }) => id)).toEqual([1, 2, 3])
    const { result: requester } = await clientOf().users.show(result.requester_id)
    expect(requester.role).toBe('end-user')
  })

  it('reads the comments of a ticket', async () => {
    const comments = await clientOf().tickets.getComments(1)
    expect(comments[0]).toMatchObject({ type: 'Comment', public: true })
  })

  it('loads people and organizations beside tickets', async () => {
    const client = clientOf()
    client.tickets.setSideLoad(['users', 'organizations'])
    const { result } = await client.tickets.showMany([1, 2, 3])
    for (const ticket of result as unknown as { requester_id: number; requester: { id: number; name: string } }[]) {
      expect(ticket.requester).toMatchObject({ id: ticket.requester_id, name: expect.any(String) })
    }
  })

  it('finds out who it is, with an API token and with OAuth', async () => {
    expect((await clientOf().users.me()).result).toMatchObject({ name: 'Nadia Rahman', role: 'admin' })
    const oauth = clientOf({ useOAuth: true, token: 'access-token' })
    expect((await oauth.users.me()).result).toMatchObject({ name: 'Nadia Rahman' })
    const other = clientOf({ asUser: 'ploy@support.example' })
    expect((await other.users.me()).result).toMatchObject({ name: 'Ploy Wongsakul' })
  })

  it('reports a refused credential and a missing ticket by their status', async () => {
    await expect(clientOf({ token: 'wrong' }).tickets.show(1)).rejects.toThrow('401')
    await expect(clientOf().tickets.show(99_999)).rejects.toThrow('404')
  })

  it('creates a ticket, changes it, answers in public and notes in private', async () => {
    const { tickets } = clientOf()
    const { result: created } = await tickets.create({
      ticket: {
        subject: 'Printer on fire',
        comment: { body: 'The smoke is very colorful.' },
        priority: 'urgent',
        tags: ['fire'],
      },
    })
    expect(created).toMatchObject({ subject: 'Printer on fire', description: 'The smoke is very colorful.', status: 'new' })
    await tickets.update(created.id, { ticket: { comment: { body: 'We are on our way.', public: true }, status: 'open' } })
    const { result: noted } = await tickets.update(created.id, { ticket: { comment: { body: 'Bring water.', public: false } } })
    expect(noted.status).toBe('open')
    expect((await tickets.getComments(created.id)).map((comment) => [comment.body, comment.public])).toEqual([
      ['The smoke is very colorful.', true],
      ['We are on our way.', true],
      ['Bring water.', false],
    ])
    await tickets.addTags(created.id, { tags: ['water'] } as never)
    expect((await tickets.show(created.id)).result.tags).toEqual(['fire', 'water'])
  })

  it('creates a ticket once for an Idempotency-Key', async () => {
    const { tickets } = clientOf({ customHeaders: { 'Idempotency-Key': 'fire-1' } })
    const ticket = { ticket: { subject: 'Once', comment: { body: 'Only once' } } }
    expect((await tickets.create(ticket)).result.id).toBe((await tickets.create(ticket)).result.id)
  })

  it('searches', async () => {
    const { search, tickets } = clientOf()
    const { result } = await tickets.create({ ticket: { subject: 'Zeppelin', comment: { body: 'It leaks' } } })
    expect((await search.queryAll('type:ticket zeppelin')).map(({ id }) => id)).toEqual([result.id])
    const exported = await search.exportResults('tags:refund', 'ticket', 10)
    expect(exported.length).toBeGreaterThan(10)
  })

  it('exports what changed since a time, in the older form that it has', async () => {
    const exported = await clientOf().tickets.incremental('0')
    expect(exported).toHaveLength(250)
    expect(exported.some(({ status }) => status === 'deleted')).toBe(true)
  })

  it('lists people, groups, fields and statuses', async () => {
    const client = clientOf()
    expect((await client.users.search({ query: 'ploy@support.example' })).map(({ name }) => name)).toEqual(['Ploy Wongsakul'])
    const users = await client.users.list()
    expect(new Set(users.map(({ id }) => id)).size).toBe(users.length)
    expect((await client.groups.list()).map(({ name }: { name: string }) => name)).toContain('Payments')
    expect((await client.ticketfields.list()).map(({ type }: { type: string }) => type)).toContain('tagger')
  })

  it('uploads a file and sends it with a comment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'node-zendesk-'))
    try {
      await writeFile(join(folder, 'log.txt'), 'It was hot.')
      const client = clientOf()
      const upload = await client.attachments.upload(join(folder, 'log.txt') as never, { filename: 'log.txt', binary: false })
      const { token } = (upload as { upload: { token: string } }).upload
      const { result } = await client.tickets.create({ ticket: { comment: { body: 'See the log', uploads: [token] } } })
      const [comment] = await client.tickets.getComments(result.id)
      expect(await (await fetch(comment.attachments[0].content_url)).text()).toBe('It was hot.')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('merges tickets, and watches the job until it is done', async () => {
    const client = clientOf()
    const make = async (subject: string) =>
      (await client.tickets.create({ ticket: { subject, comment: { body: subject } } })).result.id
    const [target, source] = [await make('Kept'), await make('Merged')]
    const { result } = await client.tickets.merge(target, { ids: [source] })
    const { id } = (result as unknown as { job_status: { id: string } }).job_status
    expect(await client.jobstatuses.watch(id, 5, 3)).toMatchObject({ status: 'completed' })
    expect((await client.tickets.show(source)).result.status).toBe('closed')
  })

  it('subscribes a webhook and reads its secret', async () => {
    const { webhooks } = clientOf()
    const subscriptions = ['zen:event-type:ticket.created']
    const webhook = {
      name: 'Hook',
      endpoint: 'http://127.0.0.1:9/',
      http_method: 'POST',
      request_format: 'json',
      status: 'active',
      subscriptions,
    }
    const { result } = await webhooks.create({ webhook })
    const { id } = result as { id: string }
    const secret = await webhooks.getSigningSecret(id)
    expect(secret.result).toMatchObject({ signing_secret: { algorithm: 'SHA256' } })
    await webhooks.delete(id)
  })

  it('reports a refused change and a used up limit by their status', async () => {
    const { tickets } = clientOf()
    const { result } = await tickets.create({ ticket: { comment: { body: 'x' }, status: 'closed' } })
    await expect(tickets.update(result.id, { ticket: { status: 'open' } })).rejects.toThrow('422')
    zendesk.limits.set({ ...planLimits.generous, 'tickets-index': 1 })
    // It gives the refusal of a used up limit as the last value of the list, where `Retry-After` stands.
    expect((await tickets.list()).at(-1)).toMatchObject({ statusCode: 429, result: { error: 'APIRateLimitExceeded' } })
    zendesk.limits.set(planLimits.generous)
    expect((await tickets.list()).length).toBe(zendesk.tickets())
  })
})

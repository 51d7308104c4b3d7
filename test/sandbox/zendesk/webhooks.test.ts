import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Account, openAccount } from './account.ts'

interface Received {
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a vendor's body
  readonly body: any
}

/** A receiver that answers as the test says; `null`: not at all. */
async function receive(answer: (index: number) => { status: number; retryAfter?: string } | null) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const text = (await buffer(request)).toString('utf8')
    const reply = answer(received.push({ path: request.url, headers: request.headers, text, body: JSON.parse(text) }) - 1)
    if (reply) response.writeHead(reply.status, reply.retryAfter === undefined ? {} : { 'retry-after': reply.retryAfter }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, close }
}

let account: Account
beforeAll(async () => {
  account = await openAccount()
})
afterAll(() => account.close())

const closers: (() => Promise<unknown>)[] = []
beforeEach(() =>
  account.zendesk.sender.set({ repeats: false, shuffles: false, losesEvery: 0, timeoutMs: 5_000, retryDelayMs: 1 }),
)
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A receiver with a subscription to these events. */
async function subscribe(subscriptions: string[], answer: Parameters<typeof receive>[0] = () => ({ status: 200 })) {
  const receiver = await receive(answer)
  const { body } = await account.call('POST', '/api/v2/webhooks', {
    webhook: {
      name: 'Hook',
      endpoint: receiver.url,
      http_method: 'POST',
      request_format: 'json',
      status: 'active',
      subscriptions,
    },
  })
  const { body: secret } = await account.get(`/api/v2/webhooks/${body.webhook.id}/signing_secret`)
  closers.push(() => account.call('DELETE', `/api/v2/webhooks/${body.webhook.id}`), receiver.close)
  return { ...receiver, webhookId: body.webhook.id as string, secret: secret.signing_secret.secret as string }
}

const create = async () => {
  const { body } = await account.call('POST', '/api/v2/tickets', { ticket: { subject: 'Hot', comment: { body: 'It burns' } } })
  return body.ticket.id as number
}
const update = (id: number, ticket: Record<string, unknown>) => account.call('PUT', `/api/v2/tickets/${id}`, { ticket })

describe('webhooks', () => {
  it('are signed over the timestamp and the raw body', async () => {
    const hook = await subscribe(['zen:event-type:ticket.created'])
    const id = await create()
    await account.zendesk.sender.idle()
    const [{ headers, text, body }] = hook.received as [Received]
    const timestamp = String(headers['x-zendesk-webhook-signature-timestamp'])
    expect(headers['x-zendesk-webhook-signature']).toBe(
      createHmac('sha256', hook.secret).update(`${timestamp}${text}`).digest('base64'),
    )
    expect(headers['x-zendesk-webhook-id']).toBe(hook.webhookId)
    expect(body).toMatchObject({
      ...{
        type: 'zen:event-type:ticket.created',
        account_id: 26843000,
        subject: `zen:ticket:${id}`,
        zendesk_event_version: '2022-11-06',
      },
      detail: { id: String(id), subject: 'Hot', status: 'NEW', priority: null, description: 'It burns', via: { channel: 'api' } },
    })
    expect(body.id).toEqual(expect.any(String))
  })

  it('come one for each thing that changed, in a sequence', async () => {
    const id = await create()
    const hook = await subscribe([
      ...['zen:event-type:ticket.status_changed', 'zen:event-type:ticket.priority_changed'],
      ...['zen:event-type:ticket.comment_added', 'zen:event-type:ticket.tags_changed'],
    ])
    await update(id, { status: 'pending', priority: 'high', tags: ['t'], comment: { body: 'Note', public: false } })
    await account.zendesk.sender.idle()
    expect(
      hook.received.map(({ body }) => [
        body.type.split('.')[1],
        body.event.current ?? body.event.tags_added ?? body.event.comment.is_public,
      ]),
    ).toEqual([
      ...[
        ['status_changed', 'PENDING'],
        ['priority_changed', 'HIGH'],
        ['tags_changed', ['t']],
        ['comment_added', false],
      ],
    ])
    expect(hook.received[0]?.body.event).toMatchObject({ previous: 'NEW', meta: { sequence: { position: 1 } } })
  })

  it('tell of a deleted ticket', async () => {
    const id = await create()
    const hook = await subscribe(['zen:event-type:ticket.soft_deleted'])
    await account.call('DELETE', `/api/v2/tickets/${id}`)
    await account.zendesk.sender.idle()
    expect(hook.received.map(({ body }) => body.detail.id)).toEqual([String(id)])
  })

  it('409 is tried three times more, and then given up', async () => {
    const hook = await subscribe(['zen:event-type:ticket.created'], () => ({ status: 409 }))
    await create()
    await account.zendesk.sender.idle()
    expect(hook.received).toHaveLength(4)
    expect(new Set(hook.received.map(({ body }) => body.id)).size).toBe(1)
  })

  it('503 is tried again when it names a short wait, other failures are not', async () => {
    const busy = await subscribe(['zen:event-type:ticket.created'], (index) =>
      index === 0 ? { status: 503, retryAfter: '0' } : { status: 200 },
    )
    const long = await subscribe(['zen:event-type:ticket.created'], () => ({ status: 429, retryAfter: '61' }))
    const broken = await subscribe(['zen:event-type:ticket.created'], () => ({ status: 500 }))
    await create()
    await account.zendesk.sender.idle()
    expect([busy.received.length, long.received.length, broken.received.length]).toEqual([2, 1, 1])
  })

  it('a time-out is tried five times more', async () => {
    account.zendesk.sender.set({ timeoutMs: 20 })
    const hook = await subscribe(['zen:event-type:ticket.created'], () => null)
    await create()
    await account.zendesk.sender.idle()
    const attempts = account.zendesk.sender.invocations().filter(({ webhookId }) => webhookId === hook.webhookId)
    expect(attempts.map(({ attempt, status }) => [attempt, status])).toEqual([1, 2, 3, 4, 5, 6].map((attempt) => [attempt, null]))
  })

  it('may come twice and in the wrong order, where a test wants it', async () => {
    const id = await create()
    const hook = await subscribe(['zen:event-type:ticket.status_changed', 'zen:event-type:ticket.comment_added'])
    account.zendesk.sender.set({ repeats: true, shuffles: true })
    await update(id, { status: 'open', comment: { body: 'x', public: true } })
    await account.zendesk.sender.idle()
    const kinds = hook.received.map(({ body }) => body.type.split('.')[1])
    expect(kinds).toEqual(['comment_added', 'status_changed', 'comment_added', 'status_changed'])
    expect(new Set(hook.received.map(({ body }) => body.id)).size).toBe(2)
  })

  it('may be lost, where a test wants it', async () => {
    const hook = await subscribe(['zen:event-type:ticket.created'])
    account.zendesk.sender.set({ losesEvery: 2 })
    await create()
    await create()
    await create()
    await account.zendesk.sender.idle()
    expect(hook.received).toHaveLength(2)
  })

  it('go to a gateway by themselves once it is connected, with a secret that both know', async () => {
    const other = await openAccount({ webhookSecret: 'shared-secret' })
    const receiver = await receive(() => ({ status: 200 }))
    closers.push(other.close, receiver.close)
    other.zendesk.connect?.(new URL(receiver.url).origin)
    other.zendesk.changeOne(Date.now())
    await other.zendesk.sender.idle()
    expect(receiver.received.length).toBeGreaterThan(0)
    for (const { path, headers, text } of receiver.received) {
      const signed = createHmac('sha256', 'shared-secret').update(`${headers['x-zendesk-webhook-signature-timestamp']}${text}`)
      expect([path, headers['x-zendesk-webhook-signature']]).toEqual(['/webhooks/zendesk', signed.digest('base64')])
    }
  })
})

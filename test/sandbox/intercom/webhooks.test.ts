import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { receiveWebhooks } from '../webhook-receiver.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

const clientSecret = 'client-secret'

let workspace: Workspace
let answers: { status: number }[]
let receiver: Awaited<ReturnType<typeof receiveWebhooks>>
beforeEach(async () => {
  answers = []
  receiver = await receiveWebhooks(() => answers.shift() ?? { status: 200 })
  workspace = await openWorkspace({ count: 3, clientSecret })
  workspace.intercom.sender.set({ retryDelayMs: 5, throttleMs: 5, maxThrottleMs: 10 })
})
afterEach(async () => {
  await workspace.close()
  await receiver.close()
})

const bodies = () => receiver.received.map(({ body }) => JSON.parse(body))
const topics = () => bodies().map(({ topic }) => topic)
const idle = () => workspace.intercom.sender.idle()

/** Subscribes, and forgets the ping. */
async function subscribe(...only: Parameters<Workspace['intercom']['webhooks']['subscribe']>[1] & object) {
  workspace.intercom.webhooks.subscribe(`${receiver.url}/hook`, only.length > 0 ? only : undefined)
  await idle()
  receiver.received.splice(0)
}

describe('a webhook of a ticket', () => {
  it('is a ping at first', async () => {
    workspace.intercom.webhooks.subscribe(`${receiver.url}/hook`)
    await idle()
    expect(bodies()).toMatchObject([{ type: 'notification_event', topic: 'ping', data: { item: { type: 'ping' } } }])
  })

  it('is signed with SHA-1 of the raw body, and has the ticket with its new parts alone', async () => {
    const { id } = await workspace.create()
    await subscribe()
    await workspace.call('PUT', `/tickets/${id}`, { ticket_state_id: '8270' })
    await idle()
    const [{ path, headers, body }] = receiver.received as [(typeof receiver.received)[0]]
    expect(path).toBe('/hook')
    expect(headers['x-hub-signature']).toBe(`sha1=${createHmac('sha1', clientSecret).update(body).digest('hex')}`)
    expect(JSON.parse(body)).toMatchObject({
      ...{ type: 'notification_event', topic: 'ticket.state.updated', app_id: 'dg5k2m8x', delivery_attempts: 1 },
      id: expect.stringMatching(/^notif_/),
      created_at: Math.floor(Date.parse('2026-03-02T12:00:00Z') / 1000),
      data: {
        type: 'notification_event_data',
        item: {
          ...{ type: 'ticket', id, ticket_state: { category: 'in_progress' } },
          ticket_parts: { ticket_parts: [{ part_type: 'ticket_state_updated_by_admin' }], total_count: 1 },
        },
      },
    })
  })

  it('tells of each kind of change by a topic of its own', async () => {
    await subscribe()
    const { id } = await workspace.create()
    const reply = (body: object) => workspace.call('POST', `/tickets/${id}/reply`, body)
    await reply({ message_type: 'note', type: 'admin', admin_id: '991267501', body: 'x' })
    await reply({ message_type: 'comment', type: 'admin', admin_id: '991267501', body: 'x' })
    await reply({ message_type: 'comment', type: 'user', email: 'maria@mail.example', body: 'x' })
    await workspace.call('POST', '/contacts', { email: 'son@mail.example' })
    await reply({ message_type: 'comment', type: 'user', email: 'son@mail.example', body: 'x' })
    for (const change of [
      { ticket_attributes: { Priority: 'Low' } },
      { assignee_id: '991267501' },
      { assignee_id: '5017691' },
      { ticket_state_id: '8272', open: false },
      { is_shared: false },
    ]) {
      await workspace.call('PUT', `/tickets/${id}`, change)
    }
    await idle()
    expect(topics().toSorted()).toEqual(
      [
        ...['ticket.created', 'ticket.note.created', 'ticket.admin.replied', 'ticket.contact.replied', 'ticket.contact.replied'],
        ...['ticket.contact.attached', 'ticket.attribute.updated', 'ticket.admin.assigned', 'ticket.team.assigned'],
        ...['ticket.state.updated', 'ticket.closed'],
      ].toSorted(),
    )
  })

  it('is of the topics that are subscribed', async () => {
    await subscribe('ticket.created')
    const { id } = await workspace.create()
    await workspace.call('PUT', `/tickets/${id}`, { ticket_state_id: '8270' })
    await idle()
    expect(topics()).toEqual(['ticket.created'])
  })

  it('is tried again after a failure, with the same id and another count', async () => {
    await subscribe()
    answers = [{ status: 500 }]
    await workspace.create()
    await idle()
    expect(workspace.intercom.sender.attempts().slice(1)).toMatchObject([
      { attempt: 1, status: 500 },
      { attempt: 2, status: 200 },
    ])
    expect(bodies()).toMatchObject([{ topic: 'ticket.created', delivery_attempts: 2 }])
    answers = [{ status: 500 }, { status: 500 }, { status: 200 }]
    await workspace.create()
    await idle()
    expect(receiver.received).toHaveLength(1)
  })

  it('waits longer after each 429, and is dropped in the end', async () => {
    await subscribe()
    answers = [{ status: 429 }, { status: 429 }]
    await workspace.create()
    await idle()
    expect(topics()).toEqual(['ticket.created'])
    answers = Array.from({ length: 3 }, () => ({ status: 429 }))
    await workspace.create()
    await idle()
    expect(topics()).toEqual(['ticket.created'])
  })

  it('pauses for 15 minutes after many failures in a row, and is suspended after seven days of them', async () => {
    await subscribe()
    workspace.intercom.sender.set({ retries: 0, failuresBeforePause: 2 })
    answers = Array.from({ length: 3 }, () => ({ status: 503 }))
    for (let index = 0; index < 3; index++) await workspace.create()
    await idle()
    expect(workspace.intercom.sender.state()).toBe('paused')
    await workspace.create()
    await idle()
    expect(receiver.received).toEqual([])
    workspace.passes(15 * 60_000)
    expect(workspace.intercom.sender.state()).toBe('live')
    workspace.passes(7 * 24 * 3_600_000)
    expect(workspace.intercom.sender.state()).toBe('suspended')
    workspace.intercom.sender.resume()
    await workspace.create()
    await idle()
    expect(topics()).toEqual(['ticket.created'])
  })

  it('may come twice, in the wrong order or never, when a test wants it', async () => {
    const { id } = await workspace.create()
    await subscribe()
    workspace.intercom.sender.set({ repeats: true, shuffles: true })
    await workspace.call('PUT', `/tickets/${id}`, { ticket_attributes: { Priority: 'Low' }, ticket_state_id: '8270' })
    await idle()
    expect(topics()).toEqual([
      ...['ticket.state.updated', 'ticket.attribute.updated', 'ticket.state.updated', 'ticket.attribute.updated'],
    ])
    expect(new Set(bodies().map((body) => body.id)).size).toBe(2)
    workspace.intercom.sender.set({ repeats: false, losesEvery: 1 })
    await workspace.create()
    await idle()
    expect(receiver.received).toHaveLength(4)
  })
})

describe('live changes', () => {
  it('change one ticket each, and tell the gateway of it', async () => {
    workspace.intercom.connect?.(receiver.url)
    await idle()
    receiver.received.splice(0)
    for (let index = 0; index < 5; index++) {
      workspace.passes(60_000)
      expect(workspace.intercom.changeOne(0)).toEqual([])
      await idle()
    }
    expect(receiver.received.length).toBeGreaterThanOrEqual(5)
    expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(['/webhooks/intercom']))
  })
})

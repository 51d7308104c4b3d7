import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createHintHandler } from '../../../src/sources/intercom/hints.ts'

describe('the webhooks of Intercom', () => {
  const secret = 'client-secret-of-the-app'
  const handler = createHintHandler({ key: 'intercom' } as never, [secret])
  const toRequest = (body: unknown, signature?: string) => {
    const rawBody = Buffer.from(JSON.stringify(body))
    const valid = `sha1=${createHmac('sha1', secret).update(rawBody).digest('hex')}`
    return { rawBody, headers: { 'x-hub-signature': signature ?? valid }, query: new URLSearchParams() } as never
  }
  const toBody = (topic: string, item: unknown) => ({
    type: 'notification_event',
    id: 'notif_1',
    topic,
    data: { type: 'notification_event_data', item },
  })

  it('INTERCOM-14 are signed over the raw body, and name a ticket by itself or beside its part', () => {
    const created = toRequest(toBody('ticket.created', { type: 'ticket', id: '627', ticket_id: '34' }))
    expect(handler.authorise(created)).toBe(true)
    expect(handler.authorise(toRequest({}, 'sha1=0123'))).toBe(false)
    const otherMethod = `sha256=${createHmac('sha256', secret).update('{}').digest('hex')}`
    expect(handler.authorise(toRequest({}, otherMethod))).toBe(false)
    expect(handler.read(created)).toEqual({ deliveryId: 'notif_1', ticketIds: ['627'], removed: false })
    const note = toBody('ticket.note.created', { type: 'ticket_part', id: '156', ticket: { type: 'ticket', id: '628' } })
    expect(handler.read(toRequest(note)).ticketIds).toEqual(['628'])
    expect(handler.read(toRequest(toBody('ping', { type: 'ping' }))).ticketIds).toEqual([])
    expect(() => handler.read(toRequest(toBody('ticket.closed', { type: 'ticket_part', id: '156' })))).toThrow('names no ticket')
  })

  const read = (topic: string, item: unknown) => handler.read(toRequest(toBody(topic, item)))
  const ticket = { type: 'ticket', id: '627' }

  it('INTERCOM-14 are about the ticket of a part, also where the part has an id of its own', () => {
    expect(read('ticket.contact.replied', { type: 'ticket', id: '156', ticket }).ticketIds).toEqual(['627'])
    expect(read('ticket.contact.replied', { id: '156', ticket: { id: 628 } }).ticketIds).toEqual(['628'])
  })

  it('of other topics name no ticket', () => {
    for (const topic of ['conversation.admin.closed', 'aticket.created', 'ticket', ''])
      expect(read(topic, ticket)).toEqual({ deliveryId: 'notif_1', ticketIds: [], removed: false })
    expect(handler.read(toRequest({ data: { item: ticket } }))).toEqual({ deliveryId: null, ticketIds: [], removed: false })
  })

  it('are unreadable where a topic of tickets names none', () => {
    const named = new Error('the body names no ticket: `data.item`')
    for (const item of [null, {}, { type: 'ticket' }, { type: 'ticket', id: 'x' }, { id: '627' }, { ticket: { id: '../1' } }])
      expect(() => read('ticket.created', item)).toThrow(named.message)
    expect(() => handler.read(toRequest({ topic: 'ticket.created', id: 'notif_1' }))).toThrow(named.message)
    for (const body of [[], 'text', null]) expect(() => handler.read(toRequest(body))).toThrow('the body is no JSON object')
  })
})

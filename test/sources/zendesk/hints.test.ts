import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createHintHandler } from '../../../src/sources/zendesk/hints.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

describe('a webhook of Zendesk', () => {
  const handler = createHintHandler(toSourceInfo('zendesk'), ['a secret of 16 bytes'])
  const event = (more: object = {}) => ({
    type: 'zen:event-type:ticket.status_changed',
    account_id: 1,
    id: '01HZ8F',
    time: '2026-03-09T12:00:00Z',
    zendesk_event_version: '2022-11-06',
    subject: 'zen:ticket:9007199254740993',
    detail: { id: '9007199254740993', status: 'OPEN' },
    event: { previous: 'OPEN', current: 'PENDING' },
    ...more,
  })
  const requestOf = (body: unknown, secret = 'a secret of 16 bytes') => {
    const rawBody = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const timestamp = '2026-03-09T12:00:01Z'
    const signature = createHmac('sha256', secret).update(timestamp).update(rawBody).digest('base64')
    const headers = { 'x-zendesk-webhook-signature': signature, 'x-zendesk-webhook-signature-timestamp': timestamp }
    return { rawBody, headers, receivedAt: '2026-03-09T12:00:02.000Z' } as unknown as Parameters<typeof handler.read>[0]
  }

  it('ZENDESK-20 is signed over the timestamp and the raw body, and names its ticket and its id', () => {
    expect(handler.authorise(requestOf(event()))).toBe(true)
    expect(handler.authorise(requestOf(event(), 'another secret of it'))).toBe(false)
    const changed = { ...requestOf(event()), rawBody: Buffer.from('{}') }
    expect(handler.authorise(changed)).toBe(false)
    expect(handler.read(requestOf(event()))).toEqual({ deliveryId: '01HZ8F', ticketIds: ['9007199254740993'], removed: false })
  })

  it('ZENDESK-20 tells that a ticket is gone, and may be of a trigger or of something else than tickets', () => {
    for (const name of ['soft_deleted', 'permanently_deleted', 'marked_as_spam'])
      expect(handler.read(requestOf(event({ type: `zen:event-type:ticket.${name}` }))).removed).toBe(true)
    expect(handler.read(requestOf({ ticket_id: '35436' }))).toEqual({ deliveryId: null, ticketIds: ['35436'], removed: false })
    expect(handler.read(requestOf({ ticket_id: 35436 })).ticketIds).toEqual(['35436'])
    const ofUser = event({ type: 'zen:event-type:user.created', subject: 'zen:user:7' })
    expect(handler.read(requestOf(ofUser))).toEqual({ deliveryId: '01HZ8F', ticketIds: [], removed: false })
    for (const body of ['[]', {}, { ticket_id: '../7' }, event({ subject: 'zen:ticket:x' })])
      expect(() => handler.read(requestOf(body))).toThrow()
  })

  it('ZENDESK-20 of a ticket that stays removes nothing, and a trigger has no id', () => {
    const read = (body: unknown) => handler.read(requestOf(body))
    for (const name of ['undeleted', 'marked_as_ham', 'created'])
      expect(read(event({ type: `zen:event-type:ticket.${name}` }))).toMatchObject({
        ...{ ticketIds: ['9007199254740993'], removed: false },
      })
    expect(read({ ticket_id: '7', id: '01HZ8F', subject: 'zen:ticket:8' })).toMatchObject({ deliveryId: null, ticketIds: ['7'] })
    expect(read(event({ id: undefined })).deliveryId).toBeNull()
    // The ticket of an event is its subject.
    expect(read(event({ ticket_id: '8' })).ticketIds).toEqual(['9007199254740993'])
  })

  it('ZENDESK-20 is unreadable where it names no ticket', () => {
    const named = 'the body names no ticket: `subject` or `ticket_id`'
    for (const subject of [undefined, 'zen:ticket:', 'zen:ticket:7x', 'a zen:ticket:7', 'zen:user:7', 'zen:ticket:0'])
      expect(() => handler.read(requestOf(event({ subject })))).toThrow(named)
    for (const body of [{}, { ticket_id: 'x' }, { subject: 'zen:ticket:7' }])
      expect(() => handler.read(requestOf(body))).toThrow(named)
    for (const body of [[], 'null', '7']) expect(() => handler.read(requestOf(body))).toThrow('the body is no JSON object')
    for (const type of ['zen:event-type:ticket.', 'a zen:event-type:ticket.created', 'zen:event-type:ticketx'])
      expect(handler.read(requestOf(event({ type }))).ticketIds).toEqual([])
  })
})

import { describe, expect, test } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { storeTicket } from '../../fixtures/rbi/store-ticket.ts'
import { requestOf, testWebhookHandlers } from '../../support/ingestion-fixture.ts'

const webhookHandler = testWebhookHandlers[2]!
const receivedAt = '2024-06-01T12:00:00.000Z'
const decode = (body: unknown, eventId: string | null = null) =>
  webhookHandler.decode({ raw: Buffer.from(JSON.stringify(body)), eventId })
const reduce = (body: unknown, ticket: Ticket | null = null, state: unknown = null) =>
  webhookHandler.reduce(decode(body), { receivedAt, ticket, state })

describe('RBI', () => {
  test('maps every field of a partner’s ticket, unknown ones into raw (RBI-05)', () => {
    const result = reduce(storeTicket)
    expect(result).toMatchObject({ outcome: 'APPLIED', kind: 'CREATED', actor: { kind: 'PARTNER' } })
    expect(result.outcome === 'APPLIED' && result.ticket).toMatchObject({
      externalId: 'partner-77',
      title: 'order / missing-item',
      description: 'Two wings short.',
      status: 'OPEN',
      sourceStatus: 'accepted',
      category: { code: 'missing-item', label: 'order / missing-item', path: ['order', 'missing-item'] },
      reason: { kind: 'GENERAL', code: 'KF-102', label: 'missing-item' },
      type: 'STORE',
      channel: 'APP',
      origin: 'app',
      customer: { externalId: 'g-1', name: 'Ana Ruiz', email: 'ana@example.com', phone: '+34600000000' },
      vendor: { externalId: '1001', name: 'Gran Vía' },
      orders: [{ externalId: 'PLK-1', placedAt: '2024-03-01T11:30:00.000Z' }],
      messages: [{ body: 'Two wings short.', visibility: 'PUBLIC', author: { kind: 'CUSTOMER', name: null } }],
      createdAt: '2024-03-01T12:00:00.000Z',
      updatedAt: '2024-03-01T12:00:05.000Z',
      raw: { platform: 'ios' },
    })
  })

  test.each([
    ['STORE_SUPPORT_TICKET_EVENT', 'STORE'],
    ['STORE_SUPPORT_TICKET', 'STORE'],
    ['GENERAL_SUPPORT_TICKET_EVENT', 'GENERAL'],
    ['GENERAL_SUPPORT_TICKET', 'GENERAL'],
  ])('accepts the event name %s (RBI-02)', (type, expected) => {
    const result = reduce({ ...storeTicket, type })
    expect(result.outcome === 'APPLIED' && result.ticket.type).toBe(expected)
  })

  test('accepts the payload without an envelope (RBI-06)', () => {
    expect(decode(storeTicket.data).externalId).toBe('partner-77')
  })

  test('of two events with the same time the one that arrived later counts, also when the other is replayed', () => {
    const first = reduce(storeTicket)
    if (first.outcome !== 'APPLIED') throw new Error('not applied')
    const other = decode({ ...storeTicket, data: { ...storeTicket.data, comments: 'other' } })
    const replay = (receivedAt: string) =>
      webhookHandler.reduce(other, { receivedAt, late: true, ticket: first.ticket, state: first.state })
    expect(replay('2024-06-01T11:59:59.000Z')).toMatchObject({ outcome: 'UNCHANGED', why: 'SUPERSEDED' })
    expect(replay('2024-06-01T12:00:01.000Z')).toMatchObject({ outcome: 'APPLIED', ticket: { description: 'other' } })
  })

  test('never overwrites with an older event, and recognises a repetition (WEBHOOK-07)', () => {
    const first = reduce(storeTicket)
    if (first.outcome !== 'APPLIED') throw new Error('not applied')
    const older = { ...storeTicket, timestamp: '2024-03-01T12:00:04Z' }
    expect(reduce(older, first.ticket, first.state)).toMatchObject({ outcome: 'UNCHANGED', why: 'SUPERSEDED' })
    expect(reduce(storeTicket, first.ticket, first.state)).toMatchObject({ outcome: 'UNCHANGED', why: 'DUPLICATE' })
  })

  test('gives a ticket without an id a hash of its content, and of the event’s id where there is one (RBI-06)', () => {
    const { id: _, ...data } = storeTicket.data
    const nameless = { ...storeTicket, data }
    expect(decode(nameless).externalId).toBe(decode(nameless).externalId)
    expect(decode(nameless, 'msg_1').externalId).not.toBe(decode(nameless, 'msg_2').externalId)
    expect(decode(nameless).echoOf).toMatchObject({ by: 'fingerprint' })
    expect(decode(storeTicket).echoOf).toEqual({ by: 'id', externalId: 'partner-77' })
  })

  test.each([
    ['another event', { ...storeTicket, type: 'MENU_EVENT' }, /`type`/],
    ['an inherited name', { ...storeTicket, type: 'constructor' }, /`type`/],
    ['no category', { ...storeTicket, data: { ...storeTicket.data, category: null } }, /`category`/],
    ['a time that is none', { ...storeTicket, timestamp: 'soon' }, /`timestamp`/],
  ])('rejects %s and names the field', (_name, body, problem) => {
    expect(() => decode(body)).toThrow(problem)
  })

  test('accepts only the signature of exactly these bytes (RBI-07, WEBHOOK-01)', () => {
    const body = JSON.stringify(storeTicket)
    const signed = requestOf('rbi', body)
    expect(webhookHandler.authorise(signed)).toBe(true)
    expect(webhookHandler.authorise({ ...signed, rawBody: Buffer.from(`${body} `) })).toBe(false)
    expect(webhookHandler.authorise({ ...signed, headers: {} })).toBe(false)
  })
})

import { describe, expect, test } from 'vitest'
import type { SupportTicketData } from '../../../src/domain/support-ticket.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { toRoutedTicket } from '../../../src/sources/rbi/mapping.ts'
import { storeTicket } from '../../fixtures/rbi/store-ticket.ts'
import { rbiInfo, requestOf, testWebhookHandlers } from '../../support/ingestion-fixture.ts'

const webhookHandler = testWebhookHandlers[2]!
const receivedAt = '2024-06-01T12:00:00.000Z'
const decode = (body: unknown, eventId: string | null = null) =>
  webhookHandler.decode({ raw: Buffer.from(JSON.stringify(body)), eventId })
const reduce = (body: unknown, ticket: Ticket | null = null, state: unknown = null) =>
  webhookHandler.reduce(decode(body), { receivedAt, ticket, state })

describe('RBI', () => {
  test('puts every field of a partner’s ticket in its place, unknown ones in raw (trap 5)', () => {
    const reduction = reduce(storeTicket)
    expect(reduction).toMatchObject({ outcome: 'APPLIED', kind: 'CREATED', actor: { kind: 'PARTNER' } })
    expect(reduction.outcome === 'APPLIED' && reduction.ticket).toMatchObject({
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
  ])('accepts the event name %s (trap 2)', (type, expected) => {
    const reduction = reduce({ ...storeTicket, type })
    expect(reduction.outcome === 'APPLIED' && reduction.ticket.type).toBe(expected)
  })

  test('accepts the payload without an envelope (trap 6)', () => {
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

  test('never overwrites with an older event, and sees a repetition', () => {
    const first = reduce(storeTicket)
    if (first.outcome !== 'APPLIED') throw new Error('not applied')
    const older = { ...storeTicket, timestamp: '2024-03-01T12:00:04Z' }
    expect(reduce(older, first.ticket, first.state)).toMatchObject({ outcome: 'UNCHANGED', why: 'SUPERSEDED' })
    expect(reduce(storeTicket, first.ticket, first.state)).toMatchObject({ outcome: 'UNCHANGED', why: 'DUPLICATE' })
  })

  test('names a ticket without an id by what it says, and two equal ones by their events', () => {
    const { id: _, ...data } = storeTicket.data
    const nameless = { ...storeTicket, data }
    expect(decode(nameless).externalId).toBe(decode(nameless).externalId)
    expect(decode(nameless, 'msg_1').externalId).not.toBe(decode(nameless, 'msg_2').externalId)
    expect(decode(nameless).echoOf).toMatchObject({ by: 'fingerprint' })
    expect(decode(storeTicket).echoOf).toEqual({ by: 'id', externalId: 'partner-77' })
  })

  test('translates a ticket of our own as its echo would be', () => {
    const data = {
      ...storeTicket.data,
      type: 'STORE',
      createdAt: '2024-03-01T12:00:00.000Z',
      store: { id: '1001' },
    } as SupportTicketData
    const routing = { type: 'NONE', partner: null, rule: 'NO_PARTNER', trace: [] } as const
    const ticket = toRoutedTicket(data, { source: rbiInfo, tenant: 'plk-eu', observedAt: receivedAt }, routing)
    expect(ticket).toMatchObject({
      externalId: 'partner-77',
      tenant: 'plk-eu',
      routing,
      title: 'order / missing-item',
      raw: data,
    })
  })

  test.each([
    ['another event', { ...storeTicket, type: 'MENU_EVENT' }, /`type`/],
    ['an inherited name', { ...storeTicket, type: 'constructor' }, /`type`/],
    ['no category', { ...storeTicket, data: { ...storeTicket.data, category: null } }, /`category`/],
    ['a time that is none', { ...storeTicket, timestamp: 'soon' }, /`timestamp`/],
  ])('refuses %s with its place', (_name, body, problem) => {
    expect(() => decode(body)).toThrow(problem)
  })

  test('lets nobody in without the signature of these very bytes (trap 7, W1)', () => {
    const body = JSON.stringify(storeTicket)
    const signed = requestOf('rbi', body)
    expect(webhookHandler.authorise(signed)).toBe(true)
    expect(webhookHandler.authorise({ ...signed, rawBody: Buffer.from(`${body} `) })).toBe(false)
    expect(webhookHandler.authorise({ ...signed, headers: {} })).toBe(false)
  })
})

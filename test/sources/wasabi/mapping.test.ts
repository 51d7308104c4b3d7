import { describe, expect, test } from 'vitest'
import { encodeId } from '../../../src/domain/ids.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { withFields } from '../../../src/domain/ticket-view.ts'
import { toWasabiEvent } from '../../../src/sources/wasabi/decode.ts'
import { toTicket, toWasabiEnvelope } from '../../../src/sources/wasabi/mapping.ts'
import { wasabiInfo } from '../../support/ingestion-fixture.ts'
import { isCustomerCareTicket } from '../../support/wasabi-schema.ts'

const observedAt = '2024-06-01T12:00:00.000Z'
const origin = { source: wasabiInfo, tenant: '', observedAt }
const body = {
  ticketId: '1',
  customerId: '2',
  status: 'OPEN',
  createdAt: '2024-02-06T10:00:00Z',
  updatedAt: '2024-02-06T12:45:00Z',
}
const ticketOf = (fields: object): Ticket =>
  toTicket(
    toWasabiEvent({ eventType: 'CUSTOMER_CARE_TICKET', eventAction: 'UPDATED', version: 1, body: { ...body, ...fields } }),
    origin,
  )

describe('a Wasabi event', () => {
  test.each([
    [{ eventType: 'ORDER' }, '`eventType` is not CUSTOMER_CARE_TICKET.'],
    [{ eventAction: 'DELETED' }, '`eventAction` is neither CREATED nor UPDATED.'],
    [{ version: 2 }, '`version` is not 1.'],
    [{ body: [] }, '`body` is not an object.'],
  ])('is rejected when its envelope has %j (WASABI-01)', (fields, problem) => {
    const envelope = { eventType: 'CUSTOMER_CARE_TICKET', eventAction: 'CREATED', version: 1, body, ...fields }
    expect(() => toWasabiEvent(envelope)).toThrow(problem)
  })

  test.each([
    [
      { type: 'LATE_DELIVERY', orderIds: ['7'] },
      { kind: 'ORDER', label: 'Late delivery', orders: [{ externalId: '7' }] },
    ],
    [
      { type: 'CANCELLATION', subscriptionContractIds: [] },
      { kind: 'CANCELLATION', subscriptionContractIds: [] },
    ],
    [{ type: 'SUBJECT_ACCESS_REQUEST' }, { kind: 'SUBJECT_ACCESS_REQUEST', subtype: null }],
    [
      { type: 'GHOSTS', who: 'x' },
      { kind: 'GENERAL', code: 'GHOSTS', label: 'Ghosts' },
    ],
  ])('gives the reason %j its shape (WASABI-05)', (reason, expected) => {
    expect(ticketOf({ reason }).reason).toMatchObject(expected)
  })

  test.each([
    ['email', 'EMAIL'],
    ['web form', 'WEB'],
    ['zendesk', 'OTHER'],
    ['pigeon', 'UNKNOWN'],
  ])('normalises the origin %s to %s and keeps the text (WASABI-06)', (ticketOrigin, channel) => {
    expect(ticketOf({ ticketOrigin })).toMatchObject({ channel, origin: ticketOrigin })
  })

  test.each([
    ...(['email', 'E-Mail', 'mail'] as const).map((text) => [text, 'EMAIL'] as const),
    ...(['phone', 'Call', 'voice'] as const).map((text) => [text, 'PHONE'] as const),
    ...(['chat', 'Live Chat'] as const).map((text) => [text, 'CHAT'] as const),
    ...(['web', 'webform', 'Website', 'form'] as const).map((text) => [text, 'WEB'] as const),
    ...(['app', 'mobile', 'Mobile App'] as const).map((text) => [text, 'APP'] as const),
    ...(['social', 'facebook', 'twitter', 'instagram', 'WhatsApp'] as const).map((text) => [text, 'SOCIAL'] as const),
    ...(['freshdesk', 'intercom', 'salesforce', 'hubspot', 'gorgias', 'jira'] as const).map((text) => [text, 'OTHER'] as const),
    ...(['servicenow', 'Help Scout'] as const).map((text) => [text, 'OTHER'] as const),
    ['api', 'API'] as const,
  ])('of the origin %s has the channel %s (WASABI-06)', (ticketOrigin, channel) => {
    expect(ticketOf({ ticketOrigin }).channel).toBe(channel)
  })

  test.each([
    ...['WRONG_PRODUCT', 'PRODUCT_QUALITY', 'WRONG_CHARGE', 'REQUEST_REFUND', 'LATE_DELIVERY', 'MISSED_DELIVERY'],
    'DAMAGED_DELIVERY',
  ])('has orders for the reason %s (WASABI-05)', (type) => {
    const id = encodeId('order', 'wasabi', '', '7')
    const orders = [{ id, externalId: '7', entityId: null, placedAt: null }]
    expect(ticketOf({ reason: { type, orderIds: ['7'] } })).toMatchObject({
      orders,
      reason: { kind: 'ORDER', code: type, orders },
    })
    expect(ticketOf({ reason: { type } })).toMatchObject({ orders: null, reason: { kind: 'ORDER', orders: [] } })
  })

  test('has a reason with its own words (WASABI-05)', () => {
    const of = (reason: object) => ticketOf({ reason })
    expect(of({ type: 'CANCELLATION', subscriptionContractIds: ['c'] }).reason).toEqual({
      ...{ kind: 'CANCELLATION', code: 'CANCELLATION', label: 'Cancellation', subscriptionContractIds: ['c'] },
    })
    expect(of({ type: 'SUBJECT_ACCESS_REQUEST', subtype: 'DELETE' }).reason).toEqual({
      ...{ kind: 'SUBJECT_ACCESS_REQUEST', code: 'SUBJECT_ACCESS_REQUEST', label: 'Subject access request', subtype: 'DELETE' },
    })
    expect(of({ type: 'NO_IDEA_AT_ALL_' })).toMatchObject({
      title: 'No idea at all',
      reason: { kind: 'GENERAL', code: 'NO_IDEA_AT_ALL_', label: 'No idea at all', localLabel: null },
    })
  })

  test('has nothing that its record does not tell, and its customer by id alone', () => {
    const id = encodeId('customer', 'wasabi', '', '2')
    const unnamed = { name: null, firstName: null, lastName: null, email: null, phone: null }
    expect(ticketOf({})).toMatchObject({
      ...{ title: null, reason: null, channel: null, origin: null, tags: null, orders: null, resolution: null, resolvedAt: null },
      customer: { id, externalId: '2', ...unnamed },
    })
    const resolvedAt = '2024-02-07T12:45:00.000Z'
    expect(ticketOf({ resolvedAt })).toMatchObject({ resolvedAt, resolution: { status: null, reason: null, resolvedAt } })
  })

  test('may have a fractional first reply time (WASABI-07); an unknown status is UNKNOWN (DECISION-26)', () => {
    const ticket = ticketOf({ firstReplyTimeInMinutes: 0.5, status: 'ASLEEP' })
    expect(ticket).toMatchObject({ firstReplyTimeInMinutes: 0.5, status: 'UNKNOWN', sourceStatus: 'ASLEEP' })
  })
})

describe('an envelope', () => {
  const full = ticketOf({ reason: { type: 'CANCELLATION', subscriptionContractIds: ['c'] }, tags: ['t'] })
  const sparse = withFields(full, { reason: null, customer: null, createdAt: null, updatedAt: null, status: 'ESCALATED' })

  test.each([
    ['full', full],
    ['sparse', sparse],
  ])('of a %s ticket is valid against the published schema', (_, ticket) => {
    expect(isCustomerCareTicket(toWasabiEnvelope(ticket, 'CREATED'))).toBe(true)
    expect(isCustomerCareTicket(toWasabiEnvelope(ticket, 'UPDATED'))).toBe(true)
  })

  test('has what the ticket has, and fills what the schema requires', () => {
    expect(toWasabiEnvelope(full, 'UPDATED').body).toMatchObject({
      ticketId: '1',
      customerId: '2',
      reason: { type: 'CANCELLATION' },
    })
    expect(toWasabiEnvelope(sparse, 'UPDATED').body).toMatchObject({
      status: 'IN_PROGRESS',
      customerId: 'unknown',
      updatedAt: observedAt,
    })
  })
})

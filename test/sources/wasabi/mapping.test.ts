import { describe, expect, test } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
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

  test('may have a fractional first reply time (WASABI-07); an unknown status is UNKNOWN (DECISION-26)', () => {
    const ticket = ticketOf({ firstReplyTimeInMinutes: 0.5, status: 'ASLEEP' })
    expect(ticket).toMatchObject({ firstReplyTimeInMinutes: 0.5, status: 'UNKNOWN', sourceStatus: 'ASLEEP' })
  })
})

describe('an envelope', () => {
  const full = ticketOf({ reason: { type: 'CANCELLATION', subscriptionContractIds: ['c'] }, tags: ['t'] })
  const sparse: Ticket = { ...full, reason: null, customer: null, createdAt: null, updatedAt: null, status: 'ESCALATED' }

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

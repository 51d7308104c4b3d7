import { describe, expect, it } from 'vitest'
import type { Order, Ticket, TicketReason } from '../../../src/domain/ticket.ts'
import { findUnknownFields, statuses, toWasabiEnvelope } from '../../../src/sources/wasabi/mapping.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

// Bodies as the "Customer Care Tickets Import Schema" describes them (customer-care-ticket.schema.json).

const desk = toSourceInfo('desk')
const wasabi = toSourceInfo('imports', { system: 'wasabi' })
const observedAt = '2024-06-01T12:00:00.000Z'
const ticketOf = (changes: Partial<Ticket> = {}, source = desk) => {
  const ticket = toTicket(source, '1', changes)
  return { ...ticket, freshness: { ...ticket.freshness, observedAt } }
}
const bodyOf = (changes: Partial<Ticket> = {}, source = desk) => toWasabiEnvelope(ticketOf(changes, source), 'UPDATED').body
const customer = { externalId: '2' } as NonNullable<Ticket['customer']>

describe('a ticket as a Wasabi event', () => {
  it('has only what the schema requires where nothing else is known', () => {
    expect(toWasabiEnvelope(ticketOf(), 'CREATED')).toStrictEqual({
      ...{ eventType: 'CUSTOMER_CARE_TICKET', eventAction: 'CREATED', version: 1 },
      body: { ticketId: 'desk:1', customerId: 'unknown', status: 'OPEN', createdAt: observedAt, updatedAt: observedAt },
    })
  })

  it('has what is known', () => {
    const [createdAt, updatedAt, resolvedAt] = [1, 2, 3].map((day) => `2024-02-0${day}T10:00:00.000Z`) as [string, string, string]
    const known = { origin: 'web form', tags: ['vip'], firstReplyTimeInMinutes: 0, createdAt, updatedAt, resolvedAt }
    expect(bodyOf({ ...known, customer, status: 'IN_PROGRESS' })).toStrictEqual({
      ...{ ticketId: 'desk:1', customerId: 'desk:2', status: 'IN_PROGRESS', ticketOrigin: 'web form', tags: ['vip'] },
      ...{ firstReplyTimeInMinutes: 0, createdAt, updatedAt, resolvedAt },
    })
  })

  it('has the nearest time that is known', () => {
    const createdAt = '2024-02-01T10:00:00.000Z'
    expect(bodyOf({ createdAt })).toMatchObject({ createdAt, updatedAt: createdAt })
    const updatedAt = '2024-02-02T10:00:00.000Z'
    expect(bodyOf({ updatedAt })).toMatchObject({ createdAt: updatedAt, updatedAt })
  })

  it('has its channel as its origin where it has no other', () => {
    expect(bodyOf({ channel: 'EMAIL' }).ticketOrigin).toBe('email')
    expect(bodyOf({ channel: 'EMAIL', origin: 'Postbox' }).ticketOrigin).toBe('Postbox')
  })

  it('keeps its own ids only where it came from Wasabi: those of two sources may be equal', () => {
    expect(bodyOf({ customer }, wasabi)).toMatchObject({ ticketId: '1', customerId: '2' })
    expect(bodyOf({ customer })).toMatchObject({ ticketId: 'desk:1', customerId: 'desk:2' })
  })

  it('says whether the work has not begun, has begun, or is done, also of a ticket that was deleted', () => {
    expect((['NEW', 'OPEN', 'UNKNOWN'] as const).map((status) => bodyOf({ status }).status)).toEqual(['OPEN', 'OPEN', 'OPEN'])
    const begun = (['IN_PROGRESS', 'PENDING', 'ON_HOLD', 'ESCALATED'] as const).map((status) => bodyOf({ status }).status)
    expect(new Set(begun)).toEqual(new Set(['IN_PROGRESS']))
    const done = (['RESOLVED', 'CLOSED', 'CANCELLED'] as const).map((status) => bodyOf({ status }).status)
    expect(new Set(done)).toEqual(new Set(['RESOLVED']))
    expect(bodyOf({ status: 'OPEN', deletedAt: observedAt }).status).toBe('RESOLVED')
    expect(statuses.words).toEqual(['OPEN', 'IN_PROGRESS', 'RESOLVED'])
  })
})

describe('a reason as Wasabi has it', () => {
  const named = (code: string) => ({ code, label: code })
  const order = (externalId: string) => ({ externalId }) as Order

  it.each<[TicketReason, object | undefined]>([
    [
      { kind: 'CANCELLATION', ...named('CANCELLATION'), subscriptionContractIds: ['c'] },
      { type: 'CANCELLATION', subscriptionContractIds: ['c'] },
    ],
    [
      { kind: 'SUBJECT_ACCESS_REQUEST', ...named('SAR'), subtype: 'DELETE' },
      { type: 'SUBJECT_ACCESS_REQUEST', subtype: 'DELETE' },
    ],
    [{ kind: 'SUBJECT_ACCESS_REQUEST', ...named('SAR'), subtype: null }, { type: 'SUBJECT_ACCESS_REQUEST' }],
    [
      { kind: 'ORDER', ...named('LATE_DELIVERY'), orders: [order('7'), order('8')] },
      { type: 'LATE_DELIVERY', orderIds: ['7', '8'] },
    ],
    [{ kind: 'ORDER', ...named('WRONG_CHARGE'), orders: [] }, { type: 'WRONG_CHARGE' }],
    [{ kind: 'ORDER', ...named('COLD'), orders: [order('7')] }, undefined],
    [{ kind: 'GENERAL', ...named('LATE_DELIVERY'), localLabel: null }, undefined],
  ])('is %j', (reason, expected) => {
    const { reason: given, ...others } = bodyOf({ reason })
    expect(given).toStrictEqual(expected)
    expect('reason' in bodyOf({ reason })).toBe(expected !== undefined)
    expect(others).toStrictEqual(bodyOf())
  })
})

describe('what is not documented of a ticket', () => {
  it('is an unknown status or channel, or a general reason', () => {
    const general: TicketReason = { kind: 'GENERAL', code: 'X', label: 'X', localLabel: null }
    expect(findUnknownFields(ticketOf())).toEqual([])
    expect(findUnknownFields(ticketOf({ status: 'UNKNOWN' }))).toEqual(['status'])
    expect(findUnknownFields(ticketOf({ channel: 'UNKNOWN' }))).toEqual(['channel'])
    expect(findUnknownFields(ticketOf({ reason: general }))).toEqual(['reason'])
    const cancelled: TicketReason = { kind: 'CANCELLATION', code: 'X', label: 'X', subscriptionContractIds: [] }
    expect(findUnknownFields(ticketOf({ channel: 'WEB', reason: cancelled }))).toEqual([])
  })
})

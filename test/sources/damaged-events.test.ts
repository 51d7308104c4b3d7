import { expect, it } from 'vitest'
import { toPlainTicket } from '../../src/domain/ticket-view.ts'
import { EventProblem } from '../../src/sources/webhook-handler.ts'
import { storeTicket } from '../fixtures/rbi/store-ticket.ts'
import { vccDelete } from '../fixtures/vcc/samples.ts'
import { testWebhookHandlers } from '../support/ingestion-fixture.ts'
import { damage, findFaults } from './damaged-fixture.ts'

const [vcc, wasabi, rbi] = testWebhookHandlers

const envelope = {
  ...{ eventType: 'CUSTOMER_CARE_TICKET', eventAction: 'UPDATED', version: 1 },
  body: {
    ...{ ticketId: '1', customerId: '2', status: 'OPEN', ticketOrigin: 'email', tags: ['vip'], firstReplyTimeInMinutes: 1.5 },
    reason: { type: 'CANCELLATION', orderIds: ['7'], subscriptionContractIds: ['8'], subtype: 'ERASURE' },
    ...{ createdAt: '2024-02-06T10:00:00Z', updatedAt: '2024-02-06T12:45:00Z', resolvedAt: '2024-02-06T12:45:00Z' },
  },
}

it.each([
  ['vcc', vcc!, JSON.parse(vccDelete) as object],
  ['wasabi', wasabi!, envelope],
  ['rbi', rbi!, storeTicket],
] as const)('an event of %s in which one value is another one is refused, or gives a ticket', (_, handler, sample) => {
  /** null: the event was refused, with its faulty field. */
  const ticketOf = (event: unknown) => {
    try {
      const decoded = handler.decode({ raw: Buffer.from(JSON.stringify(event)), eventId: null })
      const result = handler.reduce(decoded, { receivedAt: '2024-06-01T12:00:00.000Z', ticket: null, state: null })
      return result.outcome === 'APPLIED' ? toPlainTicket(result.ticket) : null
    } catch (cause) {
      if (cause instanceof EventProblem) return null
      throw cause
    }
  }
  expect(ticketOf(sample)).not.toBeNull()
  const read = damage(sample).map(({ place, value }) => [place, ticketOf(value)] as const)
  expect(read.flatMap(([place, ticket]) => (ticket ? findFaults(ticket).map((fault) => `${place}: ${fault}`) : []))).toEqual([])
  expect(read.filter(([, ticket]) => ticket !== null).length).toBeGreaterThan(read.length / 3)
})

import type { Delivery } from '../../../src/domain/delivery.ts'
import type { DeadLetter, TicketEvent } from '../../../src/domain/events.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import { applied } from '../../../src/domain/writes.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { createMemorySource } from '../memory-source.ts'
import { createTestGraph, type GraphOptions } from './graph.ts'
import {
  createMemoryChangeStream,
  createMemoryDeadLetters,
  createMemoryDeliveries,
  createMemoryHistory,
  routedSource,
} from './memory-services.ts'
import { customer, message, sourceInfo, ticket, vendor } from './tickets.ts'

// One object of each kind: a PULL source with every ability, a routed source, and a source with a quarantined event.

export const oneview = sourceInfo('oneview', {
  actions: ['UPDATE', 'REPLY', 'NOTE', 'ESCALATE', 'CLOSE', 'REOPEN', 'REASSIGN', 'TRANSFER'],
  canCreate: true,
})
export const rbi = sourceInfo('rbi', { mode: 'EVENT_FED', actions: ['ROUTE'], canCreate: true })
export const vcc = sourceInfo('vcc', { mode: 'EVENT_FED' })

export const ids = {
  ticket: encodeId('ticket', 'oneview', '', 't1'),
  routed: encodeId('ticket', 'rbi', '', 'r1'),
  customer: encodeId('customer', 'oneview', '', 'c1'),
  vendor: encodeId('vendor', 'oneview', '', 'v1'),
  message: encodeId('message', 'oneview', '', 't1#0'),
  delivery: encodeId('delivery', 'rbi', '', 'd1'),
  deadLetter: encodeId('deadLetter', 'vcc', '', 'q1'),
  event: encodeId('event', 'oneview', '', 'e1'),
}

export const theTicket = ticket(oneview, 't1', {
  title: 'Late chat',
  status: 'OPEN',
  updatedAt: '2026-01-01T10:00:00.000Z',
  customer: customer(oneview, 'c1', {
    name: 'Ann Lee',
    firstName: 'Ann',
    lastName: 'Lee',
    email: 'ann.lee@example.com',
    phone: '+65 1',
  }),
  vendor: vendor(oneview, 'v1', { vertical: 'RESTAURANTS' }),
  messages: [
    { ...message(oneview, 't1', 0, 'Where is it?'), author: { kind: 'CUSTOMER', externalId: 'c1', name: 'Ann Lee' } },
    { ...message(oneview, 't1', 1, 'On its way.'), author: { kind: 'AGENT', externalId: 'a1', name: 'Bob' } },
  ],
  satisfaction: { score: 'GOOD', sourceScore: null, comment: 'Thanks', ratedAt: null },
  raw: { customer: { email: 'ann.lee@example.com' } },
})

export const routedTicket = ticket(rbi, 'r1', {
  updatedAt: '2026-01-01T09:00:00.000Z',
  routing: { type: 'STORE', partners: ['careco'], rule: 'STORE_SUBSCRIBED', trace: ['store 1001'] },
})

export const delivery: Delivery = {
  id: ids.delivery,
  event: 'STORE_SUPPORT_TICKET_EVENT',
  partner: 'careco',
  state: 'DEAD',
  attempts: 10,
  lastStatus: 500,
  lastError: 'answered 500',
  nextAttemptAt: null,
  deliveredAt: null,
  createdAt: '2026-01-01T09:00:00.000Z',
}

export const deadLetter: DeadLetter = {
  id: ids.deadLetter,
  source: vcc,
  receivedAt: '2026-01-01T08:00:00.000Z',
  problem: 'ticket.ticketId is missing',
  body: { ticket: { contact: 'ann.lee@example.com' } },
  state: 'HELD',
}

const created: TicketEvent = {
  id: ids.event,
  kind: 'CREATED',
  at: '2026-01-01T07:00:00.000Z',
  actor: null,
  summary: 'Raised',
  changes: [],
}

/** The writes of OneView. Each answers with the ticket after the write. */
const methods: Partial<TicketSource> = {
  createTicket: async () => applied(theTicket),
  updateTicket: async () => applied(theTicket),
  replyToTicket: async () => ({ ...applied(theTicket), message: theTicket.messages![1]! }),
  escalateTicket: async () => applied({ ...theTicket, status: 'ESCALATED' }),
  closeTicket: async () => applied({ ...theTicket, status: 'CLOSED' }),
  reopenTicket: async () => applied({ ...theTicket, status: 'OPEN' }),
  reassignTicket: async () => applied(theTicket),
  transferTicket: async () => applied(theTicket),
  escalationDepartments: async () => [{ key: 'partner-service', label: 'Partner service' }],
  transferQueues: async () => [{ key: '7', name: 'chat-eng-sg', language: 'en' }],
  resolutionStatuses: async () => ['NO_ACTION', 'REFUNDED'].map((key) => ({ key, label: key })),
  contactReasons: async ({ first }) => [{ code: '1A', label: 'Order', language: null, level: 1, parents: [] }].slice(0, first),
}

export function createGraphFixture(options: Pick<GraphOptions, 'resolvers' | 'federation'> = {}) {
  const sources = {
    oneview: createMemorySource(oneview, { tickets: [theTicket], methods }),
    rbi: createMemorySource(rbi, {
      tickets: [routedTicket],
      methods: { ...routedSource, routeTicket: async () => applied(routedTicket) },
    }),
    vcc: createMemorySource(vcc),
  }
  const { deliveries, counts } = createMemoryDeliveries({ [ids.routed]: [delivery] })
  const { changes, push } = createMemoryChangeStream()
  const graph = createTestGraph({
    ...options,
    sources: Object.values(sources),
    services: {
      deliveries,
      deadLetters: createMemoryDeadLetters([deadLetter]),
      history: createMemoryHistory({ [ids.ticket]: [created] }).history,
      changes,
    },
  })
  return { graph, sources, deliveryCounts: counts, changes, push }
}

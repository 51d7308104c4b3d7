import { randomUUID } from 'node:crypto'
import type { NewDelivery } from '../../delivery/delivery-store.ts'
import type { Viewer } from '../../domain/call.ts'
import type { NewChange } from '../../domain/events.ts'
import type { Instant } from '../../domain/instant.ts'
import { submissionFingerprint } from '../../domain/submission.ts'
import type { SupportTicketData } from '../../domain/support-ticket.ts'
import type { Actor, RoutingDecision, Ticket } from '../../domain/ticket.ts'
import { decideRoute } from './decide-route.ts'
import type { Partner } from './routing-file.ts'
import { supportEvents } from './routing-file.ts'
import { type Submission, toDeliveryBody, toSupportTicket } from './submission.ts'

/** The rbi source's translation, so that our own tickets look like those that come in. */
export type ToTicket = (data: SupportTicketData, market: string, routing: RoutingDecision) => Ticket

/** A decision and everything that it leads to, ready to be committed. */
export interface RoutedTicket {
  readonly decision: RoutingDecision
  readonly partners: readonly Partner[]
  readonly data: SupportTicketData
  readonly ticket: Ticket
  readonly deliveries: readonly NewDelivery[]
}

/** Decides as of `data.createdAt`, when the ticket was submitted; `at` is when it is sent. */
export function routeSubmission(
  toTicket: ToTicket,
  submission: Submission,
  id: string,
  submittedAt: Instant,
  at: Instant,
): RoutedTicket {
  const { decision, type, partners } = decideRoute(submission.market, submission, submittedAt)
  const data = toSupportTicket(submission, type, id, submittedAt)
  const ticket = toTicket(data, submission.market.key, decision)
  return { decision, partners, data, ticket, deliveries: toDeliveries(ticket, data, partners, at) }
}

function toDeliveries(ticket: Ticket, data: SupportTicketData, partners: readonly Partner[], at: Instant): NewDelivery[] {
  const body = toDeliveryBody(data, at)
  return partners.map((partner) => ({
    id: `msg_${randomUUID()}`,
    sourceKey: ticket.source.key,
    market: ticket.tenant,
    ticketId: ticket.id,
    partner: partner.key,
    event: supportEvents[data.type],
    body,
    createdAt: at,
  }))
}

/** What recognises the echo of this ticket when a partner sends it back without its id. */
export function fingerprintOf({ category, subcategory, comments, store, order }: SupportTicketData): string {
  return submissionFingerprint({ category, subcategory, comments, storeId: store?.id ?? null, orderId: order?.id ?? null })
}

export function toCreated({ ticket, decision }: RoutedTicket, at: Instant, viewer: Viewer): NewChange {
  const summary = decision.type === 'NONE' ? `Raised, and sent to nobody (${decision.rule}).` : 'Raised.'
  return { kind: 'CREATED', ticket, before: null, at, actor: toActor(viewer), summary }
}

/** Nothing where nobody receives the ticket. */
export function toRoutedChanges({ ticket, decision }: RoutedTicket, before: Ticket, at: Instant, viewer: Viewer): NewChange[] {
  if (decision.type === 'NONE') return []
  const summary = `Routed as ${decision.type} to ${decision.partner} (${decision.rule}).`
  return [{ kind: 'ROUTED', ticket, before, at, actor: toActor(viewer), summary }]
}

function toActor({ id, name }: Viewer): Actor {
  return { kind: 'AGENT', id, name }
}

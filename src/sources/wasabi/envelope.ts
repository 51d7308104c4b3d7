import type { Instant } from '../../domain/instant.ts'
import type { Ticket, TicketReason, TicketStatus } from '../../domain/ticket.ts'
import { orderReasons } from './vocabulary.ts'

/** A ticket in the "Customer Care Tickets Import Schema". */
export interface WasabiEnvelope {
  readonly eventType: 'CUSTOMER_CARE_TICKET'
  readonly eventAction: 'CREATED' | 'UPDATED'
  readonly version: 1
  readonly body: WasabiBody
}

export interface WasabiBody {
  readonly ticketId: string
  readonly customerId: string
  readonly status: 'OPEN' | 'IN_PROGRESS' | 'RESOLVED'
  readonly reason?: object
  readonly ticketOrigin?: string
  readonly resolvedAt?: Instant
  readonly firstReplyTimeInMinutes?: number
  readonly tags?: readonly string[]
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** Wasabi knows three states: not begun, begun, done. */
const statuses: Readonly<Record<TicketStatus, WasabiBody['status']>> = {
  NEW: 'OPEN',
  OPEN: 'OPEN',
  UNKNOWN: 'OPEN',
  IN_PROGRESS: 'IN_PROGRESS',
  PENDING: 'IN_PROGRESS',
  ON_HOLD: 'IN_PROGRESS',
  ESCALATED: 'IN_PROGRESS',
  RESOLVED: 'RESOLVED',
  CLOSED: 'RESOLVED',
  CANCELLED: 'RESOLVED',
}

/** undefined: the reason is none that the schema has a shape for. */
function toReason(reason: TicketReason | null): object | undefined {
  if (reason?.kind === 'CANCELLATION') {
    return { type: 'CANCELLATION', subscriptionContractIds: [...reason.subscriptionContractIds] }
  }
  if (reason?.kind === 'SUBJECT_ACCESS_REQUEST') {
    return { type: 'SUBJECT_ACCESS_REQUEST', ...(reason.subtype !== null && { subtype: reason.subtype }) }
  }
  if (reason?.kind !== 'ORDER' || !orderReasons.some((known) => known === reason.code)) return undefined
  const orderIds = reason.orders.map((order) => order.externalId)
  return { type: reason.code, ...(orderIds.length > 0 && { orderIds }) }
}

/** Ids repeat across sources: all but Wasabi's own are prefixed with their source's key. */
function toId(ticket: Ticket, externalId: string): string {
  return ticket.source.system === 'wasabi' ? externalId : `${ticket.source.key}:${externalId}`
}

/**
 * Any source's ticket as a Wasabi event, valid against the schema. What the schema requires and a source does not say is
 * filled: an unknown customer is "unknown", a missing time the nearest known one. A deleted ticket counts as RESOLVED.
 */
export function toWasabiEnvelope(ticket: Ticket, action: WasabiEnvelope['eventAction']): WasabiEnvelope {
  const updatedAt = ticket.updatedAt ?? ticket.createdAt ?? ticket.freshness.observedAt
  const reason = toReason(ticket.reason)
  const origin = ticket.origin ?? ticket.channel?.toLowerCase() ?? null
  const { resolvedAt, firstReplyTimeInMinutes, tags } = ticket
  return {
    eventType: 'CUSTOMER_CARE_TICKET',
    eventAction: action,
    version: 1,
    body: {
      ticketId: toId(ticket, ticket.externalId),
      customerId: ticket.customer ? toId(ticket, ticket.customer.externalId) : 'unknown',
      status: ticket.deletedAt === null ? statuses[ticket.status] : 'RESOLVED',
      ...(reason && { reason }),
      ...(origin !== null && { ticketOrigin: origin }),
      ...(resolvedAt !== null && { resolvedAt }),
      ...(firstReplyTimeInMinutes !== null && { firstReplyTimeInMinutes }),
      ...(tags !== null && { tags }),
      createdAt: ticket.createdAt ?? updatedAt,
      updatedAt,
    },
  }
}

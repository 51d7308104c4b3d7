import { globalId } from '../workloads.ts'
import type { WireLink, WireTicket } from './tickets.ts'

// OneView's records in the graph's form: for the hand-written server, and to compare the answers of Hive Gateway.

const isoOf = (seconds: number) => new Date(seconds * 1000).toISOString()
const statuses: Record<string, string> = { ASSIGNED: 'IN_PROGRESS', ESCALATED: 'ESCALATED', CLOSED: 'CLOSED' }

/** All fields except the links. */
export function toTicket(wire: WireTicket) {
  const { metadata, customer, vendor } = wire
  return {
    id: globalId('ticket', wire.id),
    externalId: wire.id,
    title: metadata.ccr,
    status: statuses[wire.status],
    sourceStatus: wire.status,
    statusReason: wire.statusReason,
    queue: wire.queue,
    channel: wire.channel.toUpperCase(),
    origin: wire.source,
    country: metadata.country,
    language: metadata.language,
    tags: metadata.tags,
    priorityRank: wire.priority,
    sla: metadata.sla,
    createdAt: isoOf(wire.createdAt),
    updatedAt: isoOf(wire.UpdatedAt),
    assignee: { externalId: wire.Assignee, email: wire.Assignee },
    orders: [{ externalId: metadata.orderId, entityId: metadata.entityId }],
    customer: {
      id: globalId('customer', customer.id),
      externalId: customer.id,
      name: customer.name,
      firstName: customer.firstName,
      lastName: customer.lastName,
      email: customer.email,
    },
    vendor: { id: globalId('vendor', vendor.id), externalId: vendor.id, vertical: vendor.vertical.toUpperCase() },
  }
}

/** A ticket with its links, which are not resolved. */
export function withLinks(wire: WireTicket) {
  const toLink = (link: WireLink) => ({
    kind: 'CHILD',
    system: link.ticketIdType,
    externalId: link.ticketId,
    category: link.ticketCategory,
    reason: link.reason,
    creator: link.creator,
    createdAt: isoOf(link.createdAt),
  })
  return { ...toTicket(wire), links: wire.metadata.childrenLinks.map(toLink) }
}

/** The fields of a resolved link's ticket. */
export type LinkedTicket = Pick<WireTicket, 'id' | 'status'> & {
  readonly metadata: { readonly ccr: string }
  readonly customer: { readonly name: string }
}

/** A link with the ticket that it leads to; undefined where there is none. */
export function toResolvedLink(
  { ticketId, ticketIdType, ticketCategory }: Pick<WireLink, 'ticketId' | 'ticketIdType' | 'ticketCategory'>,
  ticket: LinkedTicket | undefined,
) {
  return {
    kind: 'CHILD',
    system: ticketIdType,
    externalId: ticketId,
    category: ticketCategory,
    ticket: ticket && {
      id: globalId('ticket', ticket.id),
      title: ticket.metadata.ccr,
      status: statuses[ticket.status],
      customer: { name: ticket.customer.name },
    },
  }
}

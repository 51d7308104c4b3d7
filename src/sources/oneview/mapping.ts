import { encodeId } from '../../domain/ids.ts'
import type { Agent, Customer, Escalation, Order, Ticket, TicketLink, TicketReason, Vendor } from '../../domain/ticket.ts'
import type { Origin } from '../source.ts'
import type { OneViewCustomer, OneViewLink, OneViewMetadata, OneViewTicket, OneViewVendor } from './decode.ts'
import { isEntity, toEntityId } from './entity.ts'
import { isExternalId } from './external-id.ts'
import { toLanguage } from './language.ts'
import { toChannel, toStatus, toVertical } from './vocabulary.ts'

/** A OneView ticket in the unified model. */
export function toTicket(wire: OneViewTicket, origin: Origin): Ticket {
  const { source, tenant, observedAt } = origin
  const { metadata } = wire
  const status = toStatus(wire.status)
  return {
    id: encodeId('ticket', source.key, tenant, wire.id),
    source,
    tenant,
    externalId: wire.id,
    isSummary: false,
    number: null,
    url: null,
    title: metadata?.ccr ?? null,
    // `content` is an untyped object: it is in `raw`, nothing in it can be promised.
    description: null,
    status,
    sourceStatus: wire.status,
    statusReason: wire.statusReason,
    statusChangedAt: wire.updatedAt,
    // "Use this as sort reference": neither range nor direction is said, so it is a rank and no priority.
    priority: null,
    sourcePriority: wire.priority === null ? null : String(wire.priority),
    priorityRank: toInt32(wire.priority),
    category: null,
    reason: toReason(metadata),
    type: wire.type,
    channel: toChannel(wire.channel ?? wire.type),
    origin: wire.source,
    queue: wire.queue,
    country: metadata?.country ?? null,
    language: toLanguage(metadata?.language ?? null),
    tags: metadata?.tags ?? null,
    assignee: wire.assignee === null ? null : toAgent(wire.assignee, origin),
    createdBy: null,
    updatedBy: null,
    customer: wire.customer && toCustomer(wire.customer, wire.id, origin),
    vendor: wire.vendor && toVendor(wire.vendor, origin),
    orders: toOrders(wire, origin),
    links: metadata?.childrenLinks?.map((link) => toLink(link, origin)) ?? null,
    messages: null,
    attachments: null,
    escalation: status === 'ESCALATED' ? toEscalation(wire) : null,
    resolution: null,
    routing: null,
    // No unit is documented: the number is passed on and no deadline is made of it.
    sla: metadata?.sla ?? null,
    dueAt: null,
    firstReplyTimeInMinutes: null,
    createdAt: wire.createdAt,
    updatedAt: wire.updatedAt,
    firstOpenedAt: null,
    lastOpenedAt: null,
    resolvedAt: null,
    deletedAt: null,
    freshness: { mode: 'LIVE', observedAt },
    raw: wire.record,
  }
}

/** The entity that a ticket belongs to, in one spelling; null where the ticket does not say. */
export function toTicketEntity(wire: OneViewTicket): string | null {
  return toEntityId(wire.metadata?.entityId ?? (isEntity(wire.source) ? wire.source : null))
}

function toInt32(value: number | null): number | null {
  return value !== null && (value | 0) === value ? value : null
}

/** The label stands in for a code: the tickets carry none (updates and searches do). */
function toReason(metadata: OneViewMetadata | null): TicketReason | null {
  const label = metadata?.ccr ?? metadata?.localCcr ?? null
  return label === null ? null : { kind: 'GENERAL', code: label, label, localLabel: metadata?.localCcr ?? null }
}

/** The document does not say whether an assignee is an id, a name or an e-mail: only what it plainly is, is claimed. */
function toAgent(text: string, { source, tenant }: Origin): Agent {
  const isEmail = /^\S+@\S+$/.test(text)
  const isName = !isEmail && text.includes(' ')
  return {
    id: encodeId('agent', source.key, tenant, text),
    externalId: text,
    name: isName ? text : null,
    email: isEmail ? text : null,
  }
}

function toCustomer(wire: OneViewCustomer, ticketId: string, { source, tenant }: Origin): Customer {
  // Without an id of its own the customer is known through this ticket alone.
  const externalId = wire.id ?? `ticket:${ticketId}`
  return {
    id: encodeId('customer', source.key, tenant, externalId),
    source,
    externalId,
    name: wire.name ?? toFullName(wire),
    firstName: wire.firstName,
    lastName: wire.lastName,
    email: wire.email,
    phone: null,
  }
}

function toFullName({ firstName, lastName }: OneViewCustomer): string | null {
  return firstName !== null && lastName !== null ? `${firstName} ${lastName}` : (firstName ?? lastName)
}

function toVendor(wire: OneViewVendor, { source, tenant }: Origin): Vendor | null {
  if (wire.id === null) return null
  const id = encodeId('vendor', source.key, tenant, wire.id)
  return { id, source, externalId: wire.id, name: null, vertical: toVertical(wire.vertical) }
}

/** [] where the ticket says that there is no order, null where it does not say. */
function toOrders(wire: OneViewTicket, { source, tenant }: Origin): readonly Order[] | null {
  const orderId = wire.metadata?.orderId ?? null
  if (orderId === null) return null
  if (orderId === '') return []
  return [
    { id: encodeId('order', source.key, tenant, orderId), externalId: orderId, entityId: toTicketEntity(wire), placedAt: null },
  ]
}

function toLink(link: OneViewLink, { source, tenant }: Origin): TicketLink {
  // Salesforce's ids mean nothing to OneView; PANDACARE, or no type at all, is the same OneView.
  const isHere = (link.ticketIdType === null || link.ticketIdType.toUpperCase() === 'PANDACARE') && isExternalId(link.ticketId)
  return {
    kind: 'CHILD',
    system: link.ticketIdType ?? 'ONEVIEW',
    externalId: link.ticketId,
    category: link.ticketCategory,
    reason: link.reason,
    creator: link.creator,
    createdAt: link.createdAt,
    url: null,
    ticketId: isHere ? encodeId('ticket', source.key, tenant, link.ticketId) : null,
  }
}

/** `statusReason` says why the status is what it is, `UpdatedAt` since when. To which department is not in the ticket. */
function toEscalation(wire: OneViewTicket): Escalation {
  return { department: null, reason: wire.statusReason, escalatedAt: wire.updatedAt }
}

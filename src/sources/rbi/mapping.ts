import { encodeId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import type { SupportTicketData } from '../../domain/support-ticket.ts'
import type {
  Customer,
  Order,
  RoutingDecision,
  ThreadMessage,
  Ticket,
  TicketCategory,
  TicketReason,
  Vendor,
} from '../../domain/ticket.ts'
import { toUnknownTicket } from '../event-fed-ticket.ts'
import type { Origin } from '../source.ts'
import { type RbiTicket, toRbiTicket } from './decode.ts'
import { toChannel } from './vocabulary.ts'

/** Code and label are the narrowest that is said; the path begins with the group. */
function toCategory({ category, subcategory }: RbiTicket): TicketCategory {
  const path = subcategory === null ? [category] : [category, subcategory]
  return { code: subcategory ?? category, label: path.join(' / '), path }
}

/** The issue id that the market agreed on, under the sub-category's name. */
function toReason({ subcategory, subcategoryId, category }: RbiTicket): TicketReason | null {
  if (subcategoryId === null) return null
  return { kind: 'GENERAL', code: subcategoryId, label: subcategory ?? category, localLabel: null }
}

function toCustomer(guest: RbiTicket['customer'], ticketId: string, { source, tenant }: Origin): Customer | null {
  if (guest === null) return null
  // A guest without an id is known by this ticket alone.
  const externalId = guest.id ?? `guest-of-${ticketId}`
  const { name, email, phone } = guest
  const id = encodeId('customer', source.key, tenant, externalId)
  return { id, source, externalId, name, firstName: null, lastName: null, email, phone }
}

function toVendor(store: RbiTicket['store'], { source, tenant }: Origin): Vendor | null {
  if (store === null) return null
  return { id: encodeId('vendor', source.key, tenant, store.id), source, externalId: store.id, name: store.name, vertical: null }
}

function toOrders(order: RbiTicket['order'], { source, tenant }: Origin): readonly Order[] | null {
  if (order === null) return null
  return [{ id: encodeId('order', source.key, tenant, order.id), externalId: order.id, entityId: null, placedAt: order.placedAt }]
}

/** The one message there is: what the guest wrote. Its author's name stays with the customer. */
function toMessages(ticket: RbiTicket, externalId: string, { source, tenant }: Origin): readonly ThreadMessage[] {
  if (ticket.comments === null) return []
  const author = { kind: 'CUSTOMER' as const, id: ticket.customer?.id ?? null, name: null }
  const id = encodeId('message', source.key, tenant, `${externalId}#0`)
  return [{ id, author, body: ticket.comments, visibility: 'PUBLIC', createdAt: ticket.createdAt, attachments: null }]
}

/** A guest's ticket in the unified model. The middleware knows one state: accepted. */
export function toTicket(ticket: RbiTicket, externalId: string, origin: Origin, updatedAt: Instant): Ticket {
  const category = toCategory(ticket)
  return {
    ...toUnknownTicket(externalId, origin, ticket.record),
    title: category.label,
    description: ticket.comments,
    status: 'OPEN',
    sourceStatus: 'accepted',
    category,
    reason: toReason(ticket),
    type: ticket.type,
    channel: toChannel(ticket.source),
    origin: ticket.source,
    customer: toCustomer(ticket.customer, externalId, origin),
    vendor: toVendor(ticket.store, origin),
    orders: toOrders(ticket.order, origin),
    messages: toMessages(ticket, externalId, origin),
    createdAt: ticket.createdAt ?? updatedAt,
    updatedAt,
  }
}

/** A ticket of our own, as it will look when partners send it back. `origin.tenant` is its market. */
export function toRoutedTicket(data: SupportTicketData, origin: Origin, routing: RoutingDecision): Ticket {
  return { ...toTicket(toRbiTicket(data), data.id, origin, data.createdAt), routing }
}

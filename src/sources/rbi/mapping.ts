import { encodeId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import type {
  Customer,
  Order,
  RoutingDecision,
  ThreadMessage,
  Ticket,
  TicketCategory,
  TicketChannel,
  TicketReason,
  Vendor,
} from '../../domain/ticket.ts'
import { withFields } from '../../domain/ticket-view.ts'
import { createTicket } from '../mapped-ticket.ts'
import type { Origin } from '../source.ts'
import { createVocabulary } from '../vocabulary.ts'
import type { rbiTable } from './capabilities.ts'
import { type RbiCustomer, type RbiTicket, toRbiTicket } from './decode.ts'
import { type SupportType, supportEvents } from './routing-file.ts'
import type { Submission } from './submission.ts'

/** The guide lists no values of `source`. These are the places where guests of a restaurant chain can ask for help. */
export const channels = createVocabulary<TicketChannel>(
  {
    app: 'APP',
    mobile: 'APP',
    ios: 'APP',
    android: 'APP',
    web: 'WEB',
    website: 'WEB',
    whitelabel: 'WEB',
    kiosk: 'OTHER',
    email: 'EMAIL',
    phone: 'PHONE',
    callcenter: 'PHONE',
    chat: 'CHAT',
    social: 'SOCIAL',
    api: 'API',
    partner: 'API',
  },
  { spelling: 'letters' },
)

/** A guest's ticket in the unified model. The middleware has one status: accepted. */
export function toTicket(ticket: RbiTicket, externalId: string, origin: Origin, updatedAt: Instant): Ticket {
  const category = toCategory(ticket)
  return createTicket<typeof rbiTable>(externalId, origin, ticket.record, {
    title: category.label,
    description: ticket.comments,
    status: 'OPEN',
    sourceStatus: 'accepted',
    category,
    reason: toReason(ticket),
    type: ticket.type,
    channel: ticket.source === null ? null : channels.toValue(ticket.source),
    origin: ticket.source,
    customer: toCustomer(ticket.customer, externalId, origin),
    vendor: toVendor(ticket.store, origin),
    orders: toOrders(ticket.order, origin),
    messages: toMessages(ticket, externalId, origin),
    routing: null,
    createdAt: ticket.createdAt ?? updatedAt,
    updatedAt,
  })
}

/** Code and label are the narrowest that is given; the path begins with the group. */
function toCategory({ category, subcategory }: RbiTicket): TicketCategory {
  const path = subcategory === null ? [category] : [category, subcategory]
  return { code: subcategory ?? category, label: path.join(' / '), path }
}

/** The issue id that the market agreed on with its partners, under the sub-category's name. */
function toReason({ subcategory, subcategoryId, category }: RbiTicket): TicketReason | null {
  if (subcategoryId === null) return null
  return { kind: 'GENERAL', code: subcategoryId, label: subcategory ?? category, localLabel: null }
}

function toCustomer(guest: RbiCustomer | null, ticketId: string, { source, tenant }: Origin): Customer | null {
  if (guest === null) return null
  // Without an id, a guest cannot be recognised on another ticket.
  const externalId = guest.id ?? `guest-of-${ticketId}`
  const { name, email, phone } = guest
  const id = encodeId('customer', source.key, tenant, externalId)
  return { id, externalId, name, firstName: null, lastName: null, email, phone }
}

function toVendor(store: RbiTicket['store'], { source, tenant }: Origin): Vendor | null {
  if (store === null) return null
  return { id: encodeId('vendor', source.key, tenant, store.id), externalId: store.id, name: store.name, vertical: null }
}

function toOrders(order: RbiTicket['order'], { source, tenant }: Origin): readonly Order[] | null {
  if (order === null) return null
  return [{ id: encodeId('order', source.key, tenant, order.id), externalId: order.id, entityId: null, placedAt: order.placedAt }]
}

/** The guest's comments as the only message. The author's name is only in the customer, which needs a scope of its own. */
function toMessages(ticket: RbiTicket, externalId: string, { source, tenant }: Origin): readonly ThreadMessage[] {
  if (ticket.comments === null) return []
  const author = { kind: 'CUSTOMER' as const, externalId: ticket.customer?.id ?? null, name: null }
  const id = encodeId('message', source.key, tenant, `${externalId}#0`)
  return [
    { id, author, body: ticket.comments, format: 'TEXT', visibility: 'PUBLIC', createdAt: ticket.createdAt, attachments: null },
  ]
}

/**
 * A support ticket as it is sent to partners: the `data` of both webhooks (DECISION-29). Tickets from partners may lack fields or
 * have more of them.
 */
export interface SupportTicketData {
  /** The ticket's external id. */
  readonly id: string
  readonly type: SupportType
  /** The key of the category group. */
  readonly category: string
  /** The key of the sub-category. */
  readonly subcategory: string
  /** The issue id agreed for the sub-category ("Knowledge Force Issue ID"). */
  readonly subcategoryId: string
  readonly comments: string | null
  /** Where the guest asked for help; becomes the ticket's channel. */
  readonly source: string
  readonly store: { readonly id: string } | null
  readonly order: { readonly id: string; readonly placedAt: Instant | null } | null
  readonly customer: RbiCustomer | null
  readonly region: string
  readonly createdAt: Instant
}

/** A submission in the middleware's words. `id` is the ticket's external id, `createdAt` when it was submitted. */
export function toSupportTicket(
  { market, group, subCategory, input }: Submission,
  type: SupportType,
  id: string,
  createdAt: Instant,
): SupportTicketData {
  const { customer, order } = input
  return {
    id,
    type,
    category: group.key,
    subcategory: subCategory.key,
    subcategoryId: subCategory.issueId,
    comments: input.description ?? null,
    source: 'API',
    store: input.storeId ? { id: input.storeId } : null,
    order: order ? { id: order.externalId, placedAt: order.placedAt ?? null } : null,
    customer: customer
      ? {
          id: customer.externalId ?? null,
          name: customer.name ?? null,
          email: customer.email ?? null,
          phone: customer.phone ?? null,
        }
      : null,
    region: market.region,
    createdAt,
  }
}

/** The body of a delivery, as it is signed and sent. */
export function toDeliveryBody(data: SupportTicketData, timestamp: Instant): string {
  return JSON.stringify({ type: supportEvents[data.type], timestamp, data })
}

/** Our own ticket in the unified model, equal to what its echo would become. `origin.tenant` is its market. */
export function toRoutedTicket(data: SupportTicketData, origin: Origin, routing: RoutingDecision): Ticket {
  return withFields(toTicket(toRbiTicket(data), data.id, origin, data.createdAt), { routing })
}

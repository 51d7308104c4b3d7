import { encodeId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import type { Customer, Order, Ticket, TicketChannel, TicketReason, TicketStatus } from '../../domain/ticket.ts'
import { createTicket } from '../mapped-ticket.ts'
import type { Origin } from '../source.ts'
import { createVocabulary } from '../vocabulary.ts'
import type { wasabiTable } from './capabilities.ts'
import type { WasabiEvent, WasabiReason } from './decode.ts'

const orderReasons: ReadonlySet<string> = new Set([
  'WRONG_PRODUCT',
  'PRODUCT_QUALITY',
  'WRONG_CHARGE',
  'REQUEST_REFUND',
  'LATE_DELIVERY',
  'MISSED_DELIVERY',
  'DAMAGED_DELIVERY',
])

/**
 * Wasabi's statuses have the same names in the graph; any other is UNKNOWN (DECISION-26). For an export: whether the work has not begun,
 * has begun, or is done.
 */
export const statuses = createVocabulary<TicketStatus>(
  { OPEN: 'OPEN', IN_PROGRESS: 'IN_PROGRESS', RESOLVED: 'RESOLVED' },
  {
    nearest: {
      NEW: 'OPEN',
      UNKNOWN: 'OPEN',
      PENDING: 'IN_PROGRESS',
      ON_HOLD: 'IN_PROGRESS',
      ESCALATED: 'IN_PROGRESS',
      CLOSED: 'RESOLVED',
      CANCELLED: 'RESOLVED',
    },
  },
)

/** `ticketOrigin` is free text. The ticket systems are no channels (WASABI-06). */
export const channels = createVocabulary<TicketChannel>(
  {
    email: 'EMAIL',
    mail: 'EMAIL',
    phone: 'PHONE',
    call: 'PHONE',
    voice: 'PHONE',
    chat: 'CHAT',
    livechat: 'CHAT',
    web: 'WEB',
    webform: 'WEB',
    website: 'WEB',
    form: 'WEB',
    app: 'APP',
    mobile: 'APP',
    mobileapp: 'APP',
    social: 'SOCIAL',
    facebook: 'SOCIAL',
    twitter: 'SOCIAL',
    instagram: 'SOCIAL',
    whatsapp: 'SOCIAL',
    api: 'API',
    zendesk: 'OTHER',
    freshdesk: 'OTHER',
    intercom: 'OTHER',
    salesforce: 'OTHER',
    hubspot: 'OTHER',
    gorgias: 'OTHER',
    jira: 'OTHER',
    servicenow: 'OTHER',
    helpscout: 'OTHER',
  },
  { spelling: 'letters' },
)

/**
 * A snapshot in the unified model. Only `status` decides the status: `resolvedAt` also comes with OPEN tickets, and in the
 * documented example it is later than `updatedAt` (WASABI-04).
 */
export function toTicket(event: WasabiEvent, origin: Origin): Ticket {
  const orders = toOrders(event.reason, origin)
  const reason = toReason(event.reason, orders)
  const resolution = event.resolvedAt === null ? null : { status: null, reason: null, resolvedAt: event.resolvedAt }
  return createTicket<typeof wasabiTable>(event.ticketId, origin, event.record, {
    title: reason?.label ?? null,
    status: statuses.toValue(event.status),
    sourceStatus: event.status,
    reason,
    channel: event.ticketOrigin === null ? null : channels.toValue(event.ticketOrigin),
    origin: event.ticketOrigin,
    tags: event.tags,
    customer: toCustomer(event.customerId, origin),
    orders,
    resolution,
    firstReplyTimeInMinutes: event.firstReplyTimeInMinutes,
    createdAt: event.createdAt,
    updatedAt: event.updatedAt,
    resolvedAt: event.resolvedAt,
  })
}

/** The fields of a mapped ticket whose value is not documented; a metric counts them. */
export function findUnknownFields(ticket: Ticket): readonly string[] {
  return [
    ...(ticket.status === 'UNKNOWN' ? ['status'] : []),
    ...(ticket.channel === 'UNKNOWN' ? ['channel'] : []),
    ...(ticket.reason?.kind === 'GENERAL' ? ['reason'] : []),
  ]
}

/** The type decides the shape (WASABI-05). An undocumented type becomes a general reason. */
function toReason(reason: WasabiReason | null, orders: readonly Order[] | null): TicketReason | null {
  if (reason === null) return null
  const { type } = reason
  const common = { code: type, label: toReasonLabel(type) }
  if (orderReasons.has(type)) return { kind: 'ORDER', ...common, orders: orders ?? [] }
  if (type === 'CANCELLATION') {
    return { kind: 'CANCELLATION', ...common, subscriptionContractIds: reason.subscriptionContractIds ?? [] }
  }
  if (type === 'SUBJECT_ACCESS_REQUEST') return { kind: 'SUBJECT_ACCESS_REQUEST', ...common, subtype: reason.subtype }
  return { kind: 'GENERAL', ...common, localLabel: null }
}

/** WRONG_PRODUCT as people read it: "Wrong product". */
function toReasonLabel(type: string): string {
  const words = type.toLowerCase().replaceAll('_', ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function toOrders(reason: WasabiReason | null, { source, tenant }: Origin): readonly Order[] | null {
  if (!reason?.orderIds) return null
  return reason.orderIds.map((externalId) => ({
    id: encodeId('order', source.key, tenant, externalId),
    externalId,
    entityId: null,
    placedAt: null,
  }))
}

function toCustomer(externalId: string, { source, tenant }: Origin): Customer {
  const id = encodeId('customer', source.key, tenant, externalId)
  return { id, externalId, name: null, firstName: null, lastName: null, email: null, phone: null }
}

/** A ticket in the "Customer Care Tickets Import Schema" (customer-care-ticket.schema.json). */
export interface WasabiEnvelope {
  readonly eventType: 'CUSTOMER_CARE_TICKET'
  readonly eventAction: 'CREATED' | 'UPDATED'
  readonly version: 1
  readonly body: {
    readonly ticketId: string
    readonly customerId: string
    readonly status: string
    readonly reason?: object
    readonly ticketOrigin?: string
    readonly resolvedAt?: Instant
    readonly firstReplyTimeInMinutes?: number
    readonly tags?: readonly string[]
    readonly createdAt: Instant
    readonly updatedAt: Instant
  }
}

/**
 * A ticket of any source as a Wasabi event, valid against the schema. Required fields that the source does not have are filled:
 * an unknown customer is "unknown", a missing time is the nearest known one. A deleted ticket is RESOLVED.
 */
export function toWasabiEnvelope(ticket: Ticket, eventAction: WasabiEnvelope['eventAction']): WasabiEnvelope {
  const updatedAt = ticket.updatedAt ?? ticket.createdAt ?? ticket.freshness.observedAt
  const reason = toWasabiReason(ticket.reason)
  const origin = ticket.origin ?? ticket.channel?.toLowerCase() ?? null
  const { resolvedAt, firstReplyTimeInMinutes, tags } = ticket
  return {
    eventType: 'CUSTOMER_CARE_TICKET',
    eventAction,
    version: 1,
    body: {
      ticketId: toWasabiId(ticket, ticket.externalId),
      customerId: ticket.customer ? toWasabiId(ticket, ticket.customer.externalId) : 'unknown',
      status: statuses.toWord(ticket.deletedAt === null ? ticket.status : 'RESOLVED')!,
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

/** undefined: the schema has no shape for the reason. */
function toWasabiReason(reason: TicketReason | null): object | undefined {
  if (reason?.kind === 'CANCELLATION') {
    return { type: 'CANCELLATION', subscriptionContractIds: [...reason.subscriptionContractIds] }
  }
  if (reason?.kind === 'SUBJECT_ACCESS_REQUEST') {
    return { type: 'SUBJECT_ACCESS_REQUEST', ...(reason.subtype !== null && { subtype: reason.subtype }) }
  }
  if (reason?.kind !== 'ORDER' || !orderReasons.has(reason.code)) return undefined
  const orderIds = reason.orders.map((order) => order.externalId)
  return { type: reason.code, ...(orderIds.length > 0 && { orderIds }) }
}

/** Ids of different sources may be equal, so those of other sources get their source's key as a prefix. */
function toWasabiId(ticket: Ticket, externalId: string): string {
  return ticket.source.system === 'wasabi' ? externalId : `${ticket.source.key}:${externalId}`
}

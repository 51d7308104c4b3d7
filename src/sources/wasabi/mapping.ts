import { encodeId } from '../../domain/ids.ts'
import type { Customer, Order, Ticket, TicketReason } from '../../domain/ticket.ts'
import { toUnknownTicket } from '../event-fed-ticket.ts'
import type { Origin } from '../source.ts'
import type { WasabiEvent, WasabiReason } from './decode.ts'
import { orderReasons, toChannel, toReasonLabel, toStatus } from './vocabulary.ts'

function toOrders(reason: WasabiReason | null, { source, tenant }: Origin): readonly Order[] | null {
  if (!reason?.orderIds) return null
  return reason.orderIds.map((externalId) => ({
    id: encodeId('order', source.key, tenant, externalId),
    externalId,
    entityId: null,
    placedAt: null,
  }))
}

/** The type decides the shape; one that is not documented is kept as a general reason. */
function toReason(reason: WasabiReason | null, orders: readonly Order[] | null): TicketReason | null {
  if (reason === null) return null
  const { type } = reason
  const common = { code: type, label: toReasonLabel(type) }
  if (orderReasons.some((known) => known === type)) return { kind: 'ORDER', ...common, orders: orders ?? [] }
  if (type === 'CANCELLATION') {
    return { kind: 'CANCELLATION', ...common, subscriptionContractIds: reason.subscriptionContractIds ?? [] }
  }
  if (type === 'SUBJECT_ACCESS_REQUEST') return { kind: 'SUBJECT_ACCESS_REQUEST', ...common, subtype: reason.subtype }
  return { kind: 'GENERAL', ...common, localLabel: null }
}

function toCustomer(externalId: string, { source, tenant }: Origin): Customer {
  const id = encodeId('customer', source.key, tenant, externalId)
  return { id, source, externalId, name: null, firstName: null, lastName: null, email: null, phone: null }
}

/** The fields of a snapshot's ticket whose word is neither documented nor known. */
export function findUnknownWords(ticket: Ticket): readonly string[] {
  return [
    ...(ticket.status === 'UNKNOWN' ? ['status'] : []),
    ...(ticket.channel === 'UNKNOWN' ? ['channel'] : []),
    ...(ticket.reason?.kind === 'GENERAL' ? ['reason'] : []),
  ]
}

/**
 * A snapshot in the unified model. The status is what the snapshot says and nothing else: `resolvedAt` comes with OPEN
 * tickets too, in the documented example even later than `updatedAt`.
 */
export function toTicket(event: WasabiEvent, origin: Origin): Ticket {
  const orders = toOrders(event.reason, origin)
  const reason = toReason(event.reason, orders)
  const resolution = event.resolvedAt === null ? null : { status: null, reason: null, resolvedAt: event.resolvedAt }
  return {
    ...toUnknownTicket(event.ticketId, origin, event.record),
    title: reason?.label ?? null,
    status: toStatus(event.status),
    sourceStatus: event.status,
    reason,
    channel: toChannel(event.ticketOrigin),
    origin: event.ticketOrigin,
    tags: event.tags,
    customer: toCustomer(event.customerId, origin),
    orders,
    resolution,
    firstReplyTimeInMinutes: event.firstReplyTimeInMinutes,
    createdAt: event.createdAt,
    updatedAt: event.updatedAt,
    resolvedAt: event.resolvedAt,
  }
}

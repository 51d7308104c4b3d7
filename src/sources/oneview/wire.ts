import {
  type JsonRecord,
  readKey,
  toId,
  toInstantFromEpoch,
  toList,
  toNumber,
  toRecord,
  toText,
  toTexts,
} from '../../lib/decode.ts'
import type { Instant } from '../../lib/instant.ts'

// What OneView sends (pd-oneview-ticket-detail 1.0.0), in its own words. Only a ticket's `id` is required; a field of the
// wrong type is as if it were not there. Keys are read in any casing.

export interface OneViewTicket {
  readonly id: string
  readonly assignee: string | null
  /** When the status changed, not when the ticket was edited. */
  readonly updatedAt: Instant | null
  readonly createdAt: Instant | null
  /** A queue's name, not its id. */
  readonly queue: string | null
  readonly channel: string | null
  readonly type: string | null
  readonly metadata: OneViewMetadata | null
  readonly status: string | null
  readonly statusReason: string | null
  readonly priority: number | null
  readonly customer: OneViewCustomer | null
  readonly vendor: OneViewVendor | null
  readonly source: string | null
  readonly record: JsonRecord
}
export interface OneViewMetadata {
  readonly ccr: string | null
  readonly localCcr: string | null
  readonly country: string | null
  readonly language: string | null
  /** '' says that there is no order. */
  readonly orderId: string | null
  readonly entityId: string | null
  readonly sla: number | null
  readonly tags: readonly string[] | null
  readonly childrenLinks: readonly OneViewLink[] | null
}
export interface OneViewLink {
  readonly ticketId: string
  readonly ticketIdType: string | null
  readonly ticketCategory: string | null
  readonly creator: string | null
  readonly createdAt: Instant | null
  readonly reason: string | null
}
export interface OneViewCustomer {
  readonly id: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly name: string | null
  readonly email: string | null
}
export interface OneViewVendor {
  readonly id: string | null
  readonly vertical: string | null
}

/** null: not a ticket. */
export function toOneViewTicket(value: unknown): OneViewTicket | null {
  const record = toRecord(value)
  const id = record && toId(readKey(record, 'id'))
  if (!record || id === null) return null
  const text = (key: string) => toText(readKey(record, key))
  return {
    id,
    assignee: toId(readKey(record, 'Assignee')),
    updatedAt: toInstantFromEpoch(readKey(record, 'UpdatedAt')),
    createdAt: toInstantFromEpoch(readKey(record, 'createdAt')),
    queue: text('queue'),
    channel: text('channel'),
    type: text('type'),
    metadata: toMetadata(readKey(record, 'metadata')),
    status: text('status'),
    statusReason: text('statusReason'),
    priority: toNumber(readKey(record, 'priority')),
    customer: toCustomer(readKey(record, 'customer')),
    vendor: toVendor(readKey(record, 'vendor')),
    source: text('source'),
    record,
  }
}

function toMetadata(value: unknown): OneViewMetadata | null {
  const record = toRecord(value)
  if (!record) return null
  const text = (key: string) => toText(readKey(record, key))
  const orderId = readKey(record, 'orderId')
  return {
    ccr: text('ccr'),
    localCcr: text('localCcr'),
    country: text('country'),
    language: text('language'),
    orderId: orderId === '' ? '' : toId(orderId),
    entityId: text('entityId') ?? text('geid'),
    sla: toNumber(readKey(record, 'sla')),
    tags: toTexts(readKey(record, 'tags')),
    childrenLinks: toList(readKey(record, 'childrenLinks'), toLink),
  }
}

function toLink(value: unknown): OneViewLink | null {
  const record = toRecord(value)
  const ticketId = record && toId(readKey(record, 'ticketId'))
  if (!record || ticketId === null) return null
  const text = (key: string) => toText(readKey(record, key))
  return {
    ticketId,
    ticketIdType: text('ticketIdType'),
    ticketCategory: text('ticketCategory'),
    creator: text('creator'),
    createdAt: toInstantFromEpoch(readKey(record, 'createdAt')),
    reason: text('reason'),
  }
}

function toCustomer(value: unknown): OneViewCustomer | null {
  const record = toRecord(value)
  if (!record) return null
  const text = (key: string) => toText(readKey(record, key))
  return {
    id: toId(readKey(record, 'id')),
    firstName: text('firstName'),
    lastName: text('lastName'),
    name: text('name'),
    email: text('email'),
  }
}

function toVendor(value: unknown): OneViewVendor | null {
  const record = toRecord(value)
  return record && { id: toId(readKey(record, 'id')), vertical: toText(readKey(record, 'vertical')) }
}

/** A `TicketHistoryResponse`. `list` holds null where a record is not a ticket. */
export interface OneViewPage {
  readonly list: readonly (OneViewTicket | null)[]
  readonly page: number | null
  readonly pageSize: number | null
}

/** null: not a page. */
export function toOneViewPage(value: unknown): OneViewPage | null {
  const record = toRecord(value)
  const list = record && readKey(record, 'list')
  if (!record || !Array.isArray(list)) return null
  const page = toNumber(readKey(record, 'page'))
  return { list: list.map(toOneViewTicket), page, pageSize: toNumber(readKey(record, 'pageSize')) }
}

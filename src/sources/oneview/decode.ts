import type { Instant } from '../../domain/instant.ts'
import {
  createRespelling,
  type JsonRecord,
  toId,
  toInstantFromEpoch,
  toList,
  toNumber,
  toRecord,
  toText,
  toTexts,
} from '../decode.ts'
import { isWithinDepth } from '../exceeds-depth.ts'

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

const respellTicket = createRespelling([
  ...['id', 'Assignee', 'UpdatedAt', 'createdAt', 'queue', 'channel', 'type', 'metadata', 'status', 'statusReason', 'priority'],
  ...['customer', 'vendor', 'source'],
])
const respellMetadata = createRespelling([
  ...['ccr', 'localCcr', 'country', 'language', 'orderId', 'entityId', 'geid', 'sla', 'tags', 'childrenLinks'],
])
const respellLink = createRespelling(['ticketId', 'ticketIdType', 'ticketCategory', 'creator', 'createdAt', 'reason'])
const respellCustomer = createRespelling(['id', 'firstName', 'lastName', 'name', 'email'])
const respellVendor = createRespelling(['id', 'vertical'])

/** null: not a ticket. */
export function toOneViewTicket(value: unknown): OneViewTicket | null {
  const record = toRecord(value)
  if (!record || !isWithinDepth(record)) return null
  const sent = respellTicket(record)
  const id = toId(sent.id)
  if (id === null) return null
  return {
    id,
    assignee: toId(sent.Assignee),
    updatedAt: toInstantFromEpoch(sent.UpdatedAt),
    createdAt: toInstantFromEpoch(sent.createdAt),
    queue: toText(sent.queue),
    channel: toText(sent.channel),
    type: toText(sent.type),
    metadata: toMetadata(sent.metadata),
    status: toText(sent.status),
    statusReason: toText(sent.statusReason),
    priority: toNumber(sent.priority),
    customer: toCustomer(sent.customer),
    vendor: toVendor(sent.vendor),
    source: toText(sent.source),
    record,
  }
}

function toMetadata(value: unknown): OneViewMetadata | null {
  const record = toRecord(value)
  if (!record) return null
  const sent = respellMetadata(record)
  return {
    ccr: toText(sent.ccr),
    localCcr: toText(sent.localCcr),
    country: toText(sent.country),
    language: toText(sent.language),
    orderId: sent.orderId === '' ? '' : toId(sent.orderId),
    entityId: toText(sent.entityId) ?? toText(sent.geid),
    sla: toNumber(sent.sla),
    tags: toTexts(sent.tags),
    childrenLinks: toList(sent.childrenLinks, toLink),
  }
}

function toLink(value: unknown): OneViewLink | null {
  const record = toRecord(value)
  if (!record) return null
  const sent = respellLink(record)
  const ticketId = toId(sent.ticketId)
  if (ticketId === null) return null
  return {
    ticketId,
    ticketIdType: toText(sent.ticketIdType),
    ticketCategory: toText(sent.ticketCategory),
    creator: toText(sent.creator),
    createdAt: toInstantFromEpoch(sent.createdAt),
    reason: toText(sent.reason),
  }
}

function toCustomer(value: unknown): OneViewCustomer | null {
  const record = toRecord(value)
  if (!record) return null
  const { id, firstName, lastName, name, email } = respellCustomer(record)
  return { id: toId(id), firstName: toText(firstName), lastName: toText(lastName), name: toText(name), email: toText(email) }
}

function toVendor(value: unknown): OneViewVendor | null {
  const record = toRecord(value)
  if (!record) return null
  const { id, vertical } = respellVendor(record)
  return { id: toId(id), vertical: toText(vertical) }
}

const respellPage = createRespelling(['list', 'page', 'pageSize'])

/** A `TicketHistoryResponse`. `list` holds null where a record is not a ticket. */
export interface OneViewPage {
  readonly list: readonly (OneViewTicket | null)[]
  readonly page: number | null
  readonly pageSize: number | null
}

/** null: not a page. */
export function toOneViewPage(value: unknown): OneViewPage | null {
  const record = toRecord(value)
  if (!record) return null
  const { list, page, pageSize } = respellPage(record)
  return Array.isArray(list) ? { list: list.map(toOneViewTicket), page: toNumber(page), pageSize: toNumber(pageSize) } : null
}

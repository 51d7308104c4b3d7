import type { Instant } from '../../domain/instant.ts'
import {
  createKeyNormaliser,
  exceedsDepth,
  type JsonRecord,
  toId,
  toInstantFromEpoch,
  toList,
  toNumber,
  toRecord,
  toText,
  toTexts,
  toTicketId,
} from '../decode.ts'
import type { DecodedPage } from '../vendor-api.ts'

// The wire types of OneView ("pd-oneview-ticket-detail 1.0.0"), by the vendor's names. A ticket needs only its `id`: a field of
// the wrong type reads as abfields. Keys are read in any casing, because the document mixes them (`Assignee`, `createdAt`).

export interface OneViewTicket {
  readonly id: string
  readonly assignee: string | null
  /** When the status changed. An edit does not move it. */
  readonly updatedAt: Instant | null
  readonly createdAt: Instant | null
  /** A queue's name. Transfers need its id. */
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
  /** The ticket as it came. */
  readonly record: JsonRecord
}
export interface OneViewMetadata {
  readonly ccr: string | null
  readonly localCcr: string | null
  readonly country: string | null
  readonly language: string | null
  /** '': the ticket has no order. null: it says nothing of an order. */
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

const normaliseTicket = createKeyNormaliser([
  ...['id', 'Assignee', 'UpdatedAt', 'createdAt', 'queue', 'channel', 'type', 'metadata', 'status', 'statusReason', 'priority'],
  ...['customer', 'vendor', 'source'],
])
const normaliseMetadata = createKeyNormaliser([
  ...['ccr', 'localCcr', 'country', 'language', 'orderId', 'entityId', 'geid', 'sla', 'tags', 'childrenLinks'],
])
const normaliseLink = createKeyNormaliser(['ticketId', 'ticketIdType', 'ticketCategory', 'creator', 'createdAt', 'reason'])
const normaliseCustomer = createKeyNormaliser(['id', 'firstName', 'lastName', 'name', 'email'])
const normaliseVendor = createKeyNormaliser(['id', 'vertical'])

/** null: the value is not a ticket. */
export function toOneViewTicket(value: unknown): OneViewTicket | null {
  const record = toRecord(value)
  if (!record || exceedsDepth(record)) return null
  const fields = normaliseTicket(record)
  const id = toTicketId(fields.id)
  if (id === null) return null
  return {
    id,
    assignee: toId(fields.Assignee),
    updatedAt: toInstantFromEpoch(fields.UpdatedAt),
    createdAt: toInstantFromEpoch(fields.createdAt),
    queue: toText(fields.queue),
    channel: toText(fields.channel),
    type: toText(fields.type),
    metadata: toMetadata(fields.metadata),
    status: toText(fields.status),
    statusReason: toText(fields.statusReason),
    priority: toNumber(fields.priority),
    customer: toCustomer(fields.customer),
    vendor: toVendor(fields.vendor),
    source: toText(fields.source),
    record,
  }
}

function toMetadata(value: unknown): OneViewMetadata | null {
  const record = toRecord(value)
  if (!record) return null
  const fields = normaliseMetadata(record)
  return {
    ccr: toText(fields.ccr),
    localCcr: toText(fields.localCcr),
    country: toText(fields.country),
    language: toText(fields.language),
    orderId: fields.orderId === '' ? '' : toId(fields.orderId),
    entityId: toText(fields.entityId) ?? toText(fields.geid),
    sla: toNumber(fields.sla),
    tags: toTexts(fields.tags),
    childrenLinks: toList(fields.childrenLinks, toLink),
  }
}

function toLink(value: unknown): OneViewLink | null {
  const record = toRecord(value)
  if (!record) return null
  const fields = normaliseLink(record)
  const ticketId = toId(fields.ticketId)
  if (ticketId === null) return null
  return {
    ticketId,
    ticketIdType: toText(fields.ticketIdType),
    ticketCategory: toText(fields.ticketCategory),
    creator: toText(fields.creator),
    createdAt: toInstantFromEpoch(fields.createdAt),
    reason: toText(fields.reason),
  }
}

function toCustomer(value: unknown): OneViewCustomer | null {
  const record = toRecord(value)
  if (!record) return null
  const { id, firstName, lastName, name, email } = normaliseCustomer(record)
  return { id: toId(id), firstName: toText(firstName), lastName: toText(lastName), name: toText(name), email: toText(email) }
}

function toVendor(value: unknown): OneViewVendor | null {
  const record = toRecord(value)
  if (!record) return null
  const { id, vertical } = normaliseVendor(record)
  return { id: toId(id), vertical: toText(vertical) }
}

const normalisePage = createKeyNormaliser(['list', 'page', 'pageSize'])

/** The vendor's `TicketHistoryResponse`, which has no total. null: the value is not a page. */
export function toOneViewPage(value: unknown): DecodedPage<OneViewTicket> | null {
  const record = toRecord(value)
  if (!record) return null
  const { list, page, pageSize } = normalisePage(record)
  if (!Array.isArray(list)) return null
  return { list: list.map(toOneViewTicket), page: toNumber(page), pageSize: toNumber(pageSize), total: null }
}

import type { Instant } from '../../domain/instant.ts'
import {
  exceedsDepth,
  type JsonRecord,
  toId,
  toInstantFromIso,
  toList,
  toNumber,
  toRecord,
  toText,
  toTexts,
  toTicketId,
} from '../decode.ts'
import type { DecodedPage } from '../vendor-api.ts'

// The wire types of Verifik, by the vendor's names. A ticket needs only its `_id`: a field of the wrong type reads as absent.

/** The vendor's "Support Ticket" object. */
export interface VerifikTicket {
  readonly id: string
  readonly title: string | null
  /** Lists cut it off with "...". */
  readonly description: string | null
  readonly status: string | null
  readonly priority: string | null
  readonly category: string | null
  readonly client: VerifikPerson | null
  readonly assignee: VerifikPerson | null
  readonly threads: readonly VerifikMessage[] | null
  readonly attachments: readonly VerifikAttachment[] | null
  readonly tags: readonly string[] | null
  readonly resolution: string | null
  readonly createdAt: Instant | null
  readonly updatedAt: Instant | null
  readonly resolvedAt: Instant | null
  /** The ticket as it came. */
  readonly record: JsonRecord
}
/** The vendor sends an id alone, or an object with a name. */
export interface VerifikPerson {
  readonly id: string
  readonly name: string | null
  readonly email: string | null
}
export interface VerifikMessage {
  /** The index among the ticket's threads. Messages have no other id. */
  readonly index: number
  readonly author: VerifikPerson | null
  readonly message: string | null
  readonly timestamp: Instant | null
  readonly type: string | null
  readonly attachments: readonly VerifikAttachment[] | null
}
/** An object on a ticket; on a message it may be an id alone. */
export interface VerifikAttachment {
  readonly id: string | null
  readonly filename: string | null
  readonly url: string | null
  /** Bytes. */
  readonly size: number | null
  readonly type: string | null
}

/** null: the value is not a ticket. */
export function toVerifikTicket(value: unknown): VerifikTicket | null {
  const record = toRecord(value)
  const id = record && toTicketId(toId(record._id) ?? record.id)
  if (!record || id === null || exceedsDepth(record)) return null
  return {
    id,
    title: toText(record.title),
    description: toText(record.description),
    status: toText(record.status),
    priority: toText(record.priority),
    category: toText(record.category),
    client: toPerson(record.client),
    assignee: toPerson(record.assignedTo ?? record.assignee),
    threads: toThreads(record.threads),
    attachments: toList(record.attachments, toAttachment),
    tags: toTexts(record.tags),
    resolution: toText(record.resolution),
    createdAt: toInstantFromIso(record.createdAt),
    updatedAt: toInstantFromIso(record.updatedAt),
    resolvedAt: toInstantFromIso(record.resolvedAt),
    record,
  }
}

function toPerson(value: unknown): VerifikPerson | null {
  const plainId = toId(value)
  if (plainId !== null) return { id: plainId, name: null, email: null }
  const record = toRecord(value)
  const id = record && (toId(record._id) ?? toId(record.id))
  return record && id !== null ? { id, name: toText(record.name), email: toText(record.email) } : null
}

function toThreads(value: unknown): readonly VerifikMessage[] | null {
  if (!Array.isArray(value)) return null
  return value.flatMap((item, index) => {
    const record = toRecord(item)
    return record ? [toMessage(record, index)] : []
  })
}

function toMessage(record: JsonRecord, index: number): VerifikMessage {
  return {
    index,
    author: toPerson(record.author),
    message: toText(record.message),
    timestamp: toInstantFromIso(record.timestamp),
    type: toText(record.type),
    attachments: toList(record.attachments, toAttachment),
  }
}

function toAttachment(value: unknown): VerifikAttachment | null {
  const plainId = toId(value)
  if (plainId !== null) return { id: plainId, filename: null, url: null, size: null, type: null }
  const record = toRecord(value)
  if (!record) return null
  return {
    id: toId(record._id) ?? toId(record.id),
    filename: toText(record.filename),
    url: toText(record.url),
    size: toNumber(record.size),
    type: toText(record.type),
  }
}

/** The ticket of `{success: true, data}`, or of a bare object, as the legacy API returns it. null: there is none. */
export function toTicketOfBody(body: unknown): VerifikTicket | null {
  const record = toRecord(body)
  return record && (toVerifikTicket(record.data) ?? toVerifikTicket(record))
}

/**
 * A page: `{data, pagination}`, or a bare array, as the legacy API returns it. null: the body is not a page.
 * The total is that of `pagination`, which counts the filtered tickets; `counts` ignores the filter.
 */
export function toVerifikPage(body: unknown): DecodedPage<VerifikTicket> | null {
  const record: JsonRecord = toRecord(body) ?? {}
  const list = Array.isArray(body) ? body : record.data
  if (!Array.isArray(list)) return null
  const { page, limit, total }: JsonRecord = toRecord(record.pagination) ?? {}
  return { list: list.map(toVerifikTicket), page: toNumber(page), pageSize: toNumber(limit), total: toNumber(total) }
}

/** `counts` of a page: how many tickets have each status word, over all tickets and not those of the filter. null: the body has none. */
export function toCountsByStatus(body: unknown): Readonly<Record<string, number>> | null {
  const counts = toRecord(toRecord(body)?.counts)
  if (!counts) return null
  const known = Object.entries(counts).map(([word, count]) => [word, toNumber(count)] as const)
  return known.every(([, count]) => count !== null && count >= 0) ? Object.fromEntries(known as [string, number][]) : null
}

/** True for a refusal that has an HTTP status of success. */
export function isRefusal(body: unknown): boolean {
  return toRecord(body)?.success === false
}

/**
 * The code of an error in one of the vendor's three shapes: `{success: false, error, code}`, `{code, message}`, or
 * `{error, message}`, where `message` is the code. Other texts are localised.
 */
export function toErrorCode(body: unknown): string | null {
  const record = toRecord(body)
  if (!record) return null
  return toText(record.code) ?? ('error' in record ? toText(record.message) : null)
}

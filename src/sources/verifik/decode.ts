import type { Instant } from '../../domain/instant.ts'
import { type JsonRecord, toId, toInstantFromIso, toList, toNumber, toRecord, toText, toTexts } from '../decode.ts'
import { isWithinDepth } from '../exceeds-depth.ts'

// What Verifik sends (the Support Ticket object), in its own words. Only `_id` is needed; a field of the wrong type is as
// if it were not there.

export interface VerifikTicket {
  readonly id: string
  readonly title: string | null
  /** Cut with "..." in lists. */
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
  readonly record: JsonRecord
}
/** An id, or an object with a name. */
export interface VerifikPerson {
  readonly id: string
  readonly name: string | null
  readonly email: string | null
}
export interface VerifikMessage {
  /** Its place among the ticket's threads: the only name that it has. */
  readonly index: number
  readonly author: VerifikPerson | null
  readonly message: string | null
  readonly timestamp: Instant | null
  readonly type: string | null
  readonly attachments: readonly VerifikAttachment[] | null
}
/** Whole on a ticket; on a thread it may be an id alone. */
export interface VerifikAttachment {
  readonly id: string | null
  readonly filename: string | null
  readonly url: string | null
  readonly size: number | null
  readonly type: string | null
}

/** null: not a ticket. */
export function toVerifikTicket(value: unknown): VerifikTicket | null {
  const record = toRecord(value)
  const id = record && (toId(record._id) ?? toId(record.id))
  if (!record || id === null || !isWithinDepth(record)) return null
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
  const bare = toId(value)
  if (bare !== null) return { id: bare, name: null, email: null }
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
  const bare = toId(value)
  if (bare !== null) return { id: bare, filename: null, url: null, size: null, type: null }
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

import { isDeepStrictEqual } from 'node:util'
import { encodeId } from '../domain/ids.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { Origin } from './source.ts'
import type { SourceTable } from './source-table.ts'

// A mapping is a table from the fields of the model to how each is read from a vendor's record. Which fields it has is said in one place,
// the source's table (`SourceTable`), and the compiler keeps both equal.

/** The fields of a ticket that a mapping reads from a vendor's record: those that the source's table names, and the status. */
export type MappedFields<Table extends Pick<SourceTable, 'fields'>> = Pick<Ticket, 'status' | FieldOf<Table['fields'][number]>>
type FieldOf<Name> = Name extends 'threads' ? 'messages' : Extract<Name, keyof Ticket>

/**
 * A ticket of these fields. All others are null: the compiler compares the fields with the source's table. `isSummary`: it comes from a
 * list that omits the source's `lazyFields`.
 */
export function createTicket<Table extends Pick<SourceTable, 'fields'>>(
  externalId: string,
  origin: Origin,
  raw: unknown,
  fields: MappedFields<Table>,
  isSummary = false,
): Ticket {
  return Object.assign(toUnknownTicket(externalId, origin, raw), fields, { isSummary })
}

/** A ticket with an id, an origin and no other known field. A mapping fills in what it knows. */
export function toUnknownTicket(externalId: string, { source, tenant, observedAt }: Origin, raw: unknown): Ticket {
  return {
    id: encodeId('ticket', source.key, tenant, externalId),
    source,
    tenant,
    externalId,
    isSummary: false,
    number: null,
    url: null,
    title: null,
    description: null,
    status: 'UNKNOWN',
    sourceStatus: null,
    statusReason: null,
    statusChangedAt: null,
    priority: null,
    sourcePriority: null,
    priorityRank: null,
    category: null,
    reason: null,
    type: null,
    channel: null,
    origin: null,
    queue: null,
    queueKey: null,
    country: null,
    language: null,
    tags: null,
    assignee: null,
    group: null,
    followers: null,
    organization: null,
    createdBy: null,
    updatedBy: null,
    customer: null,
    vendor: null,
    orders: null,
    links: null,
    messages: null,
    attachments: null,
    customFields: null,
    statusOptions: null,
    slaTargets: null,
    satisfaction: null,
    escalation: null,
    resolution: null,
    routing: null,
    sla: null,
    dueAt: null,
    firstReplyTimeInMinutes: null,
    createdAt: null,
    updatedAt: null,
    firstOpenedAt: null,
    lastOpenedAt: null,
    resolvedAt: null,
    deletedAt: null,
    freshness: { mode: source.mode === 'PULL' ? 'LIVE' : 'EVENT_FED', observedAt },
    raw,
  }
}

/** Those of the fields whose word the model does not know. */
export function findUnknown(ticket: Ticket, fields: readonly ('status' | 'priority' | 'channel')[]): readonly string[] {
  return fields.filter((field) => ticket[field] === 'UNKNOWN')
}

/** True when both tickets have the same fields. The order of keys, the time of observation and the `ignored` fields do not count. */
export function isSameTicket(before: Ticket, after: Ticket, ignored: Partial<Ticket> = {}): boolean {
  const toComparable = (ticket: Ticket) => ({
    ...ticket,
    source: null,
    freshness: null,
    ...ignored,
  })
  return isDeepStrictEqual(toComparable(before), toComparable(after))
}

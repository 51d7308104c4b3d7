import type { FieldChange } from '../domain/events.ts'
import type { Agent, Ticket } from '../domain/ticket.ts'

type FieldReader = (ticket: Ticket) => string | number | null | undefined

const nameOf = (agent: Agent | null): string | null => agent?.name ?? agent?.externalId ?? null

// Personal data stays out of the change log: no customer, no description, no message.
const readers: Readonly<Record<string, FieldReader>> = {
  title: (ticket) => ticket.title,
  status: (ticket) => ticket.status,
  sourceStatus: (ticket) => ticket.sourceStatus,
  statusReason: (ticket) => ticket.statusReason,
  priority: (ticket) => ticket.priority,
  priorityRank: (ticket) => ticket.priorityRank,
  category: (ticket) => ticket.category?.code,
  reason: (ticket) => ticket.reason?.code,
  type: (ticket) => ticket.type,
  channel: (ticket) => ticket.channel,
  queue: (ticket) => ticket.queue,
  country: (ticket) => ticket.country,
  language: (ticket) => ticket.language,
  tags: (ticket) => ticket.tags?.join(', '),
  assignee: (ticket) => nameOf(ticket.assignee),
  group: (ticket) => ticket.group?.name ?? ticket.group?.externalId,
  vendor: (ticket) => ticket.vendor?.externalId,
  orders: (ticket) => ticket.orders?.map((order) => order.externalId).join(', '),
  escalation: (ticket) => ticket.escalation?.department,
  resolution: (ticket) => ticket.resolution?.status,
  satisfaction: (ticket) => ticket.satisfaction?.score,
  routing: (ticket) => ticket.routing?.rule,
  dueAt: (ticket) => ticket.dueAt,
  resolvedAt: (ticket) => ticket.resolvedAt,
  deletedAt: (ticket) => ticket.deletedAt,
}

/**
 * The fields that differ, by their names in the graph, with both values as text. Every field that is set when `before` is null.
 * Personal data is left out.
 */
export function diffTickets(before: Ticket | null, after: Ticket): readonly FieldChange[] {
  const changes: FieldChange[] = []
  for (const [field, reader] of Object.entries(readers)) {
    const change = { field, before: read(reader, before), after: read(reader, after) }
    if (change.before !== change.after) changes.push(change)
  }
  return changes
}

function read(reader: FieldReader, ticket: Ticket | null): string | null {
  const value = ticket === null ? null : reader(ticket)
  return value == null ? null : String(value)
}

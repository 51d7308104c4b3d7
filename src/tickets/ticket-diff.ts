import type { FieldChange } from '../domain/events.ts'
import type { Agent, Ticket } from '../domain/ticket.ts'

type Reader = (ticket: Ticket) => string | number | null | undefined

const agent = (person: Agent | null): string | null => person?.name ?? person?.externalId ?? null

// Every field that a change log shows, by its name in the graph. Personal data stays out: no customer, description or message.
const readers: Readonly<Record<string, Reader>> = {
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
  assignee: (ticket) => agent(ticket.assignee),
  vendor: (ticket) => ticket.vendor?.externalId,
  orders: (ticket) => ticket.orders?.map((order) => order.externalId).join(', '),
  escalation: (ticket) => ticket.escalation?.department,
  resolution: (ticket) => ticket.resolution?.status,
  routing: (ticket) => ticket.routing?.rule,
  dueAt: (ticket) => ticket.dueAt,
  resolvedAt: (ticket) => ticket.resolvedAt,
  deletedAt: (ticket) => ticket.deletedAt,
}

const read = (reader: Reader, ticket: Ticket | null): string | null => {
  const value = ticket === null ? null : reader(ticket)
  return value == null ? null : String(value)
}

/** The fields that differ, by the graph's own names; all that are set when the ticket was not known before. */
export function diffTickets(before: Ticket | null, after: Ticket): readonly FieldChange[] {
  const changes: FieldChange[] = []
  for (const [field, reader] of Object.entries(readers)) {
    const change = { field, before: read(reader, before), after: read(reader, after) }
    if (change.before !== change.after) changes.push(change)
  }
  return changes
}

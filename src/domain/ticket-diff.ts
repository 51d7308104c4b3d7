import type { FieldChange, NewChange } from './events.ts'
import type { Agent, ThreadMessage, Ticket } from './ticket.ts'

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
 * The fields that differ, by their names in the graph, with both values as text; and `message` with the id of the newest message that
 * `before` did not have. Personal data is left out.
 */
export function diffTickets(before: Ticket, after: Ticket): readonly FieldChange[] {
  const changes: FieldChange[] = []
  for (const [field, reader] of Object.entries(readers)) {
    const change = { field, before: toText(reader(before)), after: toText(reader(after)) }
    if (change.before !== change.after) changes.push(change)
  }
  const message = findNewMessage(before, after)
  if (message) changes.push(messageAdded(message))
  return changes
}

/** The newest message that the ticket did not have before; null: there is none, or one of both states does not show its messages. */
export function findNewMessage(before: Ticket, after: Ticket): ThreadMessage | null {
  if (before.messages === null || after.messages === null) return null
  const known = new Set(before.messages.map(({ id }) => id))
  return after.messages.findLast(({ id }) => !known.has(id)) ?? null
}

export function messageAdded({ id }: ThreadMessage): FieldChange {
  return { field: 'message', before: null, after: id }
}

/**
 * What an entry of the change log lists: the difference from a state that was known before, and what a write asked for. null: neither
 * is known (DECISION-35).
 */
export function changesOf({
  before,
  ticket,
  asked = [],
}: Pick<NewChange, 'before' | 'ticket' | 'asked'>): readonly FieldChange[] | null {
  if (before === null) return asked.length > 0 ? asked : null
  const seen = diffTickets(before, ticket)
  const shown = new Set(seen.map(({ field }) => field))
  const unseen = asked
    .filter(({ field }) => !shown.has(field))
    .map((change) => ({ ...change, before: textOf(before, change.field) }))
  return [...seen, ...unseen.filter((change) => change.before !== change.after)]
}

/** A field of a ticket as a change lists it; null for an empty one, and for a field that no change lists. */
export function textOf(ticket: Ticket, field: string): string | null {
  return toText(readers[field]?.(ticket))
}

function toText(value: string | number | null | undefined): string | null {
  return value == null ? null : String(value)
}

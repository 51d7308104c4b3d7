import type { ActorKind, TicketPriority, TicketStatus } from '../../domain/ticket.ts'

// The vendor's words and ours. What is not here becomes UNKNOWN and keeps its text beside it.

/** The documented statuses, and two of the legacy API. */
const statuses = new Map<string, TicketStatus>([
  ['open', 'OPEN'],
  ['pending', 'PENDING'],
  ['in_progress', 'IN_PROGRESS'],
  ['resolved', 'RESOLVED'],
  ['closed', 'CLOSED'],
  ['progress', 'IN_PROGRESS'],
  ['cancelled', 'CANCELLED'],
])
const priorities = new Map<string, TicketPriority>([
  ['low', 'LOW'],
  ['medium', 'MEDIUM'],
  ['high', 'HIGH'],
  ['urgent', 'URGENT'],
])
const authors = new Map<string, ActorKind>([
  ['user', 'CUSTOMER'],
  ['agent', 'AGENT'],
  ['system', 'SYSTEM'],
])
/** The document's own words for its five categories. */
const categoryLabels = new Map([
  ['technical', 'Technical issues'],
  ['billing', 'Billing and payment issues'],
  ['account', 'Account-related issues'],
  ['feature_request', 'Feature requests'],
  ['general', 'General inquiries'],
])

export function toStatus(text: string | null): TicketStatus {
  return statuses.get(text?.toLowerCase() ?? '') ?? 'UNKNOWN'
}

export function toPriority(text: string | null): TicketPriority | null {
  return text === null ? null : (priorities.get(text.toLowerCase()) ?? 'UNKNOWN')
}

export function toActorKind(type: string | null): ActorKind {
  return authors.get(type?.toLowerCase() ?? '') ?? 'UNKNOWN'
}

/** A category that is not documented keeps its own text. */
export function toCategoryLabel(code: string): string {
  return categoryLabels.get(code) ?? code
}

/** The vendor's word for a status that can be set: the documented ones. null: it has none. */
export function fromStatus(status: TicketStatus): string | null {
  const word = status.toLowerCase()
  return statuses.get(word) === status && status !== 'CANCELLED' ? word : null
}

export function fromPriority(priority: TicketPriority): string | null {
  const word = priority.toLowerCase()
  return priorities.has(word) ? word : null
}

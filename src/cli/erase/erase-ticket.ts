import type { FieldChange } from '../../domain/events.ts'
import type { Actor, Agent, Ticket, TicketReason } from '../../domain/ticket.ts'
import { eraseRecord } from './erase-record.ts'
import type { Subject } from './subject.ts'

/** The ticket without its customer: what the desk did and when stays, whom it was about and what they wrote goes. */
export function eraseTicket(ticket: Ticket, subject: Subject): Ticket {
  const kept: Ticket = {
    ...ticket,
    title: null,
    description: null,
    customer: null,
    orders: null,
    messages: null,
    attachments: null,
    reason: ticket.reason && eraseReason(ticket.reason),
    escalation: ticket.escalation && { ...ticket.escalation, reason: null },
    resolution: ticket.resolution && { ...ticket.resolution, reason: null },
    links: ticket.links?.map((link) => ({ ...link, reason: null })) ?? null,
    raw: null,
  }
  // Names of agents and vendors stay; a customer who is one of them, or is named in any other text, goes.
  const { source, assignee, createdBy, updatedBy, vendor, ...rest } = kept
  return {
    ...(eraseRecord(rest, subject) as typeof rest),
    source,
    vendor,
    assignee: erasePerson(assignee, subject),
    createdBy: erasePerson(createdBy, subject),
    updatedBy: erasePerson(updatedBy, subject),
  }
}

function eraseReason(reason: TicketReason): TicketReason {
  if (reason.kind === 'ORDER') return { ...reason, orders: [] }
  return reason.kind === 'CANCELLATION' ? { ...reason, subscriptionContractIds: [] } : reason
}

function erasePerson(person: Agent | null, subject: Subject): Agent | null {
  const isCustomer = [person?.externalId, person?.name, person?.email].some(
    (name) => name != null && (subject.traces.has(name) || subject.emails.has(name.toLowerCase())),
  )
  return isCustomer ? null : person
}

/** Who did it, unless it was the customer. */
export function eraseActor(actor: Actor | null): Actor | null {
  return actor?.kind === 'CUSTOMER' ? { kind: 'CUSTOMER', id: null, name: null } : actor
}

/** A journal entry's changes: of what was erased only the fact remains. */
export function eraseChanges(changes: readonly FieldChange[], subject: Subject): readonly FieldChange[] {
  return changes.map((change) =>
    change.field === 'title' || change.field === 'orders'
      ? { ...change, before: null, after: null }
      : (eraseRecord(change, subject) as FieldChange),
  )
}

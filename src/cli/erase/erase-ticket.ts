import type { FieldChange } from '../../domain/events.ts'
import type { Actor, Agent, Ticket, TicketReason } from '../../domain/ticket.ts'
import type { Subject } from './subject.ts'
import { createTraces, type Traces } from './traces.ts'

/** The ticket without its customer: what the desk did and when stays, whom it was about and what they wrote goes. */
export function eraseTicket(ticket: Ticket, subject: Subject): Ticket {
  const traces = createTraces(subject)
  const without = (text: string | null) => (text !== null && traces.isIn(text) ? null : text)
  return {
    ...ticket,
    url: without(ticket.url),
    title: null,
    description: null,
    statusReason: without(ticket.statusReason),
    sourceStatus: without(ticket.sourceStatus),
    origin: without(ticket.origin),
    queue: without(ticket.queue),
    tags: ticket.tags?.filter((tag) => !traces.isIn(tag)) ?? null,
    reason: ticket.reason && eraseReason(ticket.reason),
    assignee: erasePerson(ticket.assignee, traces),
    createdBy: erasePerson(ticket.createdBy, traces),
    updatedBy: erasePerson(ticket.updatedBy, traces),
    customer: null,
    orders: null,
    links: ticket.links?.map((link) => ({ ...link, reason: null, creator: link.creator && without(link.creator) })) ?? null,
    messages: null,
    attachments: null,
    escalation: ticket.escalation && { ...ticket.escalation, reason: null },
    resolution: ticket.resolution && { ...ticket.resolution, reason: null },
    raw: null,
  }
}

function eraseReason(reason: TicketReason): TicketReason {
  if (reason.kind === 'ORDER') return { ...reason, orders: [] }
  return reason.kind === 'CANCELLATION' ? { ...reason, subscriptionContractIds: [] } : reason
}

/** An agent stays, unless it is the customer who raised the ticket. */
function erasePerson(person: Agent | null, traces: Traces): Agent | null {
  const isCustomer = person !== null && [person.name, person.email].some((name) => name !== null && traces.isIn(name))
  return isCustomer ? null : person
}

/** Who did it, unless it was the customer. */
export function eraseActor(actor: Actor | null): Actor | null {
  return actor?.kind === 'CUSTOMER' ? { kind: 'CUSTOMER', id: null, name: null } : actor
}

/** A journal entry's changes: of what was erased, and of what names the customer, only the fact remains. */
export function eraseChanges(changes: readonly FieldChange[], subject: Subject): readonly FieldChange[] {
  const traces = createTraces(subject)
  const without = (text: string | null) => (text !== null && traces.isIn(text) ? null : text)
  return changes.map(({ field, before, after }) =>
    field === 'title' || field === 'orders'
      ? { field, before: null, after: null }
      : { field, before: without(before), after: without(after) },
  )
}

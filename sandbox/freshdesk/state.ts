import { agents } from './installation.ts'
import type { Agent, Contact, Conversation, Due, Ticket } from './records.ts'

/** A change of a ticket, as the account's rules learn of it. */
export interface Change {
  /** Undefined: the ticket is new. */
  readonly before: Ticket | undefined
  readonly after: Ticket
}

/** The account's contacts and tickets. */
export interface FreshdeskState {
  contacts(): readonly Contact[]
  contact(id: number): Contact | undefined
  contactByEmail(email: string): Contact | undefined
  putContact(contact: Contact): Contact
  ticket(id: number): Ticket | undefined
  /** In the order of their ids. */
  tickets(): readonly Ticket[]
  /** The ticket and the conversation with this id. */
  conversation(id: number): { readonly ticket: Ticket; readonly conversation: Conversation } | undefined
  /** Stores a ticket and tells the listeners. */
  put(ticket: Ticket): Ticket
  onChange(listener: (change: Change) => void): void
  nextTicketId(): number
  /** The id of a new contact, conversation, rating or file. */
  nextId(): number
  now(): number
}

const firstId = 43012000000

/** An account with its agents, and without tickets. */
export function createFreshdeskState(now: () => number): FreshdeskState {
  const contacts = new Map<number, Contact>()
  const byEmail = new Map<string, number>()
  const tickets = new Map<number, Ticket>()
  const listeners: ((change: Change) => void)[] = []
  let lastId = firstId
  let lastTicketId = 0
  return {
    contacts: () => [...contacts.values()],
    contact: (id) => contacts.get(id),
    contactByEmail: (email) => contacts.get(byEmail.get(email.toLowerCase()) ?? 0),
    putContact(contact) {
      contacts.set(contact.id, contact)
      if (contact.email !== null) byEmail.set(contact.email.toLowerCase(), contact.id)
      return contact
    },
    ticket: (id) => tickets.get(id),
    tickets: () => [...tickets.values()],
    conversation(id) {
      for (const ticket of tickets.values()) {
        const conversation = ticket.conversations.find((one) => one.id === id)
        if (conversation) return { ticket, conversation }
      }
      return undefined
    },
    put(ticket) {
      const before = tickets.get(ticket.id)
      tickets.set(ticket.id, ticket)
      for (const listener of listeners) listener({ before, after: ticket })
      return ticket
    },
    onChange: (listener) => void listeners.push(listener),
    nextTicketId: () => ++lastTicketId,
    nextId: () => ++lastId,
    now,
  }
}

export const agentById = (id: number | null): Agent | undefined => agents.find((agent) => agent.id === id)

const dayMs = 86_400_000
/** Closed tickets that did not change for this long are archived. */
export const archivedAfterMs = 120 * dayMs

/** Archived tickets are on paths of their own, and in no list or search. */
export function isArchived({ status, updatedAt }: Ticket, now: number): boolean {
  return status === 5 && now - updatedAt > archivedAfterMs
}

/** In lists without a filter. */
export function isListed(ticket: Ticket, now: number): boolean {
  return !ticket.deleted && !ticket.spam && !isArchived(ticket, now)
}

/** Whether an agent sees the ticket. */
export function mayRead(agent: Agent, { responderId, groupId }: Ticket): boolean {
  if (agent.ticketScope === 1) return true
  return responderId === agent.id || (agent.ticketScope === 2 && groupId !== null && agent.groupIds.includes(groupId))
}

/** When the ticket is due, as the account knows it at the time. */
export function dueOf({ due, nextDue }: Ticket, now: number): Due {
  return nextDue !== null && now >= nextDue.from ? nextDue : due
}

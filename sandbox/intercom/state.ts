import type { Admin, Author, Contact, Conversation, Part, Ticket, TicketState, TicketType } from './records.ts'
import { admins, states, ticketTypes } from './workspace.ts'

/** A change of a ticket, as the workspace's subscribers learn of it. */
export interface Change {
  /** Undefined: the ticket is new. */
  readonly before: Ticket | undefined
  readonly after: Ticket
}

/** The workspace's contacts, tickets and conversations. */
export interface IntercomState {
  contacts(): readonly Contact[]
  contact(id: string): Contact | undefined
  contactByEmail(email: string): Contact | undefined
  contactByExternalId(id: string): Contact | undefined
  putContact(contact: Contact): Contact
  tickets(): readonly Ticket[]
  ticket(id: string): Ticket | undefined
  /** Stores a ticket and tells the listeners. */
  put(ticket: Ticket): Ticket
  remove(id: string): void
  conversations(): readonly Conversation[]
  conversation(id: string): Conversation | undefined
  putConversation(conversation: Conversation): Conversation
  onChange(listener: (change: Change) => void): void
  /** The id of a ticket or conversation: one sequence for both. */
  nextId(): string
  /** What people call the next ticket. */
  nextNumber(): string
  nextPartId(): string
  /** 24 hexadecimal digits. */
  nextContactId(): string
  now(): number
}

const firstId = 215_475_467_632_000

/** A workspace without tickets. */
export function createIntercomState(now: () => number): IntercomState {
  const contacts = new Map<string, Contact>()
  const byEmail = new Map<string, string>()
  const tickets = new Map<string, Ticket>()
  const conversations = new Map<string, Conversation>()
  const listeners: ((change: Change) => void)[] = []
  const counts = { ids: 0, numbers: 0, parts: 0, contacts: 0 }
  return {
    contacts: () => [...contacts.values()],
    contact: (id) => contacts.get(id),
    contactByEmail: (email) => contacts.get(byEmail.get(email.toLowerCase()) ?? ''),
    contactByExternalId: (id) => [...contacts.values()].find(({ externalId }) => externalId === id),
    putContact(contact) {
      contacts.set(contact.id, contact)
      byEmail.set(contact.email.toLowerCase(), contact.id)
      return contact
    },
    tickets: () => [...tickets.values()],
    ticket: (id) => tickets.get(id),
    put(ticket) {
      const before = tickets.get(ticket.id)
      tickets.set(ticket.id, ticket)
      for (const listener of listeners) listener({ before, after: ticket })
      return ticket
    },
    remove: (id) => void tickets.delete(id),
    conversations: () => [...conversations.values()],
    conversation: (id) => conversations.get(id),
    putConversation(conversation) {
      conversations.set(conversation.id, conversation)
      return conversation
    },
    onChange: (listener) => void listeners.push(listener),
    nextId: () => String(firstId + 7 * ++counts.ids),
    nextNumber: () => String(++counts.numbers),
    nextPartId: () => String(32_900_000 + ++counts.parts),
    nextContactId: () => `6762f2${(0x1b_b69f_9f00 + ++counts.contacts * 17).toString(16).padStart(18, '0')}`,
    now,
  }
}

export const findAdmin = (id: string): Admin | undefined => admins.find((admin) => admin.id === id)
export const typeOf = (id: string): TicketType | undefined => ticketTypes.find((type) => type.id === id)
export const stateOf = (id: string): TicketState | undefined => states.find((state) => state.id === id)

export function adminAuthor({ id, name, email }: Admin): Author {
  return { type: 'admin', id, name, email }
}

/** Leads are users to the API. */
export function contactAuthor({ id, name, email }: Contact): Author {
  return { type: 'user', id, name, email }
}

/** The ticket with further parts. Its last change is at the last of them. */
export function withParts(ticket: Ticket, parts: readonly Part[]): Ticket {
  return { ...ticket, parts: [...ticket.parts, ...parts], updatedAt: Math.max(ticket.updatedAt, ...parts.map(({ at }) => at)) }
}

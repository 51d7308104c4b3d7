import type { Random } from '../random.ts'
import { hourMs } from '../times.ts'
import type { Conversation, Ticket } from './records.ts'
import { contactAuthor, type IntercomState, typeOf } from './state.ts'
import { newPart, toHtml } from './ticket-changes.ts'

interface Options {
  readonly random: Random
  readonly until: number
}

/** The first tickets of the back office have a conversation each. */
const fewConversations = 4

/**
 * Links tickets as the document allows: conversations to back-office and tracker tickets, and customers' tickets to back-office tickets
 * that are not shared and to trackers. The times of the tickets stay.
 */
export function linkTickets(state: IntercomState, { random, until }: Options): void {
  const byCategory = (category: string) => state.tickets().filter(({ typeId }) => typeOf(typeId)!.category === category)
  const customers = byCategory('Customer')
  for (const inner of [...byCategory('Tracker'), ...byCategory('Back-office')]) {
    for (let count = random.int(0, 2); count > 0 && customers.length > 0; count--) {
      linkTicket(state, random.pick(customers)!.id, inner.id)
    }
    const isFew = state.conversations().length < fewConversations
    if (isFew || random.chance(0.3)) linkConversation(state, addConversation(state, random, inner, until), inner.id)
  }
}

/** A link has two ends. */
export function linkTicket(state: IntercomState, left: string, right: string): void {
  for (const [id, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const ticket = state.ticket(id)!
    if (ticket.links.some((link) => link.id === other)) continue
    state.put({ ...ticket, links: [...ticket.links, { type: 'ticket', id: other }] })
  }
}

export function linkConversation(state: IntercomState, conversation: Conversation, ticketId: string): void {
  const ticket = state.ticket(ticketId)!
  state.put({ ...ticket, links: [...ticket.links, { type: 'conversation', id: conversation.id }] })
  state.putConversation({ ...conversation, links: [...conversation.links, { type: 'ticket', id: ticketId }] })
}

function addConversation(state: IntercomState, random: Random, ticket: Ticket, until: number): Conversation {
  const contact = state.contact(ticket.contactIds[0]!)!
  const author = contactAuthor(contact)
  const createdAt = ticket.createdAt - hourMs
  const at = random.later(createdAt, hourMs, until)
  const isOpen = state.conversations().length % 2 === 0
  const body = toHtml(String(ticket.attributes._default_description_))
  return state.putConversation({
    ...{
      id: state.nextId(),
      title: null,
      contactId: contact.id,
      adminId: null,
      teamId: ticket.teamId === '0' ? null : ticket.teamId,
    },
    source: { id: state.nextPartId(), type: random.pick(['conversation', 'email', 'whatsapp'] as const), body, author },
    ...{ isOpen, isRead: !isOpen, isPriority: random.chance(0.1), snoozedUntil: null, waitingSince: isOpen ? at : null },
    rating: isOpen ? null : { score: random.int(1, 5), remark: 'Quick answer', at },
    ...{ links: [], tagIds: [], createdAt, updatedAt: at },
    parts: [
      { ...newPart('comment', { ids: state, author, at }), body: toHtml('Hello, is there news?') },
      ...(isOpen ? [] : [newPart('close', { ids: state, author, at })]),
    ],
  })
}

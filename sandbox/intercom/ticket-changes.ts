import type { Attachment, AttributeValue, Author, Contact, Part, Ticket } from './records.ts'
import { type IntercomState, stateOf, typeOf, withParts } from './state.ts'
import { bot } from './workspace.ts'

// Each change of a ticket leaves a part in its history.

/** Who changes something, when, and with whose ids. */
export interface Doing {
  readonly ids: Pick<IntercomState, 'nextPartId'>
  readonly author: Author
  readonly at: number
  readonly isByApp?: boolean
}

export interface Opening {
  readonly typeId: string
  readonly contact: Contact
  readonly attributes: Ticket['attributes']
  readonly at: number
}

/** A new ticket: submitted, open, assigned to none, shared where its type is for customers, and without a history. It is not stored. */
export function openTicket(state: IntercomState, { typeId, contact, attributes, at }: Opening): Ticket {
  return {
    ...{ id: state.nextId(), number: state.nextNumber(), typeId, stateId: '8269', contactIds: [contact.id], attributes },
    ...{ adminId: '0', teamId: '0', isOpen: true, snoozedUntil: null, isShared: typeOf(typeId)!.category === 'Customer' },
    ...{ companyId: contact.companyIds[0] ?? null, links: [], tagIds: [], createdAt: at, updatedAt: at, parts: [] },
  }
}

/** A part without content. */
export function newPart(type: string, { ids, author, at, isByApp = false }: Doing): Part {
  return { id: ids.nextPartId(), type, body: null, at, author, attachments: [], isByApp }
}

/** Sets the state. The history has its category before and after, which may be the same. */
export function setState(ticket: Ticket, stateId: string, doing: Doing): Ticket {
  const states = { before: stateOf(ticket.stateId)!.category, after: stateOf(stateId)!.category }
  return withParts({ ...ticket, stateId }, [{ ...newPart('ticket_state_updated_by_admin', doing), states }])
}

/** Assigns to an admin or a team, which are two fields; null clears both. */
export function assign(
  ticket: Ticket,
  to: { readonly type: 'admin' | 'team'; readonly id: string } | null,
  doing: Doing,
): Ticket {
  const fields = to === null ? { adminId: '0', teamId: '0' } : to.type === 'admin' ? { adminId: to.id } : { teamId: to.id }
  return withParts({ ...ticket, ...fields }, [{ ...newPart('assignment', doing), assignedTo: to }])
}

/** Sets attributes by their names. Each one that changes is a part. */
export function setAttributes(ticket: Ticket, values: Readonly<Record<string, AttributeValue>>, doing: Doing): Ticket {
  const known = typeOf(ticket.typeId)!.attributes
  const changed = Object.entries(values).filter(([name, value]) => ticket.attributes[name] !== value)
  const parts = changed.map(([name, value]): Part => {
    const attribute = known.find((one) => one.name === name)!
    const label = name.startsWith('_default_') ? name.replaceAll('_default_', '').replaceAll('_', '') : name
    return {
      ...newPart('ticket_attribute_updated_by_admin', doing),
      attribute: { id: attribute.id, label, value: toLabel(value) },
    }
  })
  return withParts({ ...ticket, attributes: { ...ticket.attributes, ...Object.fromEntries(changed) } }, parts)
}

function toLabel(value: AttributeValue): string | readonly string[] {
  if (value === null) return ''
  return typeof value === 'object' ? value.map(({ name }) => name) : String(value)
}

/** Opens or closes. Closing ends a snooze too. Nothing happens to the state. */
export function setOpen(ticket: Ticket, isOpen: boolean, doing: Doing): Ticket {
  if (isOpen === ticket.isOpen && ticket.snoozedUntil === null) return ticket
  return withParts({ ...ticket, isOpen, snoozedUntil: null }, [newPart(isOpen ? 'open' : 'close', doing)])
}

/** Snoozes until a time, when the ticket opens again. */
export function snooze(ticket: Ticket, until: number, doing: Doing): Ticket {
  return withParts({ ...ticket, snoozedUntil: until, isOpen: true }, [newPart('snoozed', doing)])
}

/** Opens what was snoozed until now. */
export function wakeSnoozed(state: IntercomState, now: number): void {
  for (const ticket of state.tickets()) {
    if (ticket.snoozedUntil === null || ticket.snoozedUntil > now) continue
    const part = newPart('timer_unsnooze', { ids: state, author: bot, at: ticket.snoozedUntil })
    state.put(withParts({ ...ticket, snoozedUntil: null, isOpen: true }, [part]))
  }
  for (const conversation of state.conversations()) {
    const { snoozedUntil, parts } = conversation
    if (snoozedUntil === null || snoozedUntil > now) continue
    const part = newPart('timer_unsnooze', { ids: state, author: bot, at: snoozedUntil })
    state.putConversation({ ...conversation, snoozedUntil: null, isOpen: true, updatedAt: snoozedUntil, parts: [...parts, part] })
  }
}

/** What a message has beside its text. */
export interface Message {
  readonly type: 'comment' | 'note' | 'quick_reply'
  /** HTML. */
  readonly body: string | null
  readonly attachments?: readonly Attachment[]
  readonly choices?: Part['choices']
}

/** Adds a message. A customer's opens a closed or snoozed ticket. */
export function say(ticket: Ticket, { type, body, attachments = [], choices }: Message, doing: Doing): Ticket {
  const part: Part = { ...newPart(type, doing), body, attachments, ...(choices ? { choices } : {}) }
  const said = withParts(ticket, [part])
  const wakes = doing.author.type === 'user' && (!ticket.isOpen || ticket.snoozedUntil !== null)
  return wakes ? { ...said, isOpen: true, snoozedUntil: null } : said
}

/** The text as a paragraph of HTML. */
export function toHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<p>${escaped.replaceAll('\n', '<br>')}</p>`
}

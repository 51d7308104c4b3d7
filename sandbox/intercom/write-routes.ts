import type { Reply, Route } from '../simulator.ts'
import { readAttributes, requireAttributes } from './attribute-input.ts'
import { findOrCreateContact } from './contact-routes.ts'
import type { Context } from './context.ts'
import { conversationOf } from './conversation-routes.ts'
import { asId, asObject, type Call } from './endpoint.ts'
import { invalid, missing, noResource, Refusal, refused } from './errors.ts'
import type { Ticket, TicketType } from './records.ts'
import { linkConversation } from './seed-links.ts'
import { adminAuthor, typeOf } from './state.ts'
import * as changes from './ticket-changes.ts'
import { printTicket } from './wire.ts'
import { bot, states } from './workspace.ts'
import { assigneeOf, booleanOf, companyOf, laterTime, pastTime, ticketOf, updatingAuthor } from './write-input.ts'

/** Creates, changes and deletes tickets, and makes them of conversations. */
export function writeRoutes(context: Context): Route[] {
  const { state, endpoints, printingOf } = context
  return [
    endpoints.on(
      ...(['POST', '/tickets', 'create'] as const),
      (call) => ({ status: 200, body: printTicket(prepareTicket(context, call)(call.now), printingOf(call)) }),
      { isWrite: true },
    ),
    endpoints.on('POST', '/conversations/:id/convert', 'convert', (call) => convert(context, call), { isWrite: true }),
    endpoints.on('PUT', '/tickets/:id', 'update', (call) => update(context, call), { isWrite: true }),
    endpoints.on(
      ...(['DELETE', '/tickets/:id', 'delete'] as const),
      ({ params }) => {
        const { id } = ticketOf(state, params[0])
        for (const other of state.tickets()) {
          if (other.links.some((link) => link.id === id))
            state.put({ ...other, links: other.links.filter((link) => link.id !== id) })
        }
        state.remove(id)
        return { status: 200, body: { id, object: 'ticket', deleted: true } }
      },
      { isWrite: true, needsPlan: true },
    ),
  ]
}

/** Checks the request of a new ticket, and returns what makes the ticket. */
export function prepareTicket({ state }: Context, call: Call): (now: number) => Ticket {
  const { body } = call
  const type = newTypeOf(body.ticket_type_id)
  const [named, ...others] = Array.isArray(body.contacts) ? body.contacts : []
  const who = asObject(named)
  if (!who) throw new Refusal(missing('contacts'))
  if (others.length > 0) throw new Refusal(invalid('Only one contact is allowed', 'contacts'))
  const attributes = readAttributes(type, body.ticket_attributes)
  requireAttributes(type, attributes)
  const { admin_assignee_id: adminId, team_assignee_id: teamId } = asObject(body.assignment) ?? {}
  const assignees = [teamId, adminId].filter((id) => id !== undefined && id !== null).map(assigneeOf)
  const companyId = body.company_id === undefined ? null : companyOf(body.company_id)
  const linked = conversationToLink(state, type, body.conversation_to_link_id)
  const given = body.created_at === undefined ? null : pastTime(call)
  return (now) => {
    const at = given ?? now
    const contact = findOrCreateContact(state, who, now)
    const doing = { ids: state, author: adminAuthor(call.admin), at, isByApp: true }
    const names = type.attributes.map(({ name, dataType }) => [name, dataType === 'files' ? [] : null])
    const opened = changes.openTicket(state, {
      ...{ typeId: type.id, contact, attributes: { ...Object.fromEntries(names), ...attributes }, at },
    })
    const blank = { ...opened, companyId }
    const created = assignees.reduce((ticket, to) => changes.assign(ticket, to, doing), changes.setState(blank, '8269', doing))
    state.put({ ...created, updatedAt: now })
    if (linked) linkConversation(state, linked, created.id)
    return state.ticket(created.id)!
  }
}

/** The ticket has the id, the time and the messages of the conversation. */
function convert({ state, printingOf }: Context, call: Call): Reply {
  const conversation = conversationOf(state, call)
  const type = newTypeOf(call.body.ticket_type_id)
  if (type.category !== 'Customer') return invalid('Ticket type is not a customer ticket type')
  if (state.ticket(conversation.id)) return invalid('The conversation is a ticket already')
  const { id, createdAt, source, contactId, adminId, teamId, isOpen, snoozedUntil, links, tagIds } = conversation
  const doing = { ids: state, author: source.author, at: createdAt, isByApp: true }
  const opening = { ...changes.newPart('comment', doing), body: source.body }
  const ticket: Ticket = {
    ...{ id, number: state.nextNumber(), typeId: type.id, stateId: '8269', contactIds: [contactId], adminId: adminId ?? '0' },
    ...{ attributes: readAttributes(type, call.body.attributes), teamId: teamId ?? '0', isOpen, snoozedUntil, isShared: true },
    ...{ companyId: null, links, tagIds, createdAt, updatedAt: createdAt, parts: [opening, ...conversation.parts] },
  }
  const converted = changes.setState(ticket, '8269', { ...doing, author: bot, at: call.now })
  return { status: 200, body: printTicket(state.put(converted), printingOf(call)) }
}

function newTypeOf(given: unknown): TicketType {
  const id = asId(given)
  if (id === undefined) throw new Refusal(missing('ticket_type_id'))
  const type = typeOf(id)
  if (!type || type.isArchived) throw new Refusal(invalid('Ticket type is not valid', 'ticket_type_id'))
  return type
}

function conversationToLink(state: Context['state'], type: TicketType, given: unknown) {
  const id = asId(given)
  if (id === undefined) return undefined
  const conversation = state.conversation(id)
  if (!conversation) throw new Refusal(noResource())
  if (type.category === 'Customer') throw new Refusal(invalid('A conversation cannot be linked to a customer ticket'))
  return conversation
}

/** All that the request names, or nothing where one of it is refused. */
function update({ state, printingOf }: Context, call: Call): Reply {
  const { body, now } = call
  const before = ticketOf(state, call.params[0])
  const doing = { ids: state, author: updatingAuthor(body.admin_id, bot), at: now, isByApp: true }
  const steps: ((ticket: Ticket) => Ticket)[] = []
  const values = readAttributes(typeOf(before.typeId)!, body.ticket_attributes)
  steps.push((ticket) => changes.setAttributes(ticket, values, doing))
  if (body.ticket_state_id !== undefined) {
    const stateId = stateIdOf(before, body.ticket_state_id)
    if (stateId !== before.stateId) steps.push((ticket) => changes.setState(ticket, stateId, doing))
  }
  if (body.assignee_id !== undefined) {
    const to = assigneeOf(body.assignee_id)
    steps.push((ticket) => changes.assign(ticket, to, doing))
  }
  if (body.open !== undefined) {
    const isOpen = booleanOf(body.open, 'open')
    steps.push((ticket) => changes.setOpen(ticket, isOpen, doing))
  }
  if (body.snoozed_until !== undefined && body.snoozed_until !== null) {
    const until = laterTime(body.snoozed_until, 'snoozed_until', now)
    if (body.open !== false) steps.push((ticket) => changes.snooze(ticket, until, doing))
  }
  steps.push(...plainSteps(body, now))
  const after = steps.reduce((ticket, step) => step(ticket), before)
  return { status: 200, body: printTicket(after === before ? before : state.put(after), printingOf(call)) }
}

/** What leaves no part in the history. */
function plainSteps(body: Call['body'], now: number): ((ticket: Ticket) => Ticket)[] {
  const changed: { isShared?: boolean; companyId?: string | null } = {}
  if (body.is_shared !== undefined) changed.isShared = booleanOf(body.is_shared, 'is_shared')
  if (body.company_id !== undefined) changed.companyId = companyOf(body.company_id)
  return Object.keys(changed).length === 0 ? [] : [(ticket) => ({ ...ticket, ...changed, updatedAt: now })]
}

function stateIdOf(ticket: Ticket, given: unknown): string {
  const id = asId(given) ?? ''
  const isOfType = typeOf(ticket.typeId)!.stateIds.includes(id)
  if (isOfType && states.some((state) => state.id === id && !state.isArchived)) return id
  const message = 'Ticket state id is not valid or is not associated with the ticket type'
  throw new Refusal(refused(400, 'ticket_state_id_invalid', message))
}

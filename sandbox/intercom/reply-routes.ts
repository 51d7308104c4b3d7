import type { Reply, Route } from '../simulator.ts'
import { toEpochSeconds } from '../times.ts'
import { readUrls } from './attribute-input.ts'
import type { Context } from './context.ts'
import { asId, type Call } from './endpoint.ts'
import { invalid, missing, noResource, noTicket, Refusal, refused } from './errors.ts'
import type { Contact, Conversation, Ticket } from './records.ts'
import { adminAuthor, contactAuthor, type IntercomState, typeOf } from './state.ts'
import * as changes from './ticket-changes.ts'
import { printPart } from './wire.ts'
import { tags } from './workspace.ts'
import { bodyOf, choicesOf, pastTime, requireAdmin } from './write-input.ts'

/** Replies and notes, and tags. */
export function replyRoutes(context: Context): Route[] {
  const { endpoints } = context
  return [
    endpoints.on('POST', '/tickets/:id/reply', 'reply', (call) => reply(context, call), { isWrite: true }),
    endpoints.on('POST', '/tickets/:id/tags', 'tag', (call) => tag(context, call, asId(call.body.id), true), { isWrite: true }),
    endpoints.on('DELETE', '/tickets/:id/tags/:id', 'untag', (call) => tag(context, call, call.params[1], false), {
      isWrite: true,
    }),
  ]
}

function reply({ state, printingOf }: Context, call: Call): Reply {
  const ticket = state.ticket(call.params[0] ?? '')
  if (!ticket) return noResource()
  const at = pastTime(call)
  const said =
    call.body.type === 'user'
      ? sayAsContact(state, ticket, call, at)
      : changes.say(ticket, messageOf(call.body), { ids: state, author: authorOf(call.body), at, isByApp: true })
  const part = state.put({ ...said, updatedAt: call.now }).parts.at(-1)!
  if (call.body.cross_post === true && part.type === 'note') crossPost(state, ticket, call, part.body!)
  return { status: 200, body: { ...printPart(part, printingOf(call)), updated_at: toEpochSeconds(at) } }
}

/** The teammate that a reply names. */
export function authorOf(body: Call['body']) {
  if (body.type !== 'admin') throw new Refusal(invalid('type is admin or user', 'type'))
  return adminAuthor(requireAdmin(body.admin_id))
}

/** What a teammate says. */
export function messageOf(body: Call['body']): changes.Message {
  const attachments = readUrls(body.attachment_urls)
  switch (body.message_type) {
    case 'comment':
    case 'note':
      return { type: body.message_type, body: bodyOf(body.body), attachments }
    case 'quick_reply':
      return { type: 'quick_reply', body: null, choices: choicesOf(body.reply_options), attachments }
    default:
      throw new Refusal(invalid('message_type is comment, note or quick_reply', 'message_type'))
  }
}

/** Customers do not see tickets of the back office. A further customer becomes a contact of the ticket. */
function sayAsContact(state: IntercomState, ticket: Ticket, { body }: Call, at: number): Ticket {
  if (typeOf(ticket.typeId)!.category !== 'Customer') {
    throw new Refusal(refused(400, 'parameter_mismatch', 'User replies are not allowed on Backoffice tickets'))
  }
  const contact = replyingContact(state, body)
  const doing = { ids: state, author: contactAuthor(contact), at, isByApp: true }
  const message = { type: 'comment' as const, body: bodyOf(body.body), attachments: readUrls(body.attachment_urls) }
  state.putContact({ ...contact, lastRepliedAt: at, updatedAt: at })
  if (ticket.contactIds.includes(contact.id)) return changes.say(ticket, message, doing)
  const joined = {
    ...ticket,
    contactIds: [...ticket.contactIds, contact.id],
    parts: [...ticket.parts, changes.newPart('participant_added', doing)],
  }
  return changes.say(joined, message, doing)
}

/** The contact that a reply names in one of three ways. */
export function replyingContact(state: IntercomState, body: Call['body']): Contact {
  const [id, externalId, email] = [asId(body.intercom_user_id), asId(body.user_id), asId(body.email)]
  if (id === undefined && externalId === undefined && email === undefined) throw new Refusal(missing('intercom_user_id'))
  if (body.message_type !== 'comment') throw new Refusal(invalid('message_type is comment', 'message_type'))
  const contact =
    id !== undefined
      ? state.contact(id)
      : externalId !== undefined
        ? state.contactByExternalId(externalId)
        : state.contactByEmail(email!)
  if (!contact) throw new Refusal(refused(404, 'not_found', 'User Not Found'))
  return contact
}

/** A note of a back-office ticket goes to the conversations that are linked to it. */
function crossPost(state: IntercomState, ticket: Ticket, call: Call, body: string): void {
  if (typeOf(ticket.typeId)!.category !== 'Back-office') return
  const author = authorOf(call.body)
  for (const link of ticket.links) {
    const conversation: Conversation | undefined = link.type === 'conversation' ? state.conversation(link.id) : undefined
    if (!conversation) continue
    const part = { ...changes.newPart('note', { ids: state, author, at: call.now, isByApp: true }), body }
    state.putConversation({ ...conversation, parts: [...conversation.parts, part], updatedAt: call.now })
  }
}

/** Adds or removes a tag. The answer is the tag; the ticket itself does not show its tags. */
function tag({ state }: Context, call: Call, tagId: string | undefined, isAdded: boolean): Reply {
  const ticket = state.ticket(call.params[0] ?? '')
  if (!ticket) return noTicket()
  if (tagId === undefined) return missing('id')
  const admin = requireAdmin(call.body.admin_id)
  const known = tags.find(({ id }) => id === tagId)
  const hasIt = ticket.tagIds.includes(tagId)
  if (!known || (!isAdded && !hasIt)) return refused(404, 'tag_not_found', 'Tag not found')
  const others = ticket.tagIds.filter((id) => id !== tagId)
  state.put({ ...ticket, tagIds: isAdded ? [...others, tagId] : others, updatedAt: call.now })
  const applied = { applied_at: toEpochSeconds(call.now), applied_by: { type: 'admin', id: admin.id } }
  return { status: 200, body: { type: 'tag', ...known, ...applied } }
}

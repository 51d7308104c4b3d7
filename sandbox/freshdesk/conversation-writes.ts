import type { Reply, Route } from '../simulator.ts'
import { check, type Shape } from './checks.ts'
import type { Call } from './endpoint.ts'
import { denied, type FieldError, invalid, missing, notFound, wrongValue } from './errors.ts'
import { takeFiles } from './files.ts'
import { isObject } from './input.ts'
import { supportEmail } from './installation.ts'
import type { Outbox } from './outbox.ts'
import { isRefusal } from './read-routes.ts'
import type { Attachment, Conversation, Ticket } from './records.ts'
import { agentById, type FreshdeskState, mayRead } from './state.ts'
import { statsAfterMessage } from './stats.ts'
import { findWritable, type WriteContext } from './ticket-writes.ts'
import { asHtml, printConversation, toHtml } from './wire.ts'

export interface ConversationContext extends WriteContext {
  readonly outbox: Outbox
}

/** Replies, notes, and their changes. */
export function conversationWrites(context: ConversationContext): Route[] {
  const { endpoints, state } = context
  return [
    endpoints.on('POST', '/tickets/:id/reply', 'reply', (call) => reply(context, call)),
    endpoints.on('POST', '/tickets/:id/notes', 'note', (call) => note(context, call)),
    endpoints.on('PUT', '/conversations/:id', 'edit-conversation', (call) => edit(context, call)),
    endpoints.on('DELETE', '/conversations/:id', 'delete-conversation', (call) => {
      const found = findConversation(state, call)
      if (isReply(found)) return found
      const { ticket, conversation } = found
      const conversations = ticket.conversations.filter(({ id }) => id !== conversation.id)
      state.put({ ...ticket, conversations, updatedAt: call.now })
      return { status: 204 }
    }),
  ]
}

interface Found {
  readonly ticket: Ticket
  readonly conversation: Conversation
}

const isReply = (found: Found | Reply): found is Reply => !('conversation' in found)

function findConversation(state: FreshdeskState, { params, agent }: Call): Found | Reply {
  const found = state.conversation(Number(params[0]))
  if (!found) return notFound
  return mayRead(agent, found.ticket) ? found : denied
}

const replyShape: Shape = {
  ...{ body: 'text', structured_body: 'object', from_email: 'email', user_id: 'id', cc_emails: 'texts', bcc_emails: 'texts' },
}
const noteShape: Shape = {
  ...{ body: 'text', structured_body: 'object', private: 'boolean', incoming: 'boolean', notify_emails: 'texts', user_id: 'id' },
}

interface Draft {
  readonly values: Readonly<Record<string, unknown>>
  readonly body: string
  readonly attachments: readonly Attachment[]
  readonly userId: number
}

/** What a reply or note says, or the refusal. */
function read(
  state: FreshdeskState,
  call: Call,
  ticket: Ticket,
  shape: Shape,
  isPublic: (values: Draft['values']) => boolean,
): Draft | Reply {
  const { values, errors } = check(call.input, shape)
  const body = bodyOf(values)
  const faults: FieldError[] = [...errors]
  const isChat = ticket.source === 7 && isPublic(values)
  if (isChat && values.structured_body === undefined) faults.push(missing('structured_body', 'It should be a/an Key/Value Pair'))
  else if (body === null) faults.push(missing('body', 'It should be a/an String'))
  const userId = typeof values.user_id === 'number' ? values.user_id : call.agent.id
  if (!agentById(userId) && !state.contact(userId))
    faults.push(wrongValue('user_id', 'There is no contact matching the given user_id'))
  if (faults.length > 0) return invalid(...faults)
  const attachments = takeFiles(state, call.input, ticket)
  return 'status' in attachments ? attachments : { values, body: body!, attachments, userId }
}

/** HTML of the body, or of the texts of the structured one; null: neither says anything. */
function bodyOf({ body, structured_body: structured }: Draft['values']): string | null {
  if (typeof body === 'string' && body.trim() !== '') return asHtml(body)
  const contents = isObject(structured) && Array.isArray(structured.body_contents) ? structured.body_contents : []
  const texts = contents.map((part) => (isObject(part) && isObject(part.data) ? String(part.data.content ?? '') : ''))
  return texts.join('').trim() === '' ? null : toHtml(texts.join('\n'))
}

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

/** Adds a conversation to a ticket. */
export function addConversation(state: FreshdeskState, ticket: Ticket, added: Conversation): Ticket {
  const conversations = [...ticket.conversations, added]
  const stats = statsAfterMessage(ticket.stats, added, added.createdAt)
  return state.put({ ...ticket, conversations, stats, updatedAt: added.createdAt })
}

function reply(context: ConversationContext, call: Call): Reply {
  const { state, outbox } = context
  const ticket = findWritable(state, call)
  if (isRefusal(ticket)) return ticket
  const draft = read(state, call, ticket, replyShape, () => true)
  if ('status' in draft) return draft
  const from = String(draft.values.from_email ?? supportEmail)
  if (from !== supportEmail) return invalid(wrongValue('from_email', 'There is no email_config matching the given from_email'))
  const to = [state.contact(ticket.requesterId)?.email ?? ''].filter((address) => address !== '')
  const [cc, bcc] = [list(draft.values.cc_emails), list(draft.values.bcc_emails)]
  const added: Conversation = {
    ...{ id: state.nextId(), body: draft.body, incoming: false, private: false, source: 0, userId: draft.userId },
    ...{ fromEmail: from, toEmails: to, ccEmails: cc, bccEmails: bcc, attachments: draft.attachments },
    ...{ createdAt: call.now, updatedAt: call.now, edited: null },
  }
  const changed = addConversation(state, ticket, added)
  outbox.send({ ticketId: ticket.id, to: [...to, ...cc, ...bcc], body: draft.body })
  const printed = printConversation(added, changed, context.sceneOf(call))
  // The answer does not say that it is public, and of a reply with files it has no structured body.
  const shown = without(printed, [
    'incoming',
    'private',
    'source',
    'support_email',
    'to_emails',
    'last_edited_at',
    'last_edited_user_id',
  ])
  const structured = added.attachments.length > 0 ? { structured_body: null } : {}
  return { status: 201, headers: locationOf(call, added), body: { ...shown, ...structured, replied_to: to } }
}

function note(context: ConversationContext, call: Call): Reply {
  const { state, outbox } = context
  const ticket = findWritable(state, call)
  if (isRefusal(ticket)) return ticket
  const draft = read(state, call, ticket, noteShape, (values) => values.private === false)
  if ('status' in draft) return draft
  const notified = list(draft.values.notify_emails)
  const added: Conversation = {
    ...{ id: state.nextId(), body: draft.body, incoming: draft.values.incoming === true, source: 2, userId: draft.userId },
    // Private unless it is said otherwise.
    ...{ private: draft.values.private !== false, fromEmail: null, toEmails: notified, ccEmails: [], bccEmails: [] },
    ...{ attachments: draft.attachments, createdAt: call.now, updatedAt: call.now, edited: null },
  }
  const changed = addConversation(state, ticket, added)
  if (notified.length > 0) outbox.send({ ticketId: ticket.id, to: notified, body: draft.body })
  const printed = printConversation(added, changed, context.sceneOf(call))
  const hidden = ['source', 'from_email', 'to_emails', 'cc_emails', 'bcc_emails', 'last_edited_at', 'last_edited_user_id']
  return { status: 201, headers: locationOf(call, added), body: { ...without(printed, hidden), notified_to: notified } }
}

const locationOf = ({ origin }: Call, { id }: Conversation) => ({ location: `${origin}/api/v2/conversations/${id}` })

function without(printed: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(printed).filter(([name]) => !names.includes(name)))
}

/** Notes alone can be edited. */
function edit(context: ConversationContext, call: Call): Reply {
  const { state } = context
  const found = findConversation(state, call)
  if (isReply(found)) return found
  const { ticket, conversation } = found
  if (conversation.source !== 2) {
    return invalid({ field: 'id', message: 'Only public and private notes can be edited', code: 'incompatible_field' })
  }
  const { values, errors } = check(call.input, { body: 'text' })
  if (errors.length > 0) return invalid(...errors)
  const attachments = takeFiles(state, call.input, ticket)
  if ('status' in attachments) return attachments
  const edited: Conversation = {
    ...conversation,
    body: bodyOf(values) ?? conversation.body,
    attachments: [...conversation.attachments, ...attachments],
    ...{ updatedAt: call.now, edited: { at: call.now, userId: call.agent.id } },
  }
  const conversations = ticket.conversations.map((one) => (one.id === edited.id ? edited : one))
  const changed = state.put({ ...ticket, conversations, updatedAt: call.now })
  return { status: 200, body: printConversation(edited, changed, context.sceneOf(call)) }
}

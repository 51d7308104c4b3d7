import type { Reply, Route } from '../simulator.ts'
import { readUrls } from './attribute-input.ts'
import type { Context } from './context.ts'
import { printConversation, printFullConversation, stateOf } from './conversation-wire.ts'
import { asId, type Call } from './endpoint.ts'
import { invalid, missing, noResource, Refusal } from './errors.ts'
import { type Field, type Searchable, toPredicate } from './query.ts'
import type { Author, Conversation, Part } from './records.ts'
import { authorOf, messageOf, replyingContact } from './reply-routes.ts'
import { toPage } from './search-pages.ts'
import { adminAuthor, contactAuthor, type IntercomState } from './state.ts'
import { type Doing, newPart } from './ticket-changes.ts'
import { assigneeOf, bodyOf, laterTime, pastTime, requireAdmin } from './write-input.ts'

/** Conversations: read, searched, answered and managed. */
export function conversationRoutes(context: Context): Route[] {
  const { state, endpoints, printingOf } = context
  const write = { isWrite: true, needsPlan: true }
  const print = (conversation: Conversation, call: Call): Reply => ({
    ...{ status: 200, body: printFullConversation(conversation, printingOf(call)) },
  })
  const changed = (change: (state: IntercomState, conversation: Conversation, call: Call) => Conversation) => (call: Call) => {
    const conversation = conversationOf(state, call)
    return print(state.putConversation({ ...change(state, conversation, call), updatedAt: call.now }), call)
  }
  return [
    endpoints.on('POST', '/conversations/search', 'conversation-search', (call) => search(context, call)),
    endpoints.on(
      ...(['GET', '/conversations/:id', 'conversation'] as const),
      (call) => print(conversationOf(state, call), call),
      { needsPlan: true },
    ),
    endpoints.on('POST', '/conversations/:id/reply', 'conversation-reply', changed(reply), write),
    endpoints.on('POST', '/conversations/:id/parts', 'conversation-manage', changed(manage), write),
  ]
}

export function conversationOf(state: IntercomState, { params }: Call): Conversation {
  const conversation = state.conversation(params[0] ?? '')
  if (!conversation) throw new Refusal(noResource())
  return conversation
}

function withPart(conversation: Conversation, part: Part): Conversation {
  return { ...conversation, parts: [...conversation.parts, part] }
}

/** A customer's reply opens the conversation; where it was closed, the part is of the type `open`. */
function reply(state: IntercomState, conversation: Conversation, call: Call): Conversation {
  const at = pastTime(call)
  if (call.body.type !== 'user') {
    const { type, body, attachments = [], choices } = messageOf(call.body)
    const part = { ...newPart(type, { ids: state, author: authorOf(call.body), at, isByApp: true }), body, attachments }
    const said = withPart(conversation, choices ? { ...part, choices } : part)
    return type === 'note' ? said : { ...said, waitingSince: null }
  }
  const contact = replyingContact(state, call.body)
  const doing: Doing = { ids: state, author: contactAuthor(contact), at, isByApp: true }
  const type = stateOf(conversation) === 'open' ? 'comment' : 'open'
  const part = { ...newPart(type, doing), body: bodyOf(call.body.body), attachments: readUrls(call.body.attachment_urls) }
  return { ...withPart(conversation, part), isOpen: true, snoozedUntil: null, waitingSince: conversation.waitingSince ?? at }
}

/** Closes, snoozes, opens or assigns. */
function manage(state: IntercomState, conversation: Conversation, { body, now }: Call): Conversation {
  const doing: Doing = { ids: state, author: adminAuthor(requireAdmin(body.admin_id)), at: now, isByApp: true }
  const text = body.body === undefined || body.body === null ? null : bodyOf(body.body)
  const part = (type: string): Part => ({ ...newPart(type, doing), body: text })
  switch (body.message_type) {
    case 'close':
      return { ...withPart(conversation, part('close')), isOpen: false, snoozedUntil: null, waitingSince: null }
    case 'snoozed':
      return { ...withPart(conversation, part('snoozed')), snoozedUntil: laterTime(body.snoozed_until, 'snoozed_until', now) }
    case 'open':
      return { ...withPart(conversation, part('open')), isOpen: true, snoozedUntil: null }
    case 'assignment': {
      if (body.assignee_id === undefined) throw new Refusal(missing('assignee_id'))
      const to = assigneeOf(body.assignee_id)
      const fields = to === null ? { adminId: null, teamId: null } : to.type === 'admin' ? { adminId: to.id } : { teamId: to.id }
      return { ...withPart(conversation, { ...part('assignment'), assignedTo: to }), ...fields }
    }
    default:
      throw new Refusal(invalid('message_type is close, snoozed, open or assignment', 'message_type'))
  }
}

const text = (read: (conversation: Conversation) => string | null): Field<Conversation> => ({
  kind: 'string',
  read: (conversation) => [read(conversation) ?? []].flat(),
})
const date = (read: (conversation: Conversation) => number | null): Field<Conversation> => ({
  kind: 'date',
  read: (conversation) => [read(conversation) ?? []].flat(),
})
const number = (read: (conversation: Conversation) => string | null): Field<Conversation> => ({
  kind: 'number',
  read: (conversation) => [asId(read(conversation)) ?? []].flat().map(Number),
})
const authorField = (read: (author: Author) => string | null) => text(({ source }) => read(source.author))

/** The body of the opening is searched by its words. */
const fields: Readonly<Record<string, Field<Conversation>>> = {
  ...{ id: text(({ id }) => id), created_at: date(({ createdAt }) => createdAt), updated_at: date(({ updatedAt }) => updatedAt) },
  ...{ 'source.type': text(({ source }) => source.type), 'source.id': text(({ source }) => source.id) },
  'source.body': {
    kind: 'string',
    read: ({ source }) => source.body.replace(/<[^>]+>/g, ' ').split(/[^\p{L}\p{N}]+/u),
  },
  ...{ 'source.author.id': authorField(({ id }) => id), 'source.author.type': authorField(({ type }) => type) },
  ...{ 'source.author.name': authorField(({ name }) => name), 'source.author.email': authorField(({ email }) => email) },
  contact_ids: text(({ contactId }) => contactId),
  ...{ admin_assignee_id: number(({ adminId }) => adminId), team_assignee_id: number(({ teamId }) => teamId) },
  open: { kind: 'boolean', read: ({ isOpen }) => [isOpen] },
  read: { kind: 'boolean', read: ({ isRead }) => [isRead] },
  state: text(stateOf),
  ...{ waiting_since: date(({ waitingSince }) => waitingSince), snoozed_until: date(({ snoozedUntil }) => snoozedUntil) },
  tag_ids: { kind: 'string', read: ({ tagIds }) => tagIds },
  priority: text(({ isPriority }) => (isPriority ? 'priority' : 'not_priority')),
}

const searchable: Searchable<Conversation> = {
  field: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined),
  dates: 'seconds',
}

function search({ state, oddities, printingOf }: Context, call: Call): Reply {
  const found = state.conversations().filter(toPredicate(call.body.query, searchable))
  const sorts = { updated_at: (one: Conversation) => one.updatedAt, created_at: (one: Conversation) => one.createdAt }
  const { rows, pages } = toPage(found, call.body, { perPage: 20, sorts, oddities })
  const conversations = rows.map((conversation) => printConversation(conversation, printingOf(call)))
  return { status: 200, body: { type: 'conversation.list', pages, total_count: found.length, conversations } }
}

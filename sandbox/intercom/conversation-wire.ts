import { toEpochSeconds } from '../times.ts'
import type { Conversation, Part } from './records.ts'
import { maxParts, type Printing, printAttachment, printAuthor, printContactReference, printLinks } from './wire.ts'
import { tags } from './workspace.ts'

// Conversations, in the vendor's format. What they do not have is null here, where it is absent in tickets.

const seconds = (ms: number | null) => (ms === null ? null : toEpochSeconds(ms))

const notMeasured = {
  ...{ sla_applied: null, statistics: null, topics: {}, custom_attributes: {}, ai_agent: null, ai_agent_participated: false },
}

/** A conversation of a list: without its parts. */
export function printConversation(conversation: Conversation, printing: Printing) {
  const { source, parts, links } = conversation
  const firstReply = parts.find(({ author }) => author.type === 'user')
  return {
    ...{ type: 'conversation', id: conversation.id, title: conversation.title },
    ...{ created_at: toEpochSeconds(conversation.createdAt), updated_at: toEpochSeconds(conversation.updatedAt) },
    ...{ waiting_since: seconds(conversation.waitingSince), snoozed_until: seconds(conversation.snoozedUntil) },
    source: {
      ...{ type: source.type, id: source.id, delivered_as: 'customer_initiated', subject: '', body: source.body },
      ...{ author: printAuthor(source.author), attachments: [], url: null, redacted: false },
    },
    contacts: { type: 'contact.list', contacts: [printContactReference(conversation.contactId, printing)] },
    first_contact_reply: firstReply ? { created_at: toEpochSeconds(firstReply.at), type: source.type, url: null } : null,
    admin_assignee_id: conversation.adminId === null ? null : Number(conversation.adminId),
    team_assignee_id: conversation.teamId === null ? null : Number(conversation.teamId),
    ...{ open: conversation.isOpen, state: stateOf(conversation), read: conversation.isRead },
    tags: {
      type: 'tag.list',
      tags: tags.filter(({ id }) => conversation.tagIds.includes(id)).map((tag) => ({ type: 'tag', ...tag })),
    },
    priority: conversation.isPriority ? 'priority' : 'not_priority',
    conversation_rating: printRating(conversation),
    teammates: printTeammates(parts),
    ...{ ticket: null, linked_objects: printLinks(links, printing) },
    ...notMeasured,
  }
}

/** A conversation with its newest parts. */
export function printFullConversation(conversation: Conversation, printing: Printing) {
  const parts = conversation.parts.slice(-maxParts).map((part) => printPart(part, stateOf(conversation), printing))
  return {
    ...printConversation(conversation, printing),
    conversation_parts: { type: 'conversation_part.list', conversation_parts: parts, total_count: conversation.parts.length },
  }
}

export function stateOf({ isOpen, snoozedUntil }: Conversation): 'open' | 'closed' | 'snoozed' {
  if (snoozedUntil !== null) return 'snoozed'
  return isOpen ? 'open' : 'closed'
}

function printRating({ rating, contactId, adminId }: Conversation) {
  if (!rating) return null
  const [at, contact] = [toEpochSeconds(rating.at), { type: 'contact', id: contactId }]
  const teammate = adminId === null ? {} : { teammate: { type: 'admin', id: adminId } }
  return { rating: rating.score, remark: rating.remark, created_at: at, updated_at: at, contact, ...teammate }
}

function printTeammates(parts: readonly Part[]) {
  const ids = new Set(parts.flatMap(({ author }) => (author.type === 'admin' ? author.id : [])))
  return ids.size === 0 ? null : { type: 'admin.list', teammates: [...ids].map((id) => ({ type: 'admin', id })) }
}

function printPart(part: Part, state: string, printing: Printing) {
  const at = toEpochSeconds(part.at)
  return {
    ...{ type: 'conversation_part', id: part.id, part_type: part.type, body: part.body },
    ...{
      created_at: at,
      updated_at: at,
      notified_at: at,
      assigned_to: part.assignedTo ?? null,
      author: printAuthor(part.author),
    },
    attachments: part.attachments.map((file) => printAttachment(file, printing)),
    ...{ external_id: null, redacted: false, email_message_metadata: null, state, tags: [], event_details: null },
    metadata: part.choices ? { quick_reply_options: part.choices } : {},
    app_package_code: part.isByApp ? 'deskgraph-sandbox' : null,
  }
}

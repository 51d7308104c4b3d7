import { toIsoMillis, toIsoSeconds } from '../times.ts'
import type { Id } from './json.ts'
import type { Comment, Ticket } from './records.ts'
import type { Change, ZendeskState } from './state.ts'
import { findChanges } from './ticket-changes.ts'

/** The account's number in events. */
export const accountId = 26843000n

/** An event of a ticket, as a webhook's body has it. Ids in it are texts, and fixed words are in capitals. */
export interface TicketEvent {
  readonly type: string
  readonly account_id: Id
  readonly id: string
  readonly time: string
  readonly zendesk_event_version: string
  readonly subject: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly event: Readonly<Record<string, unknown>>
}

const typeOf = (name: string) => `zen:event-type:ticket.${name}`

/** The name of the event of each changed member. */
const eventNames: Readonly<Record<string, string>> = {
  subject: 'subject_changed',
  status: 'status_changed',
  custom_status_id: 'custom_status_changed',
  priority: 'priority_changed',
  type: 'type_changed',
  assignee_id: 'agent_assignment_changed',
  group_id: 'group_assignment_changed',
  requester_id: 'requester_changed',
  organization_id: 'organization_changed',
  external_id: 'external_id_changed',
  problem_id: 'problem_link_changed',
  brand_id: 'brand_changed',
  ticket_form_id: 'form_changed',
  due_at: 'task_due_at_changed',
  tags: 'tags_changed',
  follower_ids: 'followers_changed',
  email_cc_ids: 'email_ccs_changed',
}

/** The events of one change, in the vendor's order: what became of the ticket, its members, its comments. */
export function toEvents(
  state: ZendeskState,
  { before, after, actorId }: Change,
  nextEventId: () => string,
): readonly TicketEvent[] {
  const parts = before === undefined ? [{ type: typeOf('created'), event: {} }] : toParts(before, after)
  const comments = after.comments.slice(before?.comments.length ?? 0)
  const added = comments.map((comment) => ({ type: typeOf('comment_added'), event: { comment: printComment(state, comment) } }))
  const all = [...parts, ...added]
  return all.map(({ type, event }, index) => ({
    ...{
      type,
      account_id: accountId,
      id: nextEventId(),
      time: toIsoMillis(after.generatedAt).replace('Z', '000000Z'),
      zendesk_event_version: '2022-11-06',
    },
    ...{ subject: `zen:ticket:${after.id}`, detail: toDetail(after, actorId) },
    event: {
      ...event,
      meta: { version: '1.0', sequence: { id: `${after.id}-${after.generatedAt}`, position: index + 1, total: all.length } },
    },
  }))
}

function toParts(before: Ticket, after: Ticket): { type: string; event: Record<string, unknown> }[] {
  if (before.status !== 'deleted' && after.status === 'deleted') return [{ type: typeOf('soft_deleted'), event: {} }]
  if (before.status === 'deleted' && after.status !== 'deleted') return [{ type: typeOf('undeleted'), event: {} }]
  return findChanges(before, after).map(({ name, value, previous }) => {
    const type = typeOf(eventNames[name] ?? 'custom_field_changed')
    if (name === 'tags') {
      const [old, now] = [new Set(before.tags), new Set(after.tags)]
      return {
        type,
        event: {
          tags_added: after.tags.filter((tag) => !old.has(tag)),
          tags_removed: before.tags.filter((tag) => !now.has(tag)),
        },
      }
    }
    const field = eventNames[name] === undefined ? { field: { id: name } } : {}
    return { type, event: { ...field, current: toWord(name, value), previous: toWord(name, previous) } }
  })
}

function toWord(name: string, value: unknown): unknown {
  if (value === null || Array.isArray(value)) return value
  return ['status', 'priority', 'type'].includes(name) ? String(value).toUpperCase() : String(value)
}

function printComment(state: ZendeskState, { id, authorId, body, isPublic }: Comment) {
  const author = state.user(authorId)
  return {
    ...{ id: String(id), body, is_public: isPublic },
    author: { id: String(authorId), is_staff: author?.role !== 'end-user', name: author?.name ?? '' },
  }
}

function toDetail(ticket: Ticket, actorId: Id): Record<string, unknown> {
  const text = (id: Id | null) => (id === null ? null : String(id))
  return {
    ...{ actor_id: String(actorId), assignee_id: text(ticket.assigneeId), brand_id: String(ticket.brandId) },
    ...{ created_at: toIsoSeconds(ticket.createdAt), custom_status: String(ticket.customStatusId) },
    ...{ description: ticket.comments[0]?.body ?? '', external_id: ticket.externalId, form_id: String(ticket.formId) },
    ...{ group_id: text(ticket.groupId), id: String(ticket.id), is_public: ticket.comments.some(({ isPublic }) => isPublic) },
    ...{ organization_id: text(ticket.organizationId), priority: ticket.priority?.toUpperCase() ?? null },
    ...{ requester_id: String(ticket.requesterId), status: ticket.status.toUpperCase(), subject: ticket.subject },
    ...{
      submitter_id: String(ticket.submitterId),
      tags: ticket.tags.length === 0 ? null : ticket.tags,
      type: ticket.type?.toUpperCase() ?? null,
    },
    ...{ updated_at: toIsoSeconds(ticket.updatedAt), via: { channel: ticket.channel } },
  }
}

import { customFields } from './installation.ts'
import type { Comment, FieldValue, Ticket, User } from './records.ts'
import type { ZendeskState } from './state.ts'
import { defaultStatus, toTags, type Wishes } from './ticket-input.ts'

/** The ticket as the wishes leave it, after the account's own rules. Nothing is stored. */
export function applyWishes(ticket: Ticket, wishes: Wishes, actor: User): Ticket {
  const tagged = { ...ticket, ...wishes, ...mergeFields(ticket, wishes) }
  const isSolved = tagged.status === 'solved' || tagged.status === 'closed'
  // The agent who solves a ticket without an assignee becomes its assignee.
  const assigneeId = isSolved && tagged.assigneeId === null && actor.role !== 'end-user' ? actor.id : tagged.assigneeId
  const groupId = assigneeId === actor.id && tagged.groupId === null ? (actor.groupIds[0] ?? null) : tagged.groupId
  // A ticket that was touched is never new again, and one with an assignee is open at least.
  const isOpened = tagged.status === 'new' && (assigneeId !== null || ticket.status !== 'new')
  const status = isOpened ? 'open' : tagged.status
  const customStatusId = isOpened ? defaultStatus('open') : tagged.customStatusId
  return { ...tagged, assigneeId, groupId, status, customStatusId }
}

/** A choice of a `tagger` or `multiselect` is a tag, and its tag is the choice: each side changes the other. */
function mergeFields(ticket: Ticket, { fields: wished, tags: wishedTags }: Wishes): Pick<Ticket, 'fields' | 'tags'> {
  const fields: Record<string, FieldValue> = { ...ticket.fields, ...wished }
  let tags = new Set(wishedTags ?? ticket.tags)
  for (const { id, type, options } of customFields) {
    const key = String(id)
    const choices = options.map(({ value }) => value)
    if (choices.length === 0) continue
    if (wished && key in wished) {
      const chosen = [wished[key] ?? []].flat().map(String)
      tags = new Set([...[...tags].filter((tag) => !choices.includes(tag)), ...chosen.filter((tag) => tag !== '')])
      continue
    }
    if (wishedTags === undefined) continue
    const chosen = choices.filter((choice) => tags.has(choice))
    fields[key] = chosen.length === 0 ? null : type === 'multiselect' ? chosen : chosen.at(-1)!
  }
  return { fields, tags: toTags([...tags]) }
}

/** What an audit calls the members of a ticket. */
const audited = {
  subject: ({ subject }: Ticket) => subject,
  status: ({ status }: Ticket) => status,
  custom_status_id: ({ customStatusId }: Ticket) => customStatusId,
  priority: ({ priority }: Ticket) => priority,
  type: ({ type }: Ticket) => type,
  assignee_id: ({ assigneeId }: Ticket) => assigneeId,
  group_id: ({ groupId }: Ticket) => groupId,
  requester_id: ({ requesterId }: Ticket) => requesterId,
  organization_id: ({ organizationId }: Ticket) => organizationId,
  external_id: ({ externalId }: Ticket) => externalId,
  problem_id: ({ problemId }: Ticket) => problemId,
  brand_id: ({ brandId }: Ticket) => brandId,
  ticket_form_id: ({ formId }: Ticket) => formId,
  due_at: ({ dueAt }: Ticket) => dueAt,
  tags: ({ tags }: Ticket) => tags,
  follower_ids: ({ followerIds }: Ticket) => followerIds,
  email_cc_ids: ({ emailCcIds }: Ticket) => emailCcIds,
} as const

export interface FieldChange {
  readonly name: string
  readonly value: unknown
  readonly previous: unknown
}

/** The members that differ. Custom fields go by their id. */
export function findChanges(before: Ticket, after: Ticket): readonly FieldChange[] {
  const members = Object.entries(audited).map(([name, read]) => ({ name, value: read(after), previous: read(before) }))
  const fields = customFields.map(({ id }) => ({
    ...{ name: String(id), value: after.fields[String(id)] ?? null, previous: before.fields[String(id)] ?? null },
  }))
  return [...members, ...fields].filter(({ value, previous }) => String(value) !== String(previous))
}

/** Stores the change and a new comment with the audit of both. Without any change nothing is stored, and no time moves. */
export function commit(
  state: ZendeskState,
  before: Ticket,
  wished: Ticket,
  comment: Comment | null,
  actor: User,
  channel = 'api',
): Ticket {
  const changes = findChanges(before, wished)
  if (changes.length === 0 && comment === null) return before
  const at = state.now()
  const auditId = comment?.auditId ?? state.nextId()
  const events = changes.map(({ name, value, previous }) => ({
    ...{ id: state.nextId(), type: 'Change', field_name: name, value, previous_value: previous },
  }))
  return state.put(
    {
      ...wished,
      ...{ updatedAt: at, generatedAt: at },
      comments: comment === null ? before.comments : [...before.comments, comment],
      audits: [
        ...before.audits,
        {
          ...{ id: auditId, authorId: actor.id, channel, at },
          events: [...(comment === null ? [] : [toEvent(comment)]), ...events],
        },
      ],
    },
    actor.id,
  )
}

export function toEvent({ id, authorId, body, isPublic }: Comment) {
  return { id, type: 'Comment', author_id: authorId, body, public: isPublic, attachments: [] }
}

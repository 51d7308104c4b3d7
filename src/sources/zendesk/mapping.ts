import type {
  Actor,
  ActorKind,
  Attachment,
  CustomField,
  CustomFieldType,
  SatisfactionScore,
  SlaKind,
  SlaTarget,
  StatusOption,
  ThreadMessage,
  Ticket,
  TicketChannel,
  TicketLink,
  TicketLinkKind,
  TicketPriority,
  TicketStatus,
} from '../../domain/ticket.ts'
import { toNumber, toValueTexts } from '../decode.ts'
import { byName } from '../dialect.ts'
import type { Origin } from '../source.ts'
import type { TicketParts } from '../ticket-parts.ts'
import { defineMapping, type Mapping } from '../translate.ts'
import { createVocabulary } from '../vocabulary.ts'
import type { ZendeskConfig } from './config.ts'
import type {
  ZendeskComment,
  ZendeskField,
  ZendeskFieldValue,
  ZendeskName,
  ZendeskStatus,
  ZendeskTables,
  ZendeskTicket,
  ZendeskUser,
} from './decode.ts'
import type { zendeskTable } from './index.ts'

/** What lists omit: threads and files are in other records, and service levels slow a list down. */
export const lazyFields = ['messages', 'attachments', 'slaTargets'] as const satisfies readonly (keyof Ticket)[]
/** A thread is a call of its own. */
export const costlyFields = ['messages', 'attachments'] as const satisfies readonly (keyof Ticket)[]
/** These come from other records too. */
export const lazyLinkKinds = ['CHILD', 'MERGED_INTO'] as const satisfies readonly TicketLinkKind[]

/** The words of `status`, which is a category where an account has custom statuses (ZENDESK-11). */
export const statuses = createVocabulary<TicketStatus>(
  { new: 'NEW', open: 'OPEN', pending: 'PENDING', hold: 'ON_HOLD', solved: 'RESOLVED', closed: 'CLOSED', deleted: 'CANCELLED' },
  { readOnly: ['closed', 'deleted'] },
)
export const priorities = createVocabulary<TicketPriority>({ low: 'LOW', normal: 'MEDIUM', high: 'HIGH', urgent: 'URGENT' })

/** The channels of `via`. A channel that no customer writes through is OTHER. */
export const channels = createVocabulary<TicketChannel>({
  ...{ web: 'WEB', help_center: 'WEB', web_widget: 'WEB', email: 'EMAIL', api: 'API', mobile: 'APP', mobile_sdk: 'APP' },
  ...{ chat: 'CHAT', native_messaging: 'CHAT', chat_transcript: 'CHAT', whatsapp: 'CHAT', line: 'CHAT', telegram: 'CHAT' },
  ...{
    sms: 'PHONE',
    phone: 'PHONE',
    voice: 'PHONE',
    voicemail: 'PHONE',
    phone_call_inbound: 'PHONE',
    phone_call_outbound: 'PHONE',
  },
  ...{ twitter: 'SOCIAL', facebook: 'SOCIAL', instagram_dm: 'SOCIAL', facebook_messenger: 'SOCIAL', any_channel: 'SOCIAL' },
  ...{ rule: 'OTHER', closed_ticket: 'OTHER', sample_ticket: 'OTHER', ticket_sharing: 'OTHER', side_conversation: 'OTHER' },
})

type Names = ZendeskConfig['statuses']

/** By its name for agents, else by its category. */
export function toTicketStatus({ label, category }: Pick<ZendeskStatus, 'label' | 'category'>, names: Names): TicketStatus {
  return byName(names, label) ?? statuses.toValue(category)
}

/** The custom status that a ticket has; null: it is closed or deleted, or the account shows none. */
export function customStatusOf({ status, customStatusId, statuses: known }: ZendeskTicket): ZendeskStatus | null {
  if (status === 'closed' || status === 'deleted') return null
  return known.find(({ id, category }) => id === customStatusId && category === status) ?? null
}

export function statusOf(ticket: ZendeskTicket, names: Names): TicketStatus {
  const custom = customStatusOf(ticket)
  if (custom) return toTicketStatus(custom, names)
  return ticket.status === null ? 'UNKNOWN' : statuses.toValue(ticket.status)
}

/** What the status can be changed to. A closed ticket stays closed (ZENDESK-09), and no ticket becomes new again. */
export function toStatusOptions(ticket: ZendeskTicket, names: Names): readonly StatusOption[] {
  if (ticket.status === 'closed' || ticket.status === 'deleted') return []
  const isOffered = (category: string) => category !== 'new' || ticket.status === 'new'
  const custom = ticket.statuses.filter(({ isActive, category }) => isActive && isOffered(category))
  if (custom.length === 0) {
    const words = ['new', 'open', 'pending', 'hold', 'solved'].filter(isOffered)
    return words.map((word) => ({ key: word, label: word, status: statuses.toValue(word), requires: [] }))
  }
  return custom.map((one) => ({ key: one.id, label: one.label ?? one.id, status: toTicketStatus(one, names), requires: [] }))
}

/** The translation for one account. Pure. */
export function createMapping({ statuses: names, url }: Pick<ZendeskConfig, 'statuses' | 'url'>): Mapping<ZendeskTicket> {
  const base = url.replace(/\/+$/, '')
  return defineMapping<ZendeskTicket, typeof zendeskTable>({
    number: ({ id }) => id,
    url: ({ id }) => `${base}/agent/tickets/${id}`,
    title: ({ subject }) => subject,
    description: ({ description }) => description,
    status: (ticket) => statusOf(ticket, names),
    sourceStatus: (ticket) => customStatusOf(ticket)?.label ?? ticket.status,
    statusOptions: (ticket) => toStatusOptions(ticket, names),
    priority: ({ priority }) => (priority === null ? null : priorities.toValue(priority)),
    sourcePriority: ({ priority }) => priority,
    type: ({ type }) => type,
    channel: ({ channel }) => (channel === null ? null : channels.toValue(channel)),
    origin: ({ channel }) => channel,
    queue: ({ groupId, groups }) => groups.get(groupId ?? '')?.name ?? null,
    queueKey: ({ groupId }) => groupId,
    tags: toShownTags,
    assignee: ({ assigneeId, users }, { parts }) =>
      assigneeId === null ? null : parts.toAgent(users.get(assigneeId) ?? nameless(assigneeId)),
    group: ({ groupId, groups }, { parts }) =>
      groupId === null ? null : parts.toGroup(groups.get(groupId) ?? nameless(groupId)),
    followers: (ticket) => [
      ...ticket.followerIds.map((id) => toActor(id, ticket, 'AGENT')),
      ...ticket.emailCcIds.filter((id) => !ticket.followerIds.includes(id)).map((id) => toActor(id, ticket)),
    ],
    organization: ({ organizationId, organizations }, { parts }) =>
      organizationId === null ? null : toOrganization(organizations.get(organizationId) ?? nameless(organizationId), parts),
    createdBy: ({ submitterId, users }, { parts }) => {
      const submitter = users.get(submitterId ?? '')
      return submitter && isStaff(submitter) ? parts.toAgent(submitter) : null
    },
    customer: ({ requesterId, users }, { parts }) =>
      requesterId === null ? null : parts.toCustomer(users.get(requesterId) ?? nameless(requesterId)),
    links: (ticket, { parts, isSummary }) => toLinks(ticket, isSummary, base, parts),
    messages: (ticket, { parts, isSummary }) =>
      isSummary ? null : (toConversation(ticket)?.map((comment) => toMessage(comment, ticket, parts)) ?? null),
    attachments: ({ id, comments }, { parts, isSummary }) =>
      isSummary ? null : (comments?.flatMap((comment) => toAttachments(id, comment, parts)) ?? null),
    customFields: (ticket) => ticket.customFields.flatMap((field) => toCustomField(field, ticket)),
    slaTargets: ({ slaMetrics }, { origin, isSummary }) =>
      isSummary ? null : (slaMetrics?.map((metric) => toSlaTarget(metric, origin)) ?? null),
    satisfaction: ({ satisfaction }) => satisfaction && toSatisfaction(satisfaction),
    dueAt: ({ dueAt }) => dueAt,
    createdAt: ({ createdAt }) => createdAt,
    updatedAt: ({ updatedAt }) => updatedAt,
    deletedAt: ({ status, updatedAt }) => (status === 'deleted' ? updatedAt : null),
    raw: ({ record }) => record,
  })
}

/** A person, a group or an organization that the answer does not name. */
function nameless(id: string) {
  return { id, name: null }
}

function toOrganization({ id, name }: ZendeskName, parts: TicketParts) {
  return { id: parts.idOf('organization', id), externalId: id, name }
}

function isStaff(user: ZendeskUser | undefined): boolean {
  return user?.role === 'agent' || user?.role === 'admin'
}

function toActor(id: string, { users, requesterId }: ZendeskTicket, otherwise: ActorKind = 'UNKNOWN'): Actor {
  const user = users.get(id)
  const kind = id === requesterId || user?.role === 'end-user' ? 'CUSTOMER' : isStaff(user) ? 'AGENT' : otherwise
  return { kind, externalId: id, name: user?.name ?? null }
}

/** The types of fields whose choices are tags of the ticket too. */
const taggingTypes: ReadonlySet<string> = new Set(['tagger', 'multiselect'])

/** Without the tags that a choice of a custom field has added: the field shows them. */
export function toShownTags({ tags, customFields, fields }: ZendeskTicket): readonly string[] {
  const isTagging = new Set(fields.filter(({ type }) => taggingTypes.has(type)).map(({ id }) => id))
  const chosen = new Set(customFields.filter(({ id }) => isTagging.has(id)).flatMap(({ value }) => [value].flat()))
  return tags.filter((tag) => !chosen.has(tag))
}

/** The thread: its first comment is the description (ZENDESK-10). */
function toConversation({ description, comments }: ZendeskTicket): readonly ZendeskComment[] | null {
  return description === null ? comments : (comments?.slice(1) ?? null)
}

/** A tag that says more than lines: such a text is shown as HTML. */
const markup = /<(?!\/?(?:div|p|br|span)\b)[a-z]/i

function toMessage(comment: ZendeskComment, ticket: ZendeskTicket, parts: TicketParts): ThreadMessage {
  const isHtml = comment.html !== null && (markup.test(comment.html) || comment.text === null)
  return {
    id: parts.idOf('message', `${ticket.id}#${comment.id}`),
    author: comment.authorId === null ? null : toActor(comment.authorId, ticket),
    body: (isHtml ? comment.html : comment.text) ?? '',
    format: isHtml ? 'HTML' : 'TEXT',
    visibility: comment.isPublic ? 'PUBLIC' : 'INTERNAL',
    createdAt: comment.createdAt,
    attachments: toAttachments(ticket.id, comment, parts),
  }
}

function toAttachments(ticketId: string, { attachments }: ZendeskComment, parts: TicketParts): readonly Attachment[] {
  return attachments.map((file) => parts.toAttachment(ticketId, file))
}

function toLinks(ticket: ZendeskTicket, isSummary: boolean, base: string, parts: TicketParts): readonly TicketLink[] {
  const toLink = (kind: TicketLinkKind, id: string, reason: string) =>
    parts.toLink(kind, id, `${base}/agent/tickets/${id}`, reason)
  const mergedInto = isSummary ? null : findMergeTarget(ticket)
  return [
    ...(ticket.problemId === null ? [] : [toLink('PARENT', ticket.problemId, 'problem')]),
    ...(isSummary ? [] : ticket.incidentIds.map((id) => toLink('CHILD', id, 'incident'))),
    ...ticket.followupIds.map((id) => toLink('PRECEDES', id, 'follow-up')),
    ...(ticket.followedId === null ? [] : [toLink('FOLLOWS', ticket.followedId, 'follow-up')]),
    ...(mergedInto === null ? [] : [toLink('MERGED_INTO', mergedInto, 'merge')]),
  ]
}

export function isMerged({ tags }: Pick<ZendeskTicket, 'tags'>): boolean {
  return tags.includes('closed_by_merge')
}

/** A merged ticket has a tag, and names the other one in its last comment. null: it is none, or the comment does not name one. */
function findMergeTarget(ticket: ZendeskTicket): string | null {
  if (!isMerged(ticket)) return null
  const found = /#([1-9]\d{0,18})\b/.exec(ticket.comments?.at(-1)?.text ?? '')
  return found?.[1] ?? null
}

const fieldTypes: Readonly<Record<string, CustomFieldType>> = {
  ...{ text: 'TEXT', textarea: 'TEXT', regexp: 'TEXT', partialcreditcard: 'TEXT', integer: 'NUMBER', decimal: 'NUMBER' },
  ...{ checkbox: 'BOOLEAN', date: 'DATE', tagger: 'CHOICE', multiselect: 'CHOICES' },
}

export function toFieldType({ type }: ZendeskField): CustomFieldType {
  return byName(fieldTypes, type) ?? 'OTHER'
}

/** A field that was switched off, or that the account does not show, is left out. */
function toCustomField({ id, value }: ZendeskFieldValue, { fields }: Pick<ZendeskTables, 'fields'>): readonly CustomField[] {
  const field = fields.find((one) => one.id === id)
  if (!field?.isActive) return []
  const type = toFieldType(field)
  const nameOf = (key: string) => field.options?.find((option) => option.value === key)?.name ?? key
  const shown = type === 'NUMBER' ? toNumber(value) : type === 'BOOLEAN' ? value === true || value === 'true' : value
  return [{ key: id, label: field.title, type, value: shown, text: toValueTexts(value).map(nameOf).join(', ') || null }]
}

const slaKinds: Readonly<Record<string, SlaKind>> = {
  ...{ first_reply_time: 'FIRST_REPLY', next_reply_time: 'NEXT_REPLY' },
  ...{ requester_wait_time: 'RESOLUTION', agent_work_time: 'RESOLUTION', total_resolution_time: 'RESOLUTION' },
}

function toSlaTarget(
  { metric, stage, breachAt }: NonNullable<ZendeskTicket['slaMetrics']>[number],
  { observedAt }: Origin,
): SlaTarget {
  const breached = stage === 'active' && breachAt !== null ? breachAt < observedAt : null
  return {
    name: metric,
    kind: byName(slaKinds, metric) ?? 'OTHER',
    dueAt: breachAt,
    breached,
    paused: stage === 'paused',
    completedAt: null,
  }
}

/** A rating that was only offered, or was not, is none. */
function toSatisfaction({ score, comment }: NonNullable<ZendeskTicket['satisfaction']>) {
  if (score === null || score === 'offered' || score === 'unoffered') return null
  const known: SatisfactionScore = score.startsWith('good') ? 'GOOD' : score.startsWith('bad') ? 'BAD' : 'UNKNOWN'
  return { score: known, sourceScore: score, comment, ratedAt: null }
}

import type {
  Actor,
  ActorKind,
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
import { byName } from '../dialect.ts'
import { createTicket, findUnknown, type MappedFields } from '../mapped-ticket.ts'
import type { Origin } from '../source.ts'
import { createParts, type TicketParts } from '../ticket-parts.ts'
import type { Mapping } from '../vendor-api.ts'
import { createVocabulary } from '../vocabulary.ts'
import type { ZendeskConfig } from './config.ts'
import type {
  ZendeskComment,
  ZendeskField,
  ZendeskFieldValue,
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
  return {
    toTicket: (ticket, origin, isSummary) => toTicket(ticket, isSummary, { origin, parts: createParts(origin), names, base }),
    findUnknownFields: (_, ticket) => findUnknown(ticket, ['status', 'priority', 'channel']),
  }
}

interface Context {
  readonly origin: Origin
  readonly parts: TicketParts
  readonly names: Names
  readonly base: string
}

function toTicket(ticket: ZendeskTicket, isSummary: boolean, context: Context): Ticket {
  const { names, base, origin } = context
  const { groupId, organizationId, requesterId, assigneeId, submitterId, satisfaction, users } = ticket
  const { toAgent, toGroup, toCustomer, toAttachment } = context.parts
  const group = groupId === null ? null : toGroup(ticket.groups.get(groupId) ?? nameless(groupId))
  const submitter = users.get(submitterId ?? '')
  const comments = isSummary ? null : ticket.comments
  const fields: MappedFields<typeof zendeskTable> = {
    number: ticket.id,
    url: `${base}/agent/tickets/${ticket.id}`,
    title: ticket.subject,
    description: ticket.description,
    status: statusOf(ticket, names),
    sourceStatus: customStatusOf(ticket)?.label ?? ticket.status,
    statusOptions: toStatusOptions(ticket, names),
    priority: ticket.priority === null ? null : priorities.toValue(ticket.priority),
    sourcePriority: ticket.priority,
    type: ticket.type,
    channel: ticket.channel === null ? null : channels.toValue(ticket.channel),
    origin: ticket.channel,
    queue: group?.name ?? null,
    queueKey: groupId,
    tags: toShownTags(ticket),
    assignee: assigneeId === null ? null : toAgent(users.get(assigneeId) ?? nameless(assigneeId)),
    group,
    followers: [
      ...ticket.followerIds.map((id) => toActor(id, ticket, 'AGENT')),
      ...ticket.emailCcIds.filter((id) => !ticket.followerIds.includes(id)).map((id) => toActor(id, ticket)),
    ],
    organization: organizationId === null ? null : toOrganization(organizationId, ticket, context),
    createdBy: submitter && isStaff(submitter) ? toAgent(submitter) : null,
    customer: requesterId === null ? null : toCustomer(users.get(requesterId) ?? nameless(requesterId)),
    links: toLinks(ticket, isSummary, context),
    messages: comments && toConversation(ticket, comments).map((comment) => toMessage(comment, ticket, context)),
    attachments: comments?.flatMap(({ attachments }) => attachments.map((file) => toAttachment(ticket.id, file))) ?? null,
    customFields: ticket.customFields.flatMap((field) => toCustomField(field, ticket)),
    slaTargets: isSummary ? null : (ticket.slaMetrics?.map((metric) => toSlaTarget(metric, origin)) ?? null),
    satisfaction: satisfaction && toSatisfaction(satisfaction),
    dueAt: ticket.dueAt,
    createdAt: ticket.createdAt,
    updatedAt: ticket.updatedAt,
    deletedAt: ticket.status === 'deleted' ? ticket.updatedAt : null,
  }
  return createTicket<typeof zendeskTable>(ticket.id, origin, ticket.record, fields, isSummary)
}

/** A person or a group that the answer does not name. */
function nameless(id: string) {
  return { id, name: null }
}

function toOrganization(externalId: string, { organizations }: ZendeskTicket, { parts }: Context) {
  return { id: parts.idOf('organization', externalId), externalId, name: organizations.get(externalId)?.name ?? null }
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
function toConversation({ description }: ZendeskTicket, comments: readonly ZendeskComment[]): readonly ZendeskComment[] {
  return description === null ? comments : comments.slice(1)
}

/** A tag that says more than lines: such a text is shown as HTML. */
const markup = /<(?!\/?(?:div|p|br|span)\b)[a-z]/i

function toMessage(comment: ZendeskComment, ticket: ZendeskTicket, { parts }: Context): ThreadMessage {
  const isHtml = comment.html !== null && (markup.test(comment.html) || comment.text === null)
  return {
    id: parts.idOf('message', `${ticket.id}#${comment.id}`),
    author: comment.authorId === null ? null : toActor(comment.authorId, ticket),
    body: (isHtml ? comment.html : comment.text) ?? '',
    format: isHtml ? 'HTML' : 'TEXT',
    visibility: comment.isPublic ? 'PUBLIC' : 'INTERNAL',
    createdAt: comment.createdAt,
    attachments: comment.attachments.map((file) => parts.toAttachment(ticket.id, file)),
  }
}

function toLinks(ticket: ZendeskTicket, isSummary: boolean, context: Context): readonly TicketLink[] {
  const { parts, base } = context
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
  const nameOf = (key: unknown) => field.options?.find((option) => option.value === key)?.name ?? String(key)
  const texts = [value].flat().filter((one) => one !== null && one !== '')
  const number = type === 'NUMBER' && texts.length > 0 && Number.isFinite(Number(value)) ? Number(value) : null
  const shown = type === 'NUMBER' ? number : type === 'BOOLEAN' ? value === true || value === 'true' : value
  return [{ key: id, label: field.title, type, value: shown, text: texts.length > 0 ? texts.map(nameOf).join(', ') : null }]
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

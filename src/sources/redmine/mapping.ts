import { type EntityKind, encodeId } from '../../domain/ids.ts'
import type {
  Actor,
  CustomField,
  CustomFieldType,
  MessageFormat,
  ThreadMessage,
  Ticket,
  TicketChannel,
  TicketLink,
  TicketLinkKind,
  TicketPriority,
  TicketStatus,
} from '../../domain/ticket.ts'
import { toInstantFromIso } from '../decode.ts'
import type { Origin } from '../source.ts'
import type { Mapping } from '../vendor-api.ts'
import { createVocabulary } from '../vocabulary.ts'
import type { RedmineConfig, RedmineDialect } from './config.ts'
import type { RedmineAttachment, RedmineCustomField, RedmineIssue, RedmineJournal, RedmineName, RedmineStatus } from './decode.ts'

/** The usual words of a custom field for the channel. */
export const channels = createVocabulary<TicketChannel>(
  { email: 'EMAIL', mail: 'EMAIL', phone: 'PHONE', web: 'WEB', chat: 'CHAT', app: 'APP', social: 'SOCIAL', api: 'API' },
  { spelling: 'anyCase' },
)

/** The fields that lists omit: Redmine has them only in the answer for a single issue (REDMINE-08). */
export const lazyFields = [
  'messages',
  'attachments',
  'links',
  'followers',
  'statusOptions',
] as const satisfies readonly (keyof Ticket)[]

/** A status without an entry is judged by Redmine's own flag: an administrator adds statuses at any time. */
export function toTicketStatus({ name, isClosed }: RedmineStatus, { statuses }: RedmineDialect): TicketStatus {
  return own(statuses, name) ?? (isClosed ? 'CLOSED' : 'OPEN')
}

export function toTicketPriority({ name }: RedmineName, { priorities }: RedmineDialect): TicketPriority {
  return own(priorities, name) ?? 'UNKNOWN'
}

function own<T>(table: Readonly<Record<string, T>>, name: string | null): T | undefined {
  return name !== null && Object.hasOwn(table, name) ? table[name] : undefined
}

/** The translation for one installation. Pure. */
export function createMapping({ dialect, url }: Pick<RedmineConfig, 'dialect' | 'url'>): Mapping<RedmineIssue> {
  const base = url.replace(/\/+$/, '')
  return {
    toTicket: (issue, origin, isSummary) => toTicket(issue, origin, isSummary, dialect, base),
    findUnknownFields: (_, { priority, channel }) => [
      ...(priority === 'UNKNOWN' ? ['priority'] : []),
      ...(channel === 'UNKNOWN' ? ['channel'] : []),
    ],
  }
}

function toTicket(issue: RedmineIssue, origin: Origin, isSummary: boolean, dialect: RedmineDialect, base: string): Ticket {
  const { source, tenant, observedAt } = origin
  const idOf = (kind: EntityKind, externalId: string) => encodeId(kind, source.key, tenant, externalId)
  const { assignedTo, status, priority, category, project, author } = issue
  const isGroup = assignedTo?.name != null && dialect.groups.includes(assignedTo.name)
  const textOf = (name: string | undefined) => issue.customFields.find((field) => field.name === name)?.value ?? null
  const channel = dialect.channelField === undefined ? null : [textOf(dialect.channelField)].flat()[0]
  const tags = dialect.tagsField === undefined ? null : [textOf(dialect.tagsField)].flat().filter((tag) => tag !== null)
  return {
    id: idOf('ticket', issue.id),
    source,
    tenant,
    externalId: issue.id,
    isSummary,
    number: issue.id,
    url: `${base}/issues/${issue.id}`,
    title: issue.subject,
    description: issue.description,
    status: status ? toTicketStatus(status, dialect) : 'UNKNOWN',
    sourceStatus: status?.name ?? null,
    statusReason: null,
    statusChangedAt: null,
    priority: priority && toTicketPriority(priority, dialect),
    sourcePriority: priority?.name ?? null,
    priorityRank: null,
    category: category && {
      code: category.id,
      label: category.name ?? category.id,
      path: [project?.name, category.name].filter((name) => name != null),
    },
    reason: null,
    type: issue.tracker?.name ?? null,
    channel: channel ? channels.toValue(channel) : null,
    origin: null,
    queue: project?.name ?? null,
    queueKey: project?.id ?? null,
    country: null,
    language: null,
    tags,
    assignee:
      assignedTo && !isGroup
        ? { id: idOf('agent', assignedTo.id), externalId: assignedTo.id, name: assignedTo.name, email: null }
        : null,
    group: assignedTo && isGroup ? { id: idOf('group', assignedTo.id), externalId: assignedTo.id, name: assignedTo.name } : null,
    followers: isSummary ? null : issue.watchers.map((watcher) => toActor(watcher, issue)),
    organization: null,
    createdBy: null,
    updatedBy: null,
    customer: author && {
      ...{ id: idOf('customer', author.id), externalId: author.id, name: author.name },
      ...{ firstName: null, lastName: null, email: null, phone: null },
    },
    vendor: null,
    orders: null,
    links: isSummary ? null : toLinks(issue, idOf, source.system, base),
    messages: isSummary ? null : issue.journals.flatMap((journal) => toMessage(journal, issue, idOf, dialect)),
    attachments: isSummary ? null : issue.attachments.map((attachment) => toAttachment(attachment, issue, idOf)),
    customFields: toCustomFields(issue, dialect),
    statusOptions: isSummary
      ? null
      : issue.allowedStatuses.map((option) => ({
          key: option.id,
          label: option.name ?? option.id,
          status: toTicketStatus(option, dialect),
          requires: [],
        })),
    slaTargets: null,
    satisfaction: null,
    escalation: null,
    resolution: null,
    routing: null,
    sla: null,
    // Redmine has a day without a time: the ticket is due at its end (REDMINE-09).
    dueAt: issue.dueDate === null ? null : toInstantFromIso(`${issue.dueDate}T23:59:59Z`),
    firstReplyTimeInMinutes: null,
    createdAt: issue.createdOn,
    updatedAt: issue.updatedOn,
    firstOpenedAt: null,
    lastOpenedAt: null,
    resolvedAt: issue.closedOn,
    deletedAt: null,
    freshness: { mode: 'LIVE', observedAt },
    raw: issue.record,
  }
}

type IdOf = (kind: EntityKind, externalId: string) => string

/** A journal without a note is a change and no message (REDMINE-05). */
function toMessage(journal: RedmineJournal, issue: RedmineIssue, idOf: IdOf, dialect: RedmineDialect): ThreadMessage[] {
  if (journal.notes === null) return []
  const format: MessageFormat = dialect.textFormat === 'markdown' ? 'MARKDOWN' : 'OTHER'
  const message: ThreadMessage = {
    id: idOf('message', `${issue.id}#${journal.id}`),
    author: journal.user && toActor(journal.user, issue, journal.isPrivate),
    body: journal.notes,
    format,
    visibility: journal.isPrivate ? 'INTERNAL' : 'PUBLIC',
    createdAt: journal.createdOn,
    attachments: journal.details.flatMap(({ property, name }) => {
      const file = property === 'attachment' && issue.attachments.find(({ id }) => id === name)
      return file ? [toAttachment(file, issue, idOf)] : []
    }),
  }
  return [message]
}

/** Redmine does not say who is an agent: the author is the customer; the assignee and the author of a private note are agents. */
function toActor({ id, name }: RedmineName, { author, assignedTo }: RedmineIssue, isPrivate = false): Actor {
  const kind = id === author?.id ? 'CUSTOMER' : isPrivate || id === assignedTo?.id ? 'AGENT' : 'UNKNOWN'
  return { kind, externalId: id, name }
}

function toAttachment({ id, filename, url, size, type }: RedmineAttachment, issue: RedmineIssue, idOf: IdOf) {
  return {
    id: idOf('attachment', `${issue.id}#${id}`),
    filename: filename ?? 'attachment',
    url,
    size,
    contentType: type,
    expiresAt: null,
    requiresAuth: true,
  }
}

/** The kind of a relation for the issue at its beginning, and for the one at its end. */
const relationKinds: Readonly<Record<string, readonly [TicketLinkKind, TicketLinkKind]>> = {
  relates: ['RELATED', 'RELATED'],
  duplicates: ['DUPLICATE', 'DUPLICATED_BY'],
  blocks: ['BLOCKS', 'BLOCKED_BY'],
  precedes: ['PRECEDES', 'FOLLOWS'],
  copied_to: ['RELATED', 'RELATED'],
}

function toLinks(issue: RedmineIssue, idOf: IdOf, system: string, base: string): readonly TicketLink[] {
  const toLink = (kind: TicketLinkKind, externalId: string, reason: string | null): TicketLink => ({
    ...{ kind, system, externalId, category: null, reason, creator: null, createdAt: null },
    url: `${base}/issues/${externalId}`,
    ticketId: idOf('ticket', externalId),
  })
  return [
    ...(issue.parentId === null ? [] : [toLink('PARENT', issue.parentId, null)]),
    ...issue.childIds.map((id) => toLink('CHILD', id, null)),
    ...issue.relations.map(({ from, to, type }) => {
      const [atBeginning, atEnd] = own(relationKinds, type) ?? ['UNKNOWN', 'UNKNOWN']
      return from === issue.id ? toLink(atBeginning, to, type) : toLink(atEnd, from, type)
    }),
  ]
}

/** Without the fields that the ticket already shows as its channel and its tags. */
function toCustomFields({ customFields }: RedmineIssue, dialect: RedmineDialect): readonly CustomField[] {
  return customFields
    .filter(({ name }) => name === null || (name !== dialect.channelField && name !== dialect.tagsField))
    .map((field) => {
      const type = own(dialect.customFieldTypes, field.name) ?? (field.multiple ? 'CHOICES' : 'TEXT')
      const text = Array.isArray(field.value) ? field.value.join(', ') : (field.value as string | null)
      return { key: field.id, label: field.name, type, value: toFieldValue(field, type), text }
    })
}

/** Redmine sends every value as text. */
function toFieldValue({ value }: RedmineCustomField, type: CustomFieldType): unknown {
  if (typeof value !== 'string') return value
  if (type === 'NUMBER') return Number.isFinite(Number(value)) ? Number(value) : null
  return type === 'BOOLEAN' ? value === '1' : value
}

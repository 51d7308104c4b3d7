import type {
  Actor,
  ActorKind,
  Attachment,
  CustomField,
  CustomFieldType,
  Organization,
  StatusOption,
  ThreadMessage,
  Ticket,
  TicketChannel,
  TicketLink,
  TicketLinkKind,
  TicketPriority,
  TicketStatus,
} from '../../domain/ticket.ts'
import { adfToHtml, adfToText } from '../adf.ts'
import { type JsonRecord, toId, toInstantFromIso, toList, toRecord, toText } from '../decode.ts'
import { byName } from '../dialect.ts'
import { createTicket, type MappedFields } from '../mapped-ticket.ts'
import type { Origin } from '../source.ts'
import { createParts, type TicketParts } from '../ticket-parts.ts'
import type { Mapping } from '../vendor-api.ts'
import { createVocabulary } from '../vocabulary.ts'
import type { JiraConfig, JiraDialect } from './config.ts'
import {
  type JiraComment,
  type JiraField,
  type JiraFile,
  type JiraIssue,
  type JiraName,
  type JiraStatus,
  type JiraTransition,
  type JiraUser,
  toName,
  toUser,
} from './decode.ts'
import type { jiraTable } from './index.ts'

/** What lists omit: each is a call for each issue. */
export const lazyFields = [
  ...(['messages', 'followers', 'statusOptions', 'slaTargets', 'satisfaction'] as const),
] as const satisfies readonly (keyof Ticket)[]

/** The kinds of custom fields that service management adds to a site. Their ids and names differ between sites. */
export const deskFields = {
  requestType: 'com.atlassian.servicedesk:vp-origin',
  organizations: 'com.atlassian.servicedesk:sd-customer-organizations',
  participants: 'com.atlassian.servicedesk:sd-request-participants',
} as const

/** Other fields of plugins have values for these alone: ranks, SLA clocks, approvals. */
const customTypes = 'com.atlassian.jira.plugin.system.customfieldtypes:'

/** The words of "Request channel type", and the usual ones of a field of an administrator. `jira`: an agent raised it. */
export const jiraChannels = createVocabulary<TicketChannel>(
  {
    ...{ portal: 'WEB', anonymousportal: 'WEB', widget: 'WEB', web: 'WEB', email: 'EMAIL', api: 'API', jira: 'OTHER' },
    ...{ phone: 'PHONE', chat: 'CHAT', slack: 'CHAT', msteams: 'CHAT', app: 'APP', social: 'SOCIAL' },
  },
  { spelling: 'anyCase' },
)

/** True for a field that an administrator added for people to fill in. */
export function isPlainField({ custom }: JiraField): boolean {
  return custom?.startsWith(customTypes) ?? false
}

/** Only the three categories are sure in every workflow (JIRA-14). */
export function toTicketStatus(
  { name, category }: JiraStatus,
  resolution: JiraName | null,
  { statuses }: JiraDialect,
): TicketStatus {
  const named = byName(statuses, name)
  if (named !== undefined || category === 'undefined') return named ?? 'UNKNOWN'
  if (category === 'done') return resolution ? 'RESOLVED' : 'CLOSED'
  return category === 'new' ? 'NEW' : 'IN_PROGRESS'
}

export function toTicketPriority({ name }: JiraName, { priorities }: JiraDialect): TicketPriority {
  return byName(priorities, name) ?? 'UNKNOWN'
}

/** The translation for one site. Pure. */
export function createMapping({ dialect, url, siteUrl }: Pick<JiraConfig, 'dialect' | 'url' | 'siteUrl'>): Mapping<JiraIssue> {
  const base = (siteUrl ?? url).replace(/\/+$/, '')
  const site = siteUrl === undefined && /^https:\/\/api\.atlassian\.com\//.test(url) ? null : base
  return {
    toTicket: (issue, origin, isSummary) => toTicket(issue, { origin, dialect, site, parts: createParts(origin) }, isSummary),
    findUnknownFields: (_, { status, priority, channel }) => [
      ...(status === 'UNKNOWN' ? ['status'] : []),
      ...(priority === 'UNKNOWN' ? ['priority'] : []),
      ...(channel === 'UNKNOWN' ? ['channel'] : []),
    ],
  }
}

interface Context {
  readonly origin: Origin
  readonly parts: TicketParts
  readonly dialect: JiraDialect
  /** null: the address of the site is not known. */
  readonly site: string | null
}

function toTicket(issue: JiraIssue, context: Context, isSummary: boolean): Ticket {
  const { dialect, site, parts } = context
  const { id, key, fields, status, resolution, priority, assignee, reporter } = issue
  const requestType = toName(toRecord(fieldOfKind(issue, deskFields.requestType))?.requestType)
  const project = toName(fields.project)
  const channel = toShownText(fields[issue.site.fields.find(({ name }) => name === dialect.channelField)?.id ?? ''])
  const resolvedAt = toInstantFromIso(fields.resolutiondate)
  const mapped: MappedFields<typeof jiraTable> = {
    number: key,
    url: key === null || site === null ? null : `${site}/browse/${encodeURIComponent(key)}`,
    title: toText(fields.summary),
    description: adfToText(fields.description),
    status: status ? toTicketStatus(status, resolution, dialect) : 'UNKNOWN',
    sourceStatus: status?.name ?? null,
    statusChangedAt: toInstantFromIso(fields.statuscategorychangedate),
    priority: priority && toTicketPriority(priority, dialect),
    sourcePriority: priority?.name ?? null,
    category: requestType && {
      code: requestType.id,
      label: requestType.name ?? requestType.id,
      path: [project?.name, requestType.name].filter((name) => name != null),
    },
    type: toName(fields.issuetype)?.name ?? null,
    channel: channel === null ? null : jiraChannels.toValue(channel),
    queue: project?.name ?? null,
    queueKey: project?.id ?? null,
    tags: issue.labels,
    assignee: assignee && parts.toAgent(assignee),
    organization: toOrganization(issue, context),
    customer: reporter && parts.toCustomer(reporter),
    followers: isSummary ? null : toFollowers(issue),
    links: toLinks(issue, context),
    messages: isSummary ? null : (issue.comments ?? []).map((comment) => toMessage(comment, issue, context)),
    attachments: issue.attachments.map((file) => toAttachment(file, issue, context)),
    customFields: issue.site.fields.flatMap((field) => toCustomField(field, fields[field.id], dialect)),
    statusOptions: isSummary ? null : (issue.transitions ?? []).map((transition) => toStatusOption(transition, dialect)),
    // Each is a call of its own: `loadTickets` adds them.
    slaTargets: null,
    satisfaction: null,
    resolution: resolution && { status: resolution.name, reason: null, resolvedAt },
    // A day without a time: the ticket is due at its end.
    dueAt: typeof fields.duedate === 'string' ? toInstantFromIso(`${fields.duedate}T23:59:59Z`) : null,
    createdAt: issue.created,
    updatedAt: issue.updated,
    resolvedAt,
  }
  return createTicket<typeof jiraTable>(id, context.origin, issue.record, mapped, isSummary)
}

/** The value of the custom field of this kind. */
function fieldOfKind({ site, fields }: JiraIssue, custom: string): unknown {
  const field = site.fields.find((one) => one.custom === custom)
  return field && fields[field.id]
}

function toOrganization(issue: JiraIssue, { parts }: Context): Organization | null {
  const [first] = toList(fieldOfKind(issue, deskFields.organizations), toName) ?? []
  return first ? { id: parts.idOf('organization', first.id), externalId: first.id, name: first.name } : null
}

/** Participants are told of replies, and watchers of every change. */
function toFollowers(issue: JiraIssue): readonly Actor[] {
  const participants = (toList(fieldOfKind(issue, deskFields.participants), toUser) ?? []).map((user) =>
    toActor(user, issue, 'CUSTOMER'),
  )
  const watchers = (issue.watchers ?? []).map((user) => toActor(user, issue))
  const known = new Set(participants.map(({ externalId }) => externalId))
  return [...participants, ...watchers.filter(({ externalId }) => !known.has(externalId))]
}

/** The account id of a customer without an Atlassian account begins with `qm:` (JIRA-13). */
function toActor(
  { id, name, accountType }: JiraUser,
  { reporter, assignee }: JiraIssue,
  otherwise: ActorKind = 'UNKNOWN',
): Actor {
  const isCustomer = id === reporter?.id || accountType === 'customer' || id.startsWith('qm:')
  const kind = isCustomer ? 'CUSTOMER' : accountType === 'app' ? 'SYSTEM' : id === assignee?.id ? 'AGENT' : otherwise
  return { kind, externalId: id, name }
}

function toMessage(comment: JiraComment, issue: JiraIssue, context: Context): ThreadMessage {
  const { id, author, created, isPublic, body, files } = comment
  return {
    id: context.parts.idOf('message', `${issue.id}#${id}`),
    author: author && toActor(author, issue, isPublic ? 'UNKNOWN' : 'AGENT'),
    ...('wiki' in body ? { body: body.wiki, format: 'OTHER' } : { body: adfToHtml(body.adf) ?? '', format: 'HTML' }),
    visibility: isPublic ? 'PUBLIC' : 'INTERNAL',
    createdAt: created,
    attachments: files.map((file) => toAttachment(file, issue, context)),
  }
}

function toAttachment({ mimeType, ...file }: JiraFile, { id }: JiraIssue, { parts }: Context): Attachment {
  return parts.toAttachment(id, { ...file, contentType: mimeType })
}

function toStatusOption({ id, name, to, required }: JiraTransition, dialect: JiraDialect): StatusOption {
  return { key: id, label: name ?? to.name ?? id, status: toTicketStatus(to, null, dialect), requires: required }
}

/** What an issue is to the one at the outward end of a link, and to the one at its inward end. */
const linkKinds: Readonly<Record<string, readonly [TicketLinkKind, TicketLinkKind]>> = {
  Blocks: ['BLOCKS', 'BLOCKED_BY'],
  Duplicate: ['DUPLICATE', 'DUPLICATED_BY'],
  Relates: ['RELATED', 'RELATED'],
  Cloners: ['RELATED', 'RELATED'],
  'Problem/Incident': ['RELATED', 'RELATED'],
}

function toLinks({ fields, site }: JiraIssue, context: Context): readonly TicketLink[] {
  const toLink = (kind: TicketLinkKind, value: unknown, reason: string | null): TicketLink[] => {
    const record = toRecord(value)
    const [id, key] = [toId(record?.id), toText(record?.key)]
    if (id === null) return []
    // The key names the project: an issue of a project without customers is no ticket.
    const isTicket = site.desks.some(({ projectKey }) => key?.startsWith(`${projectKey}-`))
    const url = key === null || context.site === null ? null : `${context.site}/browse/${encodeURIComponent(key)}`
    const link = context.parts.toLink(kind, id, url ?? '', reason)
    return [{ ...link, url, ...(!isTicket && { ticketId: null }) }]
  }
  const toTyped = ({ type, outwardIssue, inwardIssue }: JsonRecord) => {
    const { name, outward, inward } = toRecord(type) ?? {}
    const [atOutward, atInward] = byName(linkKinds, toText(name)) ?? ['UNKNOWN', 'UNKNOWN']
    return [...toLink(atOutward, outwardIssue, toText(outward)), ...toLink(atInward, inwardIssue, toText(inward))]
  }
  return [
    ...toLink('PARENT', fields.parent, null),
    ...(toList(fields.subtasks, toRecord) ?? []).flatMap((child) => toLink('CHILD', child, null)),
    // A link that was made twice is there twice (JIRA-15).
    ...new Map(
      (toList(fields.issuelinks, toRecord) ?? []).flatMap(toTyped).map((link) => [`${link.reason} ${link.externalId}`, link]),
    ).values(),
  ]
}

/** The type of a field by its schema: for its value, its definition and what is written. */
export function toFieldType({ type, items, custom }: Pick<JiraField, 'type' | 'items' | 'custom'>): CustomFieldType {
  const types: Readonly<Record<string, CustomFieldType>> = {
    ...{
      string: 'TEXT',
      number: 'NUMBER',
      date: 'DATE',
      datetime: 'DATETIME',
      option: 'CHOICE',
      user: 'USER',
      priority: 'CHOICE',
    },
  }
  if (custom === `${customTypes}cascadingselect`) return 'OTHER'
  if (type === 'array') return items === 'option' || items === 'string' ? 'CHOICES' : 'OTHER'
  return byName(types, type) ?? 'OTHER'
}

function toCustomField(field: JiraField, value: unknown, dialect: JiraDialect): CustomField[] {
  if (value == null || !isPlainField(field) || field.name === dialect.channelField) return []
  const type = toFieldType(field)
  return [{ key: field.id, label: field.name, type, value: toFieldValue(value, type), text: toShownText(value) }]
}

/** A choice is told by the id that a write takes. */
export function toFieldValue(value: unknown, type: CustomFieldType): unknown {
  if (Array.isArray(value)) return value.map((item) => toFieldValue(item, type))
  const record = toRecord(value)
  if (!record) return type === 'DATETIME' ? toInstantFromIso(value) : (value ?? null)
  return adfToText(record) ?? toText(record.accountId) ?? toId(record.id) ?? toText(record.value)
}

/** As people read it. */
function toShownText(value: unknown): string | null {
  if (Array.isArray(value)) return value.flatMap((item) => toShownText(item) ?? []).join(', ')
  const record = toRecord(value)
  if (!record) return value == null ? null : toText(String(value))
  const [own, child] = [toText(record.value), toText(toRecord(record.child)?.value)]
  const joined = own !== null && child !== null ? `${own} / ${child}` : own
  return adfToText(record) ?? joined ?? toText(record.displayName) ?? toText(record.name)
}

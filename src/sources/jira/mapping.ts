import { encodeUrlPart } from '../../domain/formats.ts'
import type { Instant } from '../../domain/instant.ts'
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
  TicketCategory,
  TicketChannel,
  TicketLink,
  TicketLinkKind,
  TicketPriority,
  TicketStatus,
} from '../../domain/ticket.ts'
import { adfToHtml, adfToText } from '../adf.ts'
import { type JsonRecord, readOwn, toId, toInstantFromIso, toList, toRecord, toText, toValueText } from '../decode.ts'
import { byName } from '../dialect.ts'
import type { TicketParts } from '../ticket-parts.ts'
import { defineMapping, type Mapping } from '../translate.ts'
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
  return defineMapping<JiraIssue, typeof jiraTable>({
    number: ({ key }) => key,
    url: ({ key }) => toUrl(key, site),
    title: ({ fields }) => toText(fields.summary),
    description: ({ fields }) => adfToText(fields.description),
    status: ({ status, resolution }) => (status ? toTicketStatus(status, resolution, dialect) : 'UNKNOWN'),
    sourceStatus: ({ status }) => status?.name ?? null,
    statusChangedAt: ({ fields }) => toInstantFromIso(fields.statuscategorychangedate),
    priority: ({ priority }) => priority && toTicketPriority(priority, dialect),
    sourcePriority: ({ priority }) => priority?.name ?? null,
    category: toCategory,
    type: ({ fields }) => toName(fields.issuetype)?.name ?? null,
    channel: (issue) => toChannel(issue, dialect),
    queue: (issue) => projectOf(issue)?.name ?? null,
    queueKey: (issue) => projectOf(issue)?.id ?? null,
    tags: ({ labels }) => labels,
    assignee: ({ assignee }, { parts }) => assignee && parts.toAgent(assignee),
    organization: (issue, { parts }) => toOrganization(issue, parts),
    customer: ({ reporter }, { parts }) => reporter && parts.toCustomer(reporter),
    followers: (issue, { isSummary }) => (isSummary ? null : toFollowers(issue)),
    links: (issue, { parts }) => toLinks(issue, parts, site),
    messages: (issue, { parts, isSummary }) =>
      isSummary ? null : (issue.comments ?? []).map((comment) => toMessage(comment, issue, parts)),
    attachments: (issue, { parts }) => issue.attachments.map((file) => toAttachment(file, issue, parts)),
    customFields: (issue) => issue.site.fields.flatMap((field) => toCustomField(field, readOwn(issue.fields, field.id), dialect)),
    statusOptions: ({ transitions }, { isSummary }) =>
      isSummary ? null : (transitions ?? []).map((transition) => toStatusOption(transition, dialect)),
    // Each is a call of its own: `loadTickets` adds them.
    slaTargets: () => null,
    satisfaction: () => null,
    resolution: (issue) => issue.resolution && { status: issue.resolution.name, reason: null, resolvedAt: toResolvedAt(issue) },
    // A day without a time: the ticket is due at its end.
    dueAt: ({ fields }) => (typeof fields.duedate === 'string' ? toInstantFromIso(`${fields.duedate}T23:59:59Z`) : null),
    createdAt: ({ created }) => created,
    updatedAt: ({ updated }) => updated,
    resolvedAt: toResolvedAt,
    raw: ({ record }) => record,
  })
}

/** `site`: null where its address is not known. */
function toUrl(key: string | null, site: string | null): string | null {
  return key === null || site === null ? null : `${site}/browse/${encodeUrlPart(key)}`
}

function toCategory(issue: JiraIssue): TicketCategory | null {
  const requestType = toName(toRecord(fieldOfKind(issue, deskFields.requestType))?.requestType)
  if (!requestType) return null
  const path = [projectOf(issue)?.name, requestType.name].filter((name) => name != null)
  return { code: requestType.id, label: requestType.name ?? requestType.id, path }
}

function toChannel({ site, fields }: JiraIssue, { channelField }: JiraDialect): TicketChannel | null {
  const word = toShownText(readOwn(fields, site.fields.find(({ name }) => name === channelField)?.id ?? ''))
  return word === null ? null : jiraChannels.toValue(word)
}

function projectOf({ fields }: JiraIssue): JiraName | null {
  return toName(fields.project)
}

function toResolvedAt({ fields }: JiraIssue): Instant | null {
  return toInstantFromIso(fields.resolutiondate)
}

/** The value of the custom field of this kind. */
function fieldOfKind({ site, fields }: JiraIssue, custom: string): unknown {
  const field = site.fields.find((one) => one.custom === custom)
  return field && readOwn(fields, field.id)
}

function toOrganization(issue: JiraIssue, parts: TicketParts): Organization | null {
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

function toMessage(comment: JiraComment, issue: JiraIssue, parts: TicketParts): ThreadMessage {
  const { id, author, created, isPublic, body, files } = comment
  return {
    id: parts.idOf('message', `${issue.id}#${id}`),
    author: author && toActor(author, issue, isPublic ? 'UNKNOWN' : 'AGENT'),
    ...('wiki' in body ? { body: body.wiki, format: 'OTHER' } : { body: adfToHtml(body.adf) ?? '', format: 'HTML' }),
    visibility: isPublic ? 'PUBLIC' : 'INTERNAL',
    createdAt: created,
    attachments: files.map((file) => toAttachment(file, issue, parts)),
  }
}

function toAttachment({ mimeType, ...file }: JiraFile, { id }: JiraIssue, parts: TicketParts): Attachment {
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

function toLinks({ fields, site: { desks } }: JiraIssue, parts: TicketParts, site: string | null): readonly TicketLink[] {
  const toLink = (kind: TicketLinkKind, value: unknown, reason: string | null): TicketLink[] => {
    const record = toRecord(value)
    const [id, key] = [toId(record?.id), toText(record?.key)]
    if (id === null) return []
    // The key names the project: an issue of a project without customers is no ticket.
    const isTicket = desks.some(({ projectKey }) => key?.startsWith(`${projectKey}-`))
    const url = toUrl(key, site)
    const link = parts.toLink(kind, id, url ?? '', reason)
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
  if (!record) return toValueText(value)
  const [own, child] = [toText(record.value), toText(toRecord(record.child)?.value)]
  const joined = own !== null && child !== null ? `${own} / ${child}` : own
  return adfToText(record) ?? joined ?? toText(record.displayName) ?? toText(record.name)
}

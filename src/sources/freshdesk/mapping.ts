import type {
  Actor,
  Attachment,
  CustomField,
  CustomFieldType,
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
import { readOwn, toInstantFromEpoch, toInstantFromIso, toValueTexts } from '../decode.ts'
import { byName } from '../dialect.ts'
import type { Origin } from '../source.ts'
import type { TicketParts } from '../ticket-parts.ts'
import { defineMapping, type Mapping } from '../translate.ts'
import { createVocabulary } from '../vocabulary.ts'
import type { FreshdeskConfig } from './config.ts'
import {
  type FreshdeskChoice,
  type FreshdeskConversation,
  type FreshdeskField,
  type FreshdeskTables,
  type FreshdeskTicket,
  isFreshdeskId,
} from './decode.ts'
import type { freshdeskTable } from './index.ts'

/** What `include=stats` has. */
const statsFields = ['statusChangedAt', 'resolvedAt', 'slaTargets'] as const satisfies readonly (keyof Ticket)[]
/** What a list has where it is asked for, at the price of further calls. */
export const listedFields = ['description', 'customer', ...statsFields] as const satisfies readonly (keyof Ticket)[]
/** What costs calls of its own with a single ticket. */
export const costlyFields = [
  ...(['customer', 'organization', ...statsFields, 'messages', 'attachments', 'followers', 'satisfaction'] as const),
] as const satisfies readonly (keyof Ticket)[]
/** What lists omit. */
export const lazyFields = ['description', ...costlyFields] as const satisfies readonly (keyof Ticket)[]
/** Associated tickets are in other records. */
export const lazyLinkKinds = ['CHILD', 'PARENT', 'RELATED'] as const satisfies readonly TicketLinkKind[]

/** What to ask for with a ticket, or with a list, so that these fields are read. A message names its customer. */
export function toIncludes(isWanted: (field: keyof Ticket) => boolean, part: 'list' | 'ticket'): readonly string[] {
  return [
    ...(part === 'list' && isWanted('description') ? ['description'] : []),
    ...(isWanted('customer') || (part === 'ticket' && isWanted('messages')) ? ['requester'] : []),
    ...(part === 'ticket' && isWanted('organization') ? ['company'] : []),
    ...(statsFields.some(isWanted) ? ['stats'] : []),
  ]
}

/** The statuses of the system. Those from 6 on are the account's own (FRESHDESK-04). */
export const statuses = createVocabulary<TicketStatus>({ '2': 'OPEN', '3': 'PENDING', '4': 'RESOLVED', '5': 'CLOSED' })
export const priorities = createVocabulary<TicketPriority>({ '1': 'LOW', '2': 'MEDIUM', '3': 'HIGH', '4': 'URGENT' })
/** E-mail, portal, phone, forum, Twitter, Facebook, chat, feedback widget, outbound e-mail. */
export const channels = createVocabulary<TicketChannel>({
  ...{ '1': 'EMAIL', '2': 'WEB', '3': 'PHONE', '4': 'WEB', '5': 'SOCIAL', '6': 'SOCIAL', '7': 'CHAT', '9': 'WEB', '10': 'EMAIL' },
})
const links: Readonly<Record<number, { readonly kind: TicketLinkKind; readonly reason: string | null }>> = {
  1: { kind: 'CHILD', reason: null },
  2: { kind: 'PARENT', reason: null },
  3: { kind: 'RELATED', reason: 'related' },
  4: { kind: 'RELATED', reason: 'tracker' },
}

type Names = FreshdeskConfig['statuses']

/** The choices of a field of the system. An account that hides its fields has the statuses of every account. */
export function choicesOf({ fields }: Pick<FreshdeskTables, 'fields'>, type: string): readonly FreshdeskChoice[] {
  return fields.find((field) => field.type === type)?.choices ?? (type === 'default_status' ? systemStatuses : [])
}
const systemStatuses = Object.entries({ '2': 'Open', '3': 'Pending', '4': 'Resolved', '5': 'Closed' }).map(([key, label]) => ({
  ...{ key, label, parent: null },
}))

function labelOf(tables: FreshdeskTables, type: string, key: string | null): string | null {
  return key === null ? null : (choicesOf(tables, type).find((choice) => choice.key === key)?.label ?? key)
}

/** By its name for agents, else by its number. */
export function toTicketStatus(statusId: string | null, tables: FreshdeskTables, names: Names): TicketStatus {
  if (statusId === null) return 'UNKNOWN'
  return byName(names, labelOf(tables, 'default_status', statusId)) ?? statuses.toValue(statusId)
}

/** The fields that have to have a value before the ticket is closed, and have none. */
export function toMissingToClose({ tables, customFields, record }: FreshdeskTicket): readonly FreshdeskField[] {
  const systemKeys: Readonly<Record<string, string>> = { ticket_type: 'type', group: 'group_id', agent: 'responder_id' }
  const readValue = ({ isOwn, name }: FreshdeskField) =>
    isOwn ? readOwn(customFields, name) : readOwn(record, byName(systemKeys, name) ?? name)
  const isEmpty = (value: unknown) => value === null || value === undefined || value === '' || value === false
  return tables.fields.filter((field) => field.isRequiredToClose && isEmpty(readValue(field)))
}

function toStatusOptions(ticket: FreshdeskTicket, names: Names): readonly StatusOption[] {
  if (isFixed(ticket)) return []
  return choicesOf(ticket.tables, 'default_status').map(({ key, label }) => ({
    ...{ key, label, status: toTicketStatus(key, ticket.tables, names) },
    requires: key === closedId ? toMissingToClose(ticket).map(({ name }) => name) : [],
  }))
}

export const closedId = '5'

/** Such a ticket takes no change (FRESHDESK-06, FRESHDESK-07). */
export function isFixed({ isArchived, isDeleted, isSpam }: FreshdeskTicket): boolean {
  return isArchived || isDeleted || isSpam
}

/** The translation for one account. Pure. */
export function createMapping({ statuses: names, url }: Pick<FreshdeskConfig, 'statuses' | 'url'>): Mapping<FreshdeskTicket> {
  const base = url.replace(/\/+$/, '')
  return defineMapping<FreshdeskTicket, typeof freshdeskTable>({
    number: ({ id }) => id,
    url: ({ id }) => `${base}/a/tickets/${id}`,
    title: ({ subject }) => subject,
    description: ({ description }) => description,
    status: ({ statusId, tables }) => toTicketStatus(statusId, tables, names),
    sourceStatus: ({ statusId, tables }) => labelOf(tables, 'default_status', statusId),
    statusChangedAt: ({ stats }) => stats?.statusUpdatedAt ?? null,
    statusOptions: (ticket) => toStatusOptions(ticket, names),
    priority: ({ priorityId }) => (priorityId === null ? null : priorities.toValue(priorityId)),
    sourcePriority: ({ priorityId, tables }) => labelOf(tables, 'default_priority', priorityId),
    type: ({ type }) => type,
    channel: ({ sourceId }) => (sourceId === null ? null : channels.toValue(sourceId)),
    origin: ({ sourceId, tables }) => labelOf(tables, 'default_source', sourceId),
    queue: ({ groupId, tables }) => tables.groups.get(groupId ?? '')?.name ?? null,
    queueKey: ({ groupId }) => groupId,
    tags: ({ tags }) => tags,
    assignee: ({ agentId, tables }, { parts }) =>
      agentId === null ? null : parts.toAgent(tables.agents.get(agentId) ?? nameless(agentId)),
    group: ({ groupId, tables }, { parts }) =>
      groupId === null ? null : parts.toGroup(tables.groups.get(groupId) ?? nameless(groupId)),
    followers: () => null,
    organization: ({ companyId, companyName }, { parts, isSummary }) =>
      companyId === null || isSummary ? null : toOrganization(companyId, companyName, parts),
    customer: (ticket, { parts, isSummary }) => toCustomer(ticket, isSummary, parts),
    links: (ticket, { parts }) => toLinks(ticket, base, parts),
    messages: (ticket, { parts }) => ticket.conversations?.map((one) => toMessage(one, ticket, parts)) ?? null,
    attachments: ({ id, attachments, conversations }, { parts }) =>
      conversations && [{ attachments }, ...conversations].flatMap((one) => toAttachments(id, one, parts)),
    customFields: (ticket) => ticket.tables.fields.filter(({ isOwn }) => isOwn).flatMap((field) => toCustomFields(field, ticket)),
    slaTargets: (ticket, { origin }) => ticket.stats && toSlaTargets(ticket, origin),
    satisfaction: () => null,
    dueAt: ({ dueBy }) => dueBy,
    createdAt: ({ createdAt }) => createdAt,
    updatedAt: ({ updatedAt }) => updatedAt,
    resolvedAt: ({ stats }) => stats?.resolvedAt ?? null,
    deletedAt: ({ isDeleted, isSpam, updatedAt }) => (isDeleted || isSpam ? updatedAt : null),
    raw: ({ record }) => record,
  })
}

function toCustomer({ requesterId, requester }: FreshdeskTicket, isSummary: boolean, parts: TicketParts) {
  if (requesterId === null || (isSummary && requester === null)) return null
  return parts.toCustomer(requester ?? nameless(requesterId))
}

/** A person or a group that the answer does not name. */
function nameless(id: string) {
  return { id, name: null }
}

function toOrganization(externalId: string, name: string | null, parts: TicketParts) {
  return { id: parts.idOf('organization', externalId), externalId, name }
}

export function toAgentActor(id: string, { agents }: FreshdeskTables): Actor {
  return { kind: 'AGENT', externalId: id, name: agents.get(id)?.name ?? null }
}

function toAuthor(id: string, isIncoming: boolean, { tables, requester, requesterId }: FreshdeskTicket): Actor {
  if (tables.agents.has(id)) return toAgentActor(id, tables)
  const kind = isIncoming || id === requesterId ? 'CUSTOMER' : 'UNKNOWN'
  return { kind, externalId: id, name: id === requester?.id ? requester.name : null }
}

/** A tag that says more than lines: such a text is shown as HTML. */
const markup = /<(?!\/?(?:div|p|br|span)\b)[a-z]/i

function toMessage(message: FreshdeskConversation, ticket: FreshdeskTicket, parts: TicketParts): ThreadMessage {
  const isHtml = message.html !== null && (markup.test(message.html) || message.text === null)
  return {
    id: parts.idOf('message', `${ticket.id}#${message.id}`),
    author: message.userId === null ? null : toAuthor(message.userId, message.isIncoming, ticket),
    // The text of a tweet is withheld (FRESHDESK-12).
    body: (isHtml ? message.html : message.text) ?? '',
    format: isHtml ? 'HTML' : 'TEXT',
    visibility: message.isPublic ? 'PUBLIC' : 'INTERNAL',
    createdAt: message.createdAt,
    attachments: toAttachments(ticket.id, message, parts),
  }
}

/** Their addresses are signed: they work for minutes, and without credentials (FRESHDESK-13). */
function toAttachments(ticketId: string, { attachments }: Pick<FreshdeskTicket, 'attachments'>, parts: TicketParts) {
  return attachments.map((file): Attachment => {
    const expiresAt = file.url === null ? null : findExpiry(file.url)
    return { ...parts.toAttachment(ticketId, file), requiresAuth: false, expiresAt }
  })
}

/** By the parameters of the signature; null: they do not tell. */
function findExpiry(url: string) {
  if (!URL.canParse(url)) return null
  const query = new Map([...new URL(url).searchParams].map(([name, value]) => [name.toLowerCase(), value]))
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('x-amz-date') ?? '') ?? []
  const from = toInstantFromIso(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  const seconds = Number(query.get('x-amz-expires'))
  if (from !== null && seconds > 0) return toInstantFromEpoch(Date.parse(from) / 1000 + seconds)
  return toInstantFromEpoch(query.get('expires'))
}

function toLinks({ association, associatedIds }: FreshdeskTicket, base: string, parts: TicketParts): readonly TicketLink[] {
  const link = links[association ?? 0]
  if (!link) return []
  return associatedIds.filter(isFreshdeskId).map((id) => parts.toLink(link.kind, id, `${base}/a/tickets/${id}`, link.reason))
}

const fieldTypes: Readonly<Record<string, CustomFieldType>> = {
  ...{ custom_text: 'TEXT', custom_paragraph: 'TEXT', custom_url: 'TEXT', custom_phone_number: 'TEXT' },
  ...{ custom_number: 'NUMBER', custom_decimal: 'NUMBER', custom_checkbox: 'BOOLEAN', custom_date: 'DATE' },
  ...{ custom_date_time: 'DATETIME', custom_dropdown: 'CHOICE', nested_field: 'CHOICE', custom_multi_select_dropdown: 'CHOICES' },
}

export function toFieldType({ type }: Pick<FreshdeskField, 'type'>): CustomFieldType {
  return byName(fieldTypes, type) ?? 'OTHER'
}

/** A field, and those of its levels: each has a key of its own. */
export function toLevels(field: FreshdeskField) {
  const { name, label, choices, levels } = field
  return [{ name, label, choices }, ...levels].map((level) => ({ ...level, type: toFieldType(field) }))
}

function toCustomFields(field: FreshdeskField, { customFields }: FreshdeskTicket): readonly CustomField[] {
  return toLevels(field).flatMap(({ name: key, label, type }) => {
    if (!Object.hasOwn(customFields, key)) return []
    const value = customFields[key] ?? null
    return [{ key, label, type, value, text: toValueTexts(value).join(', ') || null }]
  })
}

/** Freshdesk sets the times some seconds after a ticket is opened: until then it has no target (FRESHDESK-10). */
function toSlaTargets(ticket: FreshdeskTicket, { observedAt }: Origin): readonly SlaTarget[] {
  const { stats, dueBy, firstReplyDueBy, isEscalated, isFirstReplyEscalated } = ticket
  const ended = stats?.resolvedAt ?? stats?.closedAt ?? null
  const toTarget = (name: string, kind: SlaTarget['kind'], dueAt: string, completedAt: string | null, isEscalated: boolean) => ({
    ...{ name, kind, dueAt, completedAt, paused: null },
    breached: isEscalated || (completedAt ?? observedAt) > dueAt,
  })
  return [
    ...(firstReplyDueBy === null
      ? []
      : [toTarget('fr_due_by', 'FIRST_REPLY', firstReplyDueBy, stats?.firstRespondedAt ?? null, isFirstReplyEscalated)]),
    ...(dueBy === null ? [] : [toTarget('due_by', 'RESOLUTION', dueBy, ended, isEscalated)]),
  ]
}

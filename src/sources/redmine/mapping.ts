import type {
  Actor,
  CustomField,
  CustomFieldType,
  StatusOption,
  ThreadMessage,
  Ticket,
  TicketCategory,
  TicketLink,
  TicketLinkKind,
  TicketPriority,
  TicketStatus,
} from '../../domain/ticket.ts'
import { toInstantFromIso } from '../decode.ts'
import { byName, usualChannels } from '../dialect.ts'
import type { TicketParts } from '../ticket-parts.ts'
import { defineMapping, type Mapping } from '../translate.ts'
import type { RedmineConfig, RedmineDialect } from './config.ts'
import type { RedmineCustomField, RedmineIssue, RedmineJournal, RedmineName, RedmineStatus } from './decode.ts'
import type { redmineTable } from './index.ts'

/** The fields that lists omit: Redmine has them only in the answer for a single issue (REDMINE-08). */
export const lazyFields = ['messages', 'followers', 'statusOptions'] as const satisfies readonly (keyof Ticket)[]

/** A status without an entry is judged by Redmine's own flag: an administrator adds statuses at any time. */
export function toTicketStatus({ name, isClosed }: RedmineStatus, { statuses }: RedmineDialect): TicketStatus {
  return byName(statuses, name) ?? (isClosed ? 'CLOSED' : 'OPEN')
}

export function toTicketPriority({ name }: RedmineName, { priorities }: RedmineDialect): TicketPriority {
  return byName(priorities, name) ?? 'UNKNOWN'
}

/** The translation for one installation. Pure. */
export function createMapping({ dialect, url }: Pick<RedmineConfig, 'dialect' | 'url'>): Mapping<RedmineIssue> {
  const base = url.replace(/\/+$/, '')
  const isGroup = ({ name }: RedmineName) => name !== null && dialect.groups.includes(name)
  return defineMapping<RedmineIssue, typeof redmineTable>(
    {
      number: ({ id }) => id,
      url: ({ id }) => `${base}/issues/${id}`,
      title: ({ subject }) => subject,
      description: ({ description }) => description,
      status: ({ status }) => (status ? toTicketStatus(status, dialect) : 'UNKNOWN'),
      sourceStatus: ({ status }) => status?.name ?? null,
      priority: ({ priority }) => priority && toTicketPriority(priority, dialect),
      sourcePriority: ({ priority }) => priority?.name ?? null,
      category: toCategory,
      type: ({ tracker }) => tracker?.name ?? null,
      channel: (issue) => valuesOf(issue, dialect.channelField)?.map(usualChannels.toValue)[0] ?? null,
      queue: ({ project }) => project?.name ?? null,
      queueKey: ({ project }) => project?.id ?? null,
      tags: (issue) => valuesOf(issue, dialect.tagsField),
      assignee: ({ assignedTo }, { parts }) => (assignedTo && !isGroup(assignedTo) ? parts.toAgent(assignedTo) : null),
      group: ({ assignedTo }, { parts }) => (assignedTo && isGroup(assignedTo) ? parts.toGroup(assignedTo) : null),
      followers: (issue, { isSummary }) => (isSummary ? null : issue.watchers.map((watcher) => toActor(watcher, issue))),
      customer: ({ author }, { parts }) => author && parts.toCustomer(author),
      links: (issue, { parts }) => toLinks(issue, parts, base),
      messages: (issue, { parts, isSummary }) =>
        isSummary ? null : issue.journals.flatMap((journal) => toMessage(journal, issue, parts, dialect)),
      attachments: ({ id, attachments }, { parts }) => attachments.map((file) => parts.toAttachment(id, file)),
      customFields: (issue) => toCustomFields(issue, dialect),
      statusOptions: ({ allowedStatuses }, { isSummary }) =>
        isSummary ? null : allowedStatuses.map((option) => toStatusOption(option, dialect)),
      // Redmine has a day without a time: the ticket is due at its end (REDMINE-09).
      dueAt: ({ dueDate }) => (dueDate === null ? null : toInstantFromIso(`${dueDate}T23:59:59Z`)),
      createdAt: ({ createdOn }) => createdOn,
      updatedAt: ({ updatedOn }) => updatedOn,
      resolvedAt: ({ closedOn }) => closedOn,
      raw: ({ record }) => record,
    },
    // Only an issue without a status is UNKNOWN.
    { status: () => null },
  )
}

function toCategory({ category, project }: RedmineIssue): TicketCategory | null {
  if (!category) return null
  const path = [project?.name, category.name].filter((name) => name != null)
  return { code: category.id, label: category.name ?? category.id, path }
}

/** null: the installation has named no such field. */
function valuesOf({ customFields }: RedmineIssue, name: string | undefined): readonly string[] | null {
  if (name === undefined) return null
  return [customFields.find((field) => field.name === name)?.value ?? []].flat()
}

function toStatusOption(option: RedmineStatus, dialect: RedmineDialect): StatusOption {
  return { key: option.id, label: option.name ?? option.id, status: toTicketStatus(option, dialect), requires: [] }
}

/** A journal without a note is a change and no message (REDMINE-05). */
function toMessage(journal: RedmineJournal, issue: RedmineIssue, parts: TicketParts, dialect: RedmineDialect): ThreadMessage[] {
  if (journal.notes === null) return []
  const message: ThreadMessage = {
    id: parts.idOf('message', `${issue.id}#${journal.id}`),
    author: journal.user && toActor(journal.user, issue, journal.isPrivate),
    body: journal.notes,
    format: dialect.textFormat === 'markdown' ? 'MARKDOWN' : 'OTHER',
    visibility: journal.isPrivate ? 'INTERNAL' : 'PUBLIC',
    createdAt: journal.createdOn,
    attachments: journal.details.flatMap(({ property, name }) => {
      const file = property === 'attachment' && issue.attachments.find(({ id }) => id === name)
      return file ? [parts.toAttachment(issue.id, file)] : []
    }),
  }
  return [message]
}

/** Redmine does not say who is an agent: the author is the customer; the assignee and the author of a private note are agents. */
function toActor({ id, name }: RedmineName, { author, assignedTo }: RedmineIssue, isPrivate = false): Actor {
  const kind = id === author?.id ? 'CUSTOMER' : isPrivate || id === assignedTo?.id ? 'AGENT' : 'UNKNOWN'
  return { kind, externalId: id, name }
}

/** The kind of a relation for the issue at its beginning, and for the one at its end. */
const relationKinds: Readonly<Record<string, readonly [TicketLinkKind, TicketLinkKind]>> = {
  relates: ['RELATED', 'RELATED'],
  duplicates: ['DUPLICATE', 'DUPLICATED_BY'],
  blocks: ['BLOCKS', 'BLOCKED_BY'],
  precedes: ['PRECEDES', 'FOLLOWS'],
  copied_to: ['RELATED', 'RELATED'],
}

function toLinks(issue: RedmineIssue, parts: TicketParts, base: string): readonly TicketLink[] {
  const toLink = (kind: TicketLinkKind, id: string, reason: string | null = null) =>
    parts.toLink(kind, id, `${base}/issues/${id}`, reason)
  return [
    ...(issue.parentId === null ? [] : [toLink('PARENT', issue.parentId)]),
    ...issue.childIds.map((id) => toLink('CHILD', id)),
    ...issue.relations.map(({ from, to, type }) => {
      const [atBeginning, atEnd] = byName(relationKinds, type) ?? ['UNKNOWN', 'UNKNOWN']
      return from === issue.id ? toLink(atBeginning, to, type) : toLink(atEnd, from, type)
    }),
  ]
}

/** Without the fields that the ticket already shows as its channel and its tags. */
function toCustomFields({ customFields }: RedmineIssue, dialect: RedmineDialect): readonly CustomField[] {
  return customFields
    .filter(({ name }) => name === null || (name !== dialect.channelField && name !== dialect.tagsField))
    .map((field) => {
      const type = byName(dialect.customFieldTypes, field.name) ?? (field.multiple ? 'CHOICES' : 'TEXT')
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

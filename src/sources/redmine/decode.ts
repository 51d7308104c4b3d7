import type { Instant } from '../../domain/instant.ts'
import { exceedsDepth, type JsonRecord, toId, toInstantFromIso, toList, toNumber, toRecord, toText, toTexts } from '../decode.ts'

// The wire types of Redmine, by the vendor's names. An issue needs only its id: a field of the wrong type reads as absent.

export interface RedmineIssue {
  readonly id: string
  readonly project: RedmineName | null
  readonly tracker: RedmineName | null
  readonly status: RedmineStatus | null
  readonly priority: RedmineName | null
  readonly author: RedmineName | null
  /** A user or a group. */
  readonly assignedTo: RedmineName | null
  readonly category: RedmineName | null
  readonly parentId: string | null
  readonly subject: string | null
  readonly description: string | null
  /** A day, such as "2026-05-01". */
  readonly dueDate: string | null
  readonly customFields: readonly RedmineCustomField[]
  readonly createdOn: Instant | null
  readonly updatedOn: Instant | null
  readonly closedOn: Instant | null
  /** By id, because the answer's order is a preference of the account (REDMINE-04). */
  readonly journals: readonly RedmineJournal[]
  readonly attachments: readonly RedmineAttachment[]
  readonly relations: readonly RedmineRelation[]
  readonly childIds: readonly string[]
  readonly watchers: readonly RedmineName[]
  readonly allowedStatuses: readonly RedmineStatus[]
  /** The issue as it came. */
  readonly record: JsonRecord
}
export interface RedmineName {
  readonly id: string
  readonly name: string | null
}
export interface RedmineStatus extends RedmineName {
  readonly isClosed: boolean
}
export interface RedmineCustomField extends RedmineName {
  readonly multiple: boolean
  /** A text, a list of texts, or null. */
  readonly value: string | readonly string[] | null
}
export interface RedmineJournal {
  readonly id: number
  readonly user: RedmineName | null
  /** null: the journal is a change without a note. */
  readonly notes: string | null
  readonly isPrivate: boolean
  readonly createdOn: Instant | null
  readonly details: readonly {
    /** `attr`, `cf`, `attachment` or `relation`. */
    readonly property: string | null
    /** An attribute, or the id of a field or a file. */
    readonly name: string
    readonly newValue: string | null
  }[]
}
export interface RedmineAttachment {
  readonly id: string
  readonly filename: string | null
  readonly url: string | null
  readonly size: number | null
  readonly type: string | null
}
export interface RedmineRelation {
  readonly from: string
  readonly to: string
  readonly type: string
}

/** null: the value is not an issue. */
export function toIssue(value: unknown): RedmineIssue | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null || !isIssueId(id) || exceedsDepth(record)) return null
  return {
    id,
    project: toName(record.project),
    tracker: toName(record.tracker),
    status: toStatus(record.status),
    priority: toName(record.priority),
    author: toName(record.author),
    assignedTo: toName(record.assigned_to),
    category: toName(record.category),
    parentId: toId(toRecord(record.parent)?.id),
    subject: toText(record.subject),
    description: toText(record.description),
    dueDate: toText(record.due_date),
    customFields: toList(record.custom_fields, toCustomField) ?? [],
    createdOn: toInstantFromIso(record.created_on),
    updatedOn: toInstantFromIso(record.updated_on),
    closedOn: toInstantFromIso(record.closed_on),
    journals: (toList(record.journals, toJournal) ?? []).toSorted((one, other) => one.id - other.id),
    attachments: toList(record.attachments, toAttachment) ?? [],
    relations: toList(record.relations, toRelation) ?? [],
    childIds: toList(record.children, (child) => toId(toRecord(child)?.id)) ?? [],
    watchers: toList(record.watchers, toName) ?? [],
    allowedStatuses: toList(record.allowed_statuses, toStatus) ?? [],
    record,
  }
}

/** Redmine's ids are positive numbers. */
export function isIssueId(text: string): boolean {
  return /^[1-9]\d{0,9}$/.test(text)
}

export function toIssueOfBody(body: unknown): RedmineIssue | null {
  return toIssue(toRecord(body)?.issue)
}

export function toName(value: unknown): RedmineName | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  return record && id !== null ? { id, name: toText(record.name) } : null
}

export function toStatus(value: unknown): RedmineStatus | null {
  const name = toName(value)
  return name && { ...name, isClosed: toRecord(value)?.is_closed === true }
}

function toCustomField(value: unknown): RedmineCustomField | null {
  const name = toName(value)
  const record = toRecord(value)
  if (!name || !record) return null
  return { ...name, multiple: record.multiple === true, value: toTexts(record.value) ?? toText(record.value) }
}

function toJournal(value: unknown): RedmineJournal | null {
  const record = toRecord(value)
  const id = record && toNumber(record.id)
  if (!record || id === null) return null
  const details = toList(record.details, (item) => {
    const detail = toRecord(item)
    const name = detail && toText(detail.name)
    return detail && name ? { property: toText(detail.property), name, newValue: toText(detail.new_value) } : null
  })
  return {
    id,
    user: toName(record.user),
    notes: toText(record.notes),
    // A journal that does not say that it is public is not shown as public.
    isPrivate: record.private_notes !== false,
    createdOn: toInstantFromIso(record.created_on),
    details: details ?? [],
  }
}

function toAttachment(value: unknown): RedmineAttachment | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  return {
    id,
    filename: toText(record.filename),
    url: toText(record.content_url),
    size: toNumber(record.filesize),
    type: toText(record.content_type),
  }
}

function toRelation(value: unknown): RedmineRelation | null {
  const record = toRecord(value)
  const [from, to, type] = record ? [toId(record.issue_id), toId(record.issue_to_id), toText(record.relation_type)] : []
  return from && to && type ? { from, to, type } : null
}

/** A page of issues, or null. An issue that cannot be decoded is null in `list`, so that positions still count it. */
export function toIssuePage(body: unknown): { readonly list: readonly (RedmineIssue | null)[]; readonly total: number } | null {
  const record = toRecord(body)
  const total = record && toNumber(record.total_count)
  if (!record || total === null || !Array.isArray(record.issues)) return null
  return { list: record.issues.map(toIssue), total }
}

import { exceedsDepth, toId, toInstantFromIso, toList, toNumber, toRecord, toText, toTexts } from '../decode.ts'

// The wire types of Redmine, by the vendor's names. An issue needs only its id: a field of the wrong type reads as absent.

export type RedmineName = NonNullable<ReturnType<typeof toName>>
export type RedmineStatus = NonNullable<ReturnType<typeof toStatus>>
export type RedmineCustomField = NonNullable<ReturnType<typeof toCustomField>>
export type RedmineJournal = NonNullable<ReturnType<typeof toJournal>>
export type RedmineIssue = NonNullable<ReturnType<typeof toIssue>>
export type RedmineFieldDefinition = NonNullable<ReturnType<typeof toFieldDefinition>>

/** null: the value is not an issue. */
export function toIssue(value: unknown) {
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
    /** A user or a group. */
    assignedTo: toName(record.assigned_to),
    category: toName(record.category),
    parentId: toId(toRecord(record.parent)?.id),
    subject: toText(record.subject),
    description: toText(record.description),
    /** A day, such as "2026-05-01". */
    dueDate: toText(record.due_date),
    customFields: toList(record.custom_fields, toCustomField) ?? [],
    createdOn: toInstantFromIso(record.created_on),
    updatedOn: toInstantFromIso(record.updated_on),
    closedOn: toInstantFromIso(record.closed_on),
    /** By id, because the answer's order is a preference of the account (REDMINE-04). */
    journals: (toList(record.journals, toJournal) ?? []).toSorted((one, other) => one.id - other.id),
    attachments: toList(record.attachments, toAttachment) ?? [],
    relations: toList(record.relations, toRelation) ?? [],
    childIds: toList(record.children, (child) => toId(toRecord(child)?.id)) ?? [],
    watchers: toList(record.watchers, toName) ?? [],
    allowedStatuses: toList(record.allowed_statuses, toStatus) ?? [],
    /** The issue as it came. */
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

export function toName(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  return record && id !== null ? { id, name: toText(record.name) } : null
}

export function toStatus(value: unknown) {
  const name = toName(value)
  return name && { ...name, isClosed: toRecord(value)?.is_closed === true }
}

/** The value is a text, a list of texts, or null. */
function toCustomField(value: unknown) {
  const name = toName(value)
  const record = toRecord(value)
  if (!name || !record) return null
  return { ...name, multiple: record.multiple === true, value: toTexts(record.value) ?? toText(record.value) }
}

function toJournal(value: unknown) {
  const record = toRecord(value)
  const id = record && toNumber(record.id)
  if (!record || id === null) return null
  return {
    id,
    user: toName(record.user),
    /** null: the journal is a change without a note. */
    notes: toText(record.notes),
    // A journal that does not say that it is public is not shown as public.
    isPrivate: record.private_notes !== false,
    createdOn: toInstantFromIso(record.created_on),
    details: toList(record.details, toDetail) ?? [],
  }
}

/** `property`: `attr`, `cf`, `attachment` or `relation`. `name`: an attribute, or the id of a field or a file. */
function toDetail(value: unknown) {
  const record = toRecord(value)
  const name = record && toText(record.name)
  return record && name ? { property: toText(record.property), name, newValue: toText(record.new_value) } : null
}

function toAttachment(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  const [filename, url, contentType] = [toText(record.filename), toText(record.content_url), toText(record.content_type)]
  return { id, filename, url, size: toNumber(record.filesize), contentType }
}

function toRelation(value: unknown) {
  const record = toRecord(value)
  const [from, to, type] = record ? [toId(record.issue_id), toId(record.issue_to_id), toText(record.relation_type)] : []
  return from && to && type ? { from, to, type } : null
}

/** A field of issues. `trackers`: those that have it. null: a field of something else. */
export function toFieldDefinition(value: unknown) {
  const name = toName(value)
  const record = toRecord(value)
  if (!name || !record || record.customized_type !== 'issue') return null
  return {
    ...name,
    format: toText(record.field_format),
    multiple: record.multiple === true,
    isRequired: record.is_required === true,
    options: toList(record.possible_values, (option) => toText(toRecord(option)?.value)),
    trackerIds: (toList(record.trackers, toName) ?? []).map(({ id }) => id),
  }
}

/** A page of issues, or null. An issue that cannot be decoded is null in `list`, so that positions still count it. */
export function toIssuePage(body: unknown) {
  const record = toRecord(body)
  const total = record && toNumber(record.total_count)
  if (!record || total === null || !Array.isArray(record.issues)) return null
  return { list: record.issues.map(toIssue), total }
}

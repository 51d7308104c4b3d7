import { exceedsDepth, toId, toInstantFromIso, toList, toNumber, toRecord, toText, toTexts } from '../decode.ts'

// The wire types of Zendesk Support, by the vendor's names. A ticket needs only its id: a field of the wrong type reads as absent.

export type ZendeskRecord = NonNullable<ReturnType<typeof toZendeskRecord>>
export type ZendeskUser = NonNullable<ReturnType<typeof toUser>>
export type ZendeskName = NonNullable<ReturnType<typeof toName>>
export type ZendeskComment = NonNullable<ReturnType<typeof toComment>>
export type ZendeskStatus = NonNullable<ReturnType<typeof toStatus>>
export type ZendeskField = NonNullable<ReturnType<typeof toField>>
export type ZendeskFieldValue = NonNullable<ReturnType<typeof toFieldValue>>

/** The records beside tickets that an answer has for `include=users,groups,organizations`. */
export interface SideLoads {
  readonly users: ReadonlyMap<string, ZendeskUser>
  readonly groups: ReadonlyMap<string, ZendeskName>
  readonly organizations: ReadonlyMap<string, ZendeskName>
}

/** The account's own statuses and fields. */
export interface ZendeskTables {
  /** Empty: the account has none of its own, or does not show them. */
  readonly statuses: readonly ZendeskStatus[]
  readonly fields: readonly ZendeskField[]
}

/** A ticket with all that its translation needs. */
export interface ZendeskTicket extends ZendeskRecord, SideLoads, ZendeskTables {
  /** Oldest first; null: not read. */
  readonly comments: readonly ZendeskComment[] | null
  /** The tickets that name this one as their problem; empty also where they were not read. */
  readonly incidentIds: readonly string[]
}

/** Ids have up to 64 bits (ZENDESK-15). */
export function isZendeskId(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text)
}

/** null: the value is not a ticket. */
export function toZendeskRecord(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null || !isZendeskId(id) || exceedsDepth(record)) return null
  const via = toRecord(record.via)
  const source = toRecord(via?.source)
  const satisfaction = toRecord(record.satisfaction_rating)
  return {
    id,
    subject: toText(record.subject),
    /** The text of the first comment (ZENDESK-10). */
    description: toText(record.description),
    /** `closed` and `deleted` are no categories of custom statuses. */
    status: toText(record.status),
    customStatusId: toId(record.custom_status_id),
    priority: toText(record.priority),
    type: toText(record.type),
    channel: toText(via?.channel),
    requesterId: toId(record.requester_id),
    submitterId: toId(record.submitter_id),
    assigneeId: toId(record.assignee_id),
    groupId: toId(record.group_id),
    organizationId: toId(record.organization_id),
    followerIds: toList(record.follower_ids, toId) ?? [],
    emailCcIds: toList(record.email_cc_ids, toId) ?? [],
    tags: toTexts(record.tags) ?? [],
    customFields: toList(record.custom_fields, toFieldValue) ?? [],
    problemId: toId(record.problem_id),
    hasIncidents: record.has_incidents === true,
    followupIds: toList(record.followup_ids, toId) ?? [],
    /** The closed ticket that this one follows. */
    followedId: source?.rel === 'follow_up' ? toId(toRecord(source.from)?.ticket_id) : null,
    satisfaction: satisfaction && { score: toText(satisfaction.score), comment: toText(satisfaction.comment) },
    slaMetrics: toList(toRecord(record.slas)?.policy_metrics, toSlaMetric),
    dueAt: toInstantFromIso(record.due_at),
    createdAt: toInstantFromIso(record.created_at),
    updatedAt: toInstantFromIso(record.updated_at),
    /** `updated_at` as it came, which a safe update has to repeat. */
    updatedStamp: toText(record.updated_at),
    /** The ticket as it came. */
    record,
  }
}

export function toFieldValue(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  return record && id !== null ? { id, value: record.value ?? null } : null
}

function toSlaMetric(value: unknown) {
  const record = toRecord(value)
  const metric = record && toText(record.metric)
  return record && metric ? { metric, stage: toText(record.stage), breachAt: toInstantFromIso(record.breach_at) } : null
}

/** `role`: `end-user`, `agent` or `admin`. */
export function toUser(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  const [email, phone, role] = [toText(record.email), toText(record.phone), toText(record.role)]
  return { id, name: toText(record.name), email, phone, role, restriction: toText(record.ticket_restriction) }
}

/** A group or an organization. */
export function toName(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  return record && id !== null ? { id, name: toText(record.name) } : null
}

export function toSideLoads(body: unknown): SideLoads {
  const record = toRecord(body) ?? {}
  const byId = <T extends { readonly id: string }>(list: unknown, decode: (item: unknown) => T | null) =>
    new Map((toList(list, decode) ?? []).map((one) => [one.id, one]))
  return {
    users: byId(record.users, toUser),
    groups: byId(record.groups, toName),
    organizations: byId(record.organizations, toName),
  }
}

export function toComment(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  return {
    id,
    auditId: toId(record.audit_id),
    authorId: toId(record.author_id),
    text: toText(record.body) ?? toText(record.plain_body),
    html: toText(record.html_body),
    // A comment that does not say that it is public is not shown as public.
    isPublic: record.public === true,
    attachments: toList(record.attachments, toAttachment) ?? [],
    createdAt: toInstantFromIso(record.created_at),
  }
}

export function toAttachment(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null || record.deleted === true) return null
  const [filename, url, contentType] = [toText(record.file_name), toText(record.content_url), toText(record.content_type)]
  return { id, filename, url, contentType, size: toNumber(record.size) }
}

const categories = ['new', 'open', 'pending', 'hold', 'solved'] as const
export type ZendeskCategory = (typeof categories)[number]

export function toCategory(value: unknown): ZendeskCategory | null {
  return categories.find((category) => category === value) ?? null
}

/** A custom status. An account without them shows those that the categories have. */
export function toStatus(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  const category = record && toCategory(record.status_category)
  if (!record || id === null || category === null) return null
  return {
    id,
    label: toText(record.agent_label),
    category,
    isActive: record.active !== false,
    isDefault: record.default === true,
  }
}

/** A field of tickets, the system's own too. */
export function toField(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  const type = record && toText(record.type)
  if (!record || id === null || !type) return null
  const isRequired = record.required === true
  const options = toList(record.custom_field_options, toOption)
  return { id, type, title: toText(record.title), isActive: record.active !== false, isRequired, options }
}

function toOption(value: unknown) {
  const record = toRecord(value)
  const [name, key] = record ? [toText(record.name), toText(record.value)] : []
  return name && key ? { name, value: key } : null
}

/** How a list goes on; null: it is at its end, or comes as a whole. */
export function toNextCursor(body: unknown): string | null {
  const meta = toRecord(toRecord(body)?.meta)
  return meta?.has_more === true ? toText(meta.after_cursor) : null
}

/** What is wrong with a record that Zendesk refuses, by its fields. */
export function toDetails(body: unknown): readonly { readonly field: string; readonly text: string }[] {
  return Object.entries(toRecord(toRecord(body)?.details) ?? {}).map(([field, problems]) => {
    const texts = toList(problems, (one) => toText(toRecord(one)?.description)) ?? []
    return { field, text: texts.join(' ') }
  })
}

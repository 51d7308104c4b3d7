import { exceedsDepth, type JsonRecord, toId, toInstantFromIso, toList, toNumber, toRecord, toText, toTexts } from '../decode.ts'

// The wire types of Freshdesk, by the vendor's names. A ticket needs only its id: a field of the wrong type reads as absent.

export type FreshdeskRecord = NonNullable<ReturnType<typeof toFreshdeskRecord>>
export type FreshdeskConversation = NonNullable<ReturnType<typeof toConversation>>
export type FreshdeskField = NonNullable<ReturnType<typeof toField>>
export type FreshdeskAgent = NonNullable<ReturnType<typeof toAgent>>
export type FreshdeskGroup = NonNullable<ReturnType<typeof toNamed>>

/** The account's own lists. One that the key may not see is empty. */
export interface FreshdeskTables {
  readonly fields: readonly FreshdeskField[]
  readonly agents: ReadonlyMap<string, FreshdeskAgent>
  readonly groups: ReadonlyMap<string, FreshdeskGroup>
}

/** A ticket with all that its translation needs. */
export interface FreshdeskTicket extends FreshdeskRecord {
  readonly tables: FreshdeskTables
  /** Oldest first; null: not read. */
  readonly conversations: readonly FreshdeskConversation[] | null
  /** The ids of associated tickets; empty also where they were not read. */
  readonly associatedIds: readonly string[]
  /** True: it was closed so long ago that it is read by other paths, and takes no change (FRESHDESK-07). */
  readonly isArchived: boolean
}

/** Ids have up to 64 bits. */
export function isFreshdeskId(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text)
}

/** null: the value is not a ticket. */
export function toFreshdeskRecord(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null || !isFreshdeskId(id) || exceedsDepth(record)) return null
  const requester = toRecord(record.requester)
  return {
    id,
    subject: toText(record.subject),
    /** Without markup. A list has none, unless it was asked for (FRESHDESK-03). */
    description:
      toText(record.description_text) ?? toStructuredText(toRecord(record.structured_description)?.description_contents),
    statusId: toId(record.status),
    priorityId: toId(record.priority),
    sourceId: toId(record.source),
    type: toText(record.type),
    requesterId: toId(record.requester_id),
    requester: requester && toContact(requester),
    agentId: toId(record.responder_id),
    groupId: toId(record.group_id),
    companyId: toId(record.company_id),
    companyName: toText(toRecord(record.company)?.name),
    tags: toTexts(record.tags) ?? [],
    customFields: toRecord(record.custom_fields) ?? {},
    attachments: toList(record.attachments, toAttachment) ?? [],
    /** 1 parent, 2 child, 3 tracker, 4 related. */
    association: toNumber(record.association_type),
    listedIds: toList(record.associated_tickets_list, toId),
    stats: toStats(toRecord(record.stats)),
    dueBy: toInstantFromIso(record.due_by),
    firstReplyDueBy: toInstantFromIso(record.fr_due_by),
    isEscalated: record.is_escalated === true,
    isFirstReplyEscalated: record.fr_escalated === true,
    isDeleted: record.deleted === true,
    isSpam: record.spam === true,
    createdAt: toInstantFromIso(record.created_at),
    updatedAt: toInstantFromIso(record.updated_at),
    /** The ticket as it came. */
    record,
  }
}

/** null: they were not asked for. */
function toStats(stats: JsonRecord | null) {
  if (stats === null) return null
  return {
    firstRespondedAt: toInstantFromIso(stats.first_responded_at),
    statusUpdatedAt: toInstantFromIso(stats.status_updated_at),
    resolvedAt: toInstantFromIso(stats.resolved_at),
    closedAt: toInstantFromIso(stats.closed_at),
  }
}

export function toContact(record: JsonRecord) {
  const id = toId(record.id)
  if (id === null) return null
  const phone = toText(record.phone) ?? toText(record.mobile)
  return { id, name: toText(record.name), email: toText(record.email), phone }
}

/** A message. What does not say that it is not private is private. */
export function toConversation(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  return {
    id,
    ticketId: toId(record.ticket_id),
    text: toText(record.body_text) ?? toStructuredText(toRecord(record.structured_body)?.body_contents),
    html: toText(record.body),
    isPublic: record.private === false,
    isIncoming: record.incoming === true,
    userId: toId(record.user_id),
    attachments: toList(record.attachments, toAttachment) ?? [],
    createdAt: toInstantFromIso(record.created_at),
  }
}

/** The texts of a message of a chat, which has no `body` (FRESHDESK-12). */
function toStructuredText(contents: unknown): string | null {
  const texts = toList(contents, (part) => toText(toRecord(toRecord(part)?.data)?.content)) ?? []
  return texts.length > 0 ? texts.join('\n') : null
}

/** Some samples have `file_size` in place of `size` (FRESHDESK-14). */
export function toAttachment(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  const size = toNumber(record.size) ?? toNumber(record.file_size)
  return { id, filename: toText(record.name), url: toText(record.attachment_url), contentType: toText(record.content_type), size }
}

/** `scope`: 1 all tickets, 2 those of its groups, 3 its own. */
export function toAgent(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  const contact = toRecord(record.contact)
  return { id, name: toText(contact?.name), email: toText(contact?.email), scope: toNumber(record.ticket_scope) }
}

export function toNamed(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  return record && id !== null ? { id, name: toText(record.name) } : null
}

/** A choice of a field: `key` is what a ticket has. `parent`: the choice of the field above it, of a field in levels. */
export interface FreshdeskChoice {
  readonly key: string
  readonly label: string
  readonly parent: string | null
}

/** A field of tickets, the system's own too. */
export function toField(value: unknown) {
  const record = toRecord(value)
  const [name, type] = [toText(record?.name), toText(record?.type)]
  if (!record || name === null || type === null || exceedsDepth(record)) return null
  const levels = toList(record.nested_ticket_fields, toLevel) ?? []
  return {
    name,
    type,
    label: toText(record.label) ?? name,
    isOwn: record.default !== true,
    isRequired: record.required_for_agents === true,
    isRequiredToClose: record.required_for_closure === true,
    choices: type === 'nested_field' ? toChoicesOfLevel(record.choices, 1) : toChoices(record.choices),
    /** The fields below it, whose choices depend on the one above. */
    levels: levels.map((level) => ({ ...level, choices: toChoicesOfLevel(record.choices, level.depth) })),
  }
}

function toLevel(value: unknown) {
  const record = toRecord(value)
  const [name, depth] = [toText(record?.name), toNumber(record?.level)]
  return name === null || depth === null ? null : { name, label: toText(record?.label) ?? name, depth }
}

/** A list of texts; label → number; or, of statuses, number → [label for agents, label for customers] (FRESHDESK-04). */
function toChoices(value: unknown): readonly FreshdeskChoice[] | null {
  const toChoice = (key: string, label: string) => ({ key, label, parent: null })
  const texts = toTexts(value)
  if (texts) return texts.map((text) => toChoice(text, text))
  const entries = Object.entries(toRecord(value) ?? {}).flatMap(([name, given]) => {
    if (Array.isArray(given)) return [toChoice(name, toText(given[0]) ?? name)]
    const key = toId(given)
    return key === null ? [] : [toChoice(key, name)]
  })
  return entries.length > 0 ? entries : null
}

/** Of `{ Country: { State: [City] } }`, or lists of such records, the keys at a depth, counted from 1. null: there are none. */
function toChoicesOfLevel(value: unknown, depth: number): readonly FreshdeskChoice[] | null {
  const choices = findLevel(value, depth, null)
  return choices.length > 0 ? choices : null
}

function findLevel(value: unknown, depth: number, parent: string | null): readonly FreshdeskChoice[] {
  return [value].flat().flatMap((item) => {
    const text = toText(item)
    const entries = text === null ? Object.entries(toRecord(item) ?? {}) : [[text, null] as const]
    return entries.flatMap(([key, below]) => (depth === 1 ? [{ key, label: key, parent }] : findLevel(below, depth - 1, key)))
  })
}

/** What is wrong with a request, by the vendor's names of fields. Its messages may repeat what was sent, and are not read. */
export function toProblems(body: unknown): readonly { readonly field: string; readonly code: string | null }[] {
  const toProblem = (value: unknown) => {
    const record = toRecord(value)
    const field = record && toText(record.field)
    return field ? { field, code: toText(record.code) } : null
  }
  return toList(toRecord(body)?.errors, toProblem) ?? []
}

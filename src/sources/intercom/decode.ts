import { exceedsDepth, type JsonRecord, toId, toInstantFromEpoch, toList, toNumber, toRecord, toText } from '../decode.ts'

// The wire types of Intercom, version 2.14, by the vendor's names. A ticket needs only its id: a field of the wrong type reads as absent.

export type IntercomRecord = NonNullable<ReturnType<typeof toIntercomRecord>>
export type IntercomPart = NonNullable<ReturnType<typeof toPart>>
export type IntercomFile = NonNullable<ReturnType<typeof toFile>>
export type IntercomState = NonNullable<ReturnType<typeof toState>>
export type IntercomAttribute = NonNullable<ReturnType<typeof toAttribute>>
export type IntercomType = NonNullable<ReturnType<typeof toType>>
export type IntercomAdmin = NonNullable<ReturnType<typeof toAdmin>>
export type IntercomName = NonNullable<ReturnType<typeof toName>>
export type IntercomContact = NonNullable<ReturnType<typeof toContact>>

/** The lists of a workspace. */
export interface IntercomTables {
  readonly types: readonly IntercomType[]
  readonly admins: readonly IntercomAdmin[]
  readonly teams: readonly IntercomName[]
}

/** A ticket with all that its translation needs. */
export interface IntercomTicket extends IntercomRecord, IntercomTables {
  /** Those that are known, by id. */
  readonly contactsById: ReadonlyMap<string, IntercomContact>
  /** The only company of the customer; null: none, several, or not read. */
  readonly company: IntercomName | null
}

/** The id of a ticket, a teammate or a team: digits. */
export function isIntercomId(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text)
}

/** null: the value is not a ticket. */
export function toIntercomRecord(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null || !isIntercomId(id) || exceedsDepth(record)) return null
  const parts = toRecord(record.ticket_parts)
  return {
    id,
    /** The number that people say. It is no id for the API (INTERCOM-01). */
    number: toId(record.ticket_id),
    category: toText(record.category),
    /** By the names of the attributes (INTERCOM-02). */
    attributes: toRecord(record.ticket_attributes) ?? {},
    state: toState(record.ticket_state),
    type: toType(record.ticket_type),
    contactIds: toList(toRecord(record.contacts)?.contacts, (contact) => toId(toRecord(contact)?.id)) ?? [],
    adminId: toAssigneeId(record.admin_assignee_id),
    teamId: toAssigneeId(record.team_assignee_id),
    isOpen: record.open !== false,
    snoozedUntil: toInstantFromEpoch(record.snoozed_until),
    /** A ticket that does not say that the customer sees it is not shown as if. */
    isShared: record.is_shared === true,
    links: toList(toRecord(record.linked_objects)?.data, toLinkedObject) ?? [],
    parts: toList(parts?.ticket_parts, toPart) ?? [],
    partCount: toNumber(parts?.total_count) ?? 0,
    createdAt: toInstantFromEpoch(record.created_at),
    updatedAt: toInstantFromEpoch(record.updated_at),
    /** The ticket as it came. */
    record,
  }
}

/** `0` is none (INTERCOM-06). */
function toAssigneeId(value: unknown): string | null {
  const id = toId(value)
  return id === '0' ? null : id
}

/** The state of a ticket, or one of a ticket type. */
export function toState(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  return { id, category: toText(record.category), label: toText(record.internal_label), isArchived: record.archived === true }
}

/** A ticket type. That of a ticket has no states. */
export function toType(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  // The list has this name in the schemas of the document, and the other one in its answers.
  const attributes = toRecord(record.ticket_type_attributes)
  return {
    id,
    name: toText(record.name),
    isArchived: record.archived === true,
    attributes: toList(attributes?.ticket_type_attributes ?? attributes?.data, toAttribute) ?? [],
    states: toList(toRecord(record.ticket_states)?.data, toState) ?? [],
  }
}

/** A field of a ticket type. */
export function toAttribute(value: unknown) {
  const record = toRecord(value)
  const [id, name, dataType] = record ? [toId(record.id), toText(record.name), toText(record.data_type)] : []
  if (!record || !id || !name || !dataType) return null
  const options = toRecord(record.input_options)
  return {
    ...{ id, name, dataType, isArchived: record.archived === true, isRequired: record.required_to_create === true },
    /** The choices of a list, which the document does not describe. */
    options: toList(options?.list_options ?? options?.list_items ?? options?.items, toOption) ?? [],
  }
}

function toOption(value: unknown) {
  const record = toRecord(value)
  const id = record ? toId(record.id) : toText(value)
  const label = record ? (toText(record.label) ?? toText(record.name) ?? toText(record.value)) : id
  return id === null ? null : { id, label: label ?? id }
}

function toLinkedObject(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  return record && id !== null ? { id, type: toText(record.type), category: toText(record.category) } : null
}

/** An entry of the thread: a message, or one of the many kinds of events. */
export function toPart(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  const author = toRecord(record.author)
  return {
    id,
    type: toText(record.part_type),
    body: toText(record.body),
    author: author && { id: toId(author.id), type: toText(author.type), name: toText(author.name) },
    files: toList(record.attachments, toFile) ?? [],
    createdAt: toInstantFromEpoch(record.created_at),
  }
}

/** A file of a part or of an attribute. It has no id. */
export function toFile(value: unknown) {
  const record: JsonRecord | null = toRecord(value)
  const url = record && toText(record.url)
  if (!record || url === null) return null
  return { url, filename: toText(record.name), contentType: toText(record.content_type), size: toNumber(record.filesize) }
}

/** A teammate. */
export function toAdmin(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null || !isIntercomId(id)) return null
  return { id, name: toText(record.name), email: toText(record.email), hasSeat: record.has_inbox_seat !== false }
}

/** A team, a company or a tag. */
export function toName(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  return record && id !== null ? { id, name: toText(record.name) } : null
}

export function toContact(value: unknown) {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null) return null
  const companyIds = toList(toRecord(record.companies)?.data, (company) => toId(toRecord(company)?.id)) ?? []
  return { id, name: toText(record.name), email: toText(record.email), phone: toText(record.phone), companyIds }
}

/** What is wrong with a refused request: the codes of `error.list`. */
export function toErrorCodes(body: unknown): readonly string[] {
  return toList(toRecord(body)?.errors, (error) => toText(toRecord(error)?.code)) ?? []
}

import type { Instant } from '../../domain/instant.ts'
import { exceedsDepth, type JsonRecord, toId, toInstantFromIso, toList, toNumber, toRecord, toText, toTexts } from '../decode.ts'

// The wire types of RT's REST 2.0, by the vendor's names. A ticket needs only its id: a field of the wrong type reads as absent.

export interface RtTicket {
  readonly id: string
  /** `ticket`; reminders and approvals are tickets of other types. */
  readonly type: string | null
  readonly subject: string | null
  readonly status: string | null
  readonly queue: RtName | null
  readonly priority: number | null
  /** null: the user `Nobody`. */
  readonly owner: RtUser | null
  readonly requestors: readonly RtUser[]
  readonly cc: readonly RtUser[]
  readonly adminCc: readonly RtUser[]
  readonly created: Instant | null
  readonly lastUpdated: Instant | null
  readonly resolved: Instant | null
  readonly due: Instant | null
  readonly customFields: readonly RtCustomField[]
  readonly links: readonly RtLink[]
  /** The changes of status that RT offers now. */
  readonly steps: readonly { readonly to: string; readonly label: string }[]
  /** What the account may do, such as `comment` and `correspond`. */
  readonly rights: ReadonlySet<string>
  /** What has been said; null: it was not read. */
  readonly messages: readonly RtMessage[] | null
  /** The ticket that this one was merged into, of which then nothing else is known; null: it was not. */
  readonly mergedInto: string | null
  /** The ticket as it came. */
  readonly record: JsonRecord
}
export interface RtName {
  readonly id: string
  readonly name: string | null
}
/** `id` is the login. */
export interface RtUser extends RtName {
  readonly email: string | null
}
export interface RtCustomField extends RtName {
  readonly values: readonly string[]
}
export interface RtLink {
  /** Such as `depends-on`. */
  readonly ref: string
  /** null: not a record of RT. */
  readonly type: string | null
  readonly id: string | null
  readonly url: string | null
}
export interface RtTransaction {
  readonly id: string
  readonly type: RtMessageType
  readonly creator: RtUser | null
  readonly created: Instant | null
}
/** The transactions that say something; only a comment is internal. */
export const messageTypes = ['Create', 'Correspond', 'Comment'] as const
export type RtMessageType = (typeof messageTypes)[number]
export interface RtMessage extends RtTransaction {
  readonly parts: readonly RtPart[]
}
/** A part of a MIME message. */
export interface RtPart {
  readonly id: string
  readonly transactionId: string
  readonly filename: string | null
  readonly contentType: string | null
  readonly size: number | null
  /** null: not read, because it is a file. */
  readonly content: string | null
}

/** RT's ids are positive numbers. */
export function isTicketId(text: string): boolean {
  return /^[1-9]\d{0,9}$/.test(text)
}

/** null: the value is not a ticket. */
export function toRtTicket(value: unknown): RtTicket | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  if (!record || id === null || !isTicketId(id) || exceedsDepth(record)) return null
  const hyperlinks = toList(record._hyperlinks, toRecord) ?? []
  const owner = toUser(record.Owner)
  return {
    id,
    type: toText(record.Type),
    subject: toText(record.Subject),
    status: toText(record.Status),
    queue: toName(record.Queue),
    priority: toNumber(record.Priority),
    owner: owner?.id === 'Nobody' ? null : owner,
    requestors: toList(record.Requestor, toUser) ?? [],
    cc: toList(record.Cc, toUser) ?? [],
    adminCc: toList(record.AdminCc, toUser) ?? [],
    created: toTime(record.Created),
    lastUpdated: toTime(record.LastUpdated),
    resolved: toTime(record.Resolved),
    due: toTime(record.Due),
    // By id: RT sends them in another order each time.
    customFields: (toList(record.CustomFields, toCustomField) ?? []).toSorted((one, other) => Number(one.id) - Number(other.id)),
    links: hyperlinks.flatMap((link) => toLink(link) ?? []).toSorted(byRefAndId),
    steps: hyperlinks.flatMap((link) => toStep(link) ?? []),
    rights: new Set(hyperlinks.flatMap(({ ref }) => toText(ref) ?? [])),
    messages: null,
    mergedInto: null,
    record,
  }
}

/** RT answers the id of a merged ticket with the record of the other one (RT-10): what is shown in its place. */
export function toMergedTicket(id: string, mergedInto: string): RtTicket {
  const nothing = { type: 'ticket', subject: null, status: null, queue: null, priority: null, owner: null, messages: null }
  const times = { created: null, lastUpdated: null, resolved: null, due: null }
  const lists = { requestors: [], cc: [], adminCc: [], customFields: [], links: [], steps: [] }
  return { id, ...nothing, ...times, ...lists, rights: new Set(), mergedInto, record: {} }
}

/** RT sends a time that is not set as 1970-01-01T00:00:00Z (RT-14). */
function toTime(value: unknown): Instant | null {
  const instant = toInstantFromIso(value)
  return instant === '1970-01-01T00:00:00.000Z' ? null : instant
}

export function toName(value: unknown): RtName | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  return record && id !== null ? { id, name: toText(record.Name) ?? toText(record.name) } : null
}

export function toUser(value: unknown): RtUser | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  return record && id !== null ? { id, name: toText(record.RealName), email: toText(record.EmailAddress) } : null
}

function toCustomField(value: unknown): RtCustomField | null {
  const name = toName(value)
  return name && { ...name, values: toTexts(toRecord(value)?.values) ?? [] }
}

const linkRefs = new Set(['depends-on', 'depended-on-by', 'parent', 'child', 'refers-to', 'referred-to-by'])

function toLink({ ref, type, id, _url }: JsonRecord): RtLink | null {
  const name = toText(ref)
  if (name === null || !linkRefs.has(name)) return null
  return { ref: name, type: type === 'external' ? null : toText(type), id: toId(id), url: toText(_url) }
}

function byRefAndId(one: RtLink, other: RtLink): number {
  return one.ref === other.ref ? Number(one.id) - Number(other.id) : one.ref < other.ref ? -1 : 1
}

function toStep({ ref, to, label }: JsonRecord): RtTicket['steps'][number] | null {
  const status = toText(to)
  return ref === 'lifecycle' && status !== null ? { to: status, label: toText(label) ?? status } : null
}

/** null: the transaction is a change, and nothing was said. */
export function toTransaction(value: unknown): RtTransaction | null {
  const record = toRecord(value)
  const id = record && toId(record.id)
  const type = messageTypes.find((one) => one === record?.Type)
  if (!record || id === null || !type) return null
  return { id, type, creator: toUser(record.Creator), created: toTime(record.Created) }
}

export function toPart(value: unknown): RtPart | null {
  const record = toRecord(value)
  const [id, transactionId] = record ? [toId(record.id), toId(record.TransactionId)] : []
  if (!record || !id || !transactionId) return null
  return {
    id,
    transactionId,
    filename: toText(record.Filename),
    contentType: toText(record.ContentType),
    size: toNumber(record.ContentLength),
    content: toText(record.Content),
  }
}

export interface RtPage<T> {
  /** An item that cannot be decoded is null, so that positions still count it. */
  readonly list: readonly (T | null)[]
  /** null: the account does not see all records, and RT does not count them (RT-08). */
  readonly total: number | null
}

/** A page of any list; null: the answer is none. */
export function toPage<T>(body: unknown, decode: (item: unknown) => T | null): RtPage<T> | null {
  const record = toRecord(body)
  if (!record || !Array.isArray(record.items)) return null
  return { list: record.items.map(decode), total: record.total == null ? null : toNumber(record.total) }
}

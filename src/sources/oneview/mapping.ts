import { LRUCache } from 'lru-cache'
import { toEmailAddress } from '../../domain/formats.ts'
import { encodeId, isExternalId } from '../../domain/ids.ts'
import {
  type Agent,
  type Customer,
  type Escalation,
  type Order,
  type TicketChannel,
  type TicketLink,
  type TicketReason,
  type TicketStatus,
  type Vendor,
  type VendorVertical,
  vendorVerticals,
} from '../../domain/ticket.ts'
import type { Origin } from '../source.ts'
import { defineMapping } from '../translate.ts'
import { createVocabulary } from '../vocabulary.ts'
import type { oneViewTable } from './capabilities.ts'
import type { OneViewCustomer, OneViewLink, OneViewMetadata, OneViewTicket, OneViewVendor } from './decode.ts'

export const statuses = createVocabulary<TicketStatus>(
  { assigned: 'IN_PROGRESS', escalated: 'ESCALATED', closed: 'CLOSED' },
  { spelling: 'anyCase' },
)

/** The document names `chat` only. The others are the channels in the names of queues, in their usual spellings. */
export const channels = createVocabulary<TicketChannel>(
  {
    chat: 'CHAT',
    livechat: 'CHAT',
    email: 'EMAIL',
    mail: 'EMAIL',
    phone: 'PHONE',
    call: 'PHONE',
    voice: 'PHONE',
    web: 'WEB',
    webform: 'WEB',
    app: 'APP',
    social: 'SOCIAL',
    facebook: 'SOCIAL',
    twitter: 'SOCIAL',
    instagram: 'SOCIAL',
    whatsapp: 'SOCIAL',
    api: 'API',
  },
  { spelling: 'anyCase' },
)

const verticals = createVocabulary<VendorVertical>(
  Object.fromEntries(vendorVerticals.map((vertical) => [vertical.toLowerCase(), vertical])),
  { spelling: 'anyCase' },
)

/** `content` is an untyped object: it is only in `raw`. */
export const mapping = defineMapping<OneViewTicket, typeof oneViewTable>(
  {
    isSummary: () => false,
    title: ({ metadata }) => metadata?.ccr ?? null,
    status: toStatus,
    sourceStatus: ({ status }) => status,
    statusReason: ({ statusReason }) => statusReason,
    statusChangedAt: ({ updatedAt }) => updatedAt,
    // The document calls the number a "sort reference" without range or direction: it is a rank and not a priority.
    sourcePriority: ({ priority }) => (priority === null ? null : String(priority)),
    priorityRank: ({ priority }) => toInt32(priority),
    reason: ({ metadata }) => toReason(metadata),
    type: ({ type }) => type,
    channel: ({ channel, type }) => toChannel(channel ?? type),
    origin: ({ source }) => source,
    queue: ({ queue }) => queue,
    country: ({ metadata }) => metadata?.country ?? null,
    language: ({ metadata }) => toLanguage(metadata?.language ?? null),
    tags: ({ metadata }) => metadata?.tags ?? null,
    assignee: ({ assignee }, { origin }) => (assignee === null ? null : toAgent(assignee, origin)),
    customer: ({ customer, id }, { origin }) => customer && toCustomer(customer, id, origin),
    vendor: ({ vendor }, { origin }) => vendor && toVendor(vendor, origin),
    orders: (wire, { origin }) => toOrders(wire, origin),
    links: ({ metadata }, { origin }) => metadata?.childrenLinks?.map((link) => toLink(link, origin)) ?? null,
    escalation: (wire) => (toStatus(wire) === 'ESCALATED' ? toEscalation(wire) : null),
    // The document gives no unit, so no deadline can be computed from the number.
    sla: ({ metadata }) => metadata?.sla ?? null,
    createdAt: ({ createdAt }) => createdAt,
    updatedAt: ({ updatedAt }) => updatedAt,
    raw: ({ record }) => record,
  },
  {
    status: (status, wire) => (status === 'UNKNOWN' && wire.status !== null ? 'status' : null),
    // "unknown" is a documented vertical.
    vendor: (vendor, wire) =>
      vendor?.vertical === 'UNKNOWN' && wire.vendor?.vertical?.toLowerCase() !== 'unknown' ? 'vertical' : null,
  },
)

function toStatus({ status }: OneViewTicket): TicketStatus {
  return status === null ? 'UNKNOWN' : statuses.toValue(status)
}

function toChannel(word: string | null): TicketChannel | null {
  return word === null ? null : channels.toValue(word)
}

function toInt32(value: number | null): number | null {
  return value !== null && (value | 0) === value ? value : null
}

/** Tickets carry the label of a contact reason without its code: the label is the code too. */
function toReason(metadata: OneViewMetadata | null): TicketReason | null {
  const label = metadata?.ccr ?? metadata?.localCcr ?? null
  return label === null ? null : { kind: 'GENERAL', code: label, label, localLabel: metadata?.localCcr ?? null }
}

/** The document does not say whether an assignee is an id, a name or an e-mail address: its form decides. */
function toAgent(text: string, { source, tenant }: Origin): Agent {
  const email = toEmailAddress(text)
  return {
    id: encodeId('agent', source.key, tenant, text),
    externalId: text,
    name: email === null && text.includes(' ') ? text : null,
    email,
  }
}

/** A customer without an id gets one that is made of the ticket's id. */
function toCustomer(wire: OneViewCustomer, ticketId: string, { source, tenant }: Origin): Customer {
  const externalId = wire.id ?? `ticket:${ticketId}`
  return {
    id: encodeId('customer', source.key, tenant, externalId),
    externalId,
    name: wire.name ?? toFullName(wire),
    firstName: wire.firstName,
    lastName: wire.lastName,
    email: wire.email,
    phone: null,
  }
}

function toFullName({ firstName, lastName }: OneViewCustomer): string | null {
  return firstName !== null && lastName !== null ? `${firstName} ${lastName}` : (firstName ?? lastName)
}

function toVendor({ id, vertical }: OneViewVendor, { source, tenant }: Origin): Vendor | null {
  if (id === null) return null
  return {
    id: encodeId('vendor', source.key, tenant, id),
    externalId: id,
    name: null,
    vertical: vertical === null ? null : verticals.toValue(vertical),
  }
}

/** []: the ticket says that it has no order. null: it says nothing of an order. */
function toOrders(wire: OneViewTicket, { source, tenant }: Origin): readonly Order[] | null {
  const orderId = wire.metadata?.orderId ?? null
  if (orderId === null) return null
  if (orderId === '') return []
  return [
    { id: encodeId('order', source.key, tenant, orderId), externalId: orderId, entityId: toTicketEntity(wire), placedAt: null },
  ]
}

/**
 * The entity of a ticket; null where the ticket names none. The vendor writes `FP_SG`, `fp-sg` and `fp_sg` for one entity, and
 * names it as `entityId`, `geid` or `source`.
 */
export function toTicketEntity({ metadata, source }: OneViewTicket): string | null {
  // A `source` is an entity only where it is a brand and a country.
  const isEntity = source !== null && /^[a-z]{2,4}[-_][a-z]{2}$/i.test(source)
  const text = metadata?.entityId ?? (isEntity ? source : null)
  return text === null ? null : text.toUpperCase().replaceAll('-', '_')
}

/** PANDACARE, or no type, means OneView itself. An id of another system, such as SALESFORCE, names no ticket of this source. */
function toLink(link: OneViewLink, { source, tenant }: Origin): TicketLink {
  const isOneView = link.ticketIdType === null || link.ticketIdType.toUpperCase() === 'PANDACARE'
  return {
    kind: 'CHILD',
    system: link.ticketIdType ?? 'ONEVIEW',
    externalId: link.ticketId,
    category: link.ticketCategory,
    reason: link.reason,
    creator: link.creator,
    createdAt: link.createdAt,
    url: null,
    ticketId: isOneView && isExternalId(link.ticketId) ? encodeId('ticket', source.key, tenant, link.ticketId) : null,
  }
}

/** `statusReason` is the reason of the status, `UpdatedAt` its time. A ticket does not name the department. */
function toEscalation({ statusReason, updatedAt }: OneViewTicket): Escalation {
  return { department: null, reason: statusReason, escalatedAt: updatedAt }
}

/** The two-letter code of `en`, `eng` and `english` alike. A text that is no known language stays as it is. */
export function toLanguage(text: string | null): string | null {
  return text === null ? null : languages.memo(text)
}

/** `Intl` takes 6 µs for a language, and most tickets have one of few. */
const languages = new LRUCache<string, string>({ max: 1000, memoMethod: (text) => toLanguageCode(text.trim()) })
let codesByName: ReadonlyMap<string, string> | undefined

/** Language, script, region and one variant. `Intl` throws for a tag in another form, such as `en-en-en`. */
const languageTag = /^[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))?$/i

function toLanguageCode(text: string): string {
  codesByName ??= readCodesByName()
  const code = codesByName.get(text.toLowerCase())
  if (code) return code
  return languageTag.test(text) ? (Intl.getCanonicalLocales(text)[0] ?? text) : text
}

/** The two-letter code of each English name. An old code, such as `iw` for `he`, is left out: its successor has the name. */
function readCodesByName(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })
  const codes = [...'abcdefghijklmnopqrstuvwxyz'].flatMap((first, _, all) => all.map((second) => first + second))
  return new Map(
    codes.flatMap((code): [string, string][] => {
      const name = names.of(code)
      return name && Intl.getCanonicalLocales(code)[0] === code ? [[name.toLowerCase(), code]] : []
    }),
  )
}

import { createHash } from 'node:crypto'
import type { Instant } from '../../domain/instant.ts'
import { type JsonRecord, toId, toInstantFromIso, toRecord, toText } from '../decode.ts'
import { EventProblem } from '../webhook-handler.ts'

/**
 * The payload of both support-ticket webhooks, without its envelope. The configuration guide names the fields and not their
 * shapes, so a name may come as text or inside an object.
 */
export interface RbiTicket {
  /** null: the sender gave none. */
  readonly id: string | null
  readonly type: 'STORE' | 'GENERAL'
  readonly category: string
  readonly subcategory: string | null
  readonly subcategoryId: string | null
  readonly comments: string | null
  readonly source: string | null
  readonly store: { readonly id: string; readonly name: string | null } | null
  readonly order: { readonly id: string; readonly placedAt: Instant | null } | null
  readonly customer: RbiCustomer | null
  readonly region: string | null
  readonly createdAt: Instant | null
  /** The event's own time; null: it has none. */
  readonly sentAt: Instant | null
  /** The ticket's fields as sent, unknown ones included (RBI-05). */
  readonly record: JsonRecord
}

export interface RbiCustomer {
  readonly id: string | null
  readonly name: string | null
  readonly email: string | null
  readonly phone: string | null
}

/** Decodes a webhook's body, with or without the envelope that partners receive. Throws EventProblem that names the faulty field. */
export function toRbiTicket(value: unknown): RbiTicket {
  const body = toRecord(value)
  if (!body) throw new EventProblem('The body is not a JSON object.')
  const inner = body.data === undefined ? null : toRecord(body.data)
  if (body.data !== undefined && inner === null) throw new EventProblem('`data` is not an object.')
  const ticket = inner ?? body
  // In an envelope the type is the event's name; the ticket inside repeats it or has none.
  const type = toType(body.type, 'type')
  const category = toName(ticket.category)
  if (category === null) throw new EventProblem('`category` is missing.')
  return {
    id: toId(ticket.id),
    type,
    category,
    subcategory: toName(ticket.subcategory),
    subcategoryId: toId(ticket.subcategoryId),
    comments: toText(ticket.comments),
    source: toText(ticket.source),
    store: toStore(ticket.store),
    order: toOrder(ticket.order),
    customer: toCustomer(ticket.customer),
    region: toName(ticket.region),
    createdAt: toTime(ticket.createdAt, 'createdAt'),
    sentAt: inner === null ? null : toTime(body.timestamp, 'timestamp'),
    record: ticket,
  }
}

/** Older documents write the events without `_EVENT` (RBI-02). */
const types: Readonly<Record<string, RbiTicket['type']>> = {
  STORE: 'STORE',
  STORE_SUPPORT_TICKET: 'STORE',
  STORE_SUPPORT_TICKET_EVENT: 'STORE',
  GENERAL: 'GENERAL',
  GENERAL_SUPPORT_TICKET: 'GENERAL',
  GENERAL_SUPPORT_TICKET_EVENT: 'GENERAL',
}

function toType(value: unknown, place: string): RbiTicket['type'] {
  const type = typeof value === 'string' && Object.hasOwn(types, value) ? types[value] : undefined
  if (!type) throw new EventProblem(`\`${place}\` is neither a STORE nor a GENERAL support ticket.`)
  return type
}

/** A name or id as text, or an object that holds it. */
function toName(value: unknown): string | null {
  const record = toRecord(value)
  return record ? toId(record.key ?? record.id ?? record.name) : toId(value)
}

function toTime(value: unknown, place: string): Instant | null {
  if (value === undefined || value === null) return null
  const time = toInstantFromIso(value)
  if (time === null) throw new EventProblem(`\`${place}\` is not an ISO 8601 time.`)
  return time
}

function toStore(value: unknown): RbiTicket['store'] {
  const id = toName(value)
  return id === null ? null : { id, name: toText(toRecord(value)?.name) }
}

function toOrder(value: unknown): RbiTicket['order'] {
  const id = toName(value)
  return id === null ? null : { id, placedAt: toTime(toRecord(value)?.placedAt, 'order.placedAt') }
}

function toCustomer(value: unknown): RbiCustomer | null {
  const record = toRecord(value)
  if (!record) return toId(value) === null ? null : { id: toId(value), name: null, email: null, phone: null }
  return { id: toId(record.id), name: toText(record.name), email: toText(record.email), phone: toText(record.phone) }
}

/**
 * The ticket's id. Without one it is a hash of the content, so that a ticket that is sent again keeps its id. The event's id, if
 * there is one, is part of the hash and tells two equal tickets apart.
 */
export function toExternalId(ticket: RbiTicket, eventId: string | null): string {
  if (ticket.id !== null) return ticket.id
  const { type, category, subcategory, comments, store, order, customer, createdAt } = ticket
  const parts = [type, category, subcategory, comments, store?.id, order?.id, customer?.id, customer?.email, createdAt, eventId]
  return `x-${sha256(parts).slice(0, 32)}`
}

/** The part of a ticket that a partner sends back unchanged. */
type EchoedFields = Pick<RbiTicket, 'category' | 'subcategory' | 'comments' | 'order'> & {
  readonly store: { readonly id: string } | null
}

/** Recognises our own ticket when a partner sends it back without its id (RBI-06, DECISION-31). A hash: no personal data in it. */
export function toEchoFingerprint({ category, subcategory, comments, store, order }: EchoedFields): string {
  return sha256([category, subcategory, comments, store?.id ?? null, order?.id ?? null])
}

function sha256(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

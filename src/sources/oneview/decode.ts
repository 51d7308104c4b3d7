import type { Instant } from '../../domain/instant.ts'
import {
  createKeyNormaliser,
  exceedsDepth,
  type JsonRecord,
  toId,
  toInstantFromEpoch,
  toList,
  toNumber,
  toRecord,
  toText,
  toTexts,
  toTicketId,
} from '../decode.ts'
import type { DecodedPage } from '../vendor-api.ts'

// The wire types of OneView ("pd-oneview-ticket-detail 1.0.0"), by the vendor's names. A ticket needs only its `id`: a field of
// the wrong type reads as absent. Keys are read in any casing, because the document mixes them (`Assignee`, `createdAt`).

export interface OneViewLink {
  readonly ticketId: string
  readonly ticketIdType: string | null
  readonly ticketCategory: string | null
  readonly creator: string | null
  readonly createdAt: Instant | null
  readonly reason: string | null
}
export interface OneViewCustomer {
  readonly id: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly name: string | null
  readonly email: string | null
}
export interface OneViewVendor {
  readonly id: string | null
  readonly vertical: string | null
}

const normaliseTicket = createKeyNormaliser([
  ...['id', 'Assignee', 'UpdatedAt', 'createdAt', 'queue', 'channel', 'type', 'metadata', 'status', 'statusReason', 'priority'],
  ...['customer', 'vendor', 'source'],
])
const normaliseMetadata = createKeyNormaliser([
  ...['ccr', 'localCcr', 'country', 'language', 'orderId', 'entityId', 'geid', 'sla', 'tags', 'childrenLinks'],
])
const normaliseLink = createKeyNormaliser(['ticketId', 'ticketIdType', 'ticketCategory', 'creator', 'createdAt', 'reason'])
const normaliseCustomer = createKeyNormaliser(['id', 'firstName', 'lastName', 'name', 'email'])
const normaliseVendor = createKeyNormaliser(['id', 'vertical'])

/** A ticket whose fields are read from its record each time they are asked for. */
export class OneViewTicket {
  readonly id: string
  /** The ticket as it came. */
  readonly record: JsonRecord
  readonly #fields: JsonRecord
  #metadata: OneViewMetadata | null | undefined

  constructor(id: string, record: JsonRecord, fields: JsonRecord) {
    this.id = id
    this.record = record
    this.#fields = fields
  }

  get assignee(): string | null {
    return toId(this.#fields.Assignee)
  }
  /** When the status changed. An edit does not move it. */
  get updatedAt(): Instant | null {
    return toInstantFromEpoch(this.#fields.UpdatedAt)
  }
  get createdAt(): Instant | null {
    return toInstantFromEpoch(this.#fields.createdAt)
  }
  /** A queue's name. Transfers need its id. */
  get queue(): string | null {
    return toText(this.#fields.queue)
  }
  get channel(): string | null {
    return toText(this.#fields.channel)
  }
  get type(): string | null {
    return toText(this.#fields.type)
  }
  get metadata(): OneViewMetadata | null {
    if (this.#metadata === undefined) this.#metadata = toMetadata(this.#fields.metadata)
    return this.#metadata
  }
  get status(): string | null {
    return toText(this.#fields.status)
  }
  get statusReason(): string | null {
    return toText(this.#fields.statusReason)
  }
  get priority(): number | null {
    return toNumber(this.#fields.priority)
  }
  get customer(): OneViewCustomer | null {
    return toCustomer(this.#fields.customer)
  }
  get vendor(): OneViewVendor | null {
    return toVendor(this.#fields.vendor)
  }
  get source(): string | null {
    return toText(this.#fields.source)
  }
}

/** What a ticket is about. As of a ticket, its fields are read each time. */
export class OneViewMetadata {
  readonly #fields: JsonRecord

  constructor(fields: JsonRecord) {
    this.#fields = fields
  }

  get ccr(): string | null {
    return toText(this.#fields.ccr)
  }
  get localCcr(): string | null {
    return toText(this.#fields.localCcr)
  }
  get country(): string | null {
    return toText(this.#fields.country)
  }
  get language(): string | null {
    return toText(this.#fields.language)
  }
  /** '': the ticket has no order. null: it says nothing of an order. */
  get orderId(): string | null {
    return this.#fields.orderId === '' ? '' : toId(this.#fields.orderId)
  }
  get entityId(): string | null {
    return toText(this.#fields.entityId) ?? toText(this.#fields.geid)
  }
  get sla(): number | null {
    return toNumber(this.#fields.sla)
  }
  get tags(): readonly string[] | null {
    return toTexts(this.#fields.tags)
  }
  get childrenLinks(): readonly OneViewLink[] | null {
    return toList(this.#fields.childrenLinks, toLink)
  }
}

/** null: the value is not a ticket. */
export function toOneViewTicket(value: unknown): OneViewTicket | null {
  const record = toRecord(value)
  if (!record || exceedsDepth(record)) return null
  const fields = normaliseTicket(record)
  const id = toTicketId(fields.id)
  return id === null ? null : new OneViewTicket(id, record, fields)
}

function toMetadata(value: unknown): OneViewMetadata | null {
  const record = toRecord(value)
  return record && new OneViewMetadata(normaliseMetadata(record))
}

function toLink(value: unknown): OneViewLink | null {
  const record = toRecord(value)
  if (!record) return null
  const fields = normaliseLink(record)
  const ticketId = toId(fields.ticketId)
  if (ticketId === null) return null
  return {
    ticketId,
    ticketIdType: toText(fields.ticketIdType),
    ticketCategory: toText(fields.ticketCategory),
    creator: toText(fields.creator),
    createdAt: toInstantFromEpoch(fields.createdAt),
    reason: toText(fields.reason),
  }
}

function toCustomer(value: unknown): OneViewCustomer | null {
  const record = toRecord(value)
  if (!record) return null
  const { id, firstName, lastName, name, email } = normaliseCustomer(record)
  return { id: toId(id), firstName: toText(firstName), lastName: toText(lastName), name: toText(name), email: toText(email) }
}

function toVendor(value: unknown): OneViewVendor | null {
  const record = toRecord(value)
  if (!record) return null
  const { id, vertical } = normaliseVendor(record)
  return { id: toId(id), vertical: toText(vertical) }
}

const normalisePage = createKeyNormaliser(['list', 'page', 'pageSize'])

/** The vendor's `TicketHistoryResponse`, which has no total. null: the value is not a page. */
export function toOneViewPage(value: unknown): DecodedPage<OneViewTicket> | null {
  const record = toRecord(value)
  if (!record) return null
  const { list, page, pageSize } = normalisePage(record)
  if (!Array.isArray(list)) return null
  return { list: list.map(toOneViewTicket), page: toNumber(page), pageSize: toNumber(pageSize), total: null }
}

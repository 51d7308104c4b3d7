/** OneView's `Ticket`. Only `id` is required; the casing is the vendor's. */
export interface OneViewTicket {
  readonly id: string
  Assignee?: string | null
  /** The time of the last status change in epoch seconds. Old records also have text, milliseconds or 0. */
  UpdatedAt?: number | string
  createdAt?: number | string
  queue?: string
  channel?: string
  content?: Record<string, unknown>
  metadata?: OneViewMetadata
  status?: string
  statusReason?: string
  priority?: number
  customer?: { id?: string; firstName?: string; lastName?: string; name?: string; email?: string }
  vendor?: { id: string; vertical?: string }
  source?: string
  type?: string
}

interface OneViewMetadata {
  ccr?: string
  country?: string
  language?: string
  orderId?: string
  sla?: number
  tags?: string[]
  entityId?: string
  childrenLinks?: OneViewLink[]
  localCcr?: string
}

/** OneView's `ChildrenLink`: another ticket, in OneView or in Salesforce. */
export interface OneViewLink {
  readonly ticketId: string
  readonly ticketIdType?: string
  readonly ticketCategory?: string
  readonly creator?: string
  readonly createdAt?: number
  readonly reason?: string
}

/** OneView's `Queue`. */
export interface Queue {
  readonly id: string
  readonly name: string
  readonly language: string
}

/** A contact reason in a search result. */
export interface SearchableCcr {
  readonly translation: string
  readonly language: string
  readonly code: string
  readonly level: number
}

/** A tier of the contact-reason tree, by code. */
export interface CcrTiers {
  readonly [code: string]: {
    readonly translations: readonly { language: string; translation: string }[]
    readonly child?: CcrTiers
  }
}

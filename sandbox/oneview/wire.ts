/** OneView's `Ticket`: only `id` is required, and the casing is the vendor's. */
export interface OneViewTicket {
  readonly id: string
  Assignee?: string | null
  /** When the status changed: epoch seconds, in old records also text, milliseconds or 0. */
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

export interface OneViewLink {
  readonly ticketId: string
  readonly ticketIdType?: string
  readonly ticketCategory?: string
  readonly creator?: string
  readonly createdAt?: number
  readonly reason?: string
}

export interface Queue {
  readonly id: string
  readonly name: string
  readonly language: string
}

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

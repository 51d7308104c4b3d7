import type { Instant } from './instant.ts'
import type { TicketStatus } from './ticket.ts'

// The parts of a ticket, by the names of the graph.

export const vendorVerticals = [
  'RESTAURANTS',
  'GROCERIES',
  'FLOWERS',
  'COSMETICS',
  'HEALTH_SUPPLEMENTS',
  'PHARMACIES',
  'PETS',
  'DRINKS',
  'CROSS_VERTICAL',
  'ELECTRONICS',
  'BABY_SUPPLIES',
  'FURNITURE',
  'BAGS_AND_LUGGAGE',
  'TOYS',
  'OPTICS',
  'COURIER',
  'COFFEE',
  'SHOP',
  'COURIER_BUSINESS',
  'CASH',
  'DARKSTORES',
  'UNKNOWN',
] as const
export type VendorVertical = (typeof vendorVerticals)[number]

export const ticketLinkKinds = [
  'CHILD',
  'PARENT',
  'RELATED',
  'DUPLICATE',
  'DUPLICATED_BY',
  'BLOCKS',
  'BLOCKED_BY',
  'PRECEDES',
  'FOLLOWS',
  'MERGED_INTO',
  'MIRROR',
  'UNKNOWN',
] as const
export type TicketLinkKind = (typeof ticketLinkKinds)[number]

export type MessageFormat = 'TEXT' | 'HTML' | 'MARKDOWN' | 'OTHER'

export type CustomFieldType = 'TEXT' | 'NUMBER' | 'BOOLEAN' | 'DATE' | 'DATETIME' | 'CHOICE' | 'CHOICES' | 'USER' | 'OTHER'

export type MessageVisibility = 'PUBLIC' | 'INTERNAL'
export type ActorKind = 'CUSTOMER' | 'AGENT' | 'SYSTEM' | 'PARTNER' | 'UNKNOWN'
export type SlaKind = 'FIRST_REPLY' | 'NEXT_REPLY' | 'RESOLUTION' | 'OTHER'
export type SatisfactionScore = 'GOOD' | 'NEUTRAL' | 'BAD' | 'UNKNOWN'
export type FreshnessMode = 'LIVE' | 'CACHED' | 'EVENT_FED'
export type RoutingType = 'STORE' | 'GENERAL' | 'NONE'

export interface TicketCategory {
  readonly code: string
  readonly label: string
  readonly path: readonly string[]
}

export type TicketReason =
  | { readonly kind: 'ORDER'; readonly code: string; readonly label: string; readonly orders: readonly Order[] }
  | {
      readonly kind: 'CANCELLATION'
      readonly code: string
      readonly label: string
      readonly subscriptionContractIds: readonly string[]
    }
  | { readonly kind: 'SUBJECT_ACCESS_REQUEST'; readonly code: string; readonly label: string; readonly subtype: string | null }
  | { readonly kind: 'GENERAL'; readonly code: string; readonly label: string; readonly localLabel: string | null }

export interface Customer {
  readonly id: string
  readonly externalId: string
  readonly name: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly email: string | null
  readonly phone: string | null
}

export interface Vendor {
  readonly id: string
  readonly externalId: string
  readonly name: string | null
  readonly vertical: VendorVertical | null
}

export interface Agent {
  readonly id: string
  readonly externalId: string
  readonly name: string | null
  readonly email: string | null
}

/** A team of agents. */
export interface Group {
  readonly id: string
  readonly externalId: string
  readonly name: string | null
}

/** The company of a customer. */
export interface Organization {
  readonly id: string
  readonly externalId: string
  readonly name: string | null
}

export interface Order {
  readonly id: string
  readonly externalId: string
  readonly entityId: string | null
  readonly placedAt: Instant | null
}

export interface TicketLink {
  readonly kind: TicketLinkKind
  readonly system: string
  readonly externalId: string
  readonly category: string | null
  readonly reason: string | null
  readonly creator: string | null
  readonly createdAt: Instant | null
  readonly url: string | null
  /** The global id of the linked ticket; null: the link does not tell it. */
  readonly ticketId: string | null
  /** Where `ticketId` is null and `externalId` is what people call the ticket: the key of the source that has it. Absent: no configured source has. */
  readonly numberIn?: string
}

export interface ThreadMessage {
  readonly id: string
  readonly author: Actor | null
  /** As the source has it, in `format`. */
  readonly body: string
  readonly format: MessageFormat
  readonly visibility: MessageVisibility
  readonly createdAt: Instant | null
  readonly attachments: readonly Attachment[] | null
}

export interface Actor {
  readonly kind: ActorKind
  /** The id in the source, or the subject of the token behind a write of this gateway. */
  readonly externalId: string | null
  readonly name: string | null
}

export interface Attachment {
  /** The global id. Its external id begins with the ticket's and "#". */
  readonly id: string
  readonly filename: string
  readonly url: string | null
  /** Bytes. */
  readonly size: number | null
  readonly contentType: string | null
  /** When `url` ends to work; null: the source does not say. */
  readonly expiresAt: Instant | null
  /** True when `url` answers only with credentials of the source. */
  readonly requiresAuth: boolean
}

/** A field that an installation of a source has added. */
export interface CustomField {
  readonly key: string
  readonly label: string | null
  readonly type: CustomFieldType
  /** JSON in the form of `type`: a text, a number, a boolean, a day, an instant, a key, or a list of keys. */
  readonly value: unknown
  /** The value as people read it. */
  readonly text: string | null
}

/** A change of status that a source allows now. */
export interface StatusOption {
  readonly key: string
  readonly label: string
  readonly status: TicketStatus
  /** The keys of the fields that have to be set with it. */
  readonly requires: readonly string[]
}

/** A promise about time that a source measures. */
export interface SlaTarget {
  readonly name: string
  readonly kind: SlaKind
  readonly dueAt: Instant | null
  readonly breached: boolean | null
  readonly paused: boolean | null
  readonly completedAt: Instant | null
}

/** What the customer said of the help. */
export interface Satisfaction {
  readonly score: SatisfactionScore
  /** The source's own word or number for the score. */
  readonly sourceScore: string | null
  readonly comment: string | null
  readonly ratedAt: Instant | null
}

export interface Escalation {
  readonly department: string | null
  readonly reason: string | null
  readonly escalatedAt: Instant | null
}

export interface Resolution {
  readonly status: string | null
  readonly reason: string | null
  readonly resolvedAt: Instant | null
}

export interface RoutingDecision {
  readonly type: RoutingType
  /** The keys of the partners that receive it. */
  readonly partners: readonly string[]
  /** The deciding rule, such as STORE_SUBSCRIBED or ORDER_TIME_UNKNOWN. */
  readonly rule: string
  /** Every step of the decision, in order, for people. */
  readonly trace: readonly string[]
}

export interface Freshness {
  readonly mode: FreshnessMode
  readonly observedAt: Instant
}

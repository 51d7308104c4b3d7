import type { Instant } from './instant.ts'
import type { SourceInfo } from './source-info.ts'

// The unified model, by the names of the graph, so that most fields need no resolver. Each enumeration that a vendor's words are
// mapped to has UNKNOWN. null: the source does not have the value or did not send it. []: known to be empty. The parts of a ticket do
// not repeat its source: their global ids name it.

export const ticketStatuses = [
  'NEW',
  'OPEN',
  'IN_PROGRESS',
  'PENDING',
  'ON_HOLD',
  'ESCALATED',
  'RESOLVED',
  'CLOSED',
  'CANCELLED',
  'UNKNOWN',
] as const
export type TicketStatus = (typeof ticketStatuses)[number]

export const ticketPriorities = ['LOW', 'MEDIUM', 'HIGH', 'URGENT', 'UNKNOWN'] as const
export type TicketPriority = (typeof ticketPriorities)[number]

export const ticketChannels = ['CHAT', 'EMAIL', 'PHONE', 'WEB', 'APP', 'SOCIAL', 'API', 'OTHER', 'UNKNOWN'] as const
export type TicketChannel = (typeof ticketChannels)[number]

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

export const ticketLinkKinds = ['CHILD', 'PARENT', 'RELATED', 'DUPLICATE', 'BLOCKS', 'MERGED_INTO', 'MIRROR', 'UNKNOWN'] as const
export type TicketLinkKind = (typeof ticketLinkKinds)[number]

export const ticketActions = ['UPDATE', 'REPLY', 'ESCALATE', 'CLOSE', 'REASSIGN', 'TRANSFER', 'ROUTE'] as const
export type TicketAction = (typeof ticketActions)[number]

export type MessageVisibility = 'PUBLIC' | 'INTERNAL'
export type ActorKind = 'CUSTOMER' | 'AGENT' | 'SYSTEM' | 'PARTNER' | 'UNKNOWN'
export type FreshnessMode = 'LIVE' | 'CACHED' | 'EVENT_FED'
export type RoutingType = 'STORE' | 'GENERAL' | 'NONE'

/** One translated ticket of one source. Plain data: it survives JSON unchanged, so it can be stored. */
export interface Ticket {
  /** The global id. */
  readonly id: string
  /** One object per source, shared by its tickets. */
  readonly source: SourceInfo
  /** The account, project or market within which the external id is unique; '' where a source has none. */
  readonly tenant: string
  readonly externalId: string
  /**
   * True for a ticket of a list that omits the source's `lazyFields`. When a query selects one of them, a loader reads the
   * complete ticket.
   */
  readonly isSummary: boolean
  readonly number: string | null
  readonly url: string | null
  readonly title: string | null
  readonly description: string | null
  readonly status: TicketStatus
  /** The vendor's own word for the status. */
  readonly sourceStatus: string | null
  readonly statusReason: string | null
  readonly statusChangedAt: Instant | null
  readonly priority: TicketPriority | null
  /** The vendor's own word for the priority. */
  readonly sourcePriority: string | null
  /** A vendor's sort number without a documented meaning. */
  readonly priorityRank: number | null
  readonly category: TicketCategory | null
  readonly reason: TicketReason | null
  readonly type: string | null
  readonly channel: TicketChannel | null
  readonly origin: string | null
  readonly queue: string | null
  readonly country: string | null
  readonly language: string | null
  readonly tags: readonly string[] | null
  readonly assignee: Agent | null
  readonly createdBy: Agent | null
  readonly updatedBy: Agent | null
  readonly customer: Customer | null
  readonly vendor: Vendor | null
  readonly orders: readonly Order[] | null
  readonly links: readonly TicketLink[] | null
  /** Oldest first. The graph's `threads` is a list over them. null: the source has no messages. */
  readonly messages: readonly ThreadMessage[] | null
  readonly attachments: readonly Attachment[] | null
  readonly escalation: Escalation | null
  readonly resolution: Resolution | null
  /** The decision for a routed ticket. A loader reads its deliveries. */
  readonly routing: RoutingDecision | null
  /** A vendor's number without a documented unit. */
  readonly sla: number | null
  readonly dueAt: Instant | null
  readonly firstReplyTimeInMinutes: number | null
  readonly createdAt: Instant | null
  readonly updatedAt: Instant | null
  readonly firstOpenedAt: Instant | null
  readonly lastOpenedAt: Instant | null
  readonly resolvedAt: Instant | null
  readonly deletedAt: Instant | null
  readonly freshness: Freshness
  /** The source's own record, as it came. */
  readonly raw: unknown
}

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
  /** The global id of the linked ticket; null: no configured source can resolve it. */
  readonly ticketId: string | null
}

export interface ThreadMessage {
  readonly id: string
  readonly author: Actor | null
  readonly body: string
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
  /** The partners that receive it, joined by ", "; null: none. */
  readonly partner: string | null
  /** The deciding rule, such as STORE_SUBSCRIBED or ORDER_TIME_UNKNOWN. */
  readonly rule: string
  /** Every step of the decision, in order, for people. */
  readonly trace: readonly string[]
}

export interface Freshness {
  readonly mode: FreshnessMode
  readonly observedAt: Instant
}

import type { Instant } from './instant.ts'
import type { SourceInfo } from './source-info.ts'
import type {
  ActorKind,
  FreshnessMode,
  MessageVisibility,
  RoutingType,
  TicketChannel,
  TicketLinkKind,
  TicketPriority,
  TicketStatus,
  VendorVertical,
} from './vocabulary.ts'

// The unified model. Field names are the graph's own, so that most fields need no resolver.
// null: the source did not say, or cannot be asked. []: known to be empty.

export * from './vocabulary.ts'

/** One ticket of one source, translated. Plain data: it survives JSON unchanged, so a store can keep it. */
export interface Ticket {
  readonly id: string
  readonly source: SourceInfo
  /** The account, project or market within the source that the id belongs to; '' where a source has none. */
  readonly tenant: string
  readonly externalId: string
  /**
   * True when this came from a list that leaves out the source's `lazyFields`:
   * those are then absent here, and a loader reads the whole ticket when one is selected.
   */
  readonly isSummary: boolean
  readonly number: string | null
  readonly url: string | null
  readonly title: string | null
  readonly description: string | null
  readonly status: TicketStatus
  readonly sourceStatus: string | null
  readonly statusReason: string | null
  readonly statusChangedAt: Instant | null
  readonly priority: TicketPriority | null
  readonly sourcePriority: string | null
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
  /** The graph's `threads` pages over these, oldest first. null where a source has none to give. */
  readonly messages: readonly ThreadMessage[] | null
  readonly attachments: readonly Attachment[] | null
  readonly escalation: Escalation | null
  readonly resolution: Resolution | null
  /** How a routed ticket was decided; its deliveries are read by a loader. */
  readonly routing: RoutingDecision | null
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
  /** The source's own record, as it sent it. */
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
  readonly source: SourceInfo
  readonly externalId: string
  readonly name: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly email: string | null
  readonly phone: string | null
}

export interface Vendor {
  readonly id: string
  readonly source: SourceInfo
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
  /** The global id of the linked ticket where a configured source can resolve it; else null. */
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
  readonly id: string | null
  readonly name: string | null
}

export interface Attachment {
  readonly filename: string
  readonly url: string | null
  /** Bytes. */
  readonly size: number | null
  readonly contentType: string | null
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
  /** The partners that receive it, joined by ", "; null when nobody does. */
  readonly partner: string | null
  /** The rule that decided, e.g. STORE_SUBSCRIBED or ORDER_TIME_UNKNOWN. */
  readonly rule: string
  /** Every step of the decision, in order, in plain words. */
  readonly trace: readonly string[]
}

export interface Freshness {
  readonly mode: FreshnessMode
  readonly observedAt: Instant
}

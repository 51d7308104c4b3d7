import type { Instant } from './instant.ts'
import type { SourceInfo } from './source-info.ts'
import type {
  Actor,
  Agent,
  Attachment,
  Customer,
  CustomField,
  Escalation,
  Freshness,
  Group,
  Order,
  Organization,
  Resolution,
  RoutingDecision,
  Satisfaction,
  SlaTarget,
  StatusOption,
  ThreadMessage,
  TicketCategory,
  TicketLink,
  TicketReason,
  Vendor,
} from './ticket-parts.ts'

export * from './ticket-parts.ts'

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

export const ticketActions = ['UPDATE', 'REPLY', 'NOTE', 'ESCALATE', 'CLOSE', 'REOPEN', 'REASSIGN', 'TRANSFER', 'ROUTE'] as const
export type TicketAction = (typeof ticketActions)[number]

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
  /** Of a summary: the lazy fields that were read all the same. Absent: none. */
  readonly lazyFieldsRead?: readonly (keyof Ticket)[]
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
  /** What a transfer to this queue takes. */
  readonly queueKey: string | null
  readonly country: string | null
  readonly language: string | null
  readonly tags: readonly string[] | null
  readonly assignee: Agent | null
  /** The team that has the ticket. `queue` is the place where it waits. */
  readonly group: Group | null
  /** Who else is told when an agent answers. */
  readonly followers: readonly Actor[] | null
  readonly organization: Organization | null
  readonly createdBy: Agent | null
  readonly updatedBy: Agent | null
  readonly customer: Customer | null
  readonly vendor: Vendor | null
  readonly orders: readonly Order[] | null
  readonly links: readonly TicketLink[] | null
  /** Oldest first. The graph's `threads` is a list over them. null: the source has no messages. */
  readonly messages: readonly ThreadMessage[] | null
  /** The fields that the installation has added to the source's own. */
  readonly customFields: readonly CustomField[] | null
  /** The changes of status that the source allows now. */
  readonly statusOptions: readonly StatusOption[] | null
  readonly slaTargets: readonly SlaTarget[] | null
  readonly satisfaction: Satisfaction | null
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

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

/**
 * One translated ticket of one source: a view over the vendor's record, or plain data (`PlainTicket`). It is declared as a class so that
 * the compiler refuses to spread it: a view has no properties of its own. `withFields` and `toPlainTicket` copy it.
 */
export declare abstract class Ticket {
  /** The global id. */
  get id(): string
  /** One object per source, shared by its tickets. */
  get source(): SourceInfo
  /** The account, project or market within which the external id is unique; '' where a source has none. */
  get tenant(): string
  get externalId(): string
  /**
   * True for a ticket of a list that omits the source's `lazyFields`. When a query selects one of them, a loader reads the
   * complete ticket.
   */
  get isSummary(): boolean
  /** Of a summary: the lazy fields that were read all the same. Absent: none. */
  readonly lazyFieldsRead?: readonly (keyof Ticket)[]
  get number(): string | null
  get url(): string | null
  get title(): string | null
  get description(): string | null
  get status(): TicketStatus
  /** The vendor's own word for the status. */
  get sourceStatus(): string | null
  get statusReason(): string | null
  get statusChangedAt(): Instant | null
  get priority(): TicketPriority | null
  /** The vendor's own word for the priority. */
  get sourcePriority(): string | null
  /** A vendor's sort number without a documented meaning. */
  get priorityRank(): number | null
  get category(): TicketCategory | null
  get reason(): TicketReason | null
  get type(): string | null
  get channel(): TicketChannel | null
  get origin(): string | null
  get queue(): string | null
  /** What a transfer to this queue takes. */
  get queueKey(): string | null
  get country(): string | null
  get language(): string | null
  get tags(): readonly string[] | null
  get assignee(): Agent | null
  /** The team that has the ticket. `queue` is the place where it waits. */
  get group(): Group | null
  /** Who else is told when an agent answers. */
  get followers(): readonly Actor[] | null
  get organization(): Organization | null
  get createdBy(): Agent | null
  get updatedBy(): Agent | null
  get customer(): Customer | null
  get vendor(): Vendor | null
  get orders(): readonly Order[] | null
  get links(): readonly TicketLink[] | null
  /** Oldest first. The graph's `threads` is a list over them. null: the source has no messages. */
  get messages(): readonly ThreadMessage[] | null
  /** The fields that the installation has added to the source's own. */
  get customFields(): readonly CustomField[] | null
  /** The changes of status that the source allows now. */
  get statusOptions(): readonly StatusOption[] | null
  get slaTargets(): readonly SlaTarget[] | null
  get satisfaction(): Satisfaction | null
  get attachments(): readonly Attachment[] | null
  get escalation(): Escalation | null
  get resolution(): Resolution | null
  /** The decision for a routed ticket. A loader reads its deliveries. */
  get routing(): RoutingDecision | null
  /** A vendor's number without a documented unit. */
  get sla(): number | null
  get dueAt(): Instant | null
  get firstReplyTimeInMinutes(): number | null
  get createdAt(): Instant | null
  get updatedAt(): Instant | null
  get firstOpenedAt(): Instant | null
  get lastOpenedAt(): Instant | null
  get resolvedAt(): Instant | null
  get deletedAt(): Instant | null
  get freshness(): Freshness
  /** The source's own record, as it came. */
  get raw(): unknown
}

/** A ticket as plain data. It survives JSON unchanged, so it can be stored. */
export type PlainTicket = { readonly [Field in keyof Ticket]: Ticket[Field] }

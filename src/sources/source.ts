import type { Call } from '../domain/call.ts'
import type { DeskgraphError } from '../domain/errors.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { FilterField, SourceInfo } from '../domain/source-info.ts'
import type { RoutingDecision, Ticket, TicketChannel, TicketPriority, TicketStatus } from '../domain/ticket.ts'
import type {
  CloseTicket,
  CreateTicket,
  EscalateTicket,
  ReassignTicket,
  ReplyToTicket,
  TransferTicket,
  UpdateTicket,
  UserError,
  WriteResult,
} from '../domain/writes.ts'

export * from '../domain/source-info.ts'

/** Where a translation happens: which source, which tenant, when the answer was seen, how fresh that is. */
export interface Origin {
  readonly source: SourceInfo
  readonly tenant: string
  readonly observedAt: Instant
}

/** Which tickets are meant. Every field narrows; a list means "any of". Absent or null: no condition. */
export interface TicketFilter {
  readonly status?: readonly TicketStatus[] | null
  readonly priority?: readonly TicketPriority[] | null
  readonly channel?: readonly TicketChannel[] | null
  /** Category codes. */
  readonly category?: readonly string[] | null
  /** An assignee's external id, name or e-mail; case does not matter. */
  readonly assignee?: string | null
  readonly customer?: EntityRef | null
  readonly customerEmail?: string | null
  readonly vendor?: EntityRef | null
  /** An order's external id. */
  readonly orderId?: string | null
  readonly tags?: readonly string[] | null
  /** Looked for in title, description, number and external id; case does not matter. */
  readonly text?: string | null
  readonly createdAfter?: Instant | null
  readonly createdBefore?: Instant | null
  readonly updatedAfter?: Instant | null
  readonly updatedBefore?: Instant | null
}

export interface TicketOrder {
  readonly field: 'UPDATED_AT' | 'CREATED_AT' | 'PRIORITY'
  readonly direction: 'ASC' | 'DESC'
}

/** A slice of a source's list: `limit` tickets from `offset` on, by the filter fields that the source applies itself. */
export interface ListRequest {
  readonly filter: TicketFilter
  readonly order: TicketOrder
  /** Where to begin. null: the beginning; else a position that an earlier `ListSlice` gave. */
  readonly position: string | null
  readonly limit: number
  /** false: nobody asks for `totalCount`, which then may be null. */
  readonly counted?: boolean
}

export interface ListSlice {
  /** In the source's own order. */
  readonly tickets: readonly Ticket[]
  /** The position right behind each ticket, by index: a walk may stop anywhere. Same length as `tickets`. */
  readonly positions: readonly string[]
  /** True when nothing follows the last ticket. */
  readonly end: boolean
  /** How many tickets match in all; null when the source cannot say. */
  readonly totalCount: number | null
  /** Records that could not be understood and were left out. */
  readonly dropped: number
}

/**
 * How a source's list can be walked.
 * - `keyset`: positions are (time, id) keys and any order asked for is exact: nothing shifts under a walk.
 * - `offset`: positions count records (decimal text) in the source's own, undocumented order, assumed to be the
 *   latest update first; records shift while tickets change, so the walker re-reads and skips.
 */
export type PaginationStyle = 'keyset' | 'offset'

/**
 * One configured source. A method that is absent is a thing the source cannot do; `info.actions` agrees with that.
 * Every method takes the `Call` that it works for, keeps its deadline and stops at its signal.
 * Faults are thrown as DeskgraphError with `source` set; a refusal of a write is data (`WriteResult`).
 */
export interface TicketSource {
  readonly info: SourceInfo
  readonly paginationStyle: PaginationStyle
  /** Ticket fields that lists leave out and a single read has. Empty where lists are whole. */
  readonly lazyFields: readonly (keyof Ticket)[]
  /** How many tickets one `listTickets` may ask for. */
  readonly maxPageSize: number
  /** The one tenant whose tickets this source shows, or null when it has several (ids then name theirs). */
  readonly tenant: string | null
  /** Where `tenant` is null: the tenants that an external id by itself is looked for in, e.g. the configured markets. */
  tenants?(): readonly string[]

  /**
   * Which fields of this very filter the source applies itself, where that depends on the values (a vendor that takes one value,
   * or has no word for another). Absent: every field of `info.filters`. `listTickets` applies exactly these.
   */
  pushdownFilters?(filter: TicketFilter): readonly FilterField[]
  /** Is this an id in the source's own alphabet? What is not never reaches an upstream. */
  isExternalId(externalId: string): boolean
  /**
   * The whole tickets behind these references, in the same order: null where there is none (or it may not be seen),
   * an error where it could not be read. Never another ticket.
   */
  loadTickets(refs: readonly EntityRef[], call: Call): Promise<readonly (Ticket | DeskgraphError | null)[]>
  listTickets(request: ListRequest, call: Call): Promise<ListSlice>

  createTicket?(input: CreateTicket, call: Call): Promise<WriteResult>
  updateTicket?(ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult>
  replyToTicket?(ref: EntityRef, input: ReplyToTicket, call: Call): Promise<WriteResult>
  escalateTicket?(ref: EntityRef, input: EscalateTicket, call: Call): Promise<WriteResult>
  closeTicket?(ref: EntityRef, input: CloseTicket, call: Call): Promise<WriteResult>
  reassignTicket?(ref: EntityRef, input: ReassignTicket, call: Call): Promise<WriteResult>
  transferTicket?(ref: EntityRef, input: TransferTicket, call: Call): Promise<WriteResult>
  routeTicket?(ref: EntityRef, call: Call): Promise<WriteResult>
  /** Who would receive this ticket if it were created now. It stores and sends nothing. */
  previewRoute?(input: CreateTicket): RoutePreview

  escalationDepartments?(call: Call): Promise<readonly EscalationDepartment[]>
  transferQueues?(call: Call): Promise<readonly TransferQueue[]>
  resolutionStatuses?(call: Call): Promise<readonly string[]>
  contactReasons?(request: ContactReasonRequest, call: Call): Promise<readonly ContactReason[]>

  /** What the last calls were like; a source that is never called says UNKNOWN. */
  health(): SourceHealth
  close?(): Promise<void>
}

/** The decision, or what is wrong with the input. */
export type RoutePreview = { readonly decision: RoutingDecision } | { readonly userErrors: readonly UserError[] }

export interface EscalationDepartment {
  readonly id: string
  readonly label: string
}
export interface TransferQueue {
  readonly id: string
  readonly name: string
  readonly language: string | null
}
export interface ContactReasonRequest {
  readonly search: string | null
  readonly language: string | null
  readonly first: number
}
export interface ContactReason {
  readonly code: string
  readonly label: string
  readonly language: string | null
  /** 1 is the widest. */
  readonly level: number
  /** From the widest to the nearest. */
  readonly parents: readonly ContactReason[]
}

export type SourceState = 'UP' | 'DEGRADED' | 'DOWN' | 'UNKNOWN'
export interface SourceHealth {
  readonly state: SourceState
  readonly checkedAt: Instant | null
  readonly latencyP50Ms: number | null
  readonly latencyP99Ms: number | null
  /** 0 to 1, over the last calls. */
  readonly errorRate: number | null
  /** The code of the last failure, never a vendor's text. */
  readonly lastError: string | null
}

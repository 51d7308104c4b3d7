import type { Call } from '../domain/call.ts'
import type { DeskgraphError } from '../domain/errors.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { Customer, Ticket, TicketAction, Vendor } from '../domain/ticket.ts'
import type {
  CloseTicket,
  CreateTicket,
  EscalateTicket,
  ReassignTicket,
  ReplyToTicket,
  TransferTicket,
  UpdateTicket,
  UserError,
  WriteOutcome,
} from '../domain/writes.ts'
import type { FilterField, SourceInfo, TicketFilter, TicketOrder, TicketSource } from '../sources/source.ts'

/** The configured sources that this viewer may see, by key. */
export interface Sources {
  readonly all: readonly TicketSource[]
  get(key: string): TicketSource | undefined
}

export interface ListTickets {
  /** Source keys; null: all. An unknown one is BAD_USER_INPUT, named. */
  readonly sources: readonly string[] | null
  readonly filter: TicketFilter
  readonly order: TicketOrder
  readonly first: number
  /** A cursor that an earlier page gave, for the same filter, order and sources; else BAD_USER_INPUT. */
  readonly after: string | null
}

export type SourceOutcome =
  | 'OK'
  | 'TIMEOUT'
  | 'RATE_LIMITED'
  | 'CIRCUIT_OPEN'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'ERROR'
  | 'SKIPPED'

/** What one source did for one page. */
export interface SourceReport {
  readonly source: SourceInfo
  readonly outcome: SourceOutcome
  readonly returned: number
  readonly exhausted: boolean
  readonly ordering: 'EXACT' | 'BEST_EFFORT'
  /** Filter fields that were applied here because the source cannot. */
  readonly filtersApplied: readonly FilterField[]
  readonly latencyMs: number
  /** For people; null when all went well. */
  readonly error: string | null
  readonly retryAt: Instant | null
  /** The fault behind `error`: becomes the GraphQL error at the report's path. */
  readonly fault: DeskgraphError | null
}

export interface TicketPage {
  readonly edges: readonly { readonly cursor: string; readonly node: Ticket }[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  /** Behind the last ticket, or where the page stands when it is empty; null only when nothing was asked. */
  readonly endCursor: string | null
  readonly totalCount: number | null
  readonly sources: readonly SourceReport[]
}

/** Reads across sources, for one operation: the loaders inside gather, de-duplicate and remember for that operation alone. */
export interface TicketReads {
  list(request: ListTickets): Promise<TicketPage>
  /** null: no such ticket, a source that is not configured, or one that this viewer may not see. Faults are thrown. */
  ticket(ref: EntityRef): Promise<Ticket | null>
  /** The whole ticket behind a partial one of a list; the ticket itself when it is whole. */
  full(ticket: Ticket): Promise<Ticket>
  /** The customer as its latest ticket shows it (no source offers customers by themselves). */
  customer(ref: EntityRef): Promise<Customer | null>
  vendor(ref: EntityRef): Promise<Vendor | null>
}

export interface TicketPayload {
  readonly ticket: Ticket | null
  readonly outcome: WriteOutcome
  readonly userErrors: readonly UserError[]
}

/** A write's address and its key: `id` is the global id as the client gave it. */
export interface WriteTarget {
  readonly id: string
  readonly idempotencyKey: string | null
}

/** Every write: capability first, then the key, then one call, then the journal. Never sent twice. */
export interface TicketWrites {
  create(input: CreateTicket): Promise<TicketPayload>
  update(target: WriteTarget, input: UpdateTicket): Promise<TicketPayload>
  reply(target: WriteTarget, input: ReplyToTicket): Promise<TicketPayload>
  escalate(target: WriteTarget, input: EscalateTicket): Promise<TicketPayload>
  close(target: WriteTarget, input: CloseTicket): Promise<TicketPayload>
  reassign(target: WriteTarget, input: ReassignTicket): Promise<TicketPayload>
  transfer(target: WriteTarget, input: TransferTicket): Promise<TicketPayload>
  route(target: WriteTarget): Promise<TicketPayload>
}

export interface ActionAvailability {
  readonly action: TicketAction
  readonly allowed: boolean
  readonly reason: 'NOT_SUPPORTED_BY_SOURCE' | 'FORBIDDEN' | 'WRONG_STATE' | 'SOURCE_DOWN' | null
}

/** Makes the reads and writes of one operation. */
export interface TicketService {
  reads(call: Call): TicketReads
  writes(call: Call): TicketWrites
}

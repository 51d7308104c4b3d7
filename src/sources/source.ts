import type { Readable } from 'node:stream'
import type { Call } from '../domain/call.ts'
import type { DeskgraphError } from '../domain/errors.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { FilterField, SourceInfo } from '../domain/source-info.ts'
import type { RoutingDecision, Ticket, TicketAction, TicketLinkKind } from '../domain/ticket.ts'
import type {
  CloseTicket,
  CreateTicket,
  EscalateTicket,
  ReassignTicket,
  ReopenTicket,
  ReplyToTicket,
  TransferTicket,
  UpdateTicket,
  UploadedFile,
  UserError,
  WriteResult,
} from '../domain/writes.ts'
import type {
  ChangesRequest,
  ChangesSlice,
  CountRequest,
  ListRequest,
  ListSlice,
  PaginationStyle,
  TicketFilter,
  TicketOrder,
  TicketTally,
} from './listing.ts'
import type { SourceLookups } from './lookups.ts'
import type { ToPosition } from './pagination/list-point.ts'
import type { WantedFields } from './wanted-fields.ts'

export * from '../domain/source-info.ts'
export * from './listing.ts'
export * from './lookups.ts'

/** What a translation needs beside the record: the source, the tenant, and when the answer was observed. */
export interface Origin {
  readonly source: SourceInfo
  readonly tenant: string
  readonly observedAt: Instant
}

/**
 * The port for one configured source. An absent method is an operation that the source does not have; `info` agrees, because
 * both follow from the source's table (`source-table.ts`). An input has no other optional fields than `capabilities.takes` lists: the
 * gateway has refused them.
 * Every method keeps the deadline of its `Call` and stops at its signal. A fault is a DeskgraphError with `source` set; a write
 * that the vendor refuses is a `WriteResult`.
 */
export interface TicketSource extends SourceLookups {
  readonly info: SourceInfo
  readonly paginationStyle: PaginationStyle
  /** The ticket fields that lists omit and a single read has. Empty: lists are complete. */
  readonly lazyFields: readonly (keyof Ticket)[]
  /** Those of the `lazyFields` that cost calls of their own, such as messages and service levels: `loadTickets` reads them only where they are wanted. Absent: none. */
  readonly costlyFields?: readonly (keyof Ticket)[]
  /** Those of the `lazyFields` that `listTickets` can read in the same call, where they are wanted. Absent: none. */
  readonly listedFields?: readonly (keyof Ticket)[]
  /** The kinds of links that lists omit and a single read has, where `links` is no lazy field. Absent: none. */
  readonly lazyLinkKinds?: readonly TicketLinkKind[]
  /**
   * How long after a change `listTickets` may still not show it, in milliseconds, because the vendor's lists are eventually consistent. Each poll
   * looks back so far behind the latest update that it knows. Absent: 5 s.
   */
  readonly listLagMs?: number
  /** The largest useful `limit` of `listTickets`. */
  readonly maxPageSize: number
  /** The only tenant of the source. null: it has several, and each id names its own. */
  readonly tenant: string | null
  /** Where `tenant` is null: the tenants in which an external id without a tenant is looked up. */
  tenants?(): readonly string[]

  /**
   * The fields of this filter that `listTickets` applies, exactly. Absent: all of `info.filters`. A source has it where that depends
   * on the values, for example because the vendor takes only one value.
   */
  pushdownFilters?(filter: TicketFilter): readonly FilterField[]
  /**
   * Further fields of this filter that `listTickets` applies in part: it leaves out tickets that do not match, and may return others
   * that do not match either, which the gateway then leaves out. Absent: none.
   */
  narrowingFilters?(filter: TicketFilter): readonly FilterField[]
  /**
   * Whether `listTickets` lists in this order too, exactly. Not with keyset pagination; the others always have the latest update first. Absent: it
   * has no other order, and the gateway sorts up to its scan limit.
   */
  sorts?(order: TicketOrder): boolean
  /**
   * The external ids of tickets by what people call them (`Ticket.number`, also a former one), in this order: null where there is none or the viewer
   * may not see it. Absent: both are the same. Rejects as `listTickets` does.
   */
  externalIdsOf?(numbers: readonly string[], call: Call): Promise<readonly (string | null)[]>
  /** True for text that may be an id of the source: `isExternalId` of the domain, or a narrower rule. Other text is never sent to the vendor. */
  isExternalId(externalId: string): boolean
  /**
   * The complete tickets, in the order of the references: null where there is none or the viewer may not see it, and an error
   * where it could not be read. Never another ticket than the requested one.
   * `wanted`: the `costlyFields` that the caller reads; absent: all. A ticket without one of them is a summary (`toPartialTicket`).
   */
  loadTickets(refs: readonly EntityRef[], call: Call, wanted?: WantedFields): Promise<readonly (Ticket | DeskgraphError | null)[]>
  /**
   * The same tickets as lists have them, in few calls, where not every field is needed. null: it is not there, or has to be read by `loadTickets`.
   * Absent: the source reads single tickets only. Rejects as `listTickets` does.
   */
  loadSummaries?(refs: readonly EntityRef[], call: Call): Promise<readonly (Ticket | null)[]>
  /** Rejects with DeskgraphError when the list could not be read. */
  listTickets(request: ListRequest, call: Call): Promise<ListSlice>
  /**
   * One slice of what has changed, the oldest change first, from an export of the vendor that also tells which tickets are gone. The poller reads
   * it beside the list, once a minute at most, and keeps the cursor. Absent: there is no such export. Rejects as `listTickets` does.
   */
  changesSince?(request: ChangesRequest, call: Call): Promise<ChangesSlice>
  /** The position at a point of the list, for `keyset`. Absent: a list resumes only at the positions of its slices. */
  readonly toPosition?: ToPosition
  /**
   * Counts tickets by a key of `info.capabilities.countsBy`, with at most `callsPerCount` calls to the vendor, and reads none of them.
   * null, without a call: it cannot count with this filter. Absent: it cannot count. Rejects as `listTickets` does.
   */
  countTickets?(request: CountRequest, call: Call): Promise<TicketTally | null>

  createTicket?(input: CreateTicket, call: Call): Promise<WriteResult>
  updateTicket?(ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult>
  replyToTicket?(ref: EntityRef, input: ReplyToTicket, call: Call): Promise<WriteResult>
  escalateTicket?(ref: EntityRef, input: EscalateTicket, call: Call): Promise<WriteResult>
  closeTicket?(ref: EntityRef, input: CloseTicket, call: Call): Promise<WriteResult>
  reopenTicket?(ref: EntityRef, input: ReopenTicket, call: Call): Promise<WriteResult>
  reassignTicket?(ref: EntityRef, input: ReassignTicket, call: Call): Promise<WriteResult>
  transferTicket?(ref: EntityRef, input: TransferTicket, call: Call): Promise<WriteResult>
  /**
   * Streams a file to the vendor, and resolves with what the vendor calls it: the `uploadId` of attachments in later writes. It never buffers the
   * file. A source has it where `info.capabilities.attachments` is UPLOAD and it does not `attachFiles`.
   */
  uploadFile?(file: UploadedFile, call: Call): Promise<string>
  /**
   * The vendor takes a file only together with the message or the ticket that has it. The gateway keeps uploads until then, and the drafts of
   * attachments have `open` and `size`. A draft whose file is gone is refused before.
   */
  readonly attachesFiles?: true
  /**
   * Opens a file of a ticket as the viewer; null: there is none, or the viewer may not see it. `file` is what the id of an `Attachment` names.
   * Its body never ends early without an error. Absent: its attachments have addresses of the vendor.
   */
  openFile?(file: EntityRef, call: Call): Promise<OpenedFile | null>
  routeTicket?(ref: EntityRef, call: Call): Promise<WriteResult>
  /** Who would receive this ticket if it were created now. It stores and sends nothing. */
  previewRoute?(input: CreateTicket): RoutePreview

  /**
   * Whether the last seen state of a ticket allows an action, where the source knows better than the common rule (DECISION-19).
   * undefined: the common rule decides. It makes no call.
   */
  suitsState?(action: TicketAction, ticket: Ticket): boolean | undefined

  /**
   * What limits the account of the gateway at the vendor, for operators (`deskgraph doctor`). Rejects with DeskgraphError where it cannot be used at
   * all. Absent: a list shows it.
   */
  checkAccount?(): Promise<readonly AccountWarning[]>
  /** Of a pulled source by the latest calls of this process, at once; of an event-fed source by its events, from the store. Never rejects. */
  health(): SourceHealth | Promise<SourceHealth>
  close?(): Promise<void>
}

/** What an operator should know of a source, and do. The texts hold no address, no token and no personal data. */
export interface AccountWarning {
  readonly found: string
  readonly action: string
}

/** A file on its way from a source. The caller reads the body to its end, or destroys it. */
export interface OpenedFile {
  /** Bytes; null: not known before the end. */
  readonly size: number | null
  readonly body: Readable
}

/** The decision, or what is wrong with the input. */
export type RoutePreview = { readonly decision: RoutingDecision } | { readonly userErrors: readonly UserError[] }

export type SourceState = 'UP' | 'DEGRADED' | 'DOWN' | 'UNKNOWN'
export interface SourceHealth {
  readonly state: SourceState
  /** Of the last call, or the last event. */
  readonly checkedAt: Instant | null
  readonly latencyP50Ms: number | null
  readonly latencyP99Ms: number | null
  /** 0 to 1, over the latest calls, or the latest events: those that are held as dead letters. */
  readonly errorRate: number | null
  /** The code of the latest failure, never a vendor's text. */
  readonly lastError: string | null
}

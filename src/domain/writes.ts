import type { Readable } from 'node:stream'
import { DeskgraphError, type ErrorCode } from './errors.ts'
import type { EntityRef } from './ids.ts'
import { type Instant, toInstant } from './instant.ts'
import type { AuditEntry } from './telemetry.ts'
import type { MessageFormat, MessageVisibility, ThreadMessage, Ticket, TicketPriority, TicketStatus } from './ticket.ts'

// Inputs and results of writes, by the names of the graph. An absent or null field is not set.

export interface CreateTicket {
  readonly source: string
  readonly market?: string | null
  /** A key of the source's transfer queues. */
  readonly queue?: string | null
  /** A key of the source's own kinds of tickets. */
  readonly type?: string | null
  readonly title?: string | null
  readonly description?: string | null
  readonly priority?: TicketPriority | null
  readonly category?: string | null
  readonly subcategory?: string | null
  readonly tags?: readonly string[] | null
  readonly customer?: {
    readonly externalId?: string | null
    readonly name?: string | null
    readonly email?: string | null
    readonly phone?: string | null
  } | null
  readonly storeId?: string | null
  readonly order?: { readonly externalId: string; readonly placedAt?: Instant | null } | null
  readonly customFields?: readonly CustomFieldDraft[] | null
  readonly attachments?: readonly AttachmentDraft[] | null
  readonly idempotencyKey?: string | null
}

export interface CustomFieldDraft {
  readonly key: string
  /** JSON; null empties the field. */
  readonly value?: unknown
}

/** A file by its address or by an upload: one of the two. */
export interface AttachmentDraft {
  readonly filename: string
  readonly url?: string | null
  readonly uploadId?: string | null
  readonly size?: number | null
  readonly contentType?: string | null
  /** Reads the bytes of an upload that the gateway keeps for the source. Absent: it keeps none. */
  readonly open?: () => AsyncIterable<Uint8Array>
}

/** A file on its way to a source. */
export interface UploadedFile {
  /** The only ticket that it is for; absent: any. */
  readonly ticket?: EntityRef
  readonly filename: string
  readonly contentType: string | null
  /** Bytes; null: not known before the end. */
  readonly size: number | null
  readonly body: Readable
}

/** The parameterless updates of OneView. */
export type ConversationEvent = 'CHAT_RESPONSE_TIME' | 'PICKED_TIME' | 'CLOSE_CHAT_ROOM'

export interface UpdateTicket {
  readonly title?: string | null
  readonly description?: string | null
  readonly priority?: TicketPriority | null
  readonly category?: string | null
  readonly status?: TicketStatus | null
  /** A key of `Ticket.statusOptions`, where a status of the model would be ambiguous. */
  readonly statusOption?: string | null
  /** All tags. */
  readonly tags?: readonly string[] | null
  readonly addTags?: readonly string[] | null
  readonly removeTags?: readonly string[] | null
  readonly customFields?: readonly CustomFieldDraft[] | null
  /** Nothing is changed when the ticket was updated after this. */
  readonly ifUpdatedAt?: Instant | null
  readonly contactReasonCode?: string | null
  /** null keeps the order, '' removes it. */
  readonly orderId?: string | null
  readonly entityId?: string | null
  readonly event?: ConversationEvent | null
}
export interface ReplyToTicket {
  readonly body: string
  /** Absent: as the source takes text. */
  readonly format?: MessageFormat | null
  readonly visibility: MessageVisibility
  readonly attachments?: readonly AttachmentDraft[] | null
}
export interface EscalateTicket {
  readonly department?: string | null
  readonly statusReason?: string | null
  readonly resolutionReason?: string | null
}
export interface CloseTicket {
  readonly statusReason?: string | null
  readonly resolutionStatus?: string | null
  readonly resolutionReason?: string | null
}
/** One of `assignee`, `group` and `unassign: true`. */
export interface ReassignTicket {
  readonly assignee?: string | null
  readonly group?: string | null
  readonly unassign?: boolean | null
  readonly reason?: string | null
}
export interface ReopenTicket {
  readonly statusReason?: string | null
}
export interface TransferTicket {
  /** A key of the source's transfer queues. */
  readonly queue: string
}

/**
 * `PARTIAL`: some of it was done; the user errors say what was not. `QUEUED`: applied here, and a delivery to a partner is pending.
 * `UNKNOWN`: the source did not confirm.
 */
export type WriteOutcome = 'APPLIED' | 'PARTIAL' | 'QUEUED' | 'REJECTED' | 'UNKNOWN'
export type UserErrorCode =
  | 'INVALID'
  | 'REQUIRED'
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  | 'CONFLICT'
  | 'NOT_SUPPORTED'
  | 'OUTCOME_UNKNOWN'
  | 'SOURCE_UNAVAILABLE'
  | 'SOURCE_RATE_LIMITED'
  | 'SOURCE_AUTH_FAILED'
  | 'SOURCE_REJECTED'
  | 'STORAGE_UNAVAILABLE'
  | 'NOTE_BECAME_PUBLIC'

export interface UserError {
  readonly code: UserErrorCode
  readonly message: string
  /** The path of the faulty input field, such as ["input", "department"]; null: not a single field. */
  readonly field: readonly string[] | null
  /** True: nothing was done, and the same write may be sent again. Absent: false, as in every answer that version 0.1 stored. */
  readonly retryable?: boolean
  /** When sending it again makes sense. Absent: unknown, or never. */
  readonly retryAt?: Instant
}

/** The result of a write by the source's answer. */
export interface WriteResult {
  readonly outcome: WriteOutcome
  /** The ticket in the answer; null: the answer has none, and the ticket is read again. */
  readonly ticket: Ticket | null
  /** The ticket to read again when `ticket` is null; null: there is none. */
  readonly ref: EntityRef | null
  readonly userErrors: readonly UserError[]
  /** The message that a reply wrote, where the answer has it. Else it is looked for in the thread. */
  readonly message?: ThreadMessage
  /** The ticket as it was read for this write; absent: it was not read. */
  readonly before?: Ticket
  /** The fault because of which nothing was done; only with REJECTED. The write may be sent again under the same idempotency key. */
  readonly failure?: DeskgraphError
}

export function applied(ticket: Ticket): WriteResult {
  return { outcome: 'APPLIED', ticket, ref: null, userErrors: [] }
}
/** The source applied the write and did not return the ticket. */
export function appliedUnseen(ref: EntityRef): WriteResult {
  return { outcome: 'APPLIED', ticket: null, ref, userErrors: [] }
}
/** Nothing was done, because the input, the viewer or the state of the ticket does not allow it. */
export function rejected(code: UserErrorCode, message: string, field: readonly string[] | null = null): WriteResult {
  return { outcome: 'REJECTED', ticket: null, ref: null, userErrors: [{ code, message, field }] }
}
/** The source did a part of the write; the user errors say what it did not do. It is never sent again. */
export function partial(ref: EntityRef, userErrors: readonly UserError[]): WriteResult {
  return { outcome: 'PARTIAL', ticket: null, ref, userErrors }
}
/** Nothing was done, because the source or the storage failed before. An error that is not a fault of these is thrown on. */
export function notDone(failure: unknown): WriteResult {
  if (!(failure instanceof DeskgraphError)) throw failure
  return { outcome: 'REJECTED', ticket: null, ref: null, userErrors: [], failure }
}
/** The source may or may not have applied the write. It is never sent again; the ticket is read again. */
export function outcomeUnknown(ref: EntityRef | null): WriteResult {
  const message =
    'The source did not confirm the change: it may or may not have happened. Look at the ticket before you repeat it.'
  return { outcome: 'UNKNOWN', ticket: null, ref, userErrors: [{ code: 'OUTCOME_UNKNOWN', message, field: null }] }
}

/** The result of one action on many records. */
export interface BulkResult {
  /** The key of what it was for, for the audit log; null: it is not known here. */
  readonly subject: string | null
  /** How many records were acted on. */
  readonly done: number
  /** How many could not be. */
  readonly failed: number
  /** Why nothing, or not everything, was done. Records that failed by themselves are not among them. */
  readonly userErrors: readonly UserError[]
  /** The fault of the storage behind a user error. */
  readonly failure?: DeskgraphError
}

/** What the audit log keeps of it. The subject is a key of the configuration, because a client's own text could be personal data. */
export function toBulkAuditLine({
  subject,
  done,
  failed,
  userErrors,
}: BulkResult): Omit<AuditEntry, 'who' | 'what' | 'requestId'> {
  const isComplete = failed === 0 && userErrors.length === 0
  return { subject, outcome: isComplete ? 'APPLIED' : done > 0 ? 'PARTIAL' : 'REJECTED', count: done }
}

/** Nothing was done, because an argument names nothing that can be acted on. */
export function bulkRejected(code: UserErrorCode, message: string, argument: string): BulkResult {
  return { subject: null, done: 0, failed: 0, userErrors: [{ code, message, field: [argument] }] }
}

const codesOfFailures: Readonly<Partial<Record<ErrorCode, UserErrorCode>>> = {
  BAD_USER_INPUT: 'INVALID',
  FORBIDDEN: 'FORBIDDEN',
  STORAGE_UNAVAILABLE: 'STORAGE_UNAVAILABLE',
  UPSTREAM_RATE_LIMITED: 'SOURCE_RATE_LIMITED',
  BUDGET_HELD: 'SOURCE_RATE_LIMITED',
  UPSTREAM_AUTH_FAILED: 'SOURCE_AUTH_FAILED',
  UPSTREAM_REJECTED: 'SOURCE_REJECTED',
  UPSTREAM_NOT_SUPPORTED: 'NOT_SUPPORTED',
}
const temporary: ReadonlySet<UserErrorCode> = new Set(['SOURCE_UNAVAILABLE', 'SOURCE_RATE_LIMITED', 'STORAGE_UNAVAILABLE'])

/** How a client sees a failure after which nothing was done (DECISION-22). `at`: now, in milliseconds since 1970. */
export function toUserError({ code, message, retryAfter = 1 }: DeskgraphError, at: number): UserError {
  const userCode = codesOfFailures[code] ?? 'SOURCE_UNAVAILABLE'
  const userError = { code: userCode, message, field: null }
  return temporary.has(userCode) ? { ...userError, retryable: true, retryAt: toInstant(at + retryAfter * 1000) } : userError
}

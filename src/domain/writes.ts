import type { EntityRef } from './ids.ts'
import type { Instant } from './instant.ts'
import type { MessageVisibility, Ticket, TicketPriority, TicketStatus } from './ticket.ts'

// Inputs and results of writes, by the names of the graph. An absent or null field is not set.

export interface CreateTicket {
  readonly source: string
  readonly market?: string | null
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
  readonly attachments?: readonly AttachmentDraft[] | null
  readonly idempotencyKey?: string | null
}

export interface AttachmentDraft {
  readonly filename: string
  readonly url: string
  readonly size?: number | null
  readonly contentType?: string | null
}

export type OneViewUpdateEvent = 'CHAT_RESPONSE_TIME' | 'PICKED_TIME' | 'CLOSE_CHAT_ROOM'

export interface UpdateTicket {
  readonly title?: string | null
  readonly description?: string | null
  readonly priority?: TicketPriority | null
  readonly category?: string | null
  readonly status?: TicketStatus | null
  readonly tags?: readonly string[] | null
  readonly contactReasonCode?: string | null
  /** null keeps the order, '' removes it. */
  readonly orderId?: string | null
  readonly entityId?: string | null
  readonly event?: OneViewUpdateEvent | null
}
export interface ReplyToTicket {
  readonly body: string
  readonly visibility: MessageVisibility
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
export interface ReassignTicket {
  readonly assignee: string
  readonly reason?: string | null
}
export interface TransferTicket {
  readonly queueId: string
}

/** `QUEUED`: applied here, and a delivery to a partner is pending. `UNKNOWN`: the source did not confirm. */
export type WriteOutcome = 'APPLIED' | 'QUEUED' | 'REJECTED' | 'UNKNOWN'
export type UserErrorCode = 'INVALID' | 'REQUIRED' | 'NOT_FOUND' | 'FORBIDDEN' | 'CONFLICT' | 'NOT_SUPPORTED' | 'OUTCOME_UNKNOWN'

export interface UserError {
  readonly code: UserErrorCode
  readonly message: string
  /** The path of the faulty input field, such as ["input", "department"]; null: not a single field. */
  readonly field: readonly string[] | null
}

/** The result of a write by the source's answer. */
export interface WriteResult {
  readonly outcome: WriteOutcome
  /** The ticket in the answer; null: the answer has none, and the ticket is read again. */
  readonly ticket: Ticket | null
  /** The ticket to read again when `ticket` is null; null: there is none. */
  readonly ref: EntityRef | null
  readonly userErrors: readonly UserError[]
}

export function applied(ticket: Ticket): WriteResult {
  return { outcome: 'APPLIED', ticket, ref: null, userErrors: [] }
}
/** The source applied the write and did not return the ticket. */
export function appliedUnseen(ref: EntityRef): WriteResult {
  return { outcome: 'APPLIED', ticket: null, ref, userErrors: [] }
}
export function rejected(code: UserErrorCode, message: string, field: readonly string[] | null = null): WriteResult {
  return { outcome: 'REJECTED', ticket: null, ref: null, userErrors: [{ code, message, field }] }
}
/** The source may or may not have applied the write. It is never sent again; the ticket is read again. */
export function outcomeUnknown(ref: EntityRef | null): WriteResult {
  const message =
    'The source did not confirm the change: it may or may not have happened. Look at the ticket before you repeat it.'
  return { outcome: 'UNKNOWN', ticket: null, ref, userErrors: [{ code: 'OUTCOME_UNKNOWN', message, field: null }] }
}

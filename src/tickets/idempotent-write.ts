import type { Call } from '../domain/call.ts'
import { type Clock, now } from '../domain/clock.ts'
import { DeskgraphError, type ErrorCode } from '../domain/errors.ts'
import type { ChangeRecorder, TicketEventKind } from '../domain/events.ts'
import { fingerprint } from '../domain/fingerprint.ts'
import { decodeId, type EntityRef, encodeId } from '../domain/ids.ts'
import { may } from '../domain/permissions.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { Ticket, TicketAction } from '../domain/ticket.ts'
import { outcomeUnknown, rejected, type UserError, type WriteResult } from '../domain/writes.ts'
import type { TicketSource } from '../sources/source.ts'
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from './idempotency-store.ts'
import { refOf, type TicketLoader } from './ticket-loader.ts'
import type { Sources, TicketPayload } from './ticket-service.ts'

/** A write whose source supports it and whose input is valid. */
export interface ValidatedWrite {
  readonly source: TicketSource
  /** null: the ticket does not exist yet. */
  readonly ref: EntityRef | null
  readonly action: TicketAction | 'CREATE'
  /** Everything that was asked for except the key. Two requests with the same key must have the same input. */
  readonly input: unknown
  /** The client's idempotency key; null when it sent none. */
  readonly key: string | null
  readonly send: (call: Call) => Promise<WriteResult>
}

/**
 * Sends a write at most once and returns the ticket as it is afterwards.
 * Throws FORBIDDEN without `tickets:write`, and an error after which the source has done nothing; every other failure is
 * the outcome UNKNOWN. A problem with the key is a user error.
 */
export type ExecuteWrite = (write: ValidatedWrite) => Promise<TicketPayload>

export interface WriteDeps {
  readonly sources: Sources
  readonly loader: TicketLoader
  readonly idempotency: IdempotencyStore
  readonly recorder: ChangeRecorder
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

const maxKeyLength = 255

/** Errors that say that the source has done nothing. After any other the source may have done its work. */
const nothingDone: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'OVERLOADED',
  'RATE_LIMITED',
  'STORAGE_UNAVAILABLE',
  'CIRCUIT_OPEN',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_RATE_LIMITED',
  'UPSTREAM_AUTH_FAILED',
  'UPSTREAM_REJECTED',
  'UPSTREAM_NOT_SUPPORTED',
])

const changeOf: Readonly<Record<ValidatedWrite['action'], { readonly kind: TicketEventKind; readonly summary: string }>> = {
  CREATE: { kind: 'CREATED', summary: 'Created' },
  UPDATE: { kind: 'UPDATED', summary: 'Updated' },
  REPLY: { kind: 'MESSAGE', summary: 'Replied to' },
  ESCALATE: { kind: 'ESCALATED', summary: 'Escalated' },
  CLOSE: { kind: 'CLOSED', summary: 'Closed' },
  REASSIGN: { kind: 'REASSIGNED', summary: 'Reassigned' },
  TRANSFER: { kind: 'TRANSFERRED', summary: 'Transferred' },
  ROUTE: { kind: 'ROUTED', summary: 'Routed' },
}

export function createIdempotentWrite(call: Call, deps: WriteDeps): ExecuteWrite {
  const { loader, idempotency, logger } = deps

  async function execute(write: ValidatedWrite): Promise<TicketPayload> {
    if (!may(call.viewer, 'tickets:write')) {
      throw new DeskgraphError('FORBIDDEN', 'Changing tickets needs the scope tickets:write.')
    }
    if (write.key === null) return complete(write, await send(write))
    const problem = invalidKey(write.key)
    if (problem) return toRejection(problem)
    const claim = toClaim(write, write.key, call.viewer.id)
    const claimed = await idempotency.begin(claim)
    switch (claimed.state) {
      case 'done':
        return replay(claimed.answer)
      case 'mismatch':
        return toRejection(conflict('This idempotency key was used for another change. Use a new key for each change.'))
      case 'running':
        return toRejection(conflict('A change with this idempotency key is still running. Ask again in a moment.'))
      case 'fresh':
        return executeClaimed(write, claim)
    }
  }

  async function executeClaimed(write: ValidatedWrite, claim: IdempotencyClaim): Promise<TicketPayload> {
    let result: WriteResult
    try {
      result = await send(write)
    } catch (error) {
      await logFailure(() => idempotency.release(claim), 'an idempotency key could not be released')
      throw error
    }
    // Stored before anything else: from now on the key must give this answer, even if a later step fails.
    const answer: StoredAnswer = { outcome: result.outcome, ticketId: ticketIdOf(result), userErrors: result.userErrors }
    await logFailure(() => idempotency.finish(claim, answer), 'the answer of an idempotency key could not be stored')
    return complete(write, result)
  }

  /** Throws only when the source has done nothing; an error that leaves this open is the outcome UNKNOWN. */
  async function send(write: ValidatedWrite): Promise<WriteResult> {
    call.signal.throwIfAborted()
    try {
      return await write.send(call)
    } catch (error) {
      if (error instanceof DeskgraphError && nothingDone.has(error.code)) throw error
      logger.error(
        { source: write.source.info.key, action: write.action, requestId: call.requestId, err: error },
        'the outcome of a write is unknown',
      )
      return outcomeUnknown(write.ref)
    }
  }

  /** Reads the ticket again where the source did not answer it, and records the change. */
  async function complete(write: ValidatedWrite, result: WriteResult): Promise<TicketPayload> {
    const ref = result.ticket ? refOf(result.ticket) : (result.ref ?? write.ref)
    if (result.outcome === 'REJECTED' || ref === null) return toPayload(result, result.ticket)
    const before = loader.cached(ref)
    loader.clear(write.source, ref)
    if (result.ticket) loader.prime([result.ticket])
    const ticket = result.ticket ?? (await reload(write.source, ref))
    if (result.outcome !== 'UNKNOWN') await recordChange(write, ticket, before)
    return toPayload(result, ticket)
  }

  /** The stored answer of an earlier request with the same key, with the ticket as it is now. */
  async function replay(answer: StoredAnswer): Promise<TicketPayload> {
    const ref = answer.ticketId === null ? null : decodeId(answer.ticketId)
    const source = ref && deps.sources.get(ref.sourceKey)
    if (!ref || !source) return toPayload(answer, null)
    loader.clear(source, ref)
    return toPayload(answer, await reload(source, ref))
  }

  /** null when the ticket cannot be read: the write succeeded all the same. */
  async function reload(source: TicketSource, ref: EntityRef): Promise<Ticket | null> {
    try {
      return await loader.load(source, ref)
    } catch (error) {
      logger.warn({ source: source.info.key, requestId: call.requestId, err: error }, 'a written ticket could not be read again')
      return null
    }
  }

  /**
   * Appends the write to the change log. Never rejects: the write is done. A change of an EVENT_FED source is left out,
   * because the store records it in the transaction that saves the ticket.
   */
  async function recordChange(write: ValidatedWrite, ticket: Ticket | null, before: Ticket | null): Promise<void> {
    const source = write.source.info
    if (source.mode === 'EVENT_FED') return
    try {
      if (ticket === null) throw new Error('the ticket could not be read again')
      const actor = { kind: 'AGENT', externalId: call.viewer.id, name: call.viewer.name } as const
      await deps.recorder.record({ ...changeOf[write.action], ticket, before, at: now(deps.clock), actor })
    } catch (error) {
      deps.metrics.count('journal_failures_total', { source: source.key })
      const fields = { source: source.key, action: write.action, requestId: call.requestId, err: error }
      logger.error(fields, 'a write is missing in the change log')
    }
  }

  async function logFailure(work: () => Promise<void>, problem: string): Promise<void> {
    try {
      await work()
    } catch (error) {
      logger.error({ requestId: call.requestId, err: error }, problem)
    }
  }

  return execute
}

/** The payload of a write that was not sent, with this user error. */
export function toRejection({ code, message, field }: UserError): TicketPayload {
  return toPayload(rejected(code, message, field), null)
}

function toPayload({ outcome, userErrors }: Pick<TicketPayload, 'outcome' | 'userErrors'>, ticket: Ticket | null): TicketPayload {
  return { ticket, outcome, userErrors }
}

function invalidKey(key: string): UserError | null {
  if (key.trim() !== '' && key.length <= maxKeyLength) return null
  const message = `\`idempotencyKey\` must have 1 to ${maxKeyLength} characters.`
  return { code: 'INVALID', message, field: ['input', 'idempotencyKey'] }
}

function conflict(message: string): UserError {
  return { code: 'CONFLICT', message, field: ['input', 'idempotencyKey'] }
}

function toClaim(write: ValidatedWrite, key: string, viewerId: string): IdempotencyClaim {
  return {
    viewerId,
    key,
    mutation: write.action,
    fingerprint: fingerprint({ source: write.source.info.key, input: write.input }),
  }
}

function ticketIdOf(result: WriteResult): string | null {
  if (result.ticket) return result.ticket.id
  return result.ref && encodeId('ticket', result.ref.sourceKey, result.ref.tenant, result.ref.externalId)
}

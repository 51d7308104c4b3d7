import type { Call } from '../domain/call.ts'
import { DeskgraphError, type ErrorCode } from '../domain/errors.ts'
import { fingerprint } from '../domain/fingerprint.ts'
import { decodeId, type EntityRef, encodeId } from '../domain/ids.ts'
import { may } from '../domain/permissions.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { Ticket, TicketAction } from '../domain/ticket.ts'
import { outcomeUnknown, rejected, type WriteResult } from '../domain/writes.ts'
import type { TicketSource } from '../sources/source.ts'
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from './idempotency-store.ts'
import type { RecordWrite } from './record-write.ts'
import { refOf, type TicketLoaders } from './ticket-loader.ts'
import type { Sources, TicketPayload } from './types.ts'
import { unusableKey } from './write-input.ts'

/** A write that its source can do and whose input is sound. */
export interface ValidatedWrite {
  readonly source: TicketSource
  /** null: the ticket does not exist yet. */
  readonly ref: EntityRef | null
  readonly action: TicketAction | 'CREATE'
  /** All that was asked for but the key: what makes two requests the same. */
  readonly input: unknown
  readonly key: string | null
  readonly send: (call: Call) => Promise<WriteResult>
}

export type ExecuteWrite = (write: ValidatedWrite) => Promise<TicketPayload>

export interface WriteDeps {
  readonly sources: Sources
  readonly loaders: TicketLoaders
  readonly idempotency: IdempotencyStore
  readonly record: RecordWrite
  readonly logger: Logger
}

/** Faults after which nothing has happened at the source. Any other may have come after the source did its work. */
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

/** Sends a write at most once: under its key when it has one, journals it, and shows the ticket as it is then. */
export function createIdempotentWrite(call: Call, deps: WriteDeps): ExecuteWrite {
  const { loaders, idempotency, logger } = deps

  async function perform(write: ValidatedWrite): Promise<TicketPayload> {
    if (!may(call.viewer, 'tickets:write')) {
      throw new DeskgraphError('FORBIDDEN', 'Changing tickets needs the scope tickets:write.')
    }
    const badKey = unusableKey(write.key)
    if (badKey) return refuse(rejected(badKey.code, badKey.message, badKey.field))
    if (write.key === null) return conclude(write, await send(write))
    const claim = toClaim(write, write.key, call.viewer.id)
    const claimed = await idempotency.begin(claim)
    switch (claimed.state) {
      case 'done':
        return replay(claimed.answer)
      case 'mismatch':
        return refuse(conflict('This idempotency key was used for another change. Use a new key for each change.'))
      case 'running':
        return refuse(conflict('A change with this idempotency key is still running. Ask again in a moment.'))
      case 'fresh':
        return performClaimed(write, claim)
    }
  }

  async function performClaimed(write: ValidatedWrite, claim: IdempotencyClaim): Promise<TicketPayload> {
    let result: WriteResult
    try {
      result = await send(write)
    } catch (error) {
      await settle(() => idempotency.release(claim), 'an idempotency key could not be given back')
      throw error
    }
    // Kept before anything else is done: from here on the key must answer, whatever fails.
    const answer: StoredAnswer = { outcome: result.outcome, ticketId: ticketIdOf(result), userErrors: result.userErrors }
    await settle(() => idempotency.finish(claim, answer), 'the answer of an idempotency key could not be kept')
    return conclude(write, result)
  }

  /** Throws only when nothing was done; a fault that leaves it open is the outcome UNKNOWN. */
  async function send(write: ValidatedWrite): Promise<WriteResult> {
    call.signal.throwIfAborted()
    try {
      return await write.send(call)
    } catch (error) {
      if (error instanceof DeskgraphError && nothingDone.has(error.code)) throw error
      logger.error(
        { source: write.source.info.key, action: write.action, requestId: call.requestId, err: error },
        'a write ended in doubt',
      )
      return outcomeUnknown(write.ref)
    }
  }

  async function conclude(write: ValidatedWrite, result: WriteResult): Promise<TicketPayload> {
    const ref = result.ticket ? refOf(result.ticket) : (result.ref ?? write.ref)
    if (result.outcome === 'REJECTED' || ref === null) return toPayload(result, result.ticket)
    const before = loaders.known(ref)
    loaders.forget(write.source, ref)
    if (result.ticket) loaders.remember([result.ticket])
    const ticket = result.ticket ?? (await readAgain(write.source, ref))
    if (result.outcome !== 'UNKNOWN') await deps.record(write, ticket, before)
    return toPayload(result, ticket)
  }

  async function replay(answer: StoredAnswer): Promise<TicketPayload> {
    const ref = answer.ticketId === null ? null : decodeId(answer.ticketId)
    const source = ref && deps.sources.get(ref.sourceKey)
    if (!ref || !source) return toPayload(answer, null)
    loaders.forget(source, ref)
    return toPayload(answer, await readAgain(source, ref))
  }

  /** A change that was made is not undone by not seeing it: without an answer the ticket is null. */
  async function readAgain(source: TicketSource, ref: EntityRef): Promise<Ticket | null> {
    try {
      return await loaders.load(source, ref)
    } catch (error) {
      logger.warn({ source: source.info.key, requestId: call.requestId, err: error }, 'a written ticket could not be read again')
      return null
    }
  }

  async function settle(work: () => Promise<void>, problem: string): Promise<void> {
    try {
      await work()
    } catch (error) {
      logger.error({ requestId: call.requestId, err: error }, problem)
    }
  }

  return perform
}

/** A refusal, as the client gets it. */
export async function refuse(result: WriteResult): Promise<TicketPayload> {
  return toPayload(result, null)
}

function toPayload({ outcome, userErrors }: Pick<TicketPayload, 'outcome' | 'userErrors'>, ticket: Ticket | null): TicketPayload {
  return { ticket, outcome, userErrors }
}

function conflict(message: string): WriteResult {
  return rejected('CONFLICT', message, ['input', 'idempotencyKey'])
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

import type { Call } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { fingerprint } from '../domain/fingerprint.ts'
import { decodeId, encodeId } from '../domain/ids.ts'
import { may } from '../domain/permissions.ts'
import type { Logger } from '../domain/telemetry.ts'
import { notDone, type UserError, type WriteResult } from '../domain/writes.ts'
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from './idempotency-store.ts'
import { type ValidatedWrite, type WriteSender, type WriteSubject } from './send-write.ts'
import type { TicketPayload } from './ticket-service.ts'

/**
 * Sends a write at most once and returns the ticket as it is afterwards.
 * Throws FORBIDDEN without `tickets:write`. Every fault of the source or the store is data: REJECTED when nothing was done, else
 * UNKNOWN. A problem with the key is a user error.
 */
export type ExecuteWrite = (write: ValidatedWrite) => Promise<TicketPayload>

export interface IdempotentWriteDeps {
  readonly sender: WriteSender
  readonly idempotency: IdempotencyStore
  readonly logger: Logger
}

const maxKeyLength = 255

export function createIdempotentWrite(call: Call, { sender, idempotency, logger }: IdempotentWriteDeps): ExecuteWrite {
  async function execute(write: ValidatedWrite): Promise<TicketPayload> {
    if (!may(call.viewer, 'tickets:write')) {
      throw new DeskgraphError('FORBIDDEN', 'Changing tickets needs the scope tickets:write.')
    }
    if (write.key === null) return sender.complete(write, await sender.send(write))
    const problem = invalidKey(write.key)
    if (problem) return sender.refuse(write, [problem])
    const claim = toClaim(write, write.key, call.viewer.id)
    try {
      return await executeUnder(claim, write)
    } catch (error) {
      // The store failed before the write was sent.
      if (error instanceof DeskgraphError) return sender.complete(write, notDone(error))
      throw error
    }
  }

  async function executeUnder(claim: IdempotencyClaim, write: ValidatedWrite): Promise<TicketPayload> {
    const claimed = await idempotency.begin(claim)
    switch (claimed.state) {
      case 'done':
        return replay(write, claimed.answer)
      case 'mismatch':
        return sender.refuse(write, [
          conflict('This idempotency key was used for another change. Use a new key for each change.'),
        ])
      case 'running':
        return sender.refuse(write, [conflict('A change with this idempotency key is still running. Ask again in a moment.')])
      case 'fresh':
        return executeClaimed(claim, write)
    }
  }

  async function executeClaimed(claim: IdempotencyClaim, write: ValidatedWrite): Promise<TicketPayload> {
    const result = await sender.send(write)
    if (result.failure) {
      await logFailure(() => idempotency.release(claim), 'an idempotency key could not be released')
    } else {
      // Stored before anything else: from now on the key must give this answer, even if a later step fails.
      await logFailure(() => idempotency.finish(claim, toAnswer(result)), 'the answer of an idempotency key could not be stored')
    }
    return sender.complete(write, result)
  }

  /** The stored answer of an earlier request with the same key, with the ticket as it is now. */
  async function replay({ source, ref }: WriteSubject, { ticketId, outcome, userErrors }: StoredAnswer): Promise<TicketPayload> {
    const answered = ticketId === null ? null : decodeId(ticketId)
    return { ticket: await sender.reload({ source, ref: answered ?? ref }), outcome, userErrors }
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

function toAnswer(result: WriteResult): StoredAnswer {
  return { outcome: result.outcome, ticketId: ticketIdOf(result), userErrors: result.userErrors }
}

function ticketIdOf(result: WriteResult): string | null {
  if (result.ticket) return result.ticket.id
  return result.ref && encodeId('ticket', result.ref.sourceKey, result.ref.tenant, result.ref.externalId)
}

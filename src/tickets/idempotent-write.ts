import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { fingerprint } from '../domain/fingerprint.ts'
import { decodeId, encodeId } from '../domain/ids.ts'
import { may } from '../domain/permissions.ts'
import { isStorable } from '../domain/sanitize-text.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { ThreadMessage, Ticket } from '../domain/ticket.ts'
import type { ReplyToTicket, UserError, WriteResult } from '../domain/writes.ts'
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from './idempotency-store.ts'
import { findMessage, type SentWrite, type ValidatedWrite, type WriteSender } from './send-write.ts'
import type { TicketPayload } from './ticket-service.ts'

/**
 * Sends a write at most once and returns the ticket as it is afterwards.
 * Throws FORBIDDEN without `tickets:write`, and BAD_USER_INPUT for a key that no store can hold. Every fault of the source or the
 * store is data: REJECTED when nothing was done, else UNKNOWN.
 */
export type ExecuteWrite = (write: ValidatedWrite) => Promise<TicketPayload>

export interface IdempotentWriteDeps {
  readonly sender: WriteSender
  readonly idempotency: IdempotencyStore
  readonly logger: Logger
}

const maxKeyLength = 255
const validKey = new RegExp(`^[^]{1,${maxKeyLength}}$`, 'u')

/** How long a request waits for the first one with its key where its transport sets no time. */
const maxWaitMs = 30_000
/** The waits between two looks for the answer. It comes from any replica, so the store is the only place to look. */
const [firstPauseMs, longestPauseMs] = [20, 250]

export function createIdempotentWrite(call: Call, { sender, idempotency, logger }: IdempotentWriteDeps): ExecuteWrite {
  async function execute(write: ValidatedWrite): Promise<TicketPayload> {
    if (!may(call.viewer, 'tickets:write')) {
      throw new DeskgraphError('FORBIDDEN', 'Changing tickets needs the scope tickets:write.')
    }
    if (write.key === null) return sender.complete(write, await sender.send(write))
    checkKey(write.key)
    const claim = toClaim(write, write.key, call.viewer.id)
    try {
      return await executeUnder(claim, write)
    } catch (error) {
      // The store failed before the write was sent.
      if (error instanceof DeskgraphError) return sender.complete(write, sender.toFailed(error))
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
      case 'running': {
        const answer = await waitForAnswer(claim)
        if (answer) return replay(write, answer)
        return sender.refuse(write, [conflict('A change with this idempotency key is still running. Ask again in a moment.')])
      }
      case 'fresh':
        return executeClaimed(claim, write)
    }
  }

  async function executeClaimed(claim: IdempotencyClaim, write: ValidatedWrite): Promise<TicketPayload> {
    const result = await sender.send(write)
    const answer = toAnswer(write, result)
    // Stored before anything else: from now on the key must give this answer, even if a later step fails.
    const store = () => (result.failure ? idempotency.release(claim, answer) : idempotency.finish(claim, answer))
    await logFailure(store, 'the answer of an idempotency key could not be stored')
    return sender.complete(write, result)
  }

  /**
   * Waits for the answer of the first request with the key, on whichever replica it runs. null when this request's own time is
   * over but for what reading the ticket takes, or when the client has disconnected.
   */
  async function waitForAnswer(claim: IdempotencyClaim): Promise<StoredAnswer | null> {
    const startedAt = performance.now()
    const leftMs = (call.endsAt ?? Number.POSITIVE_INFINITY) - startedAt
    const until = startedAt + Math.min(maxWaitMs, leftMs - Math.min(1_000, leftMs / 4))
    for (let pauseMs = firstPauseMs; performance.now() < until; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const isWaiting = await sleep(pauseMs, true, { signal: call.signal }).catch(() => false)
      if (!isWaiting) return null
      const answer = await idempotency.answerOf(claim)
      if (answer) return answer
    }
    return null
  }

  /** The stored answer of an earlier request with the same key, with the ticket as it is now. */
  async function replay({ source, ref, reply }: ValidatedWrite, answer: StoredAnswer): Promise<TicketPayload> {
    const { outcome, userErrors } = answer
    const answered = answer.ticketId === null ? null : decodeId(answer.ticketId)
    const ticket = await sender.reload({ source, ref: answered ?? ref, ...(reply && { reply }) })
    return { ticket, message: reply ? findAgain(ticket, reply, answer) : null, outcome, userErrors }
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

/** Throws BAD_USER_INPUT: without a valid key the client could not repeat its request safely, so the write is not sent. */
function checkKey(key: string): void {
  if (validKey.test(key) && key.trim() !== '' && isStorable(key)) return
  throw new DeskgraphError(
    'BAD_USER_INPUT',
    `\`idempotencyKey\` must have 1 to ${maxKeyLength} characters that are not all blank, without NUL and halves of surrogate pairs.`,
  )
}

function conflict(message: string): UserError {
  return { code: 'CONFLICT', message, field: ['input', 'idempotencyKey'] }
}

function toClaim(write: ValidatedWrite, key: string, viewerId: string): IdempotencyClaim {
  return {
    viewerId,
    key,
    // Both are the mutation `replyToTicket`. Its input has the visibility.
    mutation: write.action === 'NOTE' ? 'REPLY' : write.action,
    fingerprint: fingerprint({ source: write.source.info.key, input: write.input }),
  }
}

function toAnswer({ reply }: ValidatedWrite, result: SentWrite): StoredAnswer {
  const { outcome, userErrors, message, sentAt } = result
  const isWritten = reply && outcome !== 'REJECTED' && outcome !== 'UNKNOWN'
  return {
    outcome,
    ticketId: ticketIdOf(result),
    userErrors,
    ...(isWritten && { message: { id: message?.id ?? null, sentAt } }),
  }
}

/** The message of a stored reply. An answer of version 0.1 does not say which one it is. */
function findAgain(ticket: Ticket | null, reply: ReplyToTicket, { message }: StoredAnswer): ThreadMessage | null {
  if (!message) return null
  if (message.id === null) return findMessage(ticket, reply, message)
  return ticket?.messages?.find(({ id }) => id === message.id) ?? null
}

function ticketIdOf(result: WriteResult): string | null {
  if (result.ticket) return result.ticket.id
  return result.ref && encodeId('ticket', result.ref.sourceKey, result.ref.tenant, result.ref.externalId)
}

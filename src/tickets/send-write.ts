import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from '../domain/call.ts'
import { type Clock, now } from '../domain/clock.ts'
import { DeskgraphError, type ErrorCode } from '../domain/errors.ts'
import type { ChangeRecorder } from '../domain/events.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { ThreadMessage, Ticket, TicketAction } from '../domain/ticket.ts'
import { notDone, outcomeUnknown, type ReplyToTicket, toUserError, type UserError, type WriteResult } from '../domain/writes.ts'
import type { TicketSource } from '../sources/source.ts'
import { type AskedFor, type DoneWrite, describeWrite } from './recorded-write.ts'
import { refOf, type TicketLoader } from './ticket-loader.ts'
import type { TicketPayload } from './ticket-service.ts'

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
  /** The message of a reply, by which it is found in the thread. */
  readonly reply?: ReplyToTicket
  /** What the change log tells of the input. */
  readonly asked: AskedFor
  readonly send: (call: Call) => Promise<WriteResult>
}

export interface SendDeps {
  readonly loader: TicketLoader
  readonly recorder: ChangeRecorder
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/** One write on its way: sent once, completed once. No method rejects for a fault of the source or of the store: it is data. */
export interface WriteSender {
  /** Sends the write. `failure` of the result: certainly nothing was done. A fault that leaves this open is the outcome UNKNOWN. */
  send(write: ValidatedWrite): Promise<SentWrite>
  /** The payload of a sent write: reads the ticket where the source did not answer it, and records the change. */
  complete(write: ValidatedWrite, result: SentWrite): Promise<TicketPayload>
  /** The result of a write that could not be sent because of this fault. */
  toFailed(failure: DeskgraphError): SentWrite
  /** The payload of a write that was not sent, with the ticket as it is now. */
  refuse(target: WriteSubject, userErrors: readonly UserError[]): Promise<TicketPayload>
  /** The ticket as it is now, past every cache; null where there is none or it cannot be read. */
  reload(subject: WriteSubject): Promise<Ticket | null>
}

/** A result with the time at which the write was sent. */
export type SentWrite = WriteResult & { readonly sentAt: Instant }

/** The ticket of a write and its source; no `ref`: the ticket does not exist. With a `reply` its thread is read too. */
export type WriteSubject = Pick<ValidatedWrite, 'source' | 'ref' | 'reply'>

/** Codes that say that the source has done nothing, where the error itself does not tell. After any other it may have done its work. */
const nothingDone: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'STORAGE_UNAVAILABLE',
  'CIRCUIT_OPEN',
  'BUDGET_HELD',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_RATE_LIMITED',
  'UPSTREAM_AUTH_FAILED',
  'UPSTREAM_REJECTED',
  'UPSTREAM_NOT_SUPPORTED',
])

function isNothingDone({ effect, code }: DeskgraphError): boolean {
  return effect === undefined ? nothingDone.has(code) : effect === 'none'
}

/** How long the payload of a failed write waits for its ticket. The source has just failed: a longer wait would delay the refusal. */
const readAfterFailureMs = 1_000

export function createWriteSender(call: Call, deps: SendDeps): WriteSender {
  return new Sender(call, deps)
}

class Sender implements WriteSender {
  readonly #call: Call
  readonly #deps: SendDeps

  constructor(call: Call, deps: SendDeps) {
    this.#call = call
    this.#deps = deps
  }

  async send(write: ValidatedWrite): Promise<SentWrite> {
    const sentAt = now(this.#deps.clock)
    const source = write.source.info.key
    if (this.#call.signal.aborted) {
      const message = 'The time of this operation was over before the change was sent; nothing was changed.'
      return this.toFailed(new DeskgraphError('UPSTREAM_TIMEOUT', message, { source }))
    }
    try {
      const result = await write.send(this.#call)
      if (result.outcome === 'UNKNOWN') this.#logUnknown(write, null)
      return result.failure ? this.toFailed(result.failure) : { ...result, sentAt }
    } catch (error) {
      if (error instanceof DeskgraphError && isNothingDone(error)) return this.toFailed(error)
      this.#logUnknown(write, error)
      return { ...outcomeUnknown(write.ref), sentAt }
    }
  }

  /** `error`: what the source threw; null: it answered nothing that says what it did. */
  #logUnknown({ source, action }: ValidatedWrite, error: unknown): void {
    const fields = { source: source.info.key, action, requestId: this.#call.requestId, code: 'OUTCOME_UNKNOWN' }
    this.#deps.logger.error(error === null ? fields : { ...fields, err: error }, 'the outcome of a write is unknown')
  }

  toFailed(failure: DeskgraphError): SentWrite {
    const { clock } = this.#deps
    return { ...notDone(failure), userErrors: [toUserError(failure, clock())], sentAt: now(clock) }
  }

  async complete(write: ValidatedWrite, result: SentWrite): Promise<TicketPayload> {
    const { source } = write
    const { loader } = this.#deps
    if (result.outcome === 'REJECTED') return this.#toRefused(write, result)
    const { outcome, userErrors } = result
    const ref = result.ticket ? refOf(result.ticket) : (result.ref ?? write.ref)
    if (ref === null) return { ticket: null, message: result.message ?? null, outcome, userErrors }
    const before = result.before ?? loader.cached(ref)
    loader.clear(source, ref)
    if (result.ticket) loader.prime([result.ticket])
    const ticket = result.ticket ?? (await this.reload({ ...write, ref }))
    if (outcome === 'UNKNOWN') return { ticket, message: null, outcome, userErrors }
    const message = result.message ?? (write.reply ? findMessage(ticket, write.reply, result, before) : null)
    await this.#recordChange(write, { ticket, before, message })
    return { ticket, message, outcome, userErrors }
  }

  async #toRefused(subject: WriteSubject, { userErrors, failure }: WriteResult): Promise<TicketPayload> {
    if (!failure) return this.refuse(subject, userErrors)
    return { ticket: await this.#readAfterFailure(subject), message: null, outcome: 'REJECTED', userErrors, failure }
  }

  async refuse(subject: WriteSubject, userErrors: readonly UserError[]): Promise<TicketPayload> {
    return { ticket: await this.reload(subject), message: null, outcome: 'REJECTED', userErrors }
  }

  /** What the operation has read of the ticket already is still true, because nothing was done. */
  async #readAfterFailure({ source, ref }: Pick<WriteSubject, 'source' | 'ref'>): Promise<Ticket | null> {
    if (ref === null) return null
    const known = this.#deps.loader.cached(ref)
    if (known) return known
    const late = new AbortController()
    const waited = sleep(readAfterFailureMs, null, { signal: late.signal }).catch(() => null)
    const read = this.#deps.loader.readNow(source, ref, []).catch(() => null)
    return Promise.race([read, waited]).finally(() => late.abort())
  }

  async reload({ source, ref, reply }: WriteSubject): Promise<Ticket | null> {
    if (ref === null) return null
    try {
      return await this.#deps.loader.readNow(source, ref, reply ? ['messages'] : [])
    } catch (error) {
      const fields = { source: source.info.key, requestId: this.#call.requestId, err: error }
      this.#deps.logger.warn(fields, 'the ticket of a write could not be read')
      return null
    }
  }

  /**
   * Appends the write to the change log. Never rejects: the write is done. A change of an EVENT_FED source is left out,
   * because the store records it in the transaction that saves the ticket.
   */
  async #recordChange(
    { source: { info: source }, action, asked }: ValidatedWrite,
    { ticket, ...seen }: Pick<DoneWrite, 'before' | 'message'> & { readonly ticket: Ticket | null },
  ): Promise<void> {
    if (source.mode === 'EVENT_FED') return
    const { recorder, clock, metrics, logger } = this.#deps
    const { viewer, requestId } = this.#call
    try {
      if (ticket === null) throw new Error('the ticket could not be read again')
      const actor = { kind: 'AGENT', externalId: viewer.id, name: viewer.name } as const
      const described = describeWrite({ action, asked, ticket, ...seen })
      await recorder.record({ ...described, ticket, before: seen.before, at: now(clock), actor })
    } catch (error) {
      metrics.count('journal_failures_total', { source: source.key })
      const fields = { source: source.key, action, requestId, err: error }
      logger.error(fields, 'a write is missing in the change log')
    }
  }
}

/**
 * The message that a reply wrote, where the thread leaves no doubt: the only one of this text and visibility that is not older than the
 * reply. Its author proves nothing: some sources write every message under one account. `before`: the ticket before the reply. null: there is none, or there are several.
 */
export function findMessage(
  ticket: Ticket | null,
  { body, visibility }: ReplyToTicket,
  { sentAt }: { readonly sentAt: Instant },
  before: Ticket | null = null,
): ThreadMessage | null {
  const old = before?.messages && new Set(before.messages.map(({ id }) => id))
  // Some sources write times in whole seconds.
  const second = `${sentAt.slice(0, 19)}.000Z`
  const isNew = ({ id, createdAt }: ThreadMessage) => !old?.has(id) && (createdAt === null ? Boolean(old) : createdAt >= second)
  const found = ticket?.messages?.filter(
    (message) => message.visibility === visibility && message.body.trim() === body.trim() && isNew(message),
  )
  return found?.length === 1 ? found[0]! : null
}

import { randomUUID } from 'node:crypto'
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import type { Call, Viewer } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import { now } from '../domain/clock.ts'
import { DeskgraphError, toLogFields } from '../domain/errors.ts'
import type { EntityRef } from '../domain/ids.ts'
import { toEpochMs, toInstant } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { UnitOfWork } from '../domain/transaction.ts'
import type { TicketSource } from '../sources/source.ts'
import type { HintStore, PendingHint } from './hint-store.ts'
import { type Observation, type ObservationOutcome, readByIds, recordObservations } from './observed-changes.ts'

export interface HintReaderDeps {
  readonly hints: HintStore
  readonly store: UnitOfWork
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** Ends the reads. What was claimed is due again when its lease ends. */
  readonly signal: AbortSignal
}

/** The account of the gateway: a hint has no user. */
const viewer: Viewer = { id: 'hints', email: null, name: null, scopes: new Set(), expiresAt: null }
const maxBatch = 100
/** Few enough that a transaction of the embedded database does not block the event loop for long (STORAGE-06). */
const maxPerTransaction = 25
/** How long one batch may be read. */
const readTimeoutMs = 30_000
/** Longer than a batch takes. After that another replica may have its hints: the first one was killed. */
const leaseMs = 60_000
/** Before the first, second, … repetition of a read that failed; the last one repeats. */
const retryDelaysMs = [1_000, 5_000, 30_000, 120_000, 300_000]
/** After that polling alone has to find the change. */
const maxAgeMs = 24 * 3_600_000
/** A ticket that was created so long before its first hint, or later, and was never seen, is new. */
const newTicketMs = 60_000

/** Reads the tickets that hints name, and records what has changed. */
export class HintReader {
  readonly #source: TicketSource
  readonly #deps: HintReaderDeps

  constructor(source: TicketSource, deps: HintReaderDeps) {
    this.#source = source
    this.#deps = deps
  }

  /** Reads one batch of hints that are due. False: there were none. Rejects when the store fails. */
  async readBatch(): Promise<boolean> {
    const { hints, clock } = this.#deps
    const limit = Math.min(maxBatch, this.#source.maxPageSize)
    const options = { now: now(clock), leaseUntil: toInstant(clock() + leaseMs), limit }
    const claimed = await hints.claim(this.#source.info.key, options)
    if (claimed.length === 0) return false
    const results = await this.#readTickets(claimed)
    const read = claimed.flatMap((hint, index) => {
      const result = results[index]!
      return result instanceof DeskgraphError ? [] : [{ hint, observation: toObservation(hint, result) }]
    })
    for (let from = 0; from < read.length; from += maxPerTransaction) {
      const part = read.slice(from, from + maxPerTransaction)
      await this.#record(part)
      await hints.finish(part.map(({ hint }) => hint))
      // Webhooks that wait for their answer come first.
      await yieldToEventLoop()
    }
    await this.#retryLater(claimed.flatMap((hint, index) => toFailure(hint, results[index])))
    return true
  }

  /** In the order of the hints. A fault of the whole call is one of each ticket. */
  async #readTickets(claimed: readonly PendingHint[]) {
    const signal = AbortSignal.any([this.#deps.signal, AbortSignal.timeout(readTimeoutMs)])
    const call: Call = { viewer, signal, requestId: `hint-${randomUUID()}`, fresh: true, priority: 'polling' }
    try {
      return await readByIds(this.#source, claimed.map(toRef), call)
    } catch (error) {
      if (!(error instanceof DeskgraphError)) throw error
      return claimed.map(() => error)
    }
  }

  async #record(read: readonly { readonly hint: PendingHint; readonly observation: Observation }[]): Promise<void> {
    const { metrics, clock } = this.#deps
    const { key } = this.#source.info
    const firstAt = Math.min(...read.map(({ hint }) => toEpochMs(hint.receivedAt)))
    const observations = read.map(({ observation }) => observation)
    const options = { newSince: toInstant(firstAt - newTicketMs), readById: true }
    const outcomes = await recordObservations(this.#deps, this.#source, observations, options)
    for (const [index, outcome] of outcomes.entries()) {
      metrics.count('hint_reads_total', { source: key, outcome: outcomeNames[outcome] })
      metrics.observe('hint_seconds', (clock() - toEpochMs(read[index]!.hint.receivedAt)) / 1000, { source: key })
    }
  }

  /** One line of the log for a batch: a source that is down would write one for each ticket. */
  async #retryLater(failures: readonly Failure[]): Promise<void> {
    const { hints, metrics, logger, clock } = this.#deps
    const source = this.#source.info.key
    const isTooOld = ({ hint }: Failure) => clock() - toEpochMs(hint.receivedAt) > maxAgeMs
    for (const [outcome, group] of [
      ['abandoned', failures.filter(isTooOld)],
      ['failed', failures.filter((failure) => !isTooOld(failure))],
    ] as const) {
      const [first] = group
      if (!first) continue
      metrics.count('hint_reads_total', { source, outcome }, group.length)
      const fields = { source, tickets: group.length, requestId: first.hint.requestId, ...toLogFields(first.error) }
      logger.warn(fields, failureMessages[outcome])
    }
    await hints.finish(failures.filter(isTooOld).map(({ hint }) => hint))
    for (const { hint, error } of failures.filter((failure) => !isTooOld(failure))) {
      const delayMs = retryDelaysMs[Math.min(hint.attempts, retryDelaysMs.length) - 1]!
      await hints.postpone([hint], toInstant(clock() + Math.max(delayMs, (error.retryAfter ?? 0) * 1000)))
    }
  }
}

interface Failure {
  readonly hint: PendingHint
  readonly error: DeskgraphError
}

const failureMessages = {
  abandoned: 'tickets that webhooks named could not be read for a day; polling has to find the changes',
  failed: 'tickets that webhooks named could not be read; they are read again later',
} as const

const outcomeNames = { CHANGED: 'changed', REMOVED: 'removed', UNCHANGED: 'unchanged' } as const satisfies Record<
  ObservationOutcome,
  string
>

function toRef({ sourceKey, tenant, externalId }: PendingHint): EntityRef {
  return { kind: 'ticket', sourceKey, tenant, externalId }
}

function toObservation(hint: PendingHint, ticket: Awaited<ReturnType<typeof readByIds>>[number]): Observation {
  const ref = toRef(hint)
  return ticket === null || ticket instanceof DeskgraphError
    ? { ref, ticket: null, told: hint.removed }
    : { ref, ticket, told: true }
}

function toFailure(hint: PendingHint, result: unknown): readonly Failure[] {
  return result instanceof DeskgraphError ? [{ hint, error: result }] : []
}

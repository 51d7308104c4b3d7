import { type Clock, now } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { toInstant } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { ChangeHint, HintHandler } from '../sources/hint-handler.ts'
import { JsonProblem } from '../sources/parse-event-json.ts'
import type { TicketSource } from '../sources/source.ts'
import { EventProblem, type WebhookRequest } from '../sources/webhook-handler.ts'
import type { HintStore, NewHint } from './hint-store.ts'
import type { IngestionResponse } from './ingestion-service.ts'

/** A pulled source whose webhooks tell which tickets have changed. */
export interface HintedSource {
  readonly source: TicketSource
  readonly handler: HintHandler
}

export interface HintIntakeDeps {
  readonly hinted: readonly HintedSource[]
  readonly hints: Pick<HintStore, 'insert'>
  /** Called after a commit that has new hints for the source. */
  readonly onStored: (sourceKey: string) => void
  /** How long after its arrival a ticket is read, so that further hints for it join, in milliseconds. */
  readonly delayMs: number
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/** Receives webhooks of pulled sources: verifies a request, stores which tickets it names, and acknowledges it after the commit. */
export interface HintIntake {
  has(sourceKey: string): boolean
  /**
   * A 2xx response means that the hint is committed, also for a repeated delivery and for one that names no ticket. Throws
   * DeskgraphError: UNAUTHENTICATED (nothing is stored), RATE_LIMITED (too much waits to be stored), STORAGE_UNAVAILABLE (not stored; the
   * sender tries again).
   */
  receive(sourceKey: string, request: WebhookRequest, requestId: string): Promise<IngestionResponse>
}

export function createHintIntake(deps: HintIntakeDeps): HintIntake {
  const { metrics, logger, clock, onStored } = deps
  const bySource = new Map(deps.hinted.map((one) => [one.source.info.key, one]))
  const writer = new HintWriter(deps)
  const count = (source: string, outcome: string) => metrics.count('hints_total', { source, outcome })

  return {
    has: (sourceKey) => bySource.has(sourceKey),
    async receive(sourceKey, request, requestId) {
      const startedAt = performance.now()
      const found = bySource.get(sourceKey)
      if (!found) return { status: 404, body: { error: 'No webhook source has this key. Check the end of the address.' } }
      if (!found.handler.authorise(request)) {
        count(sourceKey, 'unauthorised')
        const message = `The signature or secret of this webhook is missing or wrong. Compare it with the secret of the source "${sourceKey}". Nothing was stored.`
        throw new DeskgraphError('UNAUTHENTICATED', message)
      }
      const hint = readHint(found, request)
      if (typeof hint === 'string') {
        count(sourceKey, 'unreadable')
        const message = 'a webhook could not be read; polling finds what it was about'
        logger.warn({ source: sourceKey, requestId, problem: hint }, message)
        return { status: 200, body: { tickets: 0 } }
      }
      const { ticketIds, ...rest } = hint
      const tickets = ticketIds.map((externalId) => ({ sourceKey, tenant: found.source.tenant ?? '', externalId }))
      const isNew = await writer.write({ ...rest, sourceKey, tickets, requestId, receivedAt: now(clock) })
      count(sourceKey, !isNew ? 'duplicate' : tickets.length === 0 ? 'empty' : 'received')
      if (isNew && tickets.length > 0) onStored(sourceKey)
      metrics.observe('webhook_ack_seconds', (performance.now() - startedAt) / 1000, { source: sourceKey })
      return { status: 200, body: { tickets: tickets.length } }
    },
  }
}

/** The hint; or what is wrong with the body, without personal data. */
function readHint({ source, handler }: HintedSource, request: WebhookRequest): ChangeHint | string {
  try {
    const hint = handler.read(request)
    const ticketIds = [...new Set(hint.ticketIds)]
    if (!ticketIds.every((id) => source.isExternalId(id))) return 'it names a ticket by text that is no id of this source'
    return { ...hint, ticketIds }
  } catch (error) {
    if (error instanceof EventProblem || error instanceof JsonProblem) return error.message
    throw error
  }
}

interface WaitingHint {
  readonly hint: NewHint
  readonly resolve: (isNew: boolean) => void
  readonly reject: (error: unknown) => void
}

const maxWaiting = 5_000
const maxPerCommit = 200

/** Stores hints by group commit: those that arrive while a commit runs share the next one. */
class HintWriter {
  readonly #deps: HintIntakeDeps
  readonly #queue: WaitingHint[] = []
  #committing = false

  constructor(deps: HintIntakeDeps) {
    this.#deps = deps
  }

  /** Resolves after the commit: true when no delivery with this id was stored before. */
  write(hint: NewHint): Promise<boolean> {
    if (this.#queue.length >= maxWaiting) {
      const message = 'Too many webhooks are waiting to be stored. Send this request again after one second.'
      throw new DeskgraphError('RATE_LIMITED', message, { retryAfter: 1 })
    }
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    this.#queue.push({ hint, resolve, reject })
    void this.#commitAll()
    return promise
  }

  async #commitAll(): Promise<void> {
    if (this.#committing) return
    this.#committing = true
    while (this.#queue.length > 0) await this.#commit(this.#queue.splice(0, maxPerCommit))
    this.#committing = false
  }

  async #commit(waiting: readonly WaitingHint[]): Promise<void> {
    const { hints, clock, delayMs } = this.#deps
    try {
      const dueAt = toInstant(clock() + delayMs)
      const isNew = await hints.insert(
        waiting.map(({ hint }) => hint),
        dueAt,
      )
      for (const [index, { resolve }] of waiting.entries()) resolve(isNew[index] ?? true)
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}

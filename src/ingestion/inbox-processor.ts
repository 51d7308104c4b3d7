import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep, setImmediate as yieldToEventLoop } from 'node:timers/promises'
import type { Clock } from '../domain/clock.ts'
import { toLogFields } from '../domain/errors.ts'
import { toInstant } from '../domain/instant.ts'
import { type ApplyEventsDeps, applyPendingEvents } from './apply-events.ts'
import type { TicketKey } from './event-store.ts'

export interface InboxProcessorDeps extends ApplyEventsDeps {
  /** True when other processes use the same inbox. */
  readonly shared: boolean
  readonly clock: Clock
}

/** Applies the events of the inbox to their tickets, in batches of one transaction each. */
export interface InboxProcessor {
  /** Processes the pending events of these tickets soon. */
  schedule(keys: readonly TicketKey[]): void
  /** Resolves when everything that was scheduled before is processed. */
  idle(): Promise<void>
  /** Resolves when these tickets are processed, even while others are still waiting. */
  whenProcessed(keys: readonly TicketKey[]): Promise<void>
  /** Runs the first recovery scan, and more from time to time. Rejects when the store cannot be read. */
  start(): Promise<void>
  /** Resolves after the current batch. */
  stop(): Promise<void>
}

/** Few enough that a transaction of the embedded database does not block the event loop for long (STORAGE-06). */
const ticketsPerBatch = 32
/** Tickets in the queue at most. The recovery scan finds the others in the store. */
const maxTickets = 20_000
const retryMs = 250
/** How soon tickets are tried again that other processes have locked. */
const busyRetryMs = 10

const scanMs = 1_000
/** Between scans that found nothing, when no other process can leave events behind. */
const idleScanMs = 15_000
const maxTicketsPerScan = 500
/** Younger events are still being processed where they arrived. */
const minAgeMs = 2_000

export function createInboxProcessor(deps: InboxProcessorDeps): InboxProcessor {
  return new Processor(deps)
}

class Processor implements InboxProcessor {
  readonly #deps: InboxProcessorDeps
  readonly #queue = new TicketQueue()
  #running: Promise<void> | null = null
  #scanTimer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(deps: InboxProcessorDeps) {
    this.#deps = deps
  }

  schedule(keys: readonly TicketKey[]): void {
    this.#queue.add(keys)
    if (this.#queue.size > 0 && !this.#stopped) this.#running ??= this.#processAll()
  }

  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  whenProcessed(keys: readonly TicketKey[]): Promise<void> {
    return this.#queue.whenProcessed(keys)
  }

  async start(): Promise<void> {
    this.#scheduleScan(await this.#recoveryScan(0))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#scanTimer)
    await this.#running
  }

  async #processAll(): Promise<void> {
    while (this.#queue.size > 0 && !this.#stopped) await this.#processBatch()
    this.#running = null
  }

  async #processBatch(): Promise<void> {
    const batch = this.#queue.nextBatch(ticketsPerBatch)
    try {
      const unfinished = await applyPendingEvents(this.#deps, batch)
      this.#queue.finishBatch(unfinished)
      if (unfinished.length === batch.length) await sleep(busyRetryMs, undefined, { ref: false })
      else await yieldToEventLoop()
    } catch (error) {
      this.#queue.finishBatch(batch)
      this.#deps.logger.warn(toLogFields(error), 'events could not be applied; they stay in the inbox and are tried again')
      await sleep(retryMs, undefined, { ref: false })
    }
  }

  /**
   * Schedules tickets whose events were left behind: by a process that died (STORAGE-01), or because the queue was full.
   * Returns true when it found some, so that there may be more.
   */
  async #recoveryScan(minimumAgeMs: number): Promise<boolean> {
    const { events, webhookHandlers, clock } = this.#deps
    const before = toInstant(clock() - minimumAgeMs)
    const found = await events.findPendingTickets([...webhookHandlers.keys()], before, maxTicketsPerScan)
    this.schedule(found)
    return found.length > 0
  }

  #scheduleScan(soon: boolean): void {
    if (this.#stopped) return
    const delayMs = soon || this.#deps.shared ? scanMs : idleScanMs
    this.#scanTimer = setTimeout(() => void this.#scanAgain(), delayMs).unref()
  }

  async #scanAgain(): Promise<void> {
    let soon = true
    try {
      soon = await this.#recoveryScan(minAgeMs)
    } catch (error) {
      this.#deps.logger.warn(toLogFields(error), 'the inbox could not be scanned for pending events; it is scanned again')
    }
    this.#scheduleScan(soon)
  }
}

const textOf = ({ sourceKey, tenant, externalId }: TicketKey): string => JSON.stringify([sourceKey, tenant, externalId])

/** The tickets with unprocessed events: those that wait, first in, first out, and those of the current batch. */
class TicketQueue {
  readonly #waiting = new Map<string, TicketKey>()
  #currentBatch: ReadonlySet<string> = new Set()
  // Every request whose sender gets an answer per event waits here, so there is no limit of listeners.
  readonly #emitter = new EventEmitter<{ batchFinished: [] }>().setMaxListeners(0)

  /** How many tickets wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** Adds tickets that are not waiting yet, up to the limit. */
  add(keys: readonly TicketKey[]): void {
    for (const key of keys) if (this.#waiting.size < maxTickets) this.#waiting.set(textOf(key), key)
  }

  /** Takes the next tickets out of the queue. They are the current batch until `finishBatch`. */
  nextBatch(maxSize: number): readonly TicketKey[] {
    const batch = this.#waiting.entries().take(maxSize).toArray()
    for (const [text] of batch) this.#waiting.delete(text)
    this.#currentBatch = new Set(batch.map(([text]) => text))
    return batch.map(([, key]) => key)
  }

  /** Ends the current batch. Tickets that still have pending events wait again, at the end of the queue. */
  finishBatch(unfinished: readonly TicketKey[]): void {
    for (const key of unfinished) this.#waiting.set(textOf(key), key)
    this.#currentBatch = new Set()
    this.#emitter.emit('batchFinished')
  }

  /** Resolves when none of these tickets waits or is in the current batch. */
  async whenProcessed(keys: readonly TicketKey[]): Promise<void> {
    const texts = keys.map(textOf)
    while (texts.some((text) => this.#waiting.has(text) || this.#currentBatch.has(text))) {
      await once(this.#emitter, 'batchFinished')
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeLog } from '../changes/change-log.ts'
import type { Clock } from '../domain/clock.ts'
import { toLogFields } from '../domain/errors.ts'
import { toEpochMs } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { UnitOfWork } from '../domain/transaction.ts'
import { createHintIntake, type HintedSource, type HintIntake } from './hint-intake.ts'
import { HintReader } from './hint-reader.ts'
import type { HintStore } from './hint-store.ts'

export interface HintServiceDeps {
  readonly hinted: readonly HintedSource[]
  readonly store: UnitOfWork & { readonly hints: HintStore; readonly changeLog: Pick<ChangeLog, 'shared'> }
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** How long after its arrival a ticket is read, in milliseconds. Absent: 250. */
  readonly delayMs?: number
}

/** Webhooks of pulled sources: stores what they name, reads those tickets, and records what has changed. */
export interface HintService extends HintIntake {
  /** Reads what was left behind, now and from time to time. */
  start(): void
  /** Resolves after the batches that are being read, which it aborts. */
  stop(): Promise<void>
  /** Resolves when this process reads nothing. */
  idle(): Promise<void>
}

/**
 * Long enough that the hints of one change in the vendor's system join, and that a write of this gateway is recorded before the vendor's
 * webhook for it is read; short enough that a subscriber sees the change within a second.
 */
const defaultDelayMs = 250
const scanMs = 1_000
/** When no other process can leave hints behind. */
const idleScanMs = 15_000
const failureDelayMs = 1_000

export function createHintService(deps: HintServiceDeps): HintService {
  const { hinted, store, clock, logger, delayMs = defaultDelayMs } = deps
  const stopping = new AbortController()
  const readerDeps = { ...deps, hints: store.hints, signal: stopping.signal }
  const workers = new Map(
    hinted.map(({ source }) => [
      source.info.key,
      new Worker(new HintReader(source, readerDeps), source.info.key, stopping.signal, logger),
    ]),
  )
  const onStored = (key: string) => workers.get(key)?.wakeIn(delayMs)
  const intake = createHintIntake({ ...deps, hints: store.hints, onStored, delayMs })
  let timer: NodeJS.Timeout | undefined

  /** Hints of another process that was killed, and those whose read failed, are found here. */
  async function scan(): Promise<void> {
    try {
      for (const [key, dueAt] of await store.hints.nextDue([...workers.keys()]))
        workers.get(key)?.wakeIn(toEpochMs(dueAt) - clock())
    } catch (error) {
      logger.warn(toLogFields(error), 'the hints of webhooks could not be looked for; they are looked for again')
    }
  }

  return {
    ...intake,
    start() {
      if (workers.size === 0) return
      void scan()
      timer = setInterval(() => void scan(), store.changeLog.shared ? scanMs : idleScanMs).unref()
    },
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await Promise.all([...workers.values()].map((worker) => worker.stop()))
    },
    idle: async () => void (await Promise.all([...workers.values()].map((worker) => worker.idle()))),
  }
}

/** Reads the hints of one source, one batch after the other: a slow source delays no other. */
class Worker {
  readonly #reader: HintReader
  readonly #sourceKey: string
  readonly #signal: AbortSignal
  readonly #logger: Logger
  #timer: NodeJS.Timeout | undefined
  /** When the timer fires, on the scale of `performance.now()`. */
  #wakesAt = Infinity
  /** The latest time at which a hint is due, as far as it is known here: the timer is set again until then. */
  #lastDueAt = 0
  #running: Promise<void> | null = null
  #again = false

  constructor(reader: HintReader, sourceKey: string, signal: AbortSignal, logger: Logger) {
    this.#reader = reader
    this.#sourceKey = sourceKey
    this.#signal = signal
    this.#logger = logger
  }

  /** Sets the timer for what is due in so many milliseconds. An earlier timer stays; when it fires, it is set again for the last due time. */
  wakeIn(delayMs: number): void {
    const at = performance.now() + Math.max(0, delayMs)
    this.#lastDueAt = Math.max(this.#lastDueAt, at)
    if (this.#signal.aborted || at >= this.#wakesAt) return
    clearTimeout(this.#timer)
    this.#wakesAt = at
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, delayMs)).unref()
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#running
  }

  async idle(): Promise<void> {
    while (this.#running || this.#wakesAt < Infinity) await (this.#running ?? sleep(10, undefined, { ref: false }))
  }

  #wake(): void {
    this.#wakesAt = Infinity
    const leftMs = this.#lastDueAt - performance.now()
    // A hint that came while this timer ran is not due yet. Without this the next scan would find it.
    if (leftMs > 0) this.wakeIn(leftMs)
    if (this.#running) this.#again = true
    else this.#running = this.#readAll()
  }

  async #readAll(): Promise<void> {
    do {
      this.#again = false
      try {
        while (!this.#signal.aborted && (await this.#reader.readBatch())) {}
      } catch (error) {
        const fields = { source: this.#sourceKey, ...toLogFields(error) }
        this.#logger.warn(fields, 'the tickets that webhooks named could not be read; they are read again')
        this.wakeIn(failureDelayMs)
      }
    } while (this.#again && !this.#signal.aborted)
    this.#running = null
  }
}

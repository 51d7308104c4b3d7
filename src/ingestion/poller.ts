import { randomUUID } from 'node:crypto'
import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { ChangeStream } from '../domain/events.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { CheckpointStore, Leases, UnitOfWork } from '../domain/transaction.ts'
import type { TicketSource } from '../sources/source.ts'
import { SourcePoller } from './source-poller.ts'

export interface PollerDeps {
  /** Only pulled sources are polled; the others send their events. */
  readonly sources: readonly TicketSource[]
  readonly store: UnitOfWork
  readonly checkpoints: CheckpointStore
  readonly leases: Leases
  /** Without subscribers nothing is polled. A sink is a subscriber too. */
  readonly changes: Pick<ChangeStream, 'subscriberCount' | 'onSubscribed'>
  /** The time between two polls of a source. It is asked for each time: the source's budget of calls may change. */
  readonly intervalMsOf: (sourceKey: string) => number
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** Identifies this process among the replicas. Absent: a new id. */
  readonly holder?: string
  /** How long a change waits before it is recorded, so that the write of this gateway that caused it is recorded first. Absent: 1 s. */
  readonly graceMs?: number
}

/**
 * Finds the changes of pulled sources by reading their lists, latest update first, back to where the last poll came.
 * Of several replicas one polls a source, under a lease; when it stops or is killed, another continues without a gap.
 * A source shows its present state only: of several changes between two polls the last is found, and a deletion only where the source
 * exports it.
 */
export interface Poller {
  /** Polls while there are subscribers. */
  start(): void
  /** Aborts polls and releases their leases. */
  stop(): Promise<void>
  /** Polls the sources that are due. `start` calls it several times a second. */
  tick(): Promise<void>
  /** Sets the gauge of how long ago the last complete poll of each source began. Without subscribers, and before the first poll, it is 0. */
  measure(): Promise<void>
}

/** How often the poller checks which sources are due, in milliseconds. */
const tickMs = 250
const defaultGraceMs = 1_000

interface PollState {
  readonly key: string
  readonly poller: SourcePoller
  readonly intervalMs: () => number
  /** When the source is due, in milliseconds since 1970. */
  nextAt: number
  running: boolean
}

export function createPoller(deps: PollerDeps): Poller {
  const { changes, clock, metrics, logger, holder = randomUUID() } = deps
  const stopping = new AbortController()
  const states = deps.sources
    .filter(({ info }) => info.mode === 'PULL')
    .map((source) => createPollState(source, { ...deps, holder }, stopping.signal))
  let timer: NodeJS.Timeout | undefined
  let stopListening = (): void => {}
  let ticks: Promise<unknown> = Promise.resolve()

  async function tick(): Promise<void> {
    const due = states.filter(({ running, nextAt }) => !running && nextAt <= clock())
    await Promise.all(due.map((state) => (changes.subscriberCount() > 0 ? pollSource(state) : state.poller.releaseLease())))
    if (changes.subscriberCount() === 0 && states.every(({ running, poller }) => !running && !poller.hasLease)) stopTimer()
  }

  async function pollSource(state: PollState): Promise<void> {
    const { key, poller, intervalMs } = state
    state.running = true
    state.nextAt = clock() + intervalMs()
    try {
      await poller.poll()
      metrics.count('polls_total', { source: key, outcome: 'ok' })
    } catch (error) {
      if (stopping.signal.aborted) return
      metrics.count('polls_total', { source: key, outcome: 'failed' })
      const code = error instanceof DeskgraphError ? error.code : undefined
      logger.warn({ source: key, code, err: error }, 'the source could not be polled; the next poll finds the same changes')
    } finally {
      state.running = false
    }
  }

  function startTimer(): void {
    timer ??= setInterval(() => {
      ticks = Promise.all([ticks, tick()])
    }, tickMs)
  }

  function stopTimer(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    start() {
      stopListening = changes.onSubscribed(startTimer)
      // Sinks may have subscribed before.
      if (changes.subscriberCount() > 0) startTimer()
    },
    async stop() {
      stopListening()
      stopTimer()
      stopping.abort()
      await ticks
      await Promise.all(states.map(({ poller }) => poller.releaseLease()))
    },
    tick,
    async measure() {
      for (const { key, poller } of states) {
        const lag = changes.subscriberCount() > 0 ? await poller.findLag() : null
        metrics.set('poll_lag_seconds', lag ?? 0, { source: key })
      }
    },
  }
}

function createPollState(source: TicketSource, deps: PollerDeps & { readonly holder: string }, signal: AbortSignal): PollState {
  const { key } = source.info
  const intervalMs = () => deps.intervalMsOf(key)
  const poller = new SourcePoller(source, { ...deps, graceMs: deps.graceMs ?? defaultGraceMs, intervalMs, signal })
  return { key, poller, intervalMs, nextAt: 0, running: false }
}

import type { ChangeFeed } from '../domain/events.ts'
import type { JournalLog } from '../domain/journal.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { ChangeBus } from './change-bus.ts'
import { ChangeReader } from './change-reader.ts'
import { createJournalTail } from './journal-tail.ts'

export interface ChangeFeedDeps {
  readonly journal: JournalLog
  readonly bus: ChangeBus
  readonly metrics: Metrics
  readonly logger: Logger
  /** How many changes may wait for one reader before it is closed as too slow. */
  readonly maxWaiting?: number
  readonly pollMs?: number
}

/** Live changes of all replicas, resumable from the journal. `close` ends every subscription. */
export function createChangeFeed(deps: ChangeFeedDeps): ChangeFeed & { close(): void } {
  const { journal, metrics, maxWaiting = 1_000 } = deps
  const tail = createJournalTail(deps)
  const open = new Set<ChangeReader>()
  const listeners = new Set<() => void>()
  const count = (): void => metrics.set('subscribers', open.size)
  const onEnd = (reader: ChangeReader): void => {
    open.delete(reader)
    count()
  }

  return {
    subscribe(subscription) {
      const reader = new ChangeReader(subscription, { journal, tail, maxWaiting, onEnd })
      if (!subscription.signal.aborted) open.add(reader)
      count()
      for (const tell of listeners) tell()
      return reader
    },
    subscriberCount: () => open.size,
    onSubscribed(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      tail.close()
      for (const reader of open) reader.end()
    },
  }
}

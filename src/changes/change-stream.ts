import type { ChangeStream } from '../domain/events.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { ChangeLog } from './change-log.ts'
import { createChangeLogTailer } from './change-log-tailer.ts'
import { ChangeSubscription } from './change-subscription.ts'
import type { PubSub } from './pub-sub.ts'

export interface ChangeStreamDeps {
  readonly changeLog: ChangeLog
  readonly bus: PubSub
  readonly metrics: Metrics
  readonly logger: Logger
  /** How many changes may wait for one reader before it is closed as too slow. */
  readonly maxWaiting?: number
  readonly pollMs?: number
}

/** Live changes of all replicas, resumable from the journal. `close` ends every subscription. */
export function createChangeStream(deps: ChangeStreamDeps): ChangeStream & { close(): void } {
  const { changeLog, metrics, maxWaiting = 1_000 } = deps
  const tail = createChangeLogTailer(deps)
  const open = new Set<ChangeSubscription>()
  const listeners = new Set<() => void>()
  const count = (): void => metrics.set('subscribers', open.size)
  const onEnd = (reader: ChangeSubscription): void => {
    open.delete(reader)
    count()
  }

  return {
    subscribe(subscription) {
      const reader = new ChangeSubscription(subscription, { changeLog, tail, maxWaiting, onEnd })
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
      for (const reader of open) reader.cancel()
    },
  }
}

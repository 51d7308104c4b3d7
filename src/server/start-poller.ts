import { createChangeRecorder } from '../changes/change-log.ts'
import { createPoller } from '../ingestion/poller.ts'
import type { Base } from './build-base.ts'
import type { Supply } from './build-supply.ts'
import type { Closing } from './closing.ts'

/** Starts looking for changes of pulled sources. It rests while nobody subscribes. */
export function startPoller(base: Base, { polled, events }: Supply, closing: Closing): void {
  const { store, config } = base
  const { pollIntervalMs, pollIntervalsMs } = config.live
  const poller = createPoller({
    ...base,
    sources: polled,
    recorder: createChangeRecorder(store),
    changeLog: store.changeLog,
    leases: store.leases,
    changes: events.changes,
    intervalMsOf: (sourceKey) => pollIntervalsMs[sourceKey] ?? pollIntervalMs,
  })
  poller.start()
  closing.add(poller.stop)
}

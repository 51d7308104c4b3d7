import { runPeriodically, scheduleRetention } from '../jobs/housekeeping.ts'
import type { Base } from './build-base.ts'
import type { Supply } from './build-supply.ts'
import type { Closing } from './closing.ts'

const gaugesEveryMs = 15_000
const vacuumEveryMs = 60_000

/** Starts what runs beside the requests: deliveries, retention (on one replica), room in the database, and the gauges of depth and age. */
export async function startUpkeep(base: Base, { routing }: Supply, closing: Closing): Promise<void> {
  const { store, config, logger, clock } = base
  const { jobs, deliveryService } = routing
  await jobs.start()
  await deliveryService.start()
  const remove = {
    inbox: (before: string) => store.prune('inbox', before),
    journal: (before: string) => store.prune('journal', before),
    quarantine: (before: string) => store.prune('quarantine', before),
    idempotency: (before: string) => store.prune('idempotency', before),
    deliveries: store.deliveries.removeDone,
  }
  await scheduleRetention({ jobs, config: config.retention, remove, clock, logger })
  const stops = [
    runPeriodically([store.measure, deliveryService.measure], gaugesEveryMs, logger, 'a gauge could not be refreshed'),
    runPeriodically([store.vacuum], vacuumEveryMs, logger, 'no room could be made in the database'),
  ]
  closing.add(async () => {
    for (const stop of stops) stop()
  })
}

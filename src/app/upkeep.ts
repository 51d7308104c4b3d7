import { toInstant } from '../lib/instant.ts'
import { toAgeMs } from '../routing/config.ts'
import { createDeliveryStore } from '../store/deliveries.ts'
import type { Base } from './build-base.ts'
import type { Supply } from './build-supply.ts'

/** Starts what runs beside the requests: deliveries, retention (nightly, on one replica), and the gauges of depth and age. */
export async function startUpkeep(base: Base, { routing }: Supply): Promise<void> {
  const { jobs, office } = routing
  await jobs.start()
  await office.start()
  await jobs.schedule('retention', '17 3 * * *', () => prune(base))
}

async function prune({ config, store, clock, logger }: Base): Promise<void> {
  const before = (age: string) => toInstant(clock() - toAgeMs(age))
  const { deliveries, ...tables } = config.retention
  for (const table of ['inbox', 'journal', 'quarantine', 'idempotency'] as const) {
    const rows = await store.prune(table, before(tables[table]))
    logger.info({ table, rows }, 'removed what is kept no longer')
  }
  const rows = await createDeliveryStore(store.db).removeDone(before(deliveries))
  logger.info({ table: 'deliveries', rows }, 'removed what is kept no longer')
}

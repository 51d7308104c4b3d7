import type { GatewayConfig } from '../config/gateway-config.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { Clock } from '../lib/clock.ts'
import { toInstant } from '../lib/instant.ts'
import { toAgeMs } from '../routing/config.ts'
import { createDeliveryStore } from '../store/deliveries.ts'
import type { Store } from '../store/open-store.ts'
import type { RoutingParts } from './build-routing.ts'

export interface UpkeepDeps {
  readonly config: GatewayConfig
  readonly store: Store
  readonly routing: RoutingParts
  readonly logger: Logger
  readonly clock: Clock
}

/** Starts what runs beside the requests: deliveries, retention (nightly, on one replica), and the gauges of depth and age. */
export async function startUpkeep(deps: UpkeepDeps): Promise<void> {
  const { jobs, office } = deps.routing
  await jobs.start()
  await office.start()
  await jobs.schedule('retention', '17 3 * * *', () => prune(deps))
}

async function prune({ config, store, clock, logger }: UpkeepDeps): Promise<void> {
  const before = (age: string) => toInstant(clock() - toAgeMs(age))
  const { deliveries, ...tables } = config.retention
  for (const table of ['inbox', 'journal', 'quarantine', 'idempotency'] as const) {
    const rows = await store.prune(table, before(tables[table]))
    logger.info({ table, rows }, 'removed what is kept no longer')
  }
  const rows = await createDeliveryStore(store.db).removeDone(before(deliveries))
  logger.info({ table: 'deliveries', rows }, 'removed what is kept no longer')
}

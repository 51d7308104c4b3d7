import { type Clock } from '../domain/clock.ts'
import { toEpochMs, toInstant } from '../domain/instant.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { UnitOfWork } from '../domain/transaction.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { RoutingConfigStore } from '../sources/rbi/routing-config-store.ts'
import type { DeliveriesConfig } from './config.ts'
import { createDeliveryQueues, type DeliveryQueues, toQueueName } from './delivery-queues.ts'
import type { DeliveryStore } from './delivery-store.ts'
import { createDeliveryWorker } from './delivery-worker.ts'
import { createSendAttempt } from './send-attempt.ts'

export interface DeliveryServiceDeps {
  readonly store: UnitOfWork
  readonly deliveries: DeliveryStore
  readonly jobs: Jobs
  readonly routingConfigs: readonly RoutingConfigStore[]
  readonly config: DeliveriesConfig
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly random?: (() => number) | undefined
}

/** Everything that sends deliveries out. */
export interface DeliveryService {
  readonly queues: DeliveryQueues
  /** Works on the queue of every partner, of new ones as the routing file changes, and plans again what was lost. The jobs have to run. */
  start(): Promise<void>
  /** Plans deliveries again whose job was lost, as after the restore of a backup. Runs every minute by itself. */
  sweep(): Promise<void>
  /** Sets the gauges of the outbox and of the routing files. */
  measure(): Promise<void>
}

/** How far past its time a delivery is before its job is looked after: its queue may simply be long. */
const lostAfterMs = 5 * 60_000
const sweepLimit = 500

export function createDeliveryService(deps: DeliveryServiceDeps): DeliveryService {
  const { jobs, routingConfigs, config, clock } = deps
  const queues = createDeliveryQueues({ jobs, timeoutMs: config.timeoutMs, clock })
  const attempt = createSendAttempt({ timeoutMs: config.timeoutMs, clock })
  const worker = createDeliveryWorker({ ...deps, queues, attempt, random: deps.random ?? Math.random })
  const worked = new Set<string>()

  async function workOn(queue: string): Promise<void> {
    if (worked.has(queue)) return
    worked.add(queue)
    await jobs.work(queue, config.concurrencyPerPartner, worker)
  }

  async function workOnAll(): Promise<void> {
    for (const routingConfig of routingConfigs)
      for (const queue of partnersOf(routingConfig)) await workOn(await queues.open(queue))
    for (const name of await queues.names()) await workOn(name)
  }

  return {
    queues,
    async start() {
      await workOnAll()
      for (const routingConfig of routingConfigs)
        routingConfig.onChange(() => void workOnAll().catch((error) => report(deps.logger, error)))
      await jobs.schedule('deliveries-sweep', '* * * * *', async () => {
        await sweep(deps, queues)
        await workOnAll()
      })
    },
    sweep: () => sweep(deps, queues),
    measure: () => measure(deps),
  }
}

function partnersOf({ sourceKey, current }: RoutingConfigStore) {
  return current().markets.flatMap((market) =>
    market.partners.map((partner) => ({ sourceKey, market: market.key, partner: partner.key })),
  )
}

/** A delivery that still has its job is left alone: the job of an attempt is there once. */
async function sweep({ store, deliveries, clock }: DeliveryServiceDeps, queues: DeliveryQueues): Promise<void> {
  const overdue = await deliveries.overdue(toInstant(clock() - lostAfterMs), sweepLimit)
  for (const [, group] of Map.groupBy(overdue, toQueueName)) {
    if (group[0]) await queues.open(group[0])
    await store.transaction(async (tx) => {
      for (const delivery of group) await queues.enqueue(tx, delivery)
    })
  }
}

async function measure({ deliveries, routingConfigs, metrics, clock }: DeliveryServiceDeps): Promise<void> {
  for (const routingConfig of routingConfigs)
    metrics.set('routing_file_broken', routingConfig.problem() === null ? 0 : 1, { source: routingConfig.sourceKey })
  const { depth, earliest } = await deliveries.backlog()
  metrics.set('outbox_depth', depth)
  metrics.set('outbox_overdue_seconds', earliest === null ? 0 : Math.max(0, (clock() - toEpochMs(earliest)) / 1000))
}

function report(logger: Logger, error: unknown): void {
  logger.error({ cause: error instanceof Error ? error.message : 'unknown' }, 'the queue of a new partner could not be opened')
}

import type { GatewayConfig } from '../config/gateway-config.ts'
import { readRouting } from '../config/load-config.ts'
import type { Environment } from '../config/read-yaml.ts'
import type { Store } from '../db/open-store.ts'
import { createDeliveryStore } from '../db/repositories/deliveries.ts'
import type { FindSource } from '../db/repositories/ticket-json.ts'
import { createDeliveryService, type DeliveryService } from '../delivery/delivery-service.ts'
import { createOutbox } from '../delivery/outbox.ts'
import { type Clock, now } from '../domain/clock.ts'
import type { Deliveries, TicketRouter } from '../domain/delivery.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { createJobs, type Jobs } from '../jobs/jobs.ts'
import { toRoutedTicket } from '../sources/rbi/mapping.ts'
import type { ToTicket } from '../sources/rbi/routed-ticket.ts'
import { openRoutingConfigStore, type RoutingConfigStore } from '../sources/rbi/routing-config-store.ts'
import { createTicketRouter } from '../sources/rbi/ticket-router.ts'

export interface RoutingDeps {
  readonly config: GatewayConfig
  readonly store: Store
  /** Asked when a ticket is raised: the sources are made after the routing that they use. */
  readonly findSource: FindSource
  readonly environment: Environment
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock: Clock
}

/** Everything that sends events out, and the job engine that it shares with the upkeep. */
export interface RoutingParts {
  readonly routingConfigs: readonly RoutingConfigStore[]
  readonly jobs: Jobs
  readonly deliveryService: DeliveryService
  readonly deliveries: Deliveries
  /** undefined for a source that does not route. */
  routerOf(sourceKey: string): TicketRouter | undefined
  close(): Promise<void>
}

export async function buildRouting(deps: RoutingDeps): Promise<RoutingParts> {
  const { store, clock, config } = deps
  const routingConfigs = await openBooks(deps)
  const jobs = createJobs({ database: toJobDatabase(store), logger: deps.logger })
  const deliveryStore = createDeliveryStore(store.db)
  const outbox = createOutbox({ deliveries: deliveryStore, jobs, timeoutMs: config.deliveries.timeoutMs, clock })
  const deliveryService = createDeliveryService({
    ...deps,
    deliveries: deliveryStore,
    jobs,
    outbox,
    directories: routingConfigs,
    config: config.deliveries,
  })
  const routers = new Map(
    routingConfigs.map((routingConfig) => {
      const toTicket = createToTicket(routingConfig.sourceKey, deps)
      return [routingConfig.sourceKey, createTicketRouter({ routingConfig, store, outbox, toTicket, clock })]
    }),
  )
  return {
    routingConfigs,
    jobs,
    deliveryService,
    deliveries: deliveryService,
    routerOf: (sourceKey) => routers.get(sourceKey),
    async close() {
      for (const routingConfig of routingConfigs) routingConfig.close()
      await jobs.stop()
    },
  }
}

function openBooks({ config, environment, logger }: RoutingDeps): Promise<RoutingConfigStore[]> {
  const routed = Object.entries(config.sources).flatMap(([key, source]) =>
    source.system === 'rbi' ? [{ sourceKey: key, file: source.routing }] : [],
  )
  return Promise.all(
    routed.map(({ sourceKey, file }) =>
      openRoutingConfigStore({ sourceKey, file, read: (text) => readRouting(text, file, environment), logger }),
    ),
  )
}

function toJobDatabase({ engine }: Store) {
  return engine.kind === 'pglite' ? engine : ({ kind: 'postgres', databaseUrl: engine.databaseUrl } as const)
}

function createToTicket(sourceKey: string, { findSource, clock }: RoutingDeps): ToTicket {
  return (data, market, routing) => {
    const source = findSource(sourceKey)
    if (!source) throw new Error(`The source ${sourceKey} routes tickets and is not configured.`)
    return toRoutedTicket(data, { source, tenant: market, observedAt: now(clock) }, routing)
  }
}

import type { GatewayConfig } from '../config/gateway-config.ts'
import type { Environment } from '../config/interpolate.ts'
import { readRouting } from '../config/load-config.ts'
import type { Deliveries, TicketRouter } from '../domain/deliveries.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { type Clock, now } from '../lib/clock.ts'
import { createDeliveries } from '../routing/deliveries.ts'
import { createDeliveryOffice, type DeliveryOffice } from '../routing/delivery-office.ts'
import { createJobs, type Jobs } from '../routing/jobs.ts'
import type { ToTicket } from '../routing/routed-ticket.ts'
import { openRoutingBook, type RoutingBook } from '../routing/routing-book.ts'
import { createTicketRouter } from '../routing/ticket-router.ts'
import { toRoutedTicket } from '../sources/rbi/translate.ts'
import { createDeliveryStore } from '../store/deliveries.ts'
import type { Store } from '../store/open-store.ts'
import type { FindSource } from '../store/ticket-json.ts'

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
  readonly books: readonly RoutingBook[]
  readonly jobs: Jobs
  readonly office: DeliveryOffice
  readonly deliveries: Deliveries
  /** undefined for a source that does not route. */
  routerOf(sourceKey: string): TicketRouter | undefined
  close(): Promise<void>
}

export async function buildRouting(deps: RoutingDeps): Promise<RoutingParts> {
  const { store, clock, config } = deps
  const books = await openBooks(deps)
  const jobs = createJobs({ database: toJobDatabase(store), logger: deps.logger })
  const deliveryStore = createDeliveryStore(store.db)
  const office = createDeliveryOffice({ ...deps, deliveries: deliveryStore, jobs, books, config: config.deliveries })
  const { queues } = office
  const routers = new Map(
    books.map((book) => {
      const toTicket = createToTicket(book.sourceKey, deps)
      return [book.sourceKey, createTicketRouter({ book, store, deliveries: deliveryStore, queues, toTicket, clock })]
    }),
  )
  return {
    books,
    jobs,
    office,
    deliveries: createDeliveries({ store, deliveries: deliveryStore, queues, books, clock }),
    routerOf: (sourceKey) => routers.get(sourceKey),
    async close() {
      for (const book of books) book.close()
      await jobs.stop()
    },
  }
}

function openBooks({ config, environment, logger }: RoutingDeps): Promise<RoutingBook[]> {
  const routed = Object.entries(config.sources).flatMap(([key, source]) =>
    source.system === 'rbi' ? [{ sourceKey: key, file: source.routing }] : [],
  )
  return Promise.all(
    routed.map(({ sourceKey, file }) =>
      openRoutingBook({ sourceKey, file, read: (text) => readRouting(text, file, environment), logger }),
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

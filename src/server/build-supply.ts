import { type Environment, readYaml } from '../config/read-yaml.ts'
import type { Store } from '../db/open-store.ts'
import { createDeliveryService, type DeliveryService } from '../delivery/delivery-service.ts'
import { createOutbox } from '../delivery/outbox.ts'
import type { PartnerDirectory } from '../delivery/partner-directory.ts'
import { createJobs, type Jobs } from '../jobs/jobs.ts'
import { createSources } from '../sources/registry.ts'
import type { SourceInfo, TicketSource } from '../sources/source.ts'
import type { BuiltSource } from '../sources/source-plugin.ts'
import type { Base } from './build-base.ts'
import { buildCache } from './build-cache.ts'
import { buildEvents, type EventsParts } from './build-events.ts'
import type { Closing } from './closing.ts'

/** Where tickets and changes come from, and where routed ones go. */
export interface Supply {
  /** As the graph reads them: behind a cache where one is configured. */
  readonly sources: readonly TicketSource[]
  /** As the poller reads them: never behind a cache. */
  readonly polled: readonly TicketSource[]
  readonly routing: RoutingParts
  readonly events: EventsParts
  /** The keys of the sources that take events. */
  readonly eventFed: ReadonlySet<string>
}

/** What sends deliveries to the partners of all sources. */
export interface RoutingParts {
  readonly directories: readonly PartnerDirectory[]
  readonly jobs: Jobs
  readonly deliveryService: DeliveryService
}

/** `infos` is filled with the sources' infos, which the store asks for at every read. */
export async function buildSupply(
  base: Base,
  environment: Environment,
  infos: Map<string, SourceInfo>,
  closing: Closing,
): Promise<Supply> {
  const { config, store, settings, logger, clock } = base
  const findSource = (key: string) => infos.get(key) ?? null
  const jobs = createJobs({ database: toJobDatabase(store), logger })
  closing.add(jobs.stop)
  const { deliveries } = store
  const outbox = createOutbox({ deliveries, jobs, timeoutMs: config.deliveries.timeoutMs, clock })
  const built = await createSources(config.sources, {
    ...base,
    tickets: store.tickets,
    outbox,
    readYaml: (text, file, schema) => readYaml({ text, file, schema, environment }),
  })
  const directories = built.flatMap(({ partners }) => (partners ? [partners] : []))
  const delivery = { ...base, config: config.deliveries, deliveries, jobs, outbox, directories }
  for (const { source } of built) infos.set(source.info.key, source.info)
  const polled = built.map(({ source }) => source)
  closing.add(() => Promise.all(polled.map((source) => source.close?.())))
  const sources = await buildCache(base, polled, findSource, closing)
  const webhookHandlers = webhookHandlersOf(built)
  const events = await buildEvents({ ...base, webhookHandlers, redisUrl: settings.redisUrl })
  closing.add(events.close)
  return {
    sources,
    polled,
    routing: { directories, jobs, deliveryService: createDeliveryService(delivery) },
    events,
    eventFed: new Set(webhookHandlers.map((webhookHandler) => webhookHandler.source.key)),
  }
}

function webhookHandlersOf(built: readonly BuiltSource[]) {
  return built.flatMap(({ webhook }) => (webhook ? [webhook] : []))
}

function toJobDatabase({ engine }: Store) {
  return engine.kind === 'pglite' ? engine : ({ kind: 'postgres', databaseUrl: engine.databaseUrl } as const)
}

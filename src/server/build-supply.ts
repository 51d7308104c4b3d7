import type { Environment } from '../config/read-yaml.ts'
import type { BuiltSource } from '../sources/registry.ts'
import type { SourceInfo, TicketSource } from '../sources/source.ts'
import type { Base } from './build-base.ts'
import { buildCache } from './build-cache.ts'
import { buildEvents, type EventsParts } from './build-events.ts'
import { buildRouting, type RoutingParts } from './build-routing.ts'
import { buildSources } from './build-sources.ts'
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

/** `infos` is filled with the sources' infos, which the store asks for at every read. */
export async function buildSupply(
  base: Base,
  environment: Environment,
  infos: Map<string, SourceInfo>,
  closing: Closing,
): Promise<Supply> {
  const { config, store, settings } = base
  const findSource = (key: string) => infos.get(key) ?? null
  const routing = await buildRouting({ ...base, environment, findSource })
  closing.add(routing.close)
  const built = buildSources(config.sources, { ...base, tickets: store.tickets, routerOf: (key) => needRouter(routing, key) })
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
    routing,
    events,
    eventFed: new Set(webhookHandlers.map((webhookHandler) => webhookHandler.source.key)),
  }
}

function webhookHandlersOf(built: readonly BuiltSource[]) {
  return built.flatMap(({ webhook }) => (webhook ? [webhook] : []))
}

function needRouter(routing: RoutingParts, key: string) {
  const router = routing.routerOf(key)
  if (!router) throw new Error(`The source ${key} routes tickets and has no routing.`)
  return router
}

import { now } from '../../domain/clock.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin, type SourceDeps } from '../source-plugin.ts'
import type { TicketStore } from '../stored-source.ts'
import { createStoredSource, isPrintableId, toEventFedInfo } from '../stored-source.ts'
import { type RbiConfig, rbiConfig } from './config.ts'
import { toRoutedTicket } from './mapping.ts'
import { findRoutingWarnings } from './routing-checks.ts'
import { openRoutingConfigStore, type RoutingConfigStore } from './routing-config-store.ts'
import { type Routing, routingFile } from './routing-file.ts'
import { createTicketRouter, type TicketRouter } from './ticket-router.ts'
import { createRbiWebhookHandler } from './webhook.ts'

/** RBI's guest-ticketing middleware: partners raise tickets by webhook, and our own are routed to partners. */
export const rbiPlugin = definePlugin({
  system: 'rbi',
  config: rbiConfig,
  toInfo: toRbiInfo,
  linkedFiles: [{ key: 'routing', schema: routingFile, findWarnings: (file) => findRoutingWarnings(file as Routing) }],
  async create(config, deps) {
    const info = toRbiInfo(deps.key, config)
    const routingConfig = await openRoutingConfigStore({
      sourceKey: deps.key,
      file: config.routing,
      read: (text) => deps.readYaml(text, config.routing, routingFile),
      logger: deps.logger,
    })
    const router = createRouter(info, routingConfig, deps)
    return {
      source: createRbiSource({ info, config, tickets: deps.tickets, routingConfig, router }),
      webhook: createRbiWebhookHandler({ source: info, config }),
      partners: routingConfig,
    }
  },
})

function createRouter(
  info: SourceInfo,
  routingConfig: RoutingConfigStore,
  { outbox, store, clock }: SourceDeps,
): TicketRouter | null {
  if (outbox === null) return null
  return createTicketRouter({
    store,
    outbox,
    routingConfig,
    clock,
    toTicket: (data, market, decision) =>
      toRoutedTicket(data, { source: info, tenant: market, observedAt: now(clock) }, decision),
  })
}

export function toRbiInfo(key: string, { label, capabilities }: RbiConfig): SourceInfo {
  return toEventFedInfo({
    key,
    system: 'rbi',
    label,
    actions: capabilities.route ? ['ROUTE'] : [],
    canCreate: capabilities.create,
  })
}

interface RbiSourceDeps {
  readonly info: SourceInfo
  readonly config: RbiConfig
  readonly tickets: TicketStore
  readonly routingConfig: RoutingConfigStore
  /** null where the process only reads. */
  readonly router: TicketRouter | null
}

/** Guests' tickets: those that partners raised, as their webhooks brought them, and our own, as they were routed. */
function createRbiSource({ info, config, tickets, routingConfig, router }: RbiSourceDeps): TicketSource {
  const { create, route } = config.capabilities
  return {
    ...createStoredSource({ info, tenant: null, tickets, isExternalId: isPrintableId }),
    // Our own tickets belong to a market, those of partners to none.
    tenants: () => ['', ...routingConfig.current().markets.map(({ key }) => key)],
    ...(router && { previewRoute: router.preview }),
    ...(router && create && { createTicket: router.create }),
    ...(router && route && { routeTicket: router.route }),
    close: async () => routingConfig.close(),
  }
}

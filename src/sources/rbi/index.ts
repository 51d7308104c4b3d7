import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { createStoredSource, type TicketStore, toEventFedInfo } from '../stored-source.ts'
import { type RbiConfig, rbiConfig } from './config.ts'
import { openRoutingConfigStore, type RoutingConfigStore } from './routing-config-store.ts'
import { findRoutingWarnings, type Routing, routingFile } from './routing-file.ts'
import { createTicketRouter, type TicketRouter } from './ticket-router.ts'
import { createRbiWebhookHandler } from './webhook.ts'

/** RBI's guest-ticketing middleware: partners raise tickets by webhook, and our own tickets are routed to partners. */
export const rbiPlugin = definePlugin({
  system: 'rbi',
  config: rbiConfig,
  toInfo: toRbiInfo,
  linkedFiles: [{ key: 'routing', schema: routingFile, findWarnings: (file) => findRoutingWarnings(file as Routing) }],
  async create(config, { key, tickets, store, outbox, readYaml, logger, clock }) {
    const info = toRbiInfo(key, config)
    const routingConfig = await openRoutingConfigStore({
      sourceKey: key,
      file: config.routing,
      read: (text) => readYaml(text, config.routing, routingFile),
      logger,
    })
    const router = outbox && createTicketRouter({ source: info, routingConfig, store, outbox, clock })
    return {
      source: createRbiSource({ info, config, tickets, routingConfig, router }),
      webhook: createRbiWebhookHandler({ source: info, config }),
      partners: routingConfig,
    }
  },
})

/** The source's entry in the graph. Its actions follow its capabilities. */
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

/** The stored tickets: those that partners raised, and our own. */
function createRbiSource({ info, config, tickets, routingConfig, router }: RbiSourceDeps): TicketSource {
  const { create, route } = config.capabilities
  return {
    ...createStoredSource({ info, tenant: null, tickets }),
    // Our own tickets belong to a market, those of partners to none.
    tenants: () => ['', ...routingConfig.current().markets.map(({ key }) => key)],
    ...(router && { previewRoute: router.preview }),
    ...(router && create && { createTicket: router.create }),
    ...(router && route && { routeTicket: router.route }),
    close: async () => routingConfig.close(),
  }
}

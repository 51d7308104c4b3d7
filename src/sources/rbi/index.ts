import type { Clock } from '../../domain/clock.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { offeredMethods, toSourceInfo } from '../source-table.ts'
import { createStoredSource, type TicketStore } from '../stored-source.ts'
import { rbiTable } from './capabilities.ts'
import { type RbiConfig, rbiConfig } from './config.ts'
import { toCreateForm } from './create-form.ts'
import { openRoutingConfigStore, type RoutingConfigStore } from './routing-config-store.ts'
import { findRoutingWarnings, type Routing, routingFile } from './routing-file.ts'
import { createTicketRouter, type TicketRouter } from './ticket-router.ts'
import { createRbiWebhookHandler } from './webhook.ts'

/** RBI's guest-ticketing middleware: partners raise tickets by webhook, and our own tickets are routed to partners. */
export const rbiPlugin = definePlugin({
  system: 'rbi',
  table: rbiTable,
  config: rbiConfig,
  toInfo: toRbiInfo,
  linkedFiles: [{ key: 'routing', schema: routingFile, findWarnings: (file) => findRoutingWarnings(file as Routing) }],
  async create(config, { key, tickets, store, checkpoints, outbox, readYaml, logger, clock, metrics }) {
    const info = toRbiInfo(key, config)
    const routingConfig = await openRoutingConfigStore({
      sourceKey: key,
      file: config.routing,
      read: (text) => readYaml(text, config.routing, routingFile),
      checkpoints,
      logger,
    })
    const router = outbox && createTicketRouter({ source: info, routingConfig, store, outbox, clock })
    return {
      source: createRbiSource({ info, tickets, routingConfig, router, clock, metrics }),
      webhook: createRbiWebhookHandler({ source: info, config }),
      partners: routingConfig,
    }
  },
})

export function toRbiInfo(key: string, { label, capabilities }: RbiConfig): SourceInfo {
  const { create, route } = capabilities
  const switches = { CREATE: create, ROUTE: route, createForm: create }
  return toSourceInfo({ key, system: 'rbi', label, mode: 'EVENT_FED', switches }, rbiTable)
}

interface RbiSourceDeps {
  readonly info: SourceInfo
  readonly tickets: TicketStore
  readonly routingConfig: RoutingConfigStore
  /** null where the process only reads. */
  readonly router: TicketRouter | null
  readonly clock: Clock
  readonly metrics: Metrics
}

/** The stored tickets: those that partners raised, and our own. */
function createRbiSource({ info, tickets, routingConfig, router, clock, metrics }: RbiSourceDeps): TicketSource {
  return {
    ...createStoredSource({ info, tenant: null, tickets, clock, metrics }),
    // Our own tickets belong to a market, those of partners to none.
    tenants: () => ['', ...routingConfig.current().markets.map(({ key }) => key)],
    ...(router && { previewRoute: router.preview }),
    ...(router &&
      offeredMethods(info, {
        createTicket: router.create,
        routeTicket: router.route,
        createForm: async (request) => toCreateForm(routingConfig, request),
      })),
    close: async () => routingConfig.close(),
  }
}

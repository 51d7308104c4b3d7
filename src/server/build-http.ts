import type { FastifyInstance } from 'fastify'
import { DeskgraphError } from '../domain/errors.ts'
import { toExploration } from '../graphql/limits/documents-config.ts'
import { createHttpApp } from '../http/app.ts'
import { registerLive } from '../http/live/live-routes.ts'
import { addressGuard } from '../http/plugins/address-rate-limit.ts'
import { credentialGuard } from '../http/plugins/credentials.ts'
import { createOverloadGuard } from '../http/plugins/overload.ts'
import { createOverloadMonitor } from '../http/plugins/overload-monitor.ts'
import { type GraphRoute, registerGraphRoute } from '../http/routes/graphql.ts'
import type { HealthRoutesDeps } from '../http/routes/health.ts'
import type { WebhookReceiver } from '../http/routes/webhooks.ts'
import { createFastPath } from '../performance/fast-path.ts'
import type { Base } from './build-base.ts'
import type { GraphParts } from './build-graph.ts'
import type { Supply } from './build-supply.ts'
import { protectWhenOpen } from './protection.ts'

/** Whether the gateway is not yet reachable, serves, or lets what is running finish. */
export type Phase = 'preparing' | 'open' | 'closing'

export interface HttpDeps {
  readonly base: Base
  readonly supply: Supply
  readonly graph: GraphParts
  /** Where the built console lies; null: there is none. */
  readonly consoleFolder: string | null
  readonly phase: () => Phase
}

/** Every route with every guard before it. */
export async function buildHttp({ base, supply, graph, consoleFolder, phase }: HttpDeps): Promise<FastifyInstance> {
  const { config, metrics, logger, limiter, authenticator } = base
  const monitor = createOverloadMonitor(config.limits.overload, { metrics })
  const protection = protectWhenOpen(monitor, () => phase() === 'preparing')
  const overload = createOverloadGuard(protection, config.limits.overload, metrics)
  const { graphiql } = toExploration(config, config.auth.mode)
  const entry = createEntry(base, graph, () => phase() === 'open' && protection.isHealthy())
  const app = await createHttpApp({
    logger,
    guards: [
      overload.plugin,
      addressGuard(limiter, (headers) => authenticator.getCachedViewer(headers) !== null),
      credentialGuard(),
    ],
    graphql: [entry.routes],
    frontDoor: (request, response) => overload.frontDoor(request, response) || entry.frontDoor(request, response),
    webhooks: { receiver: toWebhookReceiver(supply), metrics, maxBodyBytes: config.limits.webhookBytes },
    health: { ...toHealth(base, supply), isClosing: () => phase() === 'closing' },
    metrics: { render: metrics.render, token: config.observability.metrics.token ?? null },
    console: graphiql && consoleFolder !== null ? { folder: consoleFolder } : null,
    server: config.limits.slowClients,
    trustedProxies: config.limits.trustedProxies,
  })
  return app
}

/** The two ways to the graph: the routes, and the short way that learns from them which headers every answer has. */
function createEntry({ authenticator }: Base, { handler, live }: GraphParts, isHealthy: () => boolean) {
  let route: GraphRoute | null = null
  return {
    async routes(app: FastifyInstance): Promise<void> {
      route = await registerGraphRoute(app, { handler, live: await registerLive(app, live) })
    },
    frontDoor: createFastPath({
      handler,
      getCachedViewer: authenticator.getCachedViewer,
      isHealthy,
      defaultHeaders: () => route?.defaultHeaders() ?? null,
    }),
  }
}

function toWebhookReceiver({ events, eventFed }: Supply): WebhookReceiver {
  return { has: (sourceKey) => eventFed.has(sourceKey), receive: events.ingestion.receive }
}

function toHealth({ store, redis, authenticator }: Base, { sources, routing }: Supply): Omit<HealthRoutesDeps, 'isClosing'> {
  const keysLoaded = async () => {
    if (!authenticator.isReady()) throw new DeskgraphError('AUTH_UNAVAILABLE', 'The keys were never loaded.')
  }
  return {
    dependencies: [
      { name: 'store', check: store.ping },
      { name: 'keys', check: keysLoaded },
      ...(redis ? [{ name: 'redis', check: async () => void (await redis.ping()) }] : []),
    ],
    sources: () => sources.map((source) => ({ key: source.info.key, health: source.health() })),
    warnings: () =>
      routing.directories.map((directory) => ({ key: directory.sourceKey, problem: directory.problem() })).filter(hasProblem),
    viewerOf: (headers) =>
      authenticator.authenticate(headers).catch((error: unknown) => {
        if (error instanceof DeskgraphError) return null
        throw error
      }),
  }
}

function hasProblem<T extends { readonly problem: string | null }>(entry: T): entry is T & { readonly problem: string } {
  return entry.problem !== null
}

import type { FastifyInstance } from 'fastify'
import { DeskgraphError } from '../domain/errors.ts'
import { toExploration } from '../graphql/limits/config.ts'
import { createHttpApp } from '../http/app.ts'
import { refuseUnclearCredentials } from '../http/plugins/credentials.ts'
import { createOverloadMonitor, shedLoad } from '../http/plugins/overload.ts'
import { createRateCheck, limitRefusedSignIns } from '../http/plugins/rate-limit.ts'
import { securityHeaders } from '../http/plugins/security-headers.ts'
import type { HealthRoutesDeps } from '../http/routes/health.ts'
import type { WebhookReceiver } from '../http/routes/webhooks.ts'
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
  const { config, metrics, logger, failures, limiter, authenticator, fast } = base
  const monitor = createOverloadMonitor(config.limits.overload, { metrics })
  const protection = protectWhenOpen(monitor, () => phase() === 'preparing')
  const { graphiql } = toExploration(config, config.auth.mode)
  const app = await createHttpApp({
    logger,
    failures,
    plugins: [
      shedLoad(protection, config.limits.overload, metrics),
      limitRefusedSignIns(limiter, (headers) => authenticator.getCachedViewer(headers) !== null),
      refuseUnclearCredentials(),
    ],
    graphql: graph.route,
    fastPath: fast?.createFastPath({
      handler: graph.route.handler,
      getCachedViewer: authenticator.getCachedViewer,
      checkRateLimit: createRateCheck(limiter),
      isHealthy: () => phase() === 'open' && protection.isHealthy(),
      defaultHeaders: securityHeaders().flat(),
      limits: config.limits,
    }),
    webhooks: { receiver: toWebhookReceiver(supply), metrics, maxBodyBytes: config.limits.webhookBytes },
    health: { ...toHealth(base, supply), isClosing: () => phase() === 'closing' },
    metrics: { render: metrics.render, token: config.observability.metrics.token ?? null },
    console: graphiql && consoleFolder !== null ? { folder: consoleFolder } : null,
    server: config.limits.slowClients,
    trustedProxies: config.limits.trustedProxies,
  })
  return app
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

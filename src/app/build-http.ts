import type { FastifyInstance } from 'fastify'
import { DeskgraphError } from '../domain/errors.ts'
import { toExploration } from '../graphql/limits/documents-config.ts'
import { createHttpApp } from '../http/app.ts'
import { registerGraphRoute } from '../http/graphql-route.ts'
import { addressGuard } from '../http/guards/address-guard.ts'
import { credentialGuard } from '../http/guards/credential-guard.ts'
import { createOverloadMonitor } from '../http/guards/overload.ts'
import { overloadGuard } from '../http/guards/overload-guard.ts'
import type { HealthRoutesDeps } from '../http/health-routes.ts'
import { registerLive } from '../http/live-routes.ts'
import type { WebhookIntake } from '../http/webhook-routes.ts'
import type { Base } from './build-base.ts'
import type { GraphParts } from './build-graph.ts'
import type { Supply } from './build-supply.ts'

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
  const monitor = createOverloadMonitor(config.limits.overload)
  // While it prepares itself there is nobody to protect: it would only hold up itself.
  const protection = { ...monitor, refusal: () => (phase() === 'preparing' ? null : monitor.refusal()) }
  const { graphiql } = toExploration(config, config.auth.mode)
  const app = await createHttpApp({
    logger,
    guards: [
      overloadGuard(protection, config.limits.overload, metrics),
      addressGuard(limiter, (headers) => authenticator.recall(headers) !== null),
      credentialGuard(),
    ],
    graphql: [(instance) => serveGraph(instance, graph)],
    webhooks: { intake: toWebhookIntake(supply), metrics, maxBodyBytes: config.limits.webhookBytes },
    health: { ...toHealth(base, supply), isClosing: () => phase() === 'closing' },
    metrics: { render: metrics.render, token: config.observability.metrics.token ?? null },
    console: graphiql && consoleFolder !== null ? { folder: consoleFolder } : null,
    server: config.limits.slowClients,
    trustedProxies: config.limits.trustedProxies,
  })
  return app
}

async function serveGraph(app: FastifyInstance, { handler, live }: GraphParts): Promise<void> {
  await registerGraphRoute(app, { handler, live: await registerLive(app, live) })
}

function toWebhookIntake({ events, eventFed }: Supply): WebhookIntake {
  return { has: (sourceKey) => eventFed.has(sourceKey), receive: events.intake.receive }
}

function toHealth({ store, redis, authenticator }: Base, { sources }: Supply): Omit<HealthRoutesDeps, 'isClosing'> {
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
    viewerOf: (headers) =>
      authenticator.authenticate(headers).catch((error: unknown) => {
        if (error instanceof DeskgraphError) return null
        throw error
      }),
  }
}

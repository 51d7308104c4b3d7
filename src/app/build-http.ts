import type { FastifyInstance } from 'fastify'
import type { Authenticator } from '../auth/authenticator.ts'
import type { GatewayConfig } from '../config/gateway-config.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { TicketSource } from '../domain/source.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { EventIntake } from '../events/create-intake.ts'
import { toExploration } from '../graphql/limits/documents-config.ts'
import { createHttpApp } from '../http/app.ts'
import type { GraphHandler } from '../http/graphql/handler.ts'
import { registerGraphRoute } from '../http/graphql-route.ts'
import { addressGuard } from '../http/guards/address-guard.ts'
import { credentialGuard } from '../http/guards/credential-guard.ts'
import { createOverloadMonitor } from '../http/guards/overload.ts'
import { overloadGuard } from '../http/guards/overload-guard.ts'
import type { RateLimiter } from '../http/guards/rate-limiter.ts'
import type { Dependency } from '../http/health-routes.ts'
import type { PrometheusMetrics } from '../observability/metrics.ts'

export interface HttpDeps {
  readonly config: GatewayConfig
  readonly authenticator: Authenticator
  readonly limiter: RateLimiter
  readonly handler: GraphHandler
  readonly intake: EventIntake
  readonly intakeKeys: ReadonlySet<string>
  readonly dependencies: readonly Dependency[]
  readonly sources: readonly TicketSource[]
  /** Where the built console lies; null: there is none. */
  readonly consoleFolder: string | null
  readonly isClosing: () => boolean
  readonly metrics: PrometheusMetrics
  readonly logger: Logger
}

/** Every route with every guard before it. */
export async function buildHttp(deps: HttpDeps): Promise<FastifyInstance> {
  const { config, metrics, logger } = deps
  const monitor = createOverloadMonitor(config.limits.overload)
  const { graphiql } = toExploration(config, config.auth.mode)
  const app = await createHttpApp({
    logger,
    guards: [overloadGuard(monitor, config.limits.overload, metrics), addressGuard(deps.limiter), credentialGuard()],
    graphql: [(instance) => registerGraphRoute(instance, { handler: deps.handler })],
    webhooks: { intake: toWebhookIntake(deps), metrics, maxBodyBytes: config.limits.webhookBytes },
    health: toHealth(deps),
    metrics: { render: metrics.render, token: config.observability.metrics.token ?? null },
    console: graphiql && deps.consoleFolder !== null ? { folder: deps.consoleFolder } : null,
    server: config.limits.slowClients,
  })
  app.addHook('onClose', async () => monitor.close())
  return app
}

function toWebhookIntake({ intake, intakeKeys }: HttpDeps) {
  return {
    has: (sourceKey: string) => intakeKeys.has(sourceKey),
    receive: intake.receive,
  }
}

function toHealth({ dependencies, sources, authenticator, isClosing }: HttpDeps) {
  return {
    dependencies,
    isClosing,
    sources: () => sources.map((source) => ({ key: source.info.key, health: source.health() })),
    viewerOf: (headers: Readonly<Record<string, string | string[] | undefined>>) =>
      authenticator.authenticate(headers).catch((error: unknown) => {
        if (error instanceof DeskgraphError) return null
        throw error
      }),
  }
}

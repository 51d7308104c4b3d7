import { createAuthenticator } from './auth/authenticator.ts'
import { type GatewayConfig, toAuth, toIdentityMap, toSecretKeys } from './config/gateway-config.ts'
import type { Environment } from './config/read-yaml.ts'
import type { Settings } from './config/settings.ts'
import { openStore } from './db/open-store.ts'
import { systemClock } from './domain/clock.ts'
import type { Logger } from './domain/telemetry.ts'
import { createRateLimiter } from './http/plugins/rate-limit.ts'
import { createAccessLog } from './observability/access-log.ts'
import { createFailureLog } from './observability/failure-log.ts'
import { createLogger, type LoggerOptions } from './observability/logger.ts'
import { createMetrics } from './observability/metrics.ts'
import { connectRedis } from './redis/connect-redis.ts'
import { createBudgets } from './sources/budget/budgets.ts'
import { createOAuthSignIn } from './sources/credentials/oauth-sign-in.ts'
import { findSourceIn } from './sources/registry.ts'

// The part of the composition root that opens what all other parts use.

export interface InfrastructureOptions {
  readonly config: GatewayConfig
  readonly settings: Settings
  /** The environment variables in linked files, which are read again at every reload. */
  readonly environment: Environment
  /** Receives the log lines. Absent: the standard output. */
  readonly logStream?: LoggerOptions['stream']
}

export type Infrastructure = Awaited<ReturnType<typeof openInfrastructure>>

/** Observability, database, Redis, authentication and rate limits: what all other parts use. */
export async function openInfrastructure(
  { config, settings, environment, logStream }: InfrastructureOptions,
  parts: AsyncDisposableStack,
) {
  const clock = systemClock
  const { observability } = config
  const logger = createLogger({ level: settings.logLevel ?? observability.logLevel ?? 'info', stream: logStream })
  const metrics = createMetrics()
  const onShutdown = createShutdown(parts, logger)
  // OpenTelemetry takes longer to load than the rest of the gateway.
  const tracing = observability.tracing && (await import('./observability/tracer.ts')).startTracing(observability.tracing)
  onShutdown('tracing', () => tracing?.close())
  const fast = settings.performance ? (await import('./performance/index.ts')).fastParts : null
  const findSource = findSourceIn(config.sources)
  const store = await openStore({ ...settings, findSource, logger, metrics, clock, connectPGlite: fast?.connectPGlite })
  onShutdown('database', store.close)
  const { redisUrl, proxies } = settings
  const keys = toSecretKeys(config, settings.secretsKey)
  const oauth = createOAuthSignIn({ rows: store.tokens, keys, metrics, logger, clock, proxies })
  onShutdown('sign-in at sources', oauth.close)
  const redis = redisUrl === null ? null : await connectRedis({ redisUrl, use: 'rate limits', logger })
  onShutdown('Redis', () => redis?.disconnect())
  const authenticator = createAuthenticator(toAuth(config), { clock, logger, proxies, limits: config.limits.slowClients })
  onShutdown('authentication', authenticator.close)
  const budgets = createBudgets({ metrics, logger, clock, redis })
  onShutdown('budgets', budgets.close)
  const limiter = createRateLimiter({ rate: config.limits.rate, redis, metrics })
  const accessLog = createAccessLog({ logger, config: observability.accessLog })
  const observed = { clock, logger, metrics, accessLog, failures: createFailureLog(logger), tracing }
  const given = { config, proxies, environment, fast, findSource }
  return {
    ...observed,
    ...given,
    identity: toIdentityMap(config),
    store,
    changeLog: store.changeLog,
    leases: store.leases,
    oauth,
    signIn: oauth.signIn,
    redis,
    redisUrl,
    authenticator,
    limiter,
    budgets,
    onShutdown,
  }
}

/** Registers what to close, in the opposite order. A part that does not close is logged and does not stop the others. */
function createShutdown(parts: AsyncDisposableStack, logger: Logger) {
  return (part: string, close: () => unknown): void =>
    parts.defer(async () => {
      try {
        await close()
      } catch (error) {
        logger.warn({ part, err: error }, 'a part did not close')
      }
    })
}

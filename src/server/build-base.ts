import type { Redis } from 'ioredis'
import { type Authenticator, createAuthenticator } from '../auth/authenticator.ts'
import type { GatewayConfig } from '../config/gateway-config.ts'
import type { Settings } from '../config/settings.ts'
import { openStore, type Store } from '../db/open-store.ts'
import type { FindSource } from '../db/repositories/ticket-json.ts'
import { type Clock, systemClock } from '../domain/clock.ts'
import type { Logger } from '../domain/telemetry.ts'
import { createRateLimiter, type RateLimiter } from '../http/plugins/rate-limit.ts'
import type { LoggerOptions } from '../observability/logger.ts'
import type { FastParts } from '../performance/index.ts'
import { buildSeeing, type SeeingParts } from './build-seeing.ts'
import type { Closing } from './closing.ts'

/** What everything else stands on. */
export interface Base extends Omit<SeeingParts, 'close'> {
  readonly config: GatewayConfig
  readonly settings: Settings
  readonly clock: Clock
  readonly store: Store
  /** null: one process, everything in it. */
  readonly redis: Redis | null
  readonly limiter: RateLimiter
  readonly authenticator: Authenticator
  /** null: the gateway runs without `src/performance`. */
  readonly fast: FastParts | null
}

export async function buildBase(
  config: GatewayConfig,
  settings: Settings,
  findSource: FindSource,
  closing: Closing,
  logStream: LoggerOptions['stream'],
): Promise<Base> {
  const clock = systemClock
  const { close, ...seeing } = await buildSeeing(config.observability, settings, clock, logStream)
  closing.add(close)
  const { logger, metrics } = seeing
  const fast = settings.performance ? await loadFastParts() : null
  const store = await openStore({ ...settings, findSource, logger, metrics, clock, connectPGlite: fast?.connectPGlite })
  closing.add(store.close)
  const redis = settings.redisUrl === null ? null : await connectRedis(settings.redisUrl, logger)
  closing.add(async () => redis?.disconnect())
  const limiter = createRateLimiter({ rate: config.limits.rate, redis, metrics })
  const authenticator = createAuthenticator(config.auth, { clock, logger })
  closing.add(async () => authenticator.close())
  return { ...seeing, config, settings, clock, store, redis, limiter, authenticator, fast }
}

/** Loaded only where it is wanted, as everything that takes long to load and is not always needed. */
async function connectRedis(url: string, logger: Logger): Promise<Redis> {
  const { Redis } = await import('ioredis')
  const redis = new Redis(url, { maxRetriesPerRequest: 1 })
  redis.on('error', (error) => logger.warn({ cause: error.message }, 'the connection to Redis has a fault'))
  return redis
}

/** Not loaded where it is switched off. */
async function loadFastParts(): Promise<FastParts> {
  const { fastParts } = await import('../performance/index.ts')
  return fastParts
}

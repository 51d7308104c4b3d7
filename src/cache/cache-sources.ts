import type { ChangeLog } from '../changes/change-log.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { connectRedis } from '../redis/connect-redis.ts'
import type { SourceInfo, TicketSource } from '../sources/source.ts'
import { type CacheStore, createMemoryCache } from './cache-store.ts'
import { type CachedSource, createCachedSource, invalidateOnChanges } from './cached-source.ts'
import { type CacheConfig, toTtls } from './config.ts'
import { createRedisCache } from './redis-cache.ts'

/** What the caches of all sources need. */
export interface CacheSourcesDeps {
  readonly sources: readonly TicketSource[]
  /** The `cache` block of a source by its key; undefined: the source has no cache. */
  readonly configOf: (sourceKey: string) => CacheConfig | undefined
  /** null: the cache is in this process, and `maxTickets` bounds it. */
  readonly redisUrl: string | null
  readonly maxTickets: number
  readonly findSource: (key: string) => SourceInfo | null
  readonly changeLog: ChangeLog
  readonly metrics: Metrics
  readonly logger: Logger
}

/** The sources with their caches. */
export interface CachedSources {
  /** All sources in the given order, behind a cache where one is configured. */
  readonly sources: readonly TicketSource[]
  /** Stops following the change log and closes the cache store. It does not close the sources. */
  close(): Promise<void>
}

/**
 * Puts a cache in front of each source that has a `cache` block, and invalidates it when the change log has a new change.
 * Without any such block it opens nothing.
 */
export async function cacheSources(deps: CacheSourcesDeps): Promise<CachedSources> {
  const { sources, configOf, changeLog, metrics, logger } = deps
  if (!sources.some(({ info }) => configOf(info.key))) return { sources, close: async () => {} }
  const cache = await openCacheStore(deps)
  const withCaches = sources.map((source): TicketSource | CachedSource => {
    const config = configOf(source.info.key)
    if (!config) return source
    return createCachedSource(source, { cache, ttlMs: toTtls(config), shared: config.shared, metrics, logger })
  })
  const cached = withCaches.filter((source): source is CachedSource => 'invalidate' in source)
  const invalidation = await invalidateOnChanges({ changeLog, sources: cached, logger })
  return {
    sources: withCaches,
    async close() {
      await invalidation.stop()
      await cache.close()
    },
  }
}

async function openCacheStore({ redisUrl, maxTickets, findSource, logger }: CacheSourcesDeps): Promise<CacheStore> {
  if (redisUrl === null) return createMemoryCache({ maxWeight: maxTickets })
  const redis = await connectRedis({ redisUrl, use: 'answer cache', logger, pipelined: true })
  return createRedisCache({ redis, findSource })
}

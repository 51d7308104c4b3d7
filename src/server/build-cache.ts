import { type CacheStore, createMemoryCache } from '../cache/cache-store.ts'
import { type CachedSource, createCachedSource, invalidateOnChanges } from '../cache/cached-source.ts'
import { toTtls } from '../cache/config.ts'
import type { FindSource } from '../db/repositories/ticket-json.ts'
import type { TicketSource } from '../sources/source.ts'
import type { Base } from './build-base.ts'
import type { Closing } from './closing.ts'

/** Puts a cache before the sources whose configuration asks for one. Where none does, nothing is made. */
export async function buildCache(
  base: Base,
  sources: readonly TicketSource[],
  findSource: FindSource,
  closing: Closing,
): Promise<readonly TicketSource[]> {
  const { config, store, metrics, logger } = base
  if (!Object.values(config.sources).some(({ cache }) => cache !== undefined)) return sources
  const cache = await openCache(base, findSource)
  closing.add(cache.close)
  const cached: CachedSource[] = []
  const all = sources.map((source) => {
    const wanted = config.sources[source.info.key]?.cache
    if (!wanted) return source
    const kept = createCachedSource(source, { cache, ttlMs: toTtls(wanted), shared: wanted.shared, metrics, logger })
    cached.push(kept)
    return kept
  })
  const invalidation = await invalidateOnChanges({ changeLog: store.changeLog, sources: cached, logger })
  closing.add(invalidation.stop)
  return all
}

async function openCache({ config, settings, logger }: Base, findSource: FindSource): Promise<CacheStore> {
  if (settings.redisUrl === null) return createMemoryCache({ maxWeight: config.cacheSize })
  const { createRedisCache } = await import('../cache/redis-cache.ts')
  return createRedisCache({ redisUrl: settings.redisUrl, findSource, logger })
}

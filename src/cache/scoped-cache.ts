import type { Viewer } from '../domain/call.ts'
import { fingerprint } from '../domain/fingerprint.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { CacheEntry, CacheKind, CacheStore } from './cache-store.ts'

export interface ScopedCacheDeps {
  readonly cache: CacheStore
  /** Milliseconds. A kind that is absent is not cached. */
  readonly ttlMs: Partial<Record<CacheKind, number>>
  /** Kinds whose answers are the same for every viewer, by configuration. */
  readonly shared: readonly CacheKind[]
  readonly metrics: Metrics
  readonly logger: Logger
}

/** Names one answer of a source. */
export interface CacheEntryKey {
  readonly kind: CacheKind
  readonly group: string
  /** What was asked, within the group. */
  readonly request: string
}

/** The cache of one source, by kind and viewer. A cache that fails is a cache that misses: no method rejects. */
export interface ScopedCache {
  isEnabled(kind: CacheKind): boolean
  /** 0: the kind is not cached. */
  ttlMs(kind: CacheKind): number
  /** null: the cache failed. */
  get(key: CacheEntryKey, viewer: Viewer): Promise<CacheEntry | null>
  /** Stores in the background. `entry` is what `get` returned before the read; after null, nothing is stored. */
  set(key: CacheEntryKey, viewer: Viewer, entry: CacheEntry | null, value: unknown, weight: number): void
  invalidate(groups: readonly string[]): Promise<void>
}

export function createScopedCache(sourceKey: string, deps: ScopedCacheDeps): ScopedCache {
  const { cache, shared, metrics, logger } = deps
  const ttlMs = (kind: CacheKind) => deps.ttlMs[kind] ?? 0

  function fieldOf({ kind, request }: CacheEntryKey, viewer: Viewer): string {
    return `${kind}:${shared.includes(kind) ? '*' : identityOf(viewer)}:${request}`
  }

  // The metric counts failures; a line for each read would fill the log.
  function onFailure(error: unknown): null {
    logger.debug({ source: sourceKey, err: error }, 'the answer cache failed')
    return null
  }

  function onFailedInvalidation(error: unknown): void {
    const message = 'a cached answer could not be invalidated: it may be given until it expires'
    logger.warn({ source: sourceKey, err: error }, message)
  }

  return {
    isEnabled: (kind) => ttlMs(kind) > 0,
    ttlMs,
    async get(key, viewer) {
      const entry = await cache.get(key.group, fieldOf(key, viewer)).catch(onFailure)
      const outcome = entry === null ? 'error' : entry.value === undefined ? 'miss' : 'hit'
      metrics.count('cache_reads_total', { source: sourceKey, kind: key.kind, outcome })
      return entry
    },
    set(key, viewer, entry, value, weight) {
      if (entry === null) return
      const options = { version: entry.version, ttlMs: ttlMs(key.kind), weight }
      cache.set(key.group, fieldOf(key, viewer), value, options).catch(onFailure)
    },
    async invalidate(groups) {
      await Promise.all(groups.map((group) => cache.invalidate(group).catch(onFailedInvalidation)))
    },
  }
}

/** A hash of the viewer's identity: another viewer may get another answer from the source. */
function identityOf(viewer: Viewer): string {
  return fingerprint([viewer.id, viewer.email]).slice(0, 22)
}

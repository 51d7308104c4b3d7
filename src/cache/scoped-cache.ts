import type { Viewer } from '../domain/call.ts'
import { fingerprint } from '../domain/fingerprint.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { CacheKind, CacheStore, Kept } from './cache-store.ts'

export interface ScopedCacheDeps {
  readonly cache: CacheStore
  /** Milliseconds; a kind that is absent is not kept. */
  readonly ttlMs: Partial<Record<CacheKind, number>>
  /** Kinds that the configuration says look the same to everybody. */
  readonly shared: readonly CacheKind[]
  readonly metrics: Metrics
  readonly logger: Logger
}

/** Where one answer is kept. */
export interface CacheEntryKey {
  readonly kind: CacheKind
  readonly group: string
  /** What was asked, within the group. */
  readonly question: string
}

/** The cache as one source uses it: by kind and identity, and never a reason to fail. */
export interface ScopedCache {
  keeps(kind: CacheKind): boolean
  /** 0: the kind is not kept. */
  ttlMs(kind: CacheKind): number
  look(slot: CacheEntryKey, viewer: Viewer): Promise<Kept | null>
  keep(slot: CacheEntryKey, viewer: Viewer, kept: Kept | null, answer: unknown, weight: number): void
  drop(groups: readonly string[]): Promise<void>
}

export function createScopedCache(sourceKey: string, deps: ScopedCacheDeps): ScopedCache {
  const { cache, shared, metrics, logger } = deps
  const ttlMs = (kind: CacheKind) => deps.ttlMs[kind] ?? 0

  function fieldOf({ kind, question }: CacheEntryKey, viewer: Viewer): string {
    return `${kind}:${shared.includes(kind) ? '*' : identityOf(viewer)}:${question}`
  }

  // The metric tells how often; a line for each read would only fill the log.
  function failed(error: unknown): null {
    logger.debug({ source: sourceKey, err: error }, 'the answer cache failed')
    return null
  }

  function notDropped(error: unknown): void {
    logger.warn({ source: sourceKey, err: error }, 'a kept answer could not be dropped: it may be given until it is too old')
  }

  return {
    keeps: (kind) => ttlMs(kind) > 0,
    ttlMs,
    async look(slot, viewer) {
      const kept = await cache.get(slot.group, fieldOf(slot, viewer)).catch(failed)
      const outcome = kept === null ? 'error' : kept.answer === undefined ? 'miss' : 'hit'
      metrics.count('cache_reads_total', { source: sourceKey, kind: slot.kind, outcome })
      return kept
    },
    keep(slot, viewer, kept, answer, weight) {
      if (kept === null) return
      const options = { epoch: kept.epoch, ttlMs: ttlMs(slot.kind), weight }
      cache.put(slot.group, fieldOf(slot, viewer), answer, options).catch(failed)
    },
    async drop(groups) {
      await Promise.all(groups.map((group) => cache.drop(group).catch(notDropped)))
    },
  }
}

/** Who asked, without telling who: under another sign-in the source might answer otherwise. */
function identityOf(viewer: Viewer): string {
  return fingerprint([viewer.id, viewer.email]).slice(0, 22)
}

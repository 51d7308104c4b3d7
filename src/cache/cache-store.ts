import { LRUCache } from 'lru-cache'

/** The kinds of answers that a source's cache holds, each with its own time to live. */
export const cacheKinds = ['ticket', 'list', 'lookup', 'customer'] as const
export type CacheKind = (typeof cacheKinds)[number]

export interface CacheEntry {
  /** undefined: nothing is cached, or it has expired. */
  readonly value: unknown
  /** The version of the group. It goes back with `set`. */
  readonly version: string
  /** How long the value is valid from now on, in milliseconds; 0 without a value. */
  readonly remainingMs: number
}

export interface SetOptions {
  /** From the `get` before the read. When the group was invalidated since then, the value is not stored: it may be out of date. */
  readonly version: string
  readonly ttlMs: number
  /** How much the value counts towards the bound of the cache: its number of tickets, or 1. */
  readonly weight: number
}

/**
 * Answers of sources, for a short time. A group holds what becomes invalid together; a field is one answer of the group: who asked,
 * and for what. Values are plain data; `get` returns an equal value. Methods may reject, and a read must not fail because of it.
 */
export interface CacheStore {
  get(group: string, field: string): Promise<CacheEntry>
  set(group: string, field: string, value: unknown, options: SetOptions): Promise<void>
  /** Removes all answers of the group and begins its next version. */
  invalidate(group: string): Promise<void>
  /** Removes everything, of every source and viewer. */
  clear(): Promise<void>
  close(): Promise<void>
}

export interface MemoryCacheOptions {
  /** The sum of the weights at most. Above it, the least recently used value is removed. */
  readonly maxWeight: number
}

interface StoredValue {
  readonly group: string
  readonly field: string
  readonly value: unknown
}

/** A version is remembered for longer than a read takes: an evicted one begins at 0 again. */
const maxVersions = 100_000

/** A cache in this process. Other replicas do not see its values, and it does not see what they invalidate. */
export function createMemoryCache({ maxWeight }: MemoryCacheOptions): CacheStore {
  const fieldsOf = new Map<string, Set<string>>()
  const versions = new LRUCache<string, number>({ max: maxVersions })
  const values = new LRUCache<string, StoredValue>({
    maxSize: maxWeight,
    dispose: ({ group, field }) => {
      const fields = fieldsOf.get(group)
      fields?.delete(field)
      if (fields?.size === 0) fieldsOf.delete(group)
    },
  })
  let clears = 0
  const toKey = (group: string, field: string) => `${group}\0${field}`
  const versionOf = (group: string) => `${clears}.${versions.get(group) ?? 0}`

  return {
    async get(group, field) {
      const key = toKey(group, field)
      return {
        value: values.get(key)?.value,
        version: versionOf(group),
        remainingMs: Math.max(0, values.getRemainingTTL(key)),
      }
    },
    async set(group, field, value, { version, ttlMs, weight }) {
      if (version !== versionOf(group)) return
      const key = toKey(group, field)
      values.set(key, { group, field, value }, { ttl: ttlMs, size: weight })
      // A value that is heavier than the whole cache is not stored.
      if (!values.has(key)) return
      const fields = fieldsOf.get(group) ?? new Set()
      fieldsOf.set(group, fields.add(field))
    },
    async invalidate(group) {
      versions.set(group, (versions.get(group) ?? 0) + 1)
      for (const field of [...(fieldsOf.get(group) ?? [])]) values.delete(toKey(group, field))
    },
    async clear() {
      clears += 1
      values.clear()
    },
    async close() {
      values.clear()
    },
  }
}

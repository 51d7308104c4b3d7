import { LRUCache } from 'lru-cache'
import type { CacheStore } from './cache-store.ts'

export interface MemoryCacheOptions {
  /** The sum of the weights of what is kept: beyond it the least recently used goes. */
  readonly maxWeight: number
}

interface Entry {
  readonly group: string
  readonly field: string
  readonly answer: unknown
}

/** Keeps answers in this process. Other replicas do not see it, nor what it drops. */
export function createMemoryCache({ maxWeight }: MemoryCacheOptions): CacheStore {
  const groups = new Map<string, Set<string>>()
  // A drop is remembered for as long as a read may be under way.
  const epochs = new LRUCache<string, number>({ max: 100_000 })
  const entries = new LRUCache<string, Entry>({
    maxSize: maxWeight,
    dispose: ({ group, field }) => {
      const fields = groups.get(group)
      fields?.delete(field)
      if (fields?.size === 0) groups.delete(group)
    },
  })
  let clears = 0
  const epochOf = (group: string) => `${clears}.${epochs.get(group) ?? 0}`

  return {
    async get(group, field) {
      const key = toKey(group, field)
      return { answer: entries.get(key)?.answer, epoch: epochOf(group), leftMs: Math.max(0, entries.getRemainingTTL(key)) }
    },
    async put(group, field, answer, { epoch, ttlMs, weight }) {
      if (epoch !== epochOf(group)) return
      entries.set(toKey(group, field), { group, field, answer }, { ttl: ttlMs, size: weight })
      if (!entries.has(toKey(group, field))) return
      const fields = groups.get(group) ?? new Set()
      groups.set(group, fields.add(field))
    },
    async drop(group) {
      epochs.set(group, (epochs.get(group) ?? 0) + 1)
      for (const field of [...(groups.get(group) ?? [])]) entries.delete(toKey(group, field))
    },
    async clear() {
      clears += 1
      entries.clear()
    },
    async close() {
      entries.clear()
    },
  }
}

function toKey(group: string, field: string): string {
  return `${group}\0${field}`
}

import type { Redis } from 'ioredis'
import type { SourceInfo } from '../sources/source.ts'
import type { CacheStore } from './cache-store.ts'

export interface RedisCacheOptions {
  readonly redis: Redis
  /** Gives tickets the shared object of their source back. null: the source is not configured. */
  readonly findSource: (key: string) => SourceInfo | null
  /** Before every key. Several gateways may share one Redis. Its number changes with the form of cached tickets and look-ups. */
  readonly prefix?: string
}

/** Longer than any value lives, so that no version begins again at 0 while a value of it exists. */
const versionTtlMs = 2 * 24 * 3_600_000

// A value's key contains the version of its group: to invalidate a group is to begin its next version.
const getScript = `local version = redis.call('GET', KEYS[1]) or '0'
local key = KEYS[1] .. ':' .. version .. ':' .. ARGV[1]
return { version, redis.call('GET', key), redis.call('PTTL', key) }`
const setScript = `if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1] .. ':' .. ARGV[2] .. ':' .. ARGV[1], ARGV[3], 'PX', ARGV[4])
return 1`
const invalidateScript = `local version = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return version`

/** A cache in Redis, shared by all replicas. Its bound is Redis' own `maxmemory`. `close` ends the connection. */
export function createRedisCache(options: RedisCacheOptions): CacheStore {
  const { redis, findSource, prefix = 'deskgraph:cache:2' } = options
  // The braces keep a group on one node of a cluster.
  const keyOf = (group: string) => `${prefix}:{${group}}`

  return {
    async get(group, field) {
      const reply = await redis.eval(getScript, 1, keyOf(group), field)
      const [version, json, remainingMs] = reply as [string, string | null, number]
      return { version, value: json === null ? undefined : decodeValue(json, findSource), remainingMs: Math.max(0, remainingMs) }
    },
    async set(group, field, value, { version, ttlMs }) {
      await redis.eval(setScript, 1, keyOf(group), field, version, encodeValue(value), ttlMs)
    },
    async invalidate(group) {
      await redis.eval(invalidateScript, 1, keyOf(group), versionTtlMs)
    },
    async clear() {
      for await (const keys of redis.scanStream({ match: `${escapeGlob(prefix)}:*`, count: 1_000 })) {
        if ((keys as string[]).length > 0) await redis.unlink(...(keys as string[]))
      }
    },
    async close() {
      redis.disconnect()
    },
  }
}

function escapeGlob(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, '\\$&')
}

/** Stands for a SourceInfo in the JSON: all tickets of a source share one object. */
const sourceMarker = '\u0000source:'

function encodeValue(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (isSourceInfo(part) ? sourceMarker + part.key : part))
}

/** undefined: a source in it is not configured any more. */
function decodeValue(json: string, findSource: RedisCacheOptions['findSource']): unknown {
  let isComplete = true
  const value: unknown = JSON.parse(json, (name, part: unknown) => {
    if (name !== 'source' || typeof part !== 'string' || !part.startsWith(sourceMarker)) return part
    const source = findSource(part.slice(sourceMarker.length))
    if (source === null) isComplete = false
    return source
  })
  return isComplete ? value : undefined
}

function isSourceInfo(value: unknown): value is SourceInfo {
  return typeof value === 'object' && value !== null && 'canCreate' in value && 'filters' in value && 'mode' in value
}

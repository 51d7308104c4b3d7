import { Redis } from 'ioredis'
import type { Logger } from '../domain/telemetry.ts'
import type { SourceInfo } from '../sources/source.ts'
import { fromAnswerJson, toAnswerJson } from './cache-json.ts'
import type { CacheStore } from './cache-store.ts'

export interface RedisCacheOptions {
  readonly redisUrl: string
  /** Gives tickets the shared object of their source back. */
  readonly findSource: (key: string) => SourceInfo | null
  readonly logger: Logger
  /** Before every key. Several gateways may share one Redis. */
  readonly prefix?: string
}

/** Longer than any answer is kept, so that no epoch begins anew while an answer of it lives. */
const epochTtlMs = 2 * 24 * 3_600_000
/** A cache that is slower than this is not worth waiting for. */
const commandTimeoutMs = 250

// An answer's key names the epoch of its group: to drop a group is to begin its next epoch.
const getScript = `local epoch = redis.call('GET', KEYS[1]) or '0'
local key = KEYS[1] .. ':' .. epoch .. ':' .. ARGV[1]
return { epoch, redis.call('GET', key), redis.call('PTTL', key) }`
const putScript = `if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1] .. ':' .. ARGV[2] .. ':' .. ARGV[1], ARGV[3], 'PX', ARGV[4])
return 1`
const dropScript = `local epoch = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return epoch`

/** Keeps answers in Redis, for all replicas. Redis' own `maxmemory` bounds it. */
export function createRedisCache(options: RedisCacheOptions): CacheStore {
  const { redisUrl, findSource, logger, prefix = 'deskgraph:cache' } = options
  const redis = new Redis(redisUrl, {
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
  })
  redis.on('error', (error: Error) => logger.warn({ err: error }, 'the answer cache cannot reach Redis'))
  // The braces keep a group on one node of a cluster.
  const keyOf = (group: string) => `${prefix}:{${group}}`

  return {
    async get(group, field) {
      const [epoch, json, leftMs] = (await redis.eval(getScript, 1, keyOf(group), field)) as [string, string | null, number]
      return { epoch, answer: json === null ? undefined : fromAnswerJson(json, findSource), leftMs: Math.max(0, leftMs) }
    },
    async put(group, field, answer, { epoch, ttlMs }) {
      await redis.eval(putScript, 1, keyOf(group), field, epoch, toAnswerJson(answer), ttlMs)
    },
    async drop(group) {
      await redis.eval(dropScript, 1, keyOf(group), epochTtlMs)
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

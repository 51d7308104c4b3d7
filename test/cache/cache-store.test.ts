import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { type CacheStore, createMemoryCache } from '../../src/cache/cache-store.ts'
import { createRedisCache } from '../../src/cache/redis-cache.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { connectRedis } from '../../src/redis/connect-redis.ts'
import { toCustomer, toSourceInfo, toTicket } from '../support/memory-ticket.ts'
import { hasRedis, redisUrl } from '../support/redis.ts'

const info = toSourceInfo('a')
const prefixes: string[] = []

async function openRedis(): Promise<CacheStore> {
  const prefix = `test:${randomUUID()}`
  prefixes.push(prefix)
  const connected = await connectRedis({ redisUrl, use: 'answer cache', logger: noLogger, pipelined: true })
  return createRedisCache({ redis: connected, prefix, findSource: (key) => (key === 'a' ? info : null) })
}

const caches: [string, boolean, () => CacheStore | Promise<CacheStore>][] = [
  ['in memory', true, () => createMemoryCache({ maxWeight: 1000 })],
  ['in Redis', await hasRedis(), openRedis],
]

describe.each(caches)('an answer cache %s', (_, isAvailable, open) => {
  const opened: CacheStore[] = []
  const openWhenReady = async () => {
    const cache = await open()
    opened.push(cache)
    // A read fails until the first connection is open.
    await expect.poll(() => cache.get('ready', '').then(() => 'ready', String), { timeout: 10_000 }).toBe('ready')
    return cache
  }
  afterEach(async () => {
    for (const cache of opened.splice(0)) {
      await cache.clear()
      await cache.close()
    }
  })
  const set = async (cache: CacheStore, group: string, field: string, value: unknown, ttlMs = 60_000) =>
    cache.set(group, field, value, { version: (await cache.get(group, field)).version, ttlMs, weight: 1 })

  it.runIf(isAvailable)('returns what was set, by group and field', async () => {
    const cache = await openWhenReady()
    await set(cache, 'g', 'f', { list: [1, null, 'x'] })
    expect((await cache.get('g', 'f')).value).toEqual({ list: [1, null, 'x'] })
    expect((await cache.get('g', 'other')).value).toBeUndefined()
    expect((await cache.get('other', 'f')).value).toBeUndefined()
  })

  it.runIf(isAvailable)('tells how long a value is still valid', async () => {
    const cache = await openWhenReady()
    await set(cache, 'g', 'f', 'value', 60_000)
    const { remainingMs } = await cache.get('g', 'f')
    expect(remainingMs).toBeGreaterThan(50_000)
    expect(remainingMs).toBeLessThanOrEqual(60_000)
    expect((await cache.get('g', 'nothing')).remainingMs).toBe(0)
  })

  it.runIf(isAvailable)('returns tickets with the shared object of their source', async () => {
    const cache = await openWhenReady()
    const ticket = toTicket(info, 'x', { customer: toCustomer(info, 'c'), raw: { source: 'chat' } })
    await set(cache, 'g', 'f', [ticket])
    const [cached] = (await cache.get('g', 'f')).value as [typeof ticket]
    expect(cached).toEqual(ticket)
    expect(cached.source).toBe(info)
  })

  it.runIf(isAvailable)('invalidates a whole group, and no other', async () => {
    const cache = await openWhenReady()
    await set(cache, 'g', 'f1', 1)
    await set(cache, 'g', 'f2', 2)
    await set(cache, 'h', 'f1', 3)
    await cache.invalidate('g')
    const answers = await Promise.all([cache.get('g', 'f1'), cache.get('g', 'f2'), cache.get('h', 'f1')])
    expect(answers.map(({ value }) => value)).toEqual([undefined, undefined, 3])
    await set(cache, 'g', 'f1', 4)
    expect((await cache.get('g', 'f1')).value).toBe(4)
  })

  it.runIf(isAvailable)('does not store a value that was read before its group was invalidated', async () => {
    const cache = await openWhenReady()
    const { version } = await cache.get('g', 'f')
    await cache.invalidate('g')
    await cache.set('g', 'f', 'out of date', { version, ttlMs: 60_000, weight: 1 })
    expect((await cache.get('g', 'f')).value).toBeUndefined()
  })

  it.runIf(isAvailable)('returns no value that has expired', async () => {
    const cache = await openWhenReady()
    await set(cache, 'g', 'f', 1, 1)
    await expect.poll(async () => (await cache.get('g', 'f')).value).toBeUndefined()
  })

  it.runIf(isAvailable)('is empty after it was cleared', async () => {
    const cache = await openWhenReady()
    await set(cache, 'g', 'f', 1)
    await set(cache, 'h', 'f', 1)
    await cache.clear()
    expect([(await cache.get('g', 'f')).value, (await cache.get('h', 'f')).value]).toEqual([undefined, undefined])
  })
})

describe('an answer cache in memory', () => {
  it('is bounded by weight, and evicts the least recently used value first', async () => {
    const cache = createMemoryCache({ maxWeight: 10 })
    for (const field of ['a', 'b'])
      await cache.set('g', field, field, { version: (await cache.get('g', field)).version, ttlMs: 60_000, weight: 5 })
    await cache.get('g', 'a')
    await cache.set('g', 'c', 'c', { version: (await cache.get('g', 'c')).version, ttlMs: 60_000, weight: 5 })
    const answers = await Promise.all(['a', 'b', 'c'].map((field) => cache.get('g', field)))
    expect(answers.map(({ value }) => value)).toEqual(['a', undefined, 'c'])
  })
})

describe('an answer cache in Redis', () => {
  it('rejects at once when Redis cannot be reached', async () => {
    const gone = await connectRedis({ redisUrl: 'redis://127.0.0.1:1', use: 'answer cache', logger: noLogger })
    const cache = createRedisCache({ redis: gone, findSource: () => null })
    await expect(cache.get('g', 'f')).rejects.toThrow()
    await cache.close()
  })
})

import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { CacheStore } from '../../src/cache/cache-store.ts'
import { createMemoryCache } from '../../src/cache/memory-cache.ts'
import { createRedisCache } from '../../src/cache/redis-cache.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { toCustomer, toSourceInfo, toTicket } from '../support/memory-ticket.ts'
import { hasRedis, redisUrl } from '../support/redis.ts'

const info = toSourceInfo('a')
const prefixes: string[] = []

function openRedis(): CacheStore {
  const prefix = `test:${randomUUID()}`
  prefixes.push(prefix)
  return createRedisCache({ redisUrl, prefix, logger: noLogger, findSource: (key) => (key === 'a' ? info : null) })
}

const caches: [string, boolean, () => CacheStore][] = [
  ['in memory', true, () => createMemoryCache({ maxWeight: 1000 })],
  ['in Redis', await hasRedis(), openRedis],
]

describe.each(caches)('an answer cache %s', (_, isThere, open) => {
  const opened: CacheStore[] = []
  const cache = async () => {
    const one = open()
    opened.push(one)
    // The first connection takes a moment, and until then a read is no more than a miss.
    for (let tries = 0; tries < 100; tries++) {
      const isReady = await one.get('ready', '').then(
        () => true,
        () => false,
      )
      if (isReady) return one
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error('the cache does not answer')
  }
  afterEach(async () => {
    for (const one of opened.splice(0)) {
      await one.clear()
      await one.close()
    }
  })
  const put = async (one: CacheStore, group: string, field: string, answer: unknown, ttlMs = 60_000) =>
    one.put(group, field, answer, { epoch: (await one.get(group, field)).epoch, ttlMs, weight: 1 })

  it.runIf(isThere)('gives back what was put, by group and field', async () => {
    const one = await cache()
    await put(one, 'g', 'f', { list: [1, null, 'x'] })
    expect((await one.get('g', 'f')).answer).toEqual({ list: [1, null, 'x'] })
    expect((await one.get('g', 'other')).answer).toBeUndefined()
    expect((await one.get('other', 'f')).answer).toBeUndefined()
  })

  it.runIf(isThere)('says for how long an answer may still be given', async () => {
    const one = await cache()
    await put(one, 'g', 'f', 'kept', 60_000)
    const { leftMs } = await one.get('g', 'f')
    expect(leftMs).toBeGreaterThan(50_000)
    expect(leftMs).toBeLessThanOrEqual(60_000)
    expect((await one.get('g', 'nothing')).leftMs).toBe(0)
  })

  it.runIf(isThere)('gives tickets back with the one object of their source', async () => {
    const one = await cache()
    const ticket = toTicket(info, 'x', { customer: toCustomer(info, 'c'), raw: { source: 'chat' } })
    await put(one, 'g', 'f', [ticket])
    const [kept] = (await one.get('g', 'f')).answer as [typeof ticket]
    expect(kept).toEqual(ticket)
    expect(kept.source).toBe(info)
    expect(kept.customer?.source).toBe(info)
  })

  it.runIf(isThere)('forgets a group as a whole, and no other', async () => {
    const one = await cache()
    await put(one, 'g', 'f1', 1)
    await put(one, 'g', 'f2', 2)
    await put(one, 'h', 'f1', 3)
    await one.drop('g')
    const answers = await Promise.all([one.get('g', 'f1'), one.get('g', 'f2'), one.get('h', 'f1')])
    expect(answers.map(({ answer }) => answer)).toEqual([undefined, undefined, 3])
    await put(one, 'g', 'f1', 4)
    expect((await one.get('g', 'f1')).answer).toBe(4)
  })

  it.runIf(isThere)('does not keep an answer that was asked for before its group was dropped', async () => {
    const one = await cache()
    const { epoch } = await one.get('g', 'f')
    await one.drop('g')
    await one.put('g', 'f', 'too late', { epoch, ttlMs: 60_000, weight: 1 })
    expect((await one.get('g', 'f')).answer).toBeUndefined()
  })

  it.runIf(isThere)('forgets an answer when it is too old', async () => {
    const one = await cache()
    await put(one, 'g', 'f', 1, 1)
    await expect.poll(async () => (await one.get('g', 'f')).answer).toBeUndefined()
  })

  it.runIf(isThere)('forgets everything when told', async () => {
    const one = await cache()
    await put(one, 'g', 'f', 1)
    await put(one, 'h', 'f', 1)
    await one.clear()
    expect([(await one.get('g', 'f')).answer, (await one.get('h', 'f')).answer]).toEqual([undefined, undefined])
  })
})

describe('an answer cache in memory', () => {
  it('is bounded by weight: the least recently used goes first', async () => {
    const one = createMemoryCache({ maxWeight: 10 })
    for (const field of ['a', 'b'])
      await one.put('g', field, field, { epoch: (await one.get('g', field)).epoch, ttlMs: 60_000, weight: 5 })
    await one.get('g', 'a')
    await one.put('g', 'c', 'c', { epoch: (await one.get('g', 'c')).epoch, ttlMs: 60_000, weight: 5 })
    const answers = await Promise.all(['a', 'b', 'c'].map((field) => one.get('g', field)))
    expect(answers.map(({ answer }) => answer)).toEqual(['a', undefined, 'c'])
  })
})

describe('an answer cache in Redis', () => {
  it('that cannot be reached rejects at once', async () => {
    const one = createRedisCache({ redisUrl: 'redis://127.0.0.1:1', logger: noLogger, findSource: () => null })
    await expect(one.get('g', 'f')).rejects.toThrow()
    await one.close()
  })
})

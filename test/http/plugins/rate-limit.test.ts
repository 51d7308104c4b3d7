import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import type { Viewer } from '../../../src/domain/call.ts'
import { anonymous } from '../../../src/domain/permissions.ts'
import { type Metrics, noMetrics } from '../../../src/domain/telemetry.ts'
import { limitsConfig } from '../../../src/http/config.ts'
import { createRateCheck, createRateLimiter, type RateLimiter } from '../../../src/http/plugins/rate-limit.ts'

const rate = { perSecond: 1, burst: 5 }

/** How many of so many requests were let in. */
async function letIn(limiter: RateLimiter, key: string, requests: number): Promise<number> {
  const outcomes = await Promise.allSettled(Array.from({ length: requests }, () => limiter.consume({ by: 'viewer', key })))
  return outcomes.filter((outcome) => outcome.status === 'fulfilled').length
}

describe('CLIENT-19: the rate limit', () => {
  it('lets the burst in and answers RATE_LIMITED with the seconds to wait afterwards', async () => {
    const limiter = createRateLimiter({ rate, redis: null, metrics: noMetrics })
    expect(await letIn(limiter, 'one', 7)).toBe(5)
    const refusal = limiter.consume({ by: 'viewer', key: 'one' })
    await expect(refusal).rejects.toMatchObject({ code: 'RATE_LIMITED', retryable: true, retryAfter: 5 })
  })
  it('DECISION-40: says what is left, also in a refusal', async () => {
    const limiter = createRateLimiter({ rate, redis: null, metrics: noMetrics })
    const told: string[] = []
    const consume = () => limiter.consume({ by: 'viewer', key: 'one' }, (name, value) => told.push(`${name}: ${value}`))
    await consume()
    expect(told).toEqual(['ratelimit-policy: "default";q=5;w=5', 'ratelimit: "default";r=4;t=5'])
    await letIn(limiter, 'one', 4)
    told.length = 0
    await expect(consume()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(told).toEqual(['ratelimit-policy: "default";q=5;w=5', 'ratelimit: "default";r=0;t=5'])
  })
  it('counts each viewer and each address by itself', async () => {
    const limiter = createRateLimiter({ rate, redis: null, metrics: noMetrics })
    await letIn(limiter, 'one', 9)
    expect(await letIn(limiter, 'two', 9)).toBe(5)
    await expect(limiter.consume({ by: 'address', key: 'one' })).resolves.toBeUndefined()
  })
  it('lets in again when the window is over', async () => {
    const limiter = createRateLimiter({ rate: { perSecond: 5, burst: 5 }, redis: null, metrics: noMetrics })
    await letIn(limiter, 'one', 9)
    await expect.poll(() => letIn(limiter, 'one', 1), { timeout: 5_000, interval: 50 }).toBe(1)
  })
  it('counts the refusals', async () => {
    const counted: unknown[] = []
    const metrics: Metrics = { ...noMetrics, count: (name, labels) => void counted.push([name, labels]) }
    await letIn(createRateLimiter({ rate, redis: null, metrics }), 'one', 7)
    expect(counted).toEqual([
      ['rate_limited_total', { by: 'viewer' }],
      ['rate_limited_total', { by: 'viewer' }],
    ])
  })
  it('is 100 per second and 1,000 at once unless configured, and never a burst below a second', () => {
    expect(limitsConfig.parse({}).rate).toEqual({ perSecond: 100, burst: 1_000 })
    expect(limitsConfig.safeParse({ rate: { perSecond: 10, burst: 5 } }).success).toBe(false)
  })
})

describe('who is counted', () => {
  const viewer: Viewer = { ...anonymous, id: 'agent-1' }
  it('is the viewer, wherever the request comes from; and the address when the viewer is anonymous', async () => {
    const check = createRateCheck(createRateLimiter({ rate: { perSecond: 1, burst: 1 }, redis: null, metrics: noMetrics }))
    await check(viewer, '192.0.2.1')
    await expect(check(viewer, '192.0.2.2')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    })
    await check(anonymous, '192.0.2.1')
    await expect(check(anonymous, '192.0.2.1')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await check(anonymous, '192.0.2.2')
  })
})

const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'
const redis = await connect()
afterAll(() => redis?.disconnect())

async function connect(): Promise<Redis | undefined> {
  const client = new Redis(redisUrl, { lazyConnect: true, retryStrategy: null, enableOfflineQueue: false })
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    if (process.env.CI === 'true') throw error
    console.warn(`Skipped: no Redis at ${redisUrl}`)
    return undefined
  }
}

describe.skipIf(!redis)('with Redis', () => {
  it('replicas count together', async () => {
    const key = randomUUID()
    const replicas = [1, 2].map(() => createRateLimiter({ rate, redis: redis!, metrics: noMetrics }))
    const [one, two] = await Promise.all(replicas.map((replica) => letIn(replica, key, 5)))
    expect(one! + two!).toBe(5)
  })
  it('that is down, each replica counts for itself', async () => {
    const gone = new Redis({ port: 1, lazyConnect: true, retryStrategy: null, enableOfflineQueue: false })
    gone.on('error', () => {})
    const limiter = createRateLimiter({ rate, redis: gone, metrics: noMetrics })
    expect(await letIn(limiter, 'one', 7)).toBe(5)
    gone.disconnect()
  })
})

import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type CallPriority, callPriorities } from '../../../src/domain/call.ts'
import { noLogger } from '../../../src/domain/telemetry.ts'
import { connectRedis } from '../../../src/redis/connect-redis.ts'
import type { CallLimit } from '../../../src/sources/budget/limits.ts'
import { type Ask, createMemoryStore, type EndOfLimit, type Receipt } from '../../../src/sources/budget/memory-store.ts'
import { createSharedStore } from '../../../src/sources/budget/shared-store.ts'
import { startTcpProxy } from '../../support/process/tcp-proxy.ts'
import { hasRedis, redisUrl } from '../../support/redis.ts'

const limits: readonly CallLimit[] = [
  { name: 'all', calls: 30, windowMs: 60_000 },
  { name: 'list', calls: 12, windowMs: 60_000, kinds: ['list'] },
  { name: 'ticket-writes', calls: 3, windowMs: 2_000, kinds: ['write'], perSubject: true },
]
const keepForUsers = 0.2

const isPresent = await hasRedis()
const redis = new Redis(redisUrl, { lazyConnect: true, maxRetriesPerRequest: 0 })
beforeAll(async () => {
  if (isPresent) await redis.connect()
})
afterAll(() => redis.disconnect())

/** One replica, with the time of a test. */
function createReplica(options: { sourceKey?: string; now: () => number; redis?: Redis; replicas?: number; log?: string[] }) {
  const { sourceKey = `test-${randomUUID()}`, now, log = [] } = options
  const standing = { isShared: false, replicas: options.replicas ?? 2 }
  const memory = createMemoryStore({ limits, keepForUsers, share: () => 1 / standing.replicas, clock: now })
  const add = (_fields: object, message: string) => void log.push(message)
  const logger = { ...noLogger, warn: add, info: add }
  const common = { limits, keepForUsers, memory, standing, replica: randomUUID(), logger, clock: now, now }
  return { standing, memory, store: createSharedStore({ sourceKey, redis: options.redis ?? redis, ...common }) }
}

function ask(names: readonly string[], priority: CallPriority = 'user', more: { cost?: number; ahead?: number } = {}): Ask {
  const { cost = 1, ahead = 0 } = more
  const counted = limits.filter(({ name }) => names.includes(name))
  return { priority, limits: counted.map((limit) => ({ limit, cost, subject: limit.perSubject ? '7' : null, ahead })) }
}

function said(count: number, end: Partial<EndOfLimit> = {}): EndOfLimit[] {
  return Array.from({ length: count }, () => ({ reading: undefined, closedForMs: null, ...end }))
}

const step = fc.record({
  pauseMs: fc.integer({ min: 0, max: 3_000 }),
  names: fc.constantFrom(['all'], ['all', 'list'], ['all', 'ticket-writes']),
  priority: fc.constantFrom(...callPriorities),
  cost: fc.integer({ min: 1, max: 3 }),
  ahead: fc.integer({ min: 0, max: 3 }),
  ends: fc.option(
    fc.record({
      sent: fc.integer({ min: 0, max: 2 }),
      closedForMs: fc.option(fc.integer({ min: 0, max: 5_000 }), { freq: 8 }),
      total: fc.option(fc.integer({ min: 5, max: 40 }), { nil: undefined, freq: 2 }),
      remaining: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
      resetsInMs: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
    }),
  ),
})

describe.skipIf(!isPresent)('a budget in Redis', () => {
  it('decides as the budget of one process does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        let time = 1_700_000_000_000
        const now = () => time
        const memory = createMemoryStore({ limits, keepForUsers, share: () => 1, clock: now })
        const { store } = createReplica({ now })
        await store.state()
        for (const { pauseMs, names, priority, cost, ahead, ends } of steps) {
          time += pauseMs
          const asked = ask(names, priority, { cost, ahead })
          const [alone, shared] = [await memory.take(asked), await store.take(asked)]
          if ('waitMs' in alone || 'waitMs' in shared) {
            expect(shared).toEqual({ ...alone, waitMs: expect.closeTo('waitMs' in alone ? alone.waitMs : -1, 2) })
            continue
          }
          if (!ends) continue
          time += 10
          const { sent, closedForMs, ...rest } = ends
          const reading = rest.remaining === undefined && rest.total === undefined ? undefined : { limit: '', ...rest }
          const told = said(names.length, { closedForMs, reading })
          await memory.end(asked, alone.receipt, sent, told)
          await store.end(asked, shared.receipt, sent, told)
        }
        expect(await store.state()).toEqual(await memory.state())
      }),
      { numRuns: 60 },
    )
  })

  it('BUDGET-06: two replicas together never make more calls than the limit in any window', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 80 }), async (steps) => {
        let time = 1_700_000_000_000
        const now = () => time
        const sourceKey = `test-${randomUUID()}`
        const pair = [createReplica({ sourceKey, now }), createReplica({ sourceKey, now })]
        for (const { store } of pair) await store.state()
        const made: number[] = []
        for (const [{ pauseMs, priority, ends }, isFirst] of steps) {
          time += pauseMs
          const { store } = pair[isFirst ? 0 : 1]!
          // Both at once: the first of them is ended, the other replica dies with its call.
          const asked = ask(['all', 'list'], priority)
          const results = await Promise.all(pair.map((replica) => replica.store.take(asked)))
          for (const result of results) if ('receipt' in result) made.push(time)
          const [result] = results
          if (ends && result && 'receipt' in result) await store.end(asked, result.receipt, 1, said(2))
        }
        const most = Math.max(0, ...made.map((start) => made.filter((at) => at >= start && at < start + 60_000).length))
        expect(most).toBeLessThanOrEqual(12)
      }),
      { numRuns: 40 },
    )
  })

  it('BUDGET-06: the calls of a replica that was killed cost no more than one window', async () => {
    let time = 1_700_000_000_000
    const now = () => time
    const sourceKey = `test-${randomUUID()}`
    const [killed, other] = [createReplica({ sourceKey, now }), createReplica({ sourceKey, now })]
    await killed.store.state()
    await other.store.state()
    for (let call = 0; call < 12; call++) expect(await killed.store.take(ask(['list']))).toHaveProperty('receipt')
    const held = await other.store.take(ask(['list']))
    expect(held).toMatchObject({ waitMs: expect.any(Number), heldBy: { name: 'list' } })
    time += 61_000
    expect(await other.store.take(ask(['list']))).toHaveProperty('receipt')
  })

  it('counts the replicas that share it', async () => {
    let time = 1_700_000_000_000
    const sourceKey = `test-${randomUUID()}`
    const [one, two] = [0, 1].map(() => createReplica({ sourceKey, now: () => time, replicas: 5 }))
    await one?.store.state()
    await two?.store.state()
    await one?.store.state()
    expect([one?.standing.replicas, two?.standing.replicas]).toEqual([2, 2])
    time += 30_000
    await two?.store.state()
    expect(two?.standing.replicas).toBe(1)
  })
})

describe.skipIf(!isPresent)('BUDGET-07: while Redis does not answer', () => {
  it('each replica makes its share of the calls, says so, and tells Redis of them when it is back', async () => {
    const { hostname, port, pathname } = new URL(redisUrl)
    const link = await startTcpProxy({ host: hostname, port: Number(port || 6379) })
    onTestFinished(() => link.close())
    const proxied = await connectRedis({
      redisUrl: `redis://127.0.0.1:${link.port}${pathname}`,
      use: 'rate limits',
      logger: noLogger,
    })
    onTestFinished(() => proxied.disconnect())
    await expect.poll(() => proxied.status).toBe('ready')
    const sourceKey = `test-${randomUUID()}`
    const log: string[] = []
    const now = Date.now
    const cut = createReplica({ sourceKey, now, redis: proxied, log })
    const other = createReplica({ sourceKey, now })
    await other.store.state()
    await cut.store.state()
    const takeAll = async (store: typeof cut.store) => {
      const taken: Receipt[] = []
      for (;;) {
        const result = await store.take(ask(['list']))
        if ('waitMs' in result) return taken.length
        taken.push(result.receipt)
      }
    }
    for (let call = 0; call < 4; call++) await other.store.take(ask(['list']))
    await cut.store.state()
    link.freeze()
    // Eight of twelve were left: a half of them.
    expect(await takeAll(cut.store)).toBe(4)
    expect(cut.standing).toEqual({ isShared: false, replicas: 2 })
    expect(log).toEqual(['Redis does not count the calls to this source: this replica makes its share of them by its own count'])
    link.thaw()
    await expect.poll(() => cut.store.state().then(() => cut.standing.isShared), { timeout: 10_000 }).toBe(true)
    expect(log).toHaveLength(2)
    expect(await takeAll(other.store)).toBe(4)
    expect(await takeAll(cut.store)).toBe(0)
  })

  it('a Redis that has lost everything learns the calls of this window from the replicas', async () => {
    const sourceKey = `test-${randomUUID()}`
    const pair = [0, 1].map(() => createReplica({ sourceKey, now: Date.now }))
    for (const { store } of pair) await store.state()
    for (let call = 0; call < 6; call++) for (const { store } of pair) await store.take(ask(['list']))
    await redis.del(...(await redis.keys(`*${sourceKey}*`)))
    for (const { store } of pair) await store.state()
    for (const { store, standing } of pair) {
      expect(standing.isShared).toBe(true)
      expect(await store.take(ask(['list']))).toHaveProperty('waitMs')
      expect(await store.state()).toMatchObject([{ left: 30 }, { left: 0 }])
    }
  })
})

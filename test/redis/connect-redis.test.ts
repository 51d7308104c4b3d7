import { afterEach, describe, expect, test } from 'vitest'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { limitsConfig } from '../../src/http/config.ts'
import { toDependencies, watchDependencies } from '../../src/http/dependency-monitor.ts'
import { createRateLimiter } from '../../src/http/plugins/rate-limit.ts'
import { connectRedis } from '../../src/redis/connect-redis.ts'
import { startTcpProxy, type TcpProxy } from '../support/process/tcp-proxy.ts'
import { hasRedis, redisUrl } from '../support/redis.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** A connection through a proxy that a test can freeze, with its log. */
async function connectThroughProxy() {
  const { hostname, port, pathname } = new URL(redisUrl)
  const link: TcpProxy = await startTcpProxy({ host: hostname, port: Number(port || 6379) })
  const log: string[] = []
  const logger = { debug() {}, error() {}, info: add, warn: add }
  function add(_fields: object, message: string): void {
    log.push(message)
  }
  const redis = await connectRedis({ redisUrl: `redis://127.0.0.1:${link.port}${pathname}`, use: 'rate limits', logger })
  cleanUps.push(
    () => link.close(),
    () => redis.disconnect(),
  )
  await expect.poll(() => redis.status).toBe('ready')
  return { link, redis, log }
}

describe.skipIf(!(await hasRedis()))('OPS-02: a Redis that hangs', () => {
  test('fails each command after its time, and then all of them at once, until it answers again', async () => {
    const { link, redis, log } = await connectThroughProxy()
    link.freeze()
    await expect(redis.ping()).rejects.toThrow('Command timed out')
    await expect.poll(() => redis.status).not.toBe('ready')
    // No time is measured: a command that waited would end with "Command timed out".
    await expect(redis.ping()).rejects.toThrow('enableOfflineQueue')
    link.thaw()
    await expect.poll(() => redis.ping().catch(() => null), { timeout: 10_000 }).toBe('PONG')
    expect(log).toEqual(['Redis does not answer; the gateway continues without it', 'Redis answers again'])
  })
  test('keeps no request waiting for its rate limit: each replica counts for itself', async () => {
    const { link, redis } = await connectThroughProxy()
    const { rate } = limitsConfig.parse({ rate: { perSecond: 1, burst: 2 } })
    const limiter = createRateLimiter({ rate, redis, metrics: noMetrics })
    link.freeze()
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => limiter.consume({ by: 'viewer', key: `hung-${process.pid}` })))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  })
})

test('OPS-02: a Redis that cannot be reached fails each command at once, and the log has one line', async () => {
  const log: string[] = []
  const logger = { debug() {}, error() {}, info() {}, warn: (_fields: object, message: string) => void log.push(message) }
  const redis = await connectRedis({ redisUrl: 'redis://127.0.0.1:1', use: 'answer cache', logger })
  cleanUps.push(() => redis.disconnect())
  await expect(redis.ping()).rejects.toThrow('enableOfflineQueue')
  let attempts = 0
  redis.on('reconnecting', () => (attempts += 1))
  await expect.poll(() => attempts, { timeout: 5_000 }).toBeGreaterThan(2)
  expect(log).toHaveLength(1)
})

describe.skipIf(!(await hasRedis()))('the watch of dependencies', () => {
  const watch = async (url: string) => {
    const lines: string[] = []
    const logger = { ...noLogger, error: (_: object, message: string) => void lines.push(message) }
    const redis = await connectRedis({ redisUrl: url, use: 'rate limits', logger: noLogger })
    const given = { store: { ping: async () => {} }, authenticator: { isReady: () => true } }
    const dependencies = toDependencies({ ...given, redis, budgets: { sharedSources: () => ['zendesk', 'jira'] } })
    const monitor = watchDependencies({ dependencies, metrics: noMetrics, logger, intervalMs: 60_000 })
    cleanUps.push(
      () => redis.disconnect(),
      () => monitor.stop(),
    )
    const states = await monitor.check()
    const { state, problem } = states.find(({ name }) => name === 'redis')!
    return { lines, redis: state, problem }
  }

  test('OPS-02: a Redis that is being connected at the start is not reported as failed', async () => {
    expect(await watch(redisUrl)).toEqual({ lines: [], redis: 'UP', problem: undefined })
  })

  test('a Redis that cannot be reached at the start is', async () => {
    const { lines, redis, problem } = await watch('redis://127.0.0.1:1')
    expect([redis, lines.length]).toEqual(['DOWN', 1])
    expect(problem).toBe('Each replica makes its share of the calls to zendesk, jira, by its own count.')
  })
})

import { Redis } from 'ioredis'

/** The Redis of the tests. */
export const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'

/** True when the tests can use a Redis. In CI its absence is a failure. */
export async function hasRedis(): Promise<boolean> {
  const redis = new Redis(redisUrl, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return true
  } catch (error) {
    if (process.env.CI) throw error
    console.warn('No Redis at TEST_REDIS_URL or on the loopback address: its tests are skipped.')
    return false
  } finally {
    redis.disconnect()
  }
}

/** A Redis database for tests of whole processes. Other tests use another database, so that they do not count its keys. */
const processDatabase = 11

/** The URL of an empty Redis database; null without a Redis. */
export async function openProcessRedis(): Promise<string | null> {
  if (!(await hasRedis())) return null
  const url = new URL(redisUrl)
  url.pathname = `/${processDatabase}`
  const redis = new Redis(url.href)
  await redis.flushdb()
  redis.disconnect()
  return url.href
}

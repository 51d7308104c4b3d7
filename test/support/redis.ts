import { Redis } from 'ioredis'

export const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'

/** Is there a Redis to test with? In CI its absence is a failure. */
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

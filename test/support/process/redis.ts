import { Redis } from 'ioredis'

/** A database of its own on the Redis of the tests, so that nothing of other tests is counted. */
const database = 11

/** The address, emptied; null where there is no Redis, which in CI is a failure. */
export async function findRedis(): Promise<string | null> {
  const url = new URL(process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379')
  url.pathname = `/${database}`
  const client = new Redis(url.href, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.flushdb()
    return url.href
  } catch (error) {
    if (process.env.CI) throw error
    console.warn('No Redis at TEST_REDIS_URL or on the loopback address: its tests are skipped.')
    return null
  } finally {
    client.disconnect()
  }
}

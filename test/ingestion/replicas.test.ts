import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { createChangeStream } from '../../src/changes/change-stream.ts'
import { createLocalPubSub, type PubSub } from '../../src/changes/pub-sub.ts'
import { createRedisPubSub } from '../../src/changes/redis-pub-sub.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { vccAdd } from '../fixtures/vcc/samples.ts'
import { createDatabase, hasPostgres, openTestStore } from '../support/databases.ts'
import { createIngestionFixture, createTestClock, findTestSource } from '../support/ingestion-fixture.ts'

const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'

async function hasRedis(): Promise<boolean> {
  const client = new Redis(redisUrl, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch (error) {
    if (process.env.CI) throw error
    console.warn('No Redis at TEST_REDIS_URL or on the loopback address: its tests are skipped.')
    return false
  } finally {
    client.disconnect()
  }
}

/** An event taken by one replica, as a subscriber of the other sees it. */
async function acrossReplicas(createBus: () => PubSub): Promise<string[]> {
  const database = await createDatabase()
  const open = () => openTestStore({ findSource: findTestSource, databaseUrl: database.url })
  const [one, two] = await Promise.all([open(), open()])
  const buses = [createBus(), createBus()] as const
  const feeds = [one, two].map((store, index) =>
    createChangeStream({ changeLog: store.changeLog, bus: buses[index]!, metrics: noMetrics, logger: noLogger, pollMs: 20 }),
  )
  const stop = new AbortController()
  const seen: string[] = []
  const stream = feeds[1]!.subscribe({ after: null, signal: stop.signal })
  const desks = [createIngestionFixture(one, createTestClock()), createIngestionFixture(two, createTestClock())]
  const first = stream[Symbol.asyncIterator]().next()
  // The subscription counts from its call; its place in the journal is known once the store has answered.
  await two.changeLog.bounds()
  await two.changeLog.bounds()
  await desks[0]!.send('vcc', vccAdd)
  const change = await first
  if (!change.done) seen.push(...change.value.map(({ ticket }) => ticket.externalId))
  // Both replicas take events of one ticket at once: each has its effect, once.
  const updates = Array.from(
    { length: 20 },
    (_, index) => `{"action":"update","ticket":{"ticketId":21,"projectId":130,"f${index}":${index}}}`,
  )
  await Promise.all(updates.map((body, index) => desks[index % 2]!.send('vcc', body)))
  await expect
    .poll(
      async () =>
        Object.keys(((await desks[0]!.ticket('vcc', '130-21'))?.raw as object) ?? {}).filter((key) => /^f\d/.test(key)).length,
    )
    .toBe(20)
  stop.abort()
  for (const feed of feeds) feed.close()
  await Promise.all([...buses.map((bus) => bus.close()), one.close(), two.close()])
  await database.drop()
  return seen
}

const postgres = await hasPostgres()
const redis = await hasRedis()

describe('two replicas on one database', () => {
  test.skipIf(!postgres || !redis)('tell each other of changes through Redis', async () => {
    expect(await acrossReplicas(() => createRedisPubSub({ redisUrl, logger: noLogger }))).toEqual(['130-21'])
  })

  test.skipIf(!postgres)('find each other’s changes without Redis too', async () => {
    expect(await acrossReplicas(createLocalPubSub)).toEqual(['130-21'])
  })
})

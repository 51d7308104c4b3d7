import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { type ChangeBus, createLocalBus } from '../../src/events/change-bus.ts'
import { createChangeFeed } from '../../src/events/change-feed.ts'
import { createRedisBus } from '../../src/events/redis-bus.ts'
import { vccAdd } from '../fixtures/vcc/samples.ts'
import { createDatabase, hasPostgres, openTestStore } from '../support/databases.ts'
import { createEventDesk, createTestClock, findTestSource } from '../support/event-desk.ts'

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
async function acrossReplicas(createBus: () => ChangeBus): Promise<string[]> {
  const database = await createDatabase()
  const open = () => openTestStore({ findSource: findTestSource, databaseUrl: database.url })
  const [one, two] = await Promise.all([open(), open()])
  const buses = [createBus(), createBus()] as const
  const feeds = [one, two].map((store, index) =>
    createChangeFeed({ journal: store.journal, bus: buses[index]!, metrics: noMetrics, logger: noLogger, pollMs: 20 }),
  )
  const stop = new AbortController()
  const seen: string[] = []
  const stream = feeds[1]!.subscribe({ after: null, signal: stop.signal })
  const desks = [createEventDesk(one, createTestClock()), createEventDesk(two, createTestClock())]
  const first = stream[Symbol.asyncIterator]().next()
  // The subscription counts from its call; its place in the journal is known once the store has answered.
  await two.journal.bounds()
  await two.journal.bounds()
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
    expect(await acrossReplicas(() => createRedisBus({ redisUrl, logger: noLogger }))).toEqual(['130-21'])
  })

  test.skipIf(!postgres)('find each other’s changes without Redis too', async () => {
    expect(await acrossReplicas(createLocalBus)).toEqual(['130-21'])
  })
})

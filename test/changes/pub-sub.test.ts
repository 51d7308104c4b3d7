import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createChangeStream } from '../../src/changes/change-stream.ts'
import { createRedisPubSub, type PubSub } from '../../src/changes/pub-sub.ts'
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

/** What a subscriber of replica two sees of an event that replica one receives. Then both receive events of that ticket at once. */
async function sendAcrossReplicas(createPubSub: () => Promise<PubSub | undefined>): Promise<string[]> {
  const database = await createDatabase()
  const open = () => openTestStore({ findSource: findTestSource, databaseUrl: database.url })
  const [one, two] = await Promise.all([open(), open()])
  const pubSubs = await Promise.all([createPubSub(), createPubSub()])
  const streams = [one, two].map(({ changeLog }, index) =>
    createChangeStream({ changeLog, pubSub: pubSubs[index], metrics: noMetrics, logger: noLogger, pollMs: 20 }),
  )
  const replicas = [createIngestionFixture(one, createTestClock()), createIngestionFixture(two, createTestClock())]
  const abort = new AbortController()
  const first = streams[1]!.subscribe({ after: null, signal: abort.signal }).next()
  // The subscription counts from its call; its place in the change log is known once the store has answered.
  await two.changeLog.bounds()
  await two.changeLog.bounds()
  await replicas[0]!.send('vcc', vccAdd)
  const { value } = await first
  const updates = Array.from(
    { length: 20 },
    (_, index) => `{"action":"update","ticket":{"ticketId":21,"projectId":130,"f${index}":${index}}}`,
  )
  await Promise.all(updates.map((body, index) => replicas[index % 2]!.send('vcc', body)))
  const countApplied = async () => {
    const raw = ((await replicas[0]!.ticket('vcc', '130-21'))?.raw as object) ?? {}
    return Object.keys(raw).filter((key) => /^f\d/.test(key)).length
  }
  await expect.poll(countApplied).toBe(20)
  abort.abort()
  for (const stream of streams) stream.close()
  await Promise.all([...pubSubs.map((pubSub) => pubSub?.close()), one.close(), two.close()])
  await database.drop()
  return (value ?? []).map(({ ticket }) => ticket.externalId)
}

const postgres = await hasPostgres()
const redis = await hasRedis()

describe('two replicas on one database', () => {
  test.skipIf(!postgres || !redis)('tell each other of changes through Redis', async () => {
    expect(await sendAcrossReplicas(() => createRedisPubSub({ redisUrl, logger: noLogger }))).toEqual(['130-21'])
  })

  test.skipIf(!postgres)('find each other’s changes without Redis too', async () => {
    expect(await sendAcrossReplicas(async () => undefined)).toEqual(['130-21'])
  })
})

test.skipIf(!redis)('messages of other software on the channel are ignored', async () => {
  const pubSub = await createRedisPubSub({ redisUrl, logger: noLogger })
  const other = new Redis(redisUrl)
  onTestFinished(async () => {
    other.disconnect()
    await pubSub.close()
  })
  const received: number[] = []
  pubSub.listen((seq) => received.push(seq))
  const marker = 7_000_000_000
  // Repeats until the subscription is active: Redis keeps no message for later.
  await expect
    .poll(async () => {
      for (const text of ['not JSON', 'null', '{"seq":"8"}', `{"seq":${marker}}`]) await other.publish('deskgraph:journal', text)
      return received.length
    })
    .toBeGreaterThan(0)
  expect(new Set(received.filter((seq) => seq >= marker))).toEqual(new Set([marker]))
})

test.skipIf(!redis)('a removed listener gets no message, and close gives the connections back', async () => {
  const control = new Redis(redisUrl)
  const [one, two] = await Promise.all([1, 2].map(() => createRedisPubSub({ redisUrl, logger: noLogger })))
  onTestFinished(() => control.disconnect())
  const kept: number[] = []
  const removed: number[] = []
  two!.listen((seq) => kept.push(seq))
  two!.listen((seq) => removed.push(seq))()
  const marker = 7_100_000_000
  await expect
    .poll(() => {
      one!.publish(marker)
      return kept.filter((seq) => seq >= marker).length
    })
    .toBeGreaterThan(0)
  expect(removed).toEqual([])
  const subscribers = async () => ((await control.pubsub('NUMSUB', 'deskgraph:journal')) as [string, number])[1]
  const before = await subscribers()
  await two!.close()
  await expect.poll(subscribers).toBe(before - 1)
  const heard = kept.length
  await one!.close()
  one!.publish(marker + 1)
  expect(kept).toHaveLength(heard)
})

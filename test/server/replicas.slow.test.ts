import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { buildWhenStale } from '../support/process/built.ts'
import { type GatewayFiles, writeGatewayFiles } from '../support/process/gateway-files.ts'
import { type GatewayProcess, startProcess } from '../support/process/gateway-process.ts'
import { askGraph, findLost, raiseTicket, raiseTickets } from '../support/process/graph-client.ts'
import { type CountingPartner, findUndelivered, startCountingPartner } from '../support/process/partner.ts'
import { isAcknowledged, mixedEvent, wasabiEvent } from '../support/process/senders.ts'
import { subscribeByEvents, subscribeBySocket } from '../support/process/subscribers.ts'
import { openProcessRedis } from '../support/redis.ts'

const postgres = await hasPostgres()
const redisUrl = await openProcessRedis()
const burst = 400

describe.runIf(postgres && redisUrl !== null)('replicas on one PostgreSQL and one Redis', { timeout: 120_000 }, () => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let partner: CountingPartner
  let files: GatewayFiles
  let http: Agent
  let replicas: GatewayProcess[] = []

  const environment = () => ({ DESKGRAPH_CONFIG: files.configFile, DATABASE_URL: database.url, REDIS_URL: redisUrl ?? '' })
  const [one, two] = [() => replicas[0]!.url, () => replicas[1]!.url]

  beforeAll(async () => {
    buildWhenStale()
    http = new Agent({ connections: 32 })
    database = await createDatabase()
    partner = await startCountingPartner((response) => void setTimeout(() => response.writeHead(204).end(), 20))
    const limits = { overload: { eventLoopLagMs: 60_000 }, rate: { perSecond: 1, burst } }
    files = writeGatewayFiles({ partnerUrl: partner.url, config: { limits } })
    replicas = await Promise.all([startProcess(environment()), startProcess(environment())])
  }, 120_000)
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()))
    await http.destroy()
    await partner.close()
    await database.drop()
    files.remove()
  }, 60_000)

  test('send an event of one replica to the subscribers of the other, over WebSocket and SSE', async () => {
    const subscribers = [await subscribeBySocket(two()), await subscribeByEvents(two()), await subscribeBySocket(one())]
    // A WebSocket's subscription starts shortly after its connection.
    await sleep(500)
    expect(await isAcknowledged(http, one(), wasabiEvent(1))).toBe(true)
    for (const subscriber of subscribers) await expect.poll(() => subscriber.seen, { timeout: 10_000 }).toEqual(['W1'])
    for (const subscriber of subscribers) subscriber.close()
  })

  test('create one ticket for a key that both receive at once, and repeat its answer on both', async () => {
    const key = randomUUID()
    const raise = (url: string) => raiseTicket(http, url, 'It crashes, once.', key)
    // Each request that comes while another one with its key runs waits for that one's answer.
    const clicks = await Promise.all([raise(one()), raise(two()), raise(one()), raise(two())])
    const id = clicks[0] ?? expect.fail('the first request was refused')
    expect(clicks).toEqual([id, id, id, id])
    expect([await raise(one()), await raise(two())]).toEqual([id, id])
    expect(await findUndelivered(partner, [id], 20_000)).toEqual([])
    await sleep(500)
    expect(partner.tickets.get(id)).toBe(1)
  })

  test('send every delivery once', async () => {
    const ids = await raiseTickets(http, [one(), two()], 60)
    expect(await findUndelivered(partner, ids, 30_000)).toEqual([])
    await sleep(500)
    expect(ids.map((id) => partner.tickets.get(id))).toEqual(ids.map(() => 1))
    expect(new Set(partner.calls.values())).toEqual(new Set([1]))
  })

  test('complete the deliveries and events of a killed replica', async () => {
    // The partner does not answer, so that deliveries are running when the replica is killed.
    partner.answer(() => {})
    const ids = await raiseTickets(http, [one()], 12)
    const events = Array.from({ length: 40 }, (_, n) => mixedEvent(1_000 + n))
    const acknowledged = await Promise.all(events.map((event) => isAcknowledged(http, one(), event)))
    await replicas[0]!.slay()
    partner.answer((response) => void response.writeHead(204).end())
    const claims = events.filter((_, n) => acknowledged[n]).map(({ claim }) => claim)
    expect(await findLost(http, two(), claims)).toEqual([])
    expect(acknowledged.every(Boolean)).toBe(true)
    await expect.poll(() => listOpenDeliveries(two()), { timeout: 60_000, interval: 200 }).toEqual([])
    expect(await findUndelivered(partner, ids, 1_000)).toEqual([])
    replicas[0] = await startProcess(environment())
  })

  test('share one rate limit', async () => {
    const ask = (n: number) => askGraph(http, n % 2 ? one() : two(), '{ viewer { key } }')
    const statuses = (await Promise.all(Array.from({ length: 2 * burst }, (_, n) => ask(n)))).map(({ status }) => status)
    const served = statuses.filter((status) => status === 200).length
    // One burst for both. Earlier tests used a part of it.
    expect(served).toBeGreaterThan(0)
    expect(served).toBeLessThanOrEqual(burst)
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
  })

  async function listOpenDeliveries(url: string): Promise<readonly string[]> {
    const { data } = await askGraph(http, url, '{ deliveries(first: 50, state: [PENDING, FAILED]) { nodes { id } } }')
    return data.deliveries.nodes.map(({ id }: { id: string }) => id)
  }
})

describe.runIf(postgres)('ten processes on one empty PostgreSQL', () => {
  test('all start when they start at once', async () => {
    buildWhenStale()
    const database = await createDatabase()
    const files = writeGatewayFiles({ partnerUrl: 'http://127.0.0.1:9/hook' })
    const environment = { DESKGRAPH_CONFIG: files.configFile, DATABASE_URL: database.url }
    const started = await Promise.all(Array.from({ length: 10 }, () => startProcess(environment)))
    const ready = await Promise.all(started.map(({ url }) => fetch(`${url}/health/ready`).then(({ status }) => status)))
    expect(ready).toEqual(Array.from({ length: 10 }, () => 200))
    const ended = await Promise.all(started.map((process) => process.stop()))
    expect(ended.map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 0))
    await database.drop()
    files.remove()
  }, 120_000)
})

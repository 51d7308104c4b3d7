import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { buildWhenStale } from '../support/process/built.ts'
import { type GatewayFiles, writeGatewayFiles } from '../support/process/gateway-files.ts'
import { type GatewayProcess, type ProcessEnvironment, startProcess } from '../support/process/gateway-process.ts'
import { findLost } from '../support/process/graph-client.ts'
import { type CountingPartner, startCountingPartner } from '../support/process/partner.ts'
import { startLoad, subscribeResuming } from './support/load.ts'
import { freePort, havePrograms } from './support/programs.ts'
import { type Postgres, type Proxy, type RedisServer, startHaproxy, startNginx, startPostgres, startRedis } from './support/servers.ts'

const proxies = [
  ['nginx', startNginx],
  ['haproxy', startHaproxy],
] as const

describe.runIf(havePrograms('nginx', 'haproxy', 'postgres', 'redis-server'))('a rolling restart under load', () => {
  let sandbox: Sandbox
  let partner: CountingPartner
  let postgres: Postgres
  let redis: RedisServer
  let files: GatewayFiles
  let environment: ProcessEnvironment
  let replicas: [GatewayProcess, GatewayProcess]
  let ports: [number, number]

  beforeAll(async () => {
    buildWhenStale()
    sandbox = await createSandbox({ counts: { oneview: 50, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } })
    partner = await startCountingPartner()
    ;[postgres, redis] = await Promise.all([startPostgres(), startRedis()])
    files = writeGatewayFiles({
      partnerUrl: partner.url,
      sources: { oneview: { ...sandbox.gatewayConfig().sources.oneview } },
      config: { shutdown: { delayMs: 3_000 } },
    })
    environment = { DESKGRAPH_CONFIG: files.configFile, DATABASE_URL: postgres.url, REDIS_URL: redis.url }
    ports = [await freePort(), await freePort()]
    replicas = [await start(0), await start(1)]
  })
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()))
    await Promise.all([sandbox.close(), partner.close(), postgres.close(), redis.program.end()])
    files.remove()
  })
  const start = (index: 0 | 1) => startProcess({ ...environment, PORT: String(ports[index]) })
  const urls = (): readonly [URL, URL] => [new URL(replicas[0].url), new URL(replicas[1].url)]

  test.each(proxies)('OPS-15: behind %s no request fails, and a subscriber misses no change', async (_name, startProxy) => {
    const proxy: Proxy = await startProxy(urls())
    const subscriber = await subscribeResuming(proxy.url)
    const load = startLoad(proxy.url, 50)
    for (const index of [0, 1] as const) {
      await sleep(2_000)
      expect((await replicas[index].stop()).code).toBe(0)
      replicas[index] = await start(index)
    }
    await sleep(2_000)
    const { requests, failures, created, claims } = await load.stop()
    expect(failures.slice(0, 5)).toEqual([])
    expect(requests).toBeGreaterThan(500)
    const http = new Agent()
    expect(await findLost(http, replicas[0].url, claims)).toEqual([])
    await http.destroy()
    const missed = () => created.filter((id) => !subscriber.seen.includes(id))
    await expect.poll(missed, { timeout: 10_000 }).toEqual([])
    expect(subscriber.connections()).toBeGreaterThan(1)
    // Once each: what was resumed is not told twice.
    expect(created.filter((id) => subscriber.seen.indexOf(id) !== subscriber.seen.lastIndexOf(id))).toEqual([])
    await subscriber.close()
    await proxy.close()
  }, 120_000)
})

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/process/built.ts'
import { findLost } from '../support/process/graph-client.ts'
import { startLoad, subscribeResuming } from './support/load.ts'
import { havePrograms } from './support/programs.ts'
import { type LoadBalancer, startHaproxy, startNginx } from './support/servers.ts'
import { startTwoReplicas, type TwoReplicas } from './support/two-replicas.ts'

const proxies = [
  ['nginx', startNginx],
  ['haproxy', startHaproxy],
] as const

describe.runIf(havePrograms('nginx', 'haproxy', 'postgres', 'redis-server'))('a rolling restart under load', () => {
  let two: TwoReplicas
  beforeAll(async () => {
    buildWhenStale()
    two = await startTwoReplicas({ config: { shutdown: { delayMs: 3_000 } } })
  })
  afterAll(() => two.close())

  test.each(proxies)(
    'OPS-15: behind %s no request fails, and a subscriber misses no change',
    async (_name, startProxy) => {
      const proxy: LoadBalancer = await startProxy(two.urls)
      const subscriber = await subscribeResuming(proxy.url)
      const load = startLoad(proxy.url, 50)
      for (const index of [0, 1] as const) {
        await sleep(2_000)
        expect((await two.restart(index)).code).toBe(0)
      }
      await sleep(2_000)
      const { requests, failures, created, claims } = await load.stop()
      expect(failures.slice(0, 5)).toEqual([])
      expect(requests).toBeGreaterThan(500)
      expect(await findLost(two.http, two.replicas[0].url, claims)).toEqual([])
      const missed = () => created.filter((id) => !subscriber.seen.includes(id))
      await expect.poll(missed, { timeout: 10_000 }).toEqual([])
      expect(subscriber.connections()).toBeGreaterThan(1)
      // Once each: what was resumed is not told twice.
      expect(created.filter((id) => subscriber.seen.indexOf(id) !== subscriber.seen.lastIndexOf(id))).toEqual([])
      await subscriber.close()
      await proxy.close()
    },
    120_000,
  )
})

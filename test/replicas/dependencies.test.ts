import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWhenStale } from '../support/process/built.ts'
import { askGraph, findLost } from '../support/process/graph-client.ts'
import { findUndelivered } from '../support/process/partner.ts'
import { type Claim, isAcknowledged, mixedEvent, vccEvent } from '../support/process/senders.ts'
import { startLoad } from './support/load.ts'
import { havePrograms } from './support/programs.ts'
import { startRedis } from './support/servers.ts'
import { startTwoReplicas, type TwoReplicas } from './support/two-replicas.ts'

const polled = '{ tickets(first: 3, filter: { sources: ["oneview"] }) { nodes { id } sources { outcome } } }'
const create = `mutation { createTicket(input: { source: "rbi", category: "other", subcategory: "app", description: "While away." }) {
  outcome userErrors { code retryable } } }`

/** Events that were sent while something failed: the acknowledged ones must not be lost. */
async function sendEvents({ http, replicas }: TwoReplicas, from: number, count: number): Promise<readonly Claim[]> {
  const claims: Claim[] = []
  for (let n = from; n < from + count; n++) {
    const event = mixedEvent(n)
    if (await isAcknowledged(http, replicas[n % 2]!.url, event)) claims.push(event.claim)
  }
  return claims
}

const bothStores = async (two: TwoReplicas) =>
  (await Promise.all([two.readiness(0), two.readiness(1)])).map(({ status, ...states }) => [
    status,
    (states as { store?: string }).store,
  ])

describe.runIf(havePrograms('postgres', 'redis-server'))('two replicas', () => {
  let two: TwoReplicas
  beforeAll(async () => {
    buildWhenStale()
    two = await startTwoReplicas()
  })
  afterAll(() => two.close())

  const recovered = () =>
    expect
      .poll(() => bothStores(two), { timeout: 20_000 })
      .toEqual([
        [200, 'UP'],
        [200, 'UP'],
      ])

  test('OPS-19: a PostgreSQL that crashes and comes back loses no acknowledged event and no delivery', async () => {
    const load = startLoad(two.urls[0].origin, 20)
    await sleep(1_000)
    await two.postgres.restart(2_000)
    await recovered()
    await sleep(1_000)
    const { claims, created, requests, failures } = await load.stop()
    expect(await findLost(two.http, two.urls[1].origin, claims)).toEqual([])
    expect(await findUndelivered(two.partner, created, 40_000)).toEqual([])
    // It was away for two seconds and more of about five: some requests failed, and some were served.
    expect(failures.length).toBeGreaterThan(0)
    expect(requests - failures.length).toBeGreaterThan(20)
  }, 120_000)

  test('OPS-19: on a read-only PostgreSQL writes are refused, reads go on, and readiness says so', async () => {
    const before = await sendEvents(two, 1_000, 8)
    expect(before).toHaveLength(8)
    await two.postgres.query('alter system set default_transaction_read_only = on')
    await two.postgres.query('select pg_reload_conf()')
    await expect
      .poll(() => bothStores(two), { timeout: 10_000 })
      .toEqual([
        [200, 'DOWN'],
        [200, 'DOWN'],
      ])
    const [read, written] = [
      await askGraph(two.http, two.urls[0].origin, polled),
      await askGraph(two.http, two.urls[1].origin, create),
    ]
    expect(read.data.tickets.sources).toEqual([{ outcome: 'OK' }])
    expect(written.data.createTicket).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'STORAGE_UNAVAILABLE', retryable: true }],
    })
    expect(await isAcknowledged(two.http, two.urls[0].origin, vccEvent(2_000))).toBe(false)
    await two.postgres.query('alter system reset default_transaction_read_only')
    await two.postgres.query('select pg_reload_conf()')
    await recovered()
    expect(await isAcknowledged(two.http, two.urls[0].origin, vccEvent(2_000))).toBe(true)
    expect(await findLost(two.http, two.urls[1].origin, [...before, vccEvent(2_000).claim])).toEqual([])
  }, 90_000)

  test('OPS-19: a locked table keeps no request for longer than its time, and pulled sources are read meanwhile', async () => {
    const holder = new Client({ connectionString: two.postgres.url })
    await holder.connect()
    await holder.query('begin; lock table tickets in access exclusive mode')
    const startedAt = performance.now()
    const [read, written] = await Promise.all([
      askGraph(two.http, two.urls[0].origin, polled),
      askGraph(two.http, two.urls[1].origin, create),
    ])
    expect(read.data.tickets.sources).toEqual([{ outcome: 'OK' }])
    expect(written.data.createTicket.outcome).not.toBe('APPLIED')
    // The server cancels a statement after ten seconds.
    expect(performance.now() - startedAt).toBeLessThan(25_000)
    await holder.query('rollback')
    await holder.end()
    await recovered()
    const after = await sendEvents(two, 3_000, 8)
    expect(after).toHaveLength(8)
    expect(await findLost(two.http, two.urls[1].origin, after)).toEqual([])
  }, 90_000)

  test('OPS-19: a Redis that is stopped, or killed, costs no request', async () => {
    const port = Number(new URL(two.redis.url).port)
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      process.kill(two.redis.program.pid, signal)
      const load = startLoad(two.urls[0].origin, 20)
      await sleep(3_000)
      const { failures, claims } = await load.stop()
      expect([signal, failures.slice(0, 5)]).toEqual([signal, []])
      expect(await findLost(two.http, two.urls[1].origin, claims)).toEqual([])
    }
    await sleep(500)
    const again = await startRedis(port)
    const states = async () => (await two.readiness(0)) as { redis?: string }
    await expect.poll(async () => (await states()).redis, { timeout: 15_000 }).toBe('UP')
    await again.program.end()
  }, 90_000)
})

/** True where this process may mount a file system: the only way to fill one without filling the machine's. */
function canMount(folder: string): boolean {
  return process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', folder]).status === 0
}

const small = mkdtempSync(join(tmpdir(), 'replicas-full-'))
if (havePrograms('postgres', 'redis-server') && canMount(small)) {
  describe('the disk of PostgreSQL', () => {
    let two: TwoReplicas
    beforeAll(async () => {
      buildWhenStale()
      two = await startTwoReplicas({ postgresFolder: join(small) })
    })
    afterAll(async () => {
      await two.close().catch(() => {})
      execFileSync('umount', ['-l', small])
    })

    test('OPS-19: when it is full, writes are refused and readiness says so; nothing acknowledged is lost', async () => {
      const before = await sendEvents(two, 0, 8)
      expect(before).toHaveLength(8)
      const filler = join(small, 'filler')
      expect(() => writeFileSync(filler, Buffer.alloc(170_000_000))).toThrow('ENOSPC')
      const long = 'x'.repeat(20_000)
      const refused = async () => {
        const { path, headers, body } = vccEvent(4_000)
        const grown = body.replace('"title":"bug"', `"title":"${long}"`)
        const answer = await two.http.request({
          origin: two.urls[0].origin,
          path,
          method: 'POST',
          headers: { ...headers },
          body: grown,
        })
        await answer.body.dump()
        return answer.statusCode
      }
      await expect.poll(refused, { timeout: 20_000 }).toBe(503)
      await expect.poll(async () => ((await two.readiness(0)) as { store?: string }).store, { timeout: 10_000 }).toBe('DOWN')
      const { data } = await askGraph(two.http, two.urls[1].origin, polled)
      expect(data.tickets.sources).toEqual([{ outcome: 'OK' }])
      rmSync(filler)
      await expect.poll(() => isAcknowledged(two.http, two.urls[0].origin, vccEvent(4_010)), { timeout: 30_000 }).toBe(true)
      expect(await findLost(two.http, two.urls[1].origin, [...before, vccEvent(4_010).claim])).toEqual([])
    }, 120_000)
  })
} else {
  console.warn('This process may not mount a file system: the full disk of PostgreSQL is not tried.')
}

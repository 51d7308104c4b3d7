import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { type FaultyGateway, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'
import { toVcc, vccEvent } from './webhook-calls.ts'

const folder = mkdtempSync(join(tmpdir(), 'deskgraph-health-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function healthOf(gateway: FaultyGateway, key = 'vcc') {
  await gateway.idle()
  const query = 'query ($key: String!) { source(key: $key) { health { state checkedAt errorRate lastError latencyP50Ms } } }'
  return (await gateway.ask(query, { key })).source.health
}

/** Discards the latest dead letter of VCC. */
async function discard(gateway: FaultyGateway): Promise<void> {
  const { quarantine } = await gateway.ask('{ quarantine(first: 1, source: "vcc") { nodes { id } } }')
  const mutation = 'mutation ($id: ID!) { discardQuarantined(id: $id, reason: "a test") { state } }'
  await gateway.ask(mutation, { id: quarantine.nodes[0].id })
}

guarantee(
  'STORAGE-20',
  {
    fault: 'a source sends events, then one that is not understood, and the process is started again',
    expected: 'UNKNOWN, UP with the time of the last event, DEGRADED until the dead letter is resolved, UP after the restart',
  },
  async () => {
    const environment = { DESKGRAPH_DATA_DIR: join(folder, 'data') }
    let gateway = await startFaultyGateway({ environment })
    const unknown = { state: 'UNKNOWN', checkedAt: null, errorRate: null, lastError: null, latencyP50Ms: null }
    expect([await healthOf(gateway), await healthOf(gateway, 'wasabi')]).toEqual([unknown, unknown])
    const startedAt = new Date().toISOString()
    for (let n = 1; n <= 20; n++) await toVcc(gateway, vccEvent('add', n))
    const up = await healthOf(gateway)
    expect(up).toEqual({ ...unknown, state: 'UP', checkedAt: expect.any(String), errorRate: 0 })
    expect(up.checkedAt >= startedAt).toBe(true)

    await toVcc(gateway, 'not json')
    const degraded = await healthOf(gateway)
    expect(degraded).toMatchObject({ state: 'DEGRADED', errorRate: 1 / 21, lastError: 'EVENT_QUARANTINED' })
    expect(degraded.checkedAt >= up.checkedAt).toBe(true)
    const ready = (await (await fetch(`${gateway.url}/health/ready`)).json()) as { sources: { key: string; state: string }[] }
    expect(ready.sources).toContainEqual(expect.objectContaining({ key: 'vcc', state: 'DEGRADED' }))

    await gateway.close()
    gateway = await startFaultyGateway({ environment })
    expect(await healthOf(gateway)).toEqual(degraded)
    await discard(gateway)
    expect(await healthOf(gateway)).toMatchObject({ state: 'UP', checkedAt: degraded.checkedAt, errorRate: 0, lastError: null })
    expect(await healthOf(gateway, 'wasabi')).toEqual(unknown)
    await gateway.close()
    return 'UNKNOWN, UP, DEGRADED, the same after a restart, UP'
  },
)

guarantee(
  'STORAGE-20',
  { fault: 'one of two replicas receives the events of a source', expected: 'both tell the same of its health' },
  async () => {
    if (!(await hasPostgres())) throw new Error('This test needs PostgreSQL: set TEST_DATABASE_URL.')
    const database = await createDatabase()
    const environment = { DATABASE_URL: database.url }
    const replicas = [await startFaultyGateway({ environment }), await startFaultyGateway({ environment })] as const
    await toVcc(replicas[0], vccEvent('add', 1))
    await toVcc(replicas[0], 'not json')
    const [one, two] = [await healthOf(replicas[0]), await healthOf(replicas[1])]
    expect(one).toMatchObject({ state: 'DEGRADED', errorRate: 0.5 })
    expect(two).toEqual(one)
    await Promise.all(replicas.map((replica) => replica.close()))
    await database.drop()
    return 'DEGRADED in both, with one time'
  },
)

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../sandbox/random.ts'
import { createRedmine } from '../../sandbox/redmine/simulator.ts'
import { users } from '../../sandbox/redmine/wire.ts'
import { createRt } from '../../sandbox/rt/simulator.ts'
import { people } from '../../sandbox/rt/state.ts'
import type { Simulator } from '../../sandbox/simulator.ts'
import { type SimulatorServer, serveSimulator } from '../../sandbox/simulator-server.ts'
import { sandboxSystems } from '../../sandbox/systems.ts'
import type { GatewayConfig } from '../../src/config/gateway-config.ts'
import { redmineConfig } from '../../src/sources/redmine/config.ts'
import { rtConfig } from '../../src/sources/rt/config.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

// Every system that Deskgraph speaks, in one gateway: those of the sandbox, a Redmine and a Request Tracker.

const [ann] = users
const [agent] = people
const until = Date.now() - 60_000
const others: readonly Simulator[] = [
  createRedmine({ random: createRandom('redmine'), until, count: 120 }),
  createRt({ random: createRandom('rt'), until, count: 120 }),
]
let servers: readonly SimulatorServer[]
let gateway: GatewayUnderTest
beforeAll(async () => {
  servers = await Promise.all(others.map((simulator) => serveSimulator(simulator, { host: '127.0.0.1', port: 0, latencyMs: 0 })))
  const [redmine, rt] = servers.map(({ origin }) => origin)
  gateway = await startGatewayUnderTest({
    config: ({ sources, ...config }) => ({
      ...config,
      sources: {
        ...sources,
        redmine: { system: 'redmine', ...redmineConfig.parse({ url: redmine, token: ann.key }) },
        rt: { system: 'rt', ...rtConfig.parse({ url: rt, token: agent.token }) },
      } as GatewayConfig['sources'],
    }),
  })
}, 120_000)
afterAll(async () => {
  await gateway.close()
  await Promise.all(servers.map((server) => server.close()))
})

interface Node {
  readonly id: string
  readonly updatedAt: string | null
  readonly source: { readonly key: string }
}

/** All pages to the end. Throws when a source fails. */
async function walk(): Promise<readonly Node[]> {
  const query = `query Walk($after: String) {
    tickets(first: 100, after: $after) {
      nodes { id updatedAt source { key } }
      pageInfo { hasNextPage endCursor }
      sources { source { key } outcome error }
    }
  }`
  const nodes: Node[] = []
  let after: string | null = null
  for (let more = true; more; ) {
    const { tickets } = await gateway.ask(query, { after })
    const failed = tickets.sources.filter(({ outcome }: { outcome: string }) => outcome !== 'OK' && outcome !== 'SKIPPED')
    if (failed.length > 0) throw new Error(JSON.stringify(failed))
    nodes.push(...tickets.nodes)
    after = tickets.pageInfo.endCursor
    more = tickets.pageInfo.hasNextPage
  }
  return nodes
}

describe('a walk through the tickets of all eleven systems', () => {
  const keys = [...Object.keys(sandboxSystems), 'redmine', 'rt']

  test('gives every ticket once', async () => {
    const nodes = await walk()
    expect(new Set(nodes.map(({ source }) => source.key))).toEqual(new Set(keys))
    expect(keys).toHaveLength(11)
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length)
    const countOf = (simulators: readonly { tickets(): number }[]) => simulators.reduce((sum, one) => sum + one.tickets(), 0)
    expect(nodes).toHaveLength(gateway.sandbox.tickets() + countOf(others))
  }, 120_000)

  test('gives no ticket twice and misses none that stays as it is, while tickets change in every system', async () => {
    const before = await walk()
    gateway.sandbox.startLiveUpdates(gateway.url, 60)
    let isWalking = true
    const changing = (async () => {
      for (; isWalking; await sleep(120)) for (const simulator of others) simulator.changeOne(Date.now())
    })()
    const during = await walk()
    isWalking = false
    await changing
    const after = new Map((await walk()).map(({ id, updatedAt }) => [id, updatedAt]))
    const changed = before.filter(({ id, updatedAt }) => after.get(id) !== updatedAt)
    // Else the test would prove nothing.
    expect(changed.length).toBeGreaterThan(20)
    expect(new Set(during.map(({ id }) => id)).size).toBe(during.length)
    const isChanged = new Set(changed.map(({ id }) => id))
    const seen = new Set(during.map(({ id }) => id))
    expect(before.filter(({ id }) => !isChanged.has(id) && !seen.has(id))).toEqual([])
  }, 240_000)
})

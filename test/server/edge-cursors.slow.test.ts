import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../sandbox/random.ts'
import { createRedmine } from '../../sandbox/redmine/simulator.ts'
import { users } from '../../sandbox/redmine/wire.ts'
import { type SimulatorServer, serveSimulator } from '../../sandbox/simulator-server.ts'
import { redmineConfig } from '../../src/sources/redmine/config.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

interface Edge {
  readonly cursor: string
  readonly node: { readonly id: string; readonly updatedAt: string | null; readonly source: { readonly key: string } }
}

interface Connection {
  readonly edges: readonly { readonly cursor: string }[]
}

const redmineIssues = 60

describe('the cursors of a list over all simulators and a Redmine', () => {
  let gateway: GatewayUnderTest
  let redmine: SimulatorServer
  beforeAll(async () => {
    const simulator = createRedmine({ random: createRandom('edges'), until: Date.now(), count: redmineIssues })
    redmine = await serveSimulator(simulator, { host: '127.0.0.1', port: 0, latencyMs: 0 })
    const block = redmineConfig.parse({
      url: redmine.origin,
      token: users[0].key,
      dialect: { channelField: 'Channel', tagsField: 'Tags', groups: ['Second level'] },
    })
    gateway = await startGatewayUnderTest({
      sandbox: { counts: { oneview: 160, verifik: 130, vcc: 60, wasabi: 60, rbi: 40 } },
      config: (config) => ({ ...config, sources: { ...config.sources, redmine: { system: 'redmine', ...block } } }),
    })
  }, 120_000)
  afterAll(async () => {
    await gateway.close()
    await redmine.close()
  })

  const read = async (after: string | null, first = 100) => {
    const { tickets } = await gateway.ask(
      `query Edges($after: String, $first: Int) {
        tickets(first: $first, after: $after) {
          edges { cursor node { id updatedAt source { key } } }
          pageInfo { startCursor endCursor hasNextPage }
          sources { source { key } outcome }
        }
      }`,
      { after, first },
    )
    return tickets as {
      readonly edges: readonly Edge[]
      readonly pageInfo: { readonly startCursor: string; readonly endCursor: string; readonly hasNextPage: boolean }
      readonly sources: readonly { readonly source: { readonly key: string }; readonly outcome: string }[]
    }
  }
  const idsOf = ({ edges }: { readonly edges: readonly Edge[] }) => edges.map(({ node }) => node.id)

  async function readAll(): Promise<readonly Edge[]> {
    const edges: Edge[] = []
    for (let after: string | null = null, more = true; more; ) {
      const page = await read(after)
      edges.push(...page.edges)
      after = page.pageInfo.endCursor
      more = page.pageInfo.hasNextPage
    }
    return edges
  }

  test('are under 80 characters on every page, and 100 edges take less than 10 kB (GRAPH-09)', async () => {
    const page = await read(null)
    expect(page.sources.map(({ source, outcome }) => [source.key, outcome])).toEqual(
      ['oneview', 'verifik', 'vcc', 'wasabi', 'rbi', 'redmine'].map((key) => [key, 'OK']),
    )
    expect(page.edges).toHaveLength(100)
    expect(page.pageInfo.startCursor).toBe(page.edges[0]!.cursor)
    const cursors = page.edges.map(({ cursor }) => ({ cursor }))
    // {"cursor":"…"} with a comma is 14 characters beside the cursor, which has 79 at most.
    expect(JSON.stringify(cursors).length).toBeLessThan(100 * (79 + 14) + 2)
    const all = await readAll()
    expect(new Set(all.map(({ node }) => node.source.key)).size).toBe(6)
    expect(all).toHaveLength(gateway.sandbox.tickets() + redmineIssues)
    // More than eight tickets of OneView have no time, and nothing but their ids tells them apart.
    const long = all.filter(({ cursor }) => cursor.length >= 80)
    expect(long.filter(({ node }) => node.updatedAt !== null || node.source.key !== 'oneview')).toEqual([])
  }, 60_000)

  const countLists = () => [
    gateway.sandbox.oneview.calls().list ?? 0,
    gateway.sandbox.verifik.calls().list ?? 0,
    redmine.calls.counts().list ?? 0,
  ]

  test('give exactly the rest, with one call to each source (GRAPH-09)', async () => {
    const all = (await readAll()).map(({ node }) => node.id)
    const { edges } = await read(null)
    for (let index = 0; index < 100; index += 9) {
      const before = countLists()
      const page = await read(edges[index]!.cursor, 50)
      expect(idsOf(page)).toEqual(all.slice(index + 1, index + 51))
      const calls = countLists().map((count, i) => count - before[i]!)
      // OneView and Verifik take page numbers: 51 records from any offset may lie on two of their pages. Redmine takes offsets.
      expect(calls[0]).toBeLessThanOrEqual(2)
      expect(calls[1]).toBeLessThanOrEqual(2)
      expect(calls[2]).toBe(1)
    }
  }, 60_000)

  test('have the positions of all sources where one failed, and then still give the rest once (GRAPH-09)', async () => {
    const all = (await readAll()).map(({ node }) => node.id).sort()
    gateway.sandbox.verifik.fault({ kind: 'status', status: 500 })
    const { edges } = await read(null)
    gateway.sandbox.verifik.fault(null)
    expect(edges.every(({ cursor, node }) => cursor.length >= 80 && node.source.key !== 'verifik')).toBe(true)
    const given = idsOf({ edges: edges.slice(0, 40) })
    for (let after: string | null = edges[39]!.cursor, more = true; more; ) {
      const page = await read(after)
      given.push(...idsOf(page))
      after = page.pageInfo.endCursor
      more = page.pageInfo.hasNextPage
    }
    expect(given.sort()).toEqual(all)
  }, 60_000)

  test('of the other connections are as short (GRAPH-09)', async () => {
    const input = {
      ...{ source: 'rbi', category: 'order', subcategory: 'missing-item', description: 'No fries.', storeId: '1001' },
      order: { externalId: 'o-1', placedAt: new Date().toISOString() },
    }
    await gateway.ask('mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome } }', { input })
    const data = await gateway.ask(`{
      tickets(first: 100) { nodes { threads { edges { cursor } } events { edges { cursor } } timeline { edges { cursor } } } }
      deliveries(first: 100) { edges { cursor } }
    }`)
    const { tickets, deliveries } = data as {
      readonly tickets: { readonly nodes: readonly Record<'threads' | 'events' | 'timeline', Connection | null>[] }
      readonly deliveries: Connection
    }
    for (const connections of [
      tickets.nodes.map(({ threads }) => threads),
      tickets.nodes.map(({ events }) => events),
      tickets.nodes.map(({ timeline }) => timeline),
      [deliveries],
    ]) {
      const lengths = connections.flatMap((connection) => connection?.edges.map(({ cursor }) => cursor.length) ?? [])
      expect(lengths.length).toBeGreaterThan(0)
      expect(Math.max(...lengths)).toBeLessThan(80)
    }
  }, 60_000)
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sandboxSystems } from '../../sandbox/systems.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

const systemKeys = Object.keys(sandboxSystems) as (keyof typeof sandboxSystems)[]

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest()
}, 120_000)
afterAll(() => gateway.close())
beforeEach(() => {
  for (const key of systemKeys) {
    gateway.sandbox[key].fault(null)
    gateway.sandbox[key].resetCalls()
  }
})

const firstPage = `{
  tickets(first: 50) {
    nodes { id title status source { key } customer { name } vendor { vertical } links { externalId } threads { nodes { body } } }
    sources { source { key } outcome returned }
  }
}`

test('the first query of the README returns tickets and reports of all sources in one page', async () => {
  const { tickets } = await gateway.ask(firstPage)
  const keys = new Set(tickets.nodes.map((node: { source: { key: string } }) => node.source.key))
  expect(keys).toEqual(new Set(systemKeys))
  expect(tickets.sources.map((report: { outcome: string }) => report.outcome)).toEqual(Array.from(keys, () => 'OK'))
  expect(tickets.nodes).toHaveLength(50)
})

test('a page with customer, vendor and links costs one list call per polled source', async () => {
  await gateway.ask('{ tickets(first: 100) { nodes { id customer { name } vendor { vertical } links { externalId } } } }')
  expect(gateway.sandbox.oneview.calls()).toEqual({ list: 1 })
  expect(gateway.sandbox.verifik.calls()).toEqual({ list: 1 })
  expect(gateway.sandbox.zendesk.calls()).toEqual({ list: 1 })
  expect(gateway.sandbox.jira.calls()).toMatchObject({ search: 1 })
})

test('threads cost one detail call per Verifik ticket of the page, and only when they are selected', async () => {
  const { tickets } = await gateway.ask(
    '{ tickets(first: 20, filter: { sources: ["verifik"] }) { nodes { threads { nodes { body } } } } }',
  )
  expect(tickets.nodes).toHaveLength(20)
  expect(gateway.sandbox.verifik.calls()).toEqual({ list: 1, ticket: 20 })
})

test('the metrics count the upstream calls of an operation', async () => {
  const text = async () => (await fetch(`${gateway.url}/metrics`)).text()
  const sum = (metrics: string) => Number(/^deskgraph_graphql_upstream_calls_sum (\d+)/m.exec(metrics)?.[1])
  const before = sum(await text())
  // Jira may read the lists of its site anew.
  await gateway.ask('{ tickets(first: 5, filter: { sources: ["oneview", "verifik", "zendesk", "rbi"] }) { nodes { id } } }')
  // RBI is not asked.
  expect(sum(await text())).toBe(before + 3)
})

test('an id of every kind of node leads back to the node', async () => {
  const { tickets, sources } = await gateway.ask(
    '{ tickets(first: 5, filter: { sources: ["oneview"] }) { nodes { id customer { id } vendor { id } } } sources { id } }',
  )
  const [ticket] = tickets.nodes
  const ids = [ticket.id, ticket.customer.id, ticket.vendor.id, sources[0].id]
  const { nodes } = await gateway.ask('query Nodes($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids })
  expect(nodes).toEqual([
    { __typename: 'Ticket', id: ids[0] },
    { __typename: 'Customer', id: ids[1] },
    { __typename: 'Vendor', id: ids[2] },
    { __typename: 'Source', id: ids[3] },
  ])
})

describe('with a OneView that', () => {
  // A success between the tests: five failures in a row would open the circuit.
  beforeEach(() => gateway.ask('{ tickets(first: 1, filter: { sources: ["oneview"] }) { nodes { id } } }'))
  const cases = [
    ['hangs', { kind: 'hang' }, 'TIMEOUT', 'UPSTREAM_TIMEOUT'],
    ['answers 500', { kind: 'status', status: 500 }, 'ERROR', 'UPSTREAM_UNAVAILABLE'],
    ['answers 401', { kind: 'status', status: 401 }, 'UNAUTHENTICATED', 'UPSTREAM_AUTH_FAILED'],
    ['answers 429', { kind: 'status', status: 429, retryAfter: '7' }, 'RATE_LIMITED', 'UPSTREAM_RATE_LIMITED'],
    ['answers garbage', { kind: 'garbage' }, 'ERROR', 'UPSTREAM_BAD_RESPONSE'],
    ['answers nothing', { kind: 'empty' }, 'ERROR', 'UPSTREAM_BAD_RESPONSE'],
    ['resets the connection', { kind: 'reset' }, 'ERROR', 'UPSTREAM_UNAVAILABLE'],
  ] as const
  test.each(cases)(
    '%s, the other sources fill the page, and the report names the failure',
    async (_what, fault, outcome, code) => {
      gateway.sandbox.oneview.fault(fault as Parameters<typeof gateway.sandbox.oneview.fault>[0])
      const { data, errors, extensions } = await gateway.answer(
        '{ tickets(first: 10) { nodes { source { key } } sources { source { key } outcome returned code error } } }',
      )
      expect(data.tickets.nodes).toHaveLength(10)
      expect(data.tickets.sources[0]).toMatchObject({
        source: { key: 'oneview' },
        outcome,
        returned: 0,
        code,
        error: expect.any(String),
      })
      expect(errors).toBeUndefined()
      expect(extensions).toMatchObject({ partial: [{ source: 'oneview', code }] })
      expect(JSON.stringify([data, extensions])).not.toMatch(/127\.0\.0\.1|sandbox-oneview-token/)
    },
  )
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

// A whole gateway over the sandbox, whose OneView may be called five times a minute and be listed twice.

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    replayHistory: false,
    config: (config) => {
      const { oneview, ...others } = config.sources
      const budget = { calls: { all: 5, list: 2 }, keepForUsers: 0.2, replicas: 1 }
      return { ...config, sources: { oneview: { ...oneview!, budget } as typeof oneview & object, ...others } }
    },
  })
}, 120_000)
afterAll(() => gateway.close())

const page = `{
  tickets(first: 10, filter: { sources: ["oneview", "verifik"] }) {
    nodes { id source { key } }
    pageInfo { hasNextPage }
    sources { source { key } outcome code error retryAt }
  }
}`

interface Node {
  readonly id: string
  readonly source: { readonly key: string }
}

describe('BUDGET-04: what a client sees of a budget', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the fields of the query above
  let first: any

  test('a page whose source is held has the tickets of the others, the reason, and when to go on', async () => {
    first = await gateway.ask(page)
    await gateway.ask(page.replace('first: 10', 'first: 11'))
    const third = await gateway.answer(page.replace('first: 10', 'first: 12'))
    expect(first.tickets.sources.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['OK', 'OK'])
    const { nodes, pageInfo, sources } = third.data.tickets
    expect(nodes.every(({ source }: { source: { key: string } }) => source.key === 'verifik')).toBe(true)
    expect([nodes.length, pageInfo.hasNextPage, third.errors]).toEqual([12, true, undefined])
    const [report] = sources
    expect(report).toMatchObject({ outcome: 'BUDGET_HELD', code: 'BUDGET_HELD' })
    const waitMs = Date.parse(report.retryAt) - Date.now()
    expect(waitMs).toBeGreaterThan(30_000)
    expect(waitMs).toBeLessThan(65_000)
    expect(third.extensions.partial).toEqual([{ source: 'oneview', code: 'BUDGET_HELD', retryAt: report.retryAt }])
    expect(gateway.sandbox.oneview.calls()).toEqual({ list: 2 })
  })

  test('a single ticket is held with a time, and a write that is held is certainly not sent', async () => {
    const { tickets } = first
    const ids = tickets.nodes.flatMap((node: Node) => (node.source.key === 'oneview' ? [node.id] : []))
    const read = (id: string) =>
      gateway.answer('query ($id: ID!) { ticket(id: $id) { id description threads { nodes { body } } } }', { id })
    for (const id of ids.slice(0, 3)) expect(await read(id)).toMatchObject({ data: { ticket: { id } } })
    const before = gateway.sandbox.oneview.calls()
    const { errors = [] } = await read(ids[3])
    expect(errors[0]?.message).toMatch(/^OneView gets no more calls for now: .* Try again in \d+ s\.$/)
    expect(errors[0]?.extensions).toMatchObject({ code: 'BUDGET_HELD', source: 'oneview', retryable: true })
    expect(errors[0]?.extensions.retryAfter).toBeGreaterThan(30)
    const close = `mutation ($id: ID!) {
      closeTicket(input: { id: $id, resolutionStatus: "NO_ACTION" }) {
        outcome ticket { id } userErrors { code message retryable retryAt }
      }
    }`
    const { closeTicket } = await gateway.ask(close, { id: ids[0] })
    expect(closeTicket).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_RATE_LIMITED', retryable: true }] })
    expect(closeTicket.userErrors[0].message).toMatch(/; nothing was changed\. Try again in \d+ s\.$/)
    expect(gateway.sandbox.oneview.calls()).toEqual(before)
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(metrics).toMatch(/deskgraph_budget_held_calls_total\{source="oneview",kind="list",priority="user"\} 1/)
    expect(metrics).toMatch(/deskgraph_budget_held_calls_total\{source="oneview",kind="write",priority="user"\} 1/)
  })
})

import { describe, expect, it, onTestFinished } from 'vitest'
import { createRandom } from '../../../sandbox/random.ts'
import { createRedmine } from '../../../sandbox/redmine/simulator.ts'
import { users } from '../../../sandbox/redmine/wire.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { createBudgets } from '../../../src/sources/budget/budgets.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import { redmineConfig } from '../../../src/sources/redmine/config.ts'
import { createRedmineSource } from '../../../src/sources/redmine/index.ts'
import { type Fault, passOn, startFaultProxy } from '../../support/fault-proxy.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

// A source with ten calls a minute beside one without a limit. The time of the budget and of the vendor is the test's.

const callsAMinute = 10
const count = 112

/** Redmine behind a vendor's limit: a minute at a time, from a moment that the gateway does not know; 429 beyond it. */
async function openLimitedDesk() {
  let time = Date.UTC(2026, 5, 1, 12, 0, 0)
  const simulator = createRedmine({ random: createRandom('budget'), until: Date.UTC(2026, 0, 31), count })
  const server = await serveSimulator(simulator, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  onTestFinished(async () => {
    await proxy.close()
    await server.close()
  })
  const received: number[] = []
  const vendor = { refused: 0, calls: received }
  const limit: Fault = async (exchange) => {
    const minute = Math.floor((time - 17_000) / 60_000)
    received.push(time)
    if (received.filter((at) => Math.floor((at - 17_000) / 60_000) === minute).length <= callsAMinute) return passOn(exchange)
    vendor.refused += 1
    exchange.response.writeHead(429, { 'retry-after': '60' }).end()
  }
  const config = redmineConfig.parse({
    url: proxy.before(server.origin),
    token: users[0].key,
    pageSize: 4,
    budget: { calls: { all: callsAMinute } },
  })
  proxy.fault(limit)
  const clock = () => time
  const budgets = createBudgets({ metrics: noMetrics, logger: noLogger, clock })
  const deps = { key: 'redmine', loginOf: claimAsLogin, metrics: noMetrics, logger: noLogger, clock: Date.now, budgets }
  const source = createRedmineSource(config, deps)
  onTestFinished(() => source.close?.())
  const pass = (ms: number) => {
    time += ms
  }
  const change = async (id: string | undefined) => {
    if (id === undefined) return
    const headers = { 'x-redmine-api-key': users[0].key, 'content-type': 'application/json' }
    const body = JSON.stringify({ issue: { notes: `Changed at ${time}` } })
    const { status } = await fetch(`${server.origin}/issues/${id}.json`, { method: 'PUT', headers, body })
    expect(status).toBe(204)
  }
  return { source, vendor, pass, change, changeAny: () => simulator.changeOne(time) }
}

const pageQuery = `query ($after: String, $orderBy: TicketOrder) {
  tickets(first: 10, after: $after, orderBy: $orderBy) {
    nodes { id externalId source { key } }
    pageInfo { hasNextPage endCursor }
    sources { source { key } outcome code error retryAt latencyMs }
  }
}`

interface Node {
  readonly id: string
  readonly source: { readonly key: string }
}

interface Report {
  readonly source: { readonly key: string }
  readonly outcome: string
  readonly code: string | null
  readonly error: string | null
  readonly retryAt: string | null
}

describe('BUDGET-08: a walk over all sources, one of them with ten calls a minute', () => {
  it.each(['CREATED_AT', 'UPDATED_AT'] as const)('gives each ticket once while tickets change, by %s', async (field) => {
    const desk = await openLimitedDesk()
    const info = toSourceInfo('memory')
    const others = Array.from({ length: 37 }, (_, index) => {
      const at = new Date(Date.UTC(2026, 0, 30 - (index % 28))).toISOString()
      return toTicket(info, `m${index}`, { createdAt: at, updatedAt: at })
    })
    const memory = createMemorySource('memory', { tickets: others })
    const graph = createTestGraph({ sources: [desk.source, memory] })
    const ids: string[] = []
    const outcomes: string[] = []
    let after: string | null = null
    let more = true
    let held = 0
    for (let page = 0; more; page++) {
      expect(page).toBeLessThan(200)
      const result = await graph.ask(pageQuery, { variables: { after, orderBy: { field, direction: 'DESC' } } })
      // biome-ignore lint/suspicious/noExplicitAny: the shape of the query above
      const { nodes, pageInfo, sources } = (result.data as any).tickets
      const report: Report = sources.find((one: Report) => one.source.key === 'redmine')
      ids.push(...nodes.map(({ id }: Node) => id))
      outcomes.push(report.outcome)
      after = pageInfo.endCursor
      more = pageInfo.hasNextPage
      if (report.outcome === 'BUDGET_HELD') {
        expect(report.code).toBe('BUDGET_HELD')
        expect(report.error).toMatch(/^Redmine gets no more calls for now: .* Try again in \d+ s\.$/)
        expect(report.retryAt).not.toBeNull()
        // The client follows the report, at every second time.
        held += 1
        if (held % 2 === 0) desk.pass(Number(/in (\d+) s/.exec(report.error ?? '')?.[1]) * 1_000)
      }
      desk.pass(700)
      // By the latest update, a ticket that changes comes to the front, which the walk has left: those change that it has given.
      if (field === 'CREATED_AT') desk.changeAny()
      else await desk.change(nodes.find(({ source }: Node) => source.key === 'redmine')?.externalId)
    }
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(count + others.length)
    expect(outcomes).toContain('BUDGET_HELD')
    expect(outcomes).not.toContain('TIMEOUT')
    expect(desk.vendor.refused).toBe(0)
  })
})

import { describe, expect, it, onTestFinished } from 'vitest'
import { createRandom } from '../../../sandbox/random.ts'
import { createRedmine } from '../../../sandbox/redmine/simulator.ts'
import { users } from '../../../sandbox/redmine/wire.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'
import { planLimits } from '../../../sandbox/zendesk/limits.ts'
import { createZendesk } from '../../../sandbox/zendesk/simulator.ts'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { createBudgets } from '../../../src/sources/budget/budgets.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import { redmineConfig } from '../../../src/sources/redmine/config.ts'
import { createRedmineSource } from '../../../src/sources/redmine/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { zendeskConfig } from '../../../src/sources/zendesk/config.ts'
import { createZendeskSource } from '../../../src/sources/zendesk/index.ts'
import { type Fault, passOn, startFaultProxy } from '../../support/fault-proxy.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

// A source with ten calls a minute beside one without a limit. The time of the budget and of the vendor is the test's.

const callsAMinute = 10
const count = 112

/** A source on a budget, what its vendor has refused, and what moves the time. */
interface Desk {
  readonly source: TicketSource
  readonly label: string
  /** How many tickets a walk gives. */
  readonly count: number
  refused(): number
  pass(ms: number): void
  /** Changes a ticket. */
  change(id: string | undefined): Promise<void>
  changeAny(): void
}

/** Redmine behind a vendor's limit: a minute at a time, from a moment that the gateway does not know; 429 beyond it. */
async function openRedmine(pageSize: number): Promise<Desk> {
  let time = Date.UTC(2026, 5, 1, 12, 0, 0)
  const simulator = createRedmine({ random: createRandom('budget'), until: Date.UTC(2026, 0, 31), count })
  const server = await serveSimulator(simulator, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  onTestFinished(async () => {
    await proxy.close()
    await server.close()
  })
  const received: number[] = []
  let refused = 0
  const limit: Fault = async (exchange) => {
    const minute = Math.floor((time - 17_000) / 60_000)
    received.push(time)
    if (received.filter((at) => Math.floor((at - 17_000) / 60_000) === minute).length <= callsAMinute) return passOn(exchange)
    refused += 1
    exchange.response.writeHead(429, { 'retry-after': '60' }).end()
  }
  const config = redmineConfig.parse({
    url: proxy.before(server.origin),
    token: users[0].key,
    pageSize,
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
  const changeAny = () => void simulator.changeOne(time)
  return { source, label: 'Redmine', count, refused: () => refused, pass, change, changeAny }
}

/** Zendesk on a plan of the configuration that allows 100 list calls; the account has 10, as its headers say. */
async function openZendesk(pageSize: number): Promise<Desk> {
  let time = Date.UTC(2026, 5, 1, 12, 0, 0)
  const clock = () => time
  const token = 'access-token'
  const zendesk = createZendesk({
    ...{ random: createRandom('budget'), until: Date.UTC(2026, 0, 31), count, credentials: { token }, now: clock },
    limits: { ...planLimits.team, 'tickets-index': callsAMinute },
  })
  let refused = 0
  const { admit } = zendesk.limits
  zendesk.limits.admit = (asking) => {
    const admission = admit(asking)
    if (admission.refusal) refused += 1
    return admission
  }
  const server = await serveSimulator(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const budgets = createBudgets({ metrics: noMetrics, logger: noLogger, clock })
  const deps = { key: 'zendesk', loginOf: claimAsLogin, metrics: noMetrics, logger: noLogger, clock: Date.now, budgets }
  const source = createZendeskSource(zendeskConfig.parse({ url: server.origin, token, pageSize }), deps)
  onTestFinished(async () => {
    await source.close?.()
    await server.close()
  })
  const change = async (id: string | undefined) => {
    if (id === undefined) return
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ ticket: { priority: time % 2 === 0 ? 'low' : 'high' } })
    await fetch(`${server.origin}/api/v2/tickets/${id}`, { method: 'PUT', headers, body })
  }
  const pass = (ms: number) => {
    time += ms
  }
  const changeAny = () => void zendesk.changeOne(time)
  return { source, label: 'Zendesk', count: zendesk.tickets(), refused: () => refused, pass, change, changeAny }
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
  it.each([
    ['Redmine, by CREATED_AT', openRedmine, 'CREATED_AT', 4],
    ['Redmine, by UPDATED_AT', openRedmine, 'UPDATED_AT', 4],
    // Zendesk sorts by the update alone: for another order the gateway reads the whole list for each page.
    ['Zendesk, by CREATED_AT', openZendesk, 'CREATED_AT', 100],
    ['Zendesk, by UPDATED_AT', openZendesk, 'UPDATED_AT', 4],
  ] as const)('gives each ticket once while tickets change: %s', async (_, open, field, pageSize) => {
    const desk = await open(pageSize)
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
      const report: Report = sources.find((one: Report) => one.source.key === desk.source.info.key)
      ids.push(...nodes.map(({ id }: Node) => id))
      outcomes.push(report.outcome)
      after = pageInfo.endCursor
      more = pageInfo.hasNextPage
      if (report.outcome === 'BUDGET_HELD') {
        expect(report.code).toBe('BUDGET_HELD')
        expect(report.error).toMatch(new RegExp(`^${desk.label} gets no more calls for now: .* Try again in \\d+ s\\.$`))
        expect(report.retryAt).not.toBeNull()
        // The client follows the report, at every second time.
        held += 1
        if (held % 2 === 0) desk.pass(Number(/in (\d+) s/.exec(report.error ?? '')?.[1]) * 1_000)
      }
      desk.pass(700)
      // By the latest update, a ticket that changes comes to the front, which the walk has left: those change that it has given.
      if (field === 'CREATED_AT') desk.changeAny()
      else await desk.change(nodes.find(({ source }: Node) => source.key === desk.source.info.key)?.externalId)
    }
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(desk.count + others.length)
    expect(outcomes).toContain('BUDGET_HELD')
    expect(outcomes).not.toContain('TIMEOUT')
    expect(desk.refused()).toBe(0)
  })
})

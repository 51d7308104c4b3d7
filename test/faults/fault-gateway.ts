import { expect } from 'vitest'
import type { SandboxOptions } from '../../sandbox/sandbox.ts'
import type { GatewayConfig } from '../../src/config/gateway-config.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

/** A whole gateway whose pulled sources are behind fault proxies. */
export interface FaultyDesk extends GatewayUnderTest {
  /** The proxy of a source, by its key. */
  proxy(key: string): FaultProxy
}

type Sources = GatewayConfig['sources']
type OneView = Extract<Sources[string], { system: 'oneview' }>

export interface FaultyGiven {
  /** Keys of further sources, each a OneView behind a proxy of its own, with changes to its block. */
  readonly oneViews?: Readonly<Record<string, Partial<OneView>>>
  readonly config?: (config: GatewayConfig) => GatewayConfig
  readonly sandbox?: SandboxOptions
  readonly replayHistory?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

/** How long a source may take: short, so that hanging ones do not hold up the run, and long enough for a busy machine. */
export const deadlineMs = 2_000

/** Few tickets, no history: what fails is seen on a small desk as well. */
const small = { counts: { oneview: 40, verifik: 30, vcc: 1, wasabi: 1, rbi: 1 } }

export async function startFaultyDesk(given: FaultyGiven = {}): Promise<FaultyDesk> {
  const { oneViews = {}, config = (same) => same, sandbox = small, replayHistory = false, environment = {} } = given
  const keys = ['oneview', 'verifik', ...Object.keys(oneViews)]
  const proxies = new Map(await Promise.all(keys.map(async (key) => [key, await startFaultProxy()] as const)))
  const proxy = (key: string) => proxies.get(key) ?? missing(key)
  const behind = (base: GatewayConfig): GatewayConfig => {
    const oneview = base.sources.oneview as OneView
    const more = Object.entries(oneViews).map(([key, changes]) => [key, { ...oneview, label: key, ...changes }])
    const sources = { ...base.sources, ...Object.fromEntries(more) } as Sources
    return config({ ...base, sources: Object.fromEntries(Object.entries(sources).map(([key, one]) => [key, move(key, one)])) })
  }
  const move = (key: string, source: Sources[string]): Sources[string] => {
    if (source.system !== 'oneview' && source.system !== 'verifik') return source
    return { ...source, timeoutMs: deadlineMs, url: proxy(key).before(source.url) }
  }
  const desk = await startGatewayUnderTest({ sandbox, replayHistory, config: behind, environment })
  return {
    ...desk,
    proxy,
    async close() {
      await desk.close()
      await Promise.all([...proxies.values()].map((one) => one.close()))
    },
  }
}

function missing(key: string): never {
  throw new Error(`There is no proxy before ${key}.`)
}

/** Words that a system says in its failures and that nobody outside may read. */
export const indiscreet = 'stack at db-7.internal, customer jane.doe@example.org'

/** Nothing of where the systems are, how the gateway signs in there, or what they said. */
export function expectDiscreet(answer: unknown): void {
  expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|sandbox-\w+-token|db-7\.internal|ECONN|at \w+ \(/)
}

const pageQuery = `query Page($sources: [String!]) {
  tickets(first: 10, filter: { sources: $sources }) {
    nodes { id source { key } }
    sources { source { key } outcome returned error retryAt }
  }
}`

/** A page of these sources, with its errors. */
export function page(desk: FaultyDesk, ...sources: string[]) {
  return desk.answer(pageQuery, { sources })
}

export interface ListFault {
  readonly code: string
  readonly outcome: string
  readonly retryable: boolean
}

/**
 * A page of one failing source and Verifik: Verifik's tickets are all there; the other's report and one error at its place say
 * what happened; nothing leaks. Gives the error's extensions.
 */
export async function expectPartialPage(desk: FaultyDesk, key: string, fault: ListFault): Promise<Record<string, unknown>> {
  const { data, errors } = await page(desk, key, 'verifik')
  const reports: { source: { key: string } }[] = data.tickets.sources
  const place = reports.findIndex(({ source }) => source.key === key)
  expect(data.tickets.nodes).toHaveLength(10)
  expect(new Set(data.tickets.nodes.map((node: { source: { key: string } }) => node.source.key))).toEqual(new Set(['verifik']))
  expect(reports[place]).toMatchObject({ outcome: fault.outcome, returned: 0, error: expect.any(String) })
  expect(errors).toHaveLength(1)
  expect(errors?.[0]).toMatchObject({ path: ['tickets', 'sources', place] })
  const { code, retryable, source, requestId } = errors?.[0]?.extensions ?? {}
  expect({ code, retryable, source }).toEqual({ code: fault.code, retryable: fault.retryable, source: key })
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
  expectDiscreet({ data, errors })
  return { ...errors?.[0]?.extensions, retryAt: (reports[place] as { retryAt?: string }).retryAt }
}

/** A counter of /metrics: the sum of the lines with these labels. */
export async function counted(desk: FaultyDesk, name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const text = await (await fetch(`${desk.url}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith(`deskgraph_${name}{`) || line.startsWith(`deskgraph_${name} `))
    .filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

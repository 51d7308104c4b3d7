import { expect } from 'vitest'
import type { SandboxOptions } from '../../sandbox/sandbox.ts'
import type { GatewayConfig } from '../../src/config/gateway-config.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

/** A gateway whose polled sources are behind fault proxies. */
export interface FaultyGateway extends GatewayUnderTest {
  /** The proxy of a source, by its key. */
  proxy(key: string): FaultProxy
}

type Sources = GatewayConfig['sources']
type OneView = Extract<Sources[string], { system: 'oneview' }>

/** How a test wants its gateway. */
export interface FaultyGatewayOptions {
  /** Further sources by key: each a OneView with its own proxy, and with these changes of its configuration. */
  readonly oneViews?: Readonly<Record<string, Partial<OneView>>>
  readonly config?: (config: GatewayConfig) => GatewayConfig
  readonly sandbox?: SandboxOptions
  readonly replayHistory?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

/** The timeout of every source: short for tests of hanging sources, and long enough for a busy machine. */
export const deadlineMs = 2_000

/** Few tickets make a quick start. */
const small = { counts: { oneview: 40, verifik: 30, vcc: 1, wasabi: 1, rbi: 1 } }

/** Starts the sandbox, a fault proxy per polled source, and a gateway over them. */
export async function startFaultyGateway(given: FaultyGatewayOptions = {}): Promise<FaultyGateway> {
  const { oneViews = {}, config = (unchanged) => unchanged, sandbox = small, replayHistory = false, environment = {} } = given
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
  const gateway = await startGatewayUnderTest({ sandbox, replayHistory, config: behind, environment })
  return {
    ...gateway,
    proxy,
    async close() {
      await gateway.close()
      await Promise.all([...proxies.values()].map((one) => one.close()))
    },
  }
}

function missing(key: string): never {
  throw new Error(`There is no proxy before ${key}.`)
}

/** Internals in a source's failure. No client may see them. */
export const internals = 'stack at db-7.internal, customer jane.doe@example.org'

/** The answer has no address, no token and no error text of a source. */
export function expectNoInternals(answer: unknown): void {
  expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|sandbox-\w+-token|db-7\.internal|ECONN|at \w+ \(/)
}

const pageQuery = `query Page($sources: [String!]) {
  tickets(first: 10, filter: { sources: $sources }) {
    nodes { id source { key } }
    sources { source { key } outcome returned code error retryAt }
  }
}`

/** A page of these sources, with the errors and extensions of the answer. */
export function page(gateway: FaultyGateway, ...sources: string[]) {
  return gateway.answer(pageQuery, { sources })
}

/** How a failing source appears in a list. */
export interface ListFault {
  readonly code: string
  readonly outcome: string
}

/**
 * Expects a page of one failing source and Verifik: with all of Verifik's tickets, with the failure in the report and in
 * `extensions.partial`, and without an error. Returns when to try again, if the report says it: `retryAfter` in seconds from now.
 */
export async function expectPartialPage(gateway: FaultyGateway, key: string, fault: ListFault) {
  const { data, errors, extensions } = await page(gateway, key, 'verifik')
  const reports: { source: { key: string }; retryAt: string | null }[] = data.tickets.sources
  const report = reports.find(({ source }) => source.key === key)
  expect(data.tickets.nodes).toHaveLength(10)
  expect(new Set(data.tickets.nodes.map((node: { source: { key: string } }) => node.source.key))).toEqual(new Set(['verifik']))
  expect(report).toMatchObject({ ...fault, returned: 0, error: expect.any(String) })
  const retryAt = report?.retryAt ?? null
  expect({ errors, extensions }).toEqual({
    errors: undefined,
    extensions: { partial: [{ source: key, code: fault.code, retryAt }] },
  })
  expectNoInternals({ data, extensions })
  return { retryAt, retryAfter: retryAt === null ? undefined : (Date.parse(retryAt) - Date.now()) / 1000 }
}

/** The value of a counter of /metrics: the sum of the lines with these labels. */
export async function readCounter(
  gateway: FaultyGateway,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith(`deskgraph_${name}{`) || line.startsWith(`deskgraph_${name} `))
    .filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

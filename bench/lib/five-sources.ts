import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readyOperations } from '../../console/operations.ts'
import type { GatewayConfig } from '../../sandbox/sandbox.ts'
import { decodeId } from '../../src/domain/ids.ts'
import type { SandboxOrder } from '../sandbox-server.ts'
import { startGateway } from './gateway.ts'
import { prepareRequest, RawConnection } from './http-client.ts'
import { median } from './measure.ts'
import { cpuMs, load, otherCore, type Spawned, start, stop, tell } from './processes.ts'
import type { Identity } from './servers.ts'

/** W5: the console's own list across all sources, over the sandbox's systems. */
export interface FiveSources {
  /** From when a request was due, in the open loop. */
  readonly p50: number
  readonly p99: number
  /** As fast as answers come. */
  readonly perSecond: number
  readonly cpuMs: number
  readonly failures: number
  /** By the systems' own count, one query at a time. */
  readonly calls: number
  readonly forcedCalls: number
  /** What the pulled systems take without a gateway: one list call, and everything that this page needs of them. */
  readonly direct: readonly DirectCalls[]
  /** p50 over the slowest system's own for the same page. */
  readonly ratio: number
}

export interface DirectCalls {
  readonly source: string
  readonly listP50: number
  /** The list, then all at once the tickets of which it leaves out what was asked for. */
  readonly pageP50: number
  readonly calls: number
}

const latencyMs = 20
const rate = 20
const rounds = 60
const operation = readyOperations.find(({ name }) => name === 'AcrossSources')!
const body = JSON.stringify({ query: operation.query, variables: operation.variables })

type Sources = GatewayConfig['sources']
interface Page {
  readonly nodes: readonly { readonly id: string; readonly source: { readonly key: string } }[]
  readonly sources: readonly unknown[]
}

export async function measureFiveSources(identity: Identity, generator: Spawned, seconds: number): Promise<FiveSources> {
  const sandbox = await start(otherCore, [process.execPath, 'bench/sandbox-server.ts'])
  const sources = await tell<Sources>(sandbox, { order: 'start', latencyMs } satisfies SandboxOrder)
  const gateway = await startGateway({ identity, name: 'five-sources', sources: withRoutingFile(sources, identity.folder) })
  try {
    await tell(sandbox, { order: 'feed', url: `http://127.0.0.1:${gateway.port}` } satisfies SandboxOrder)
    const headers = { accept: 'application/json', authorization: `Bearer ${identity.token}` }
    const page = await readPage(gateway.port, headers)
    const task = { port: gateway.port, path: '/graphql', headers, bodies: [body] }
    await load(generator, { ...task, connections: 8, seconds: 2 })
    const calls = await countCallsTo(sources, () => readPage(gateway.port, headers))
    const before = cpuMs(gateway.pid)
    const closed = await load(generator, { ...task, connections: 16, seconds })
    const cpu = cpuMs(gateway.pid) - before
    const open = await load(generator, { ...task, connections: 64, seconds, rate })
    // Verifik's lists leave the threads out.
    const threads = page.nodes.flatMap(({ id }) => pathOfVerifik(id))
    const direct = [
      await measureDirect('oneview', sources, '/v1/tickets?page=1&pageSize=50', []),
      await measureDirect('verifik', sources, '/v2/support-tickets?page=1&limit=50', threads),
    ]
    return {
      p50: open.p50,
      p99: open.p99,
      perSecond: closed.requests / closed.seconds,
      cpuMs: cpu / closed.requests,
      failures: closed.failures + open.failures,
      calls,
      forcedCalls: direct.reduce((sum, one) => sum + one.calls, 0),
      direct,
      ratio: open.p50 / Math.max(...direct.map(({ pageP50 }) => pageP50)),
    }
  } finally {
    await stop(gateway)
    await stop(sandbox)
  }
}

function pathOfVerifik(id: string): string[] {
  const ref = decodeId(id)
  return ref?.sourceKey === 'verifik' ? [`/v2/support-tickets/${ref.externalId}`] : []
}

/** The routing of a source stands in a file of its own. */
function withRoutingFile(sources: Sources, folder: string): Record<string, object> {
  const routing = join(folder, 'five-sources-routing.json')
  writeFileSync(routing, JSON.stringify(sources.rbi.routing))
  return { ...sources, rbi: { ...sources.rbi, routing } }
}

/** The page, whole: without it there is nothing to measure. */
async function readPage(port: number, headers: Readonly<Record<string, string>>): Promise<Page> {
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  })
  const { data, errors } = (await answer.json()) as { data?: { tickets: Page }; errors?: unknown }
  const page = data?.tickets
  const present = new Set(page?.nodes.map(({ source }) => source.key))
  if (!errors && page?.nodes.length === 50 && present.size === 5) return page
  throw new Error(
    `W5 is not answered as it should be: ${JSON.stringify({ errors, present: [...present], sources: page?.sources })}`,
  )
}

const pulled = ['oneview', 'verifik'] as const

/** Calls to all systems while the work is done, by their own count. */
async function countCallsTo(sources: Sources, work: () => Promise<unknown>): Promise<number> {
  const counters = pulled.map((key) => `${new URL(sources[key].url).origin}/_sandbox/calls`)
  for (const counter of counters) await fetch(counter, { method: 'DELETE' })
  await work()
  let sum = 0
  for (const counter of counters) {
    const { counts } = (await (await fetch(counter)).json()) as { counts: Record<string, number> }
    for (const count of Object.values(counts)) sum += count
  }
  return sum
}

/** One after the other, without a gateway: the list, and the calls behind it all at once. */
async function measureDirect(
  source: (typeof pulled)[number],
  sources: Sources,
  list: string,
  behind: readonly string[],
): Promise<DirectCalls> {
  const { url, token } = sources[source]
  const { port, pathname } = new URL(url)
  const base = pathname === '/' ? '' : pathname
  const toBytes = (path: string) => prepareRequest(base + path, { authorization: `Bearer ${token}` }, '', 'GET')
  const [first, ...others] = [list, ...behind].map(toBytes)
  const [connection, ...more] = Array.from({ length: behind.length + 1 }, () => new RawConnection(Number(port)))
  const listMs: number[] = []
  const pageMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    await connection!.send(first!)
    listMs.push(performance.now() - started)
    await Promise.all(others.map((bytes, index) => more[index]!.send(bytes)))
    pageMs.push(performance.now() - started)
  }
  for (const one of [connection!, ...more]) one.close()
  return { source, listP50: median(listMs), pageP50: median(pageMs), calls: behind.length + 1 }
}

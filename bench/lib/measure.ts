import { bodiesFor, type Running } from './compare.ts'
import type { Workload } from './operations.ts'
import { cpuMs, load, residentMb, type Spawned } from './processes.ts'

export interface Sample {
  readonly perSecond: number
  readonly cpuMsPerRequest: number
  /** By the upstream's own count. */
  readonly callsPerRequest: number
  readonly failures: number
  readonly residentMb: number
}

export interface Site extends Running {
  readonly server: Spawned
  readonly upstream: Spawned
  readonly upstreamPort: number
}

/** Warms up, then measures as many requests as the server answers. */
export async function measure(
  site: Site,
  workload: Workload,
  generator: Spawned,
  { warmSeconds, seconds }: { readonly warmSeconds: number; readonly seconds: number },
): Promise<Sample> {
  const { contender, port, server, upstreamPort } = site
  const { path, headers } = contender
  const task = { port, path, headers, bodies: bodiesFor(contender, workload), connections: workload.connections }
  await load(generator, { ...task, seconds: warmSeconds })
  await countCalls(upstreamPort)
  const cpuBefore = cpuMs(server.pid)
  const result = await load(generator, { ...task, seconds })
  const cpu = cpuMs(server.pid) - cpuBefore
  return {
    perSecond: result.requests / result.seconds,
    cpuMsPerRequest: cpu / result.requests,
    callsPerRequest: (await countCalls(upstreamPort)) / result.requests,
    failures: result.failures,
    residentMb: residentMb(server.pid),
  }
}

/**
 * The order of a round: in as many rounds as there are servers, where that is even, everybody comes once behind everybody else (a
 * Williams square).
 */
export function turnOrder<T>(sites: readonly T[], round: number): T[] {
  const count = sites.length
  const zigzag = (place: number) => (place % 2 === 1 ? (place + 1) / 2 : count - place / 2)
  return sites.map((_, place) => sites[(zigzag(place) + round) % count]!)
}

const lookMs = 200
const longestWaitMs = 2_000
/** Of a core. Two embedded databases at rest take a tenth. */
const atRest = 0.2

/**
 * Waits until the servers that were asked before have come to rest: they share the core, and what one of them still tidies up
 * the next would pay for.
 */
export async function othersAtRest(sites: readonly Site[], own: Site): Promise<void> {
  const spent = () => sites.reduce((sum, site) => (site === own ? sum : sum + cpuMs(site.server.pid)), 0)
  for (const end = performance.now() + longestWaitMs; performance.now() < end; ) {
    const before = spent()
    await new Promise((resolve) => setTimeout(resolve, lookMs))
    if (spent() - before < lookMs * atRest) return
  }
}

/** The upstream's count since it was asked last. */
export async function countCalls(upstreamPort: number): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${upstreamPort}/calls`)).text())
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

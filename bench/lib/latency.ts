import { bodiesFor } from './compare.ts'
import { othersAtRest, type Site } from './measure.ts'
import type { Workload, WorkloadKey } from './operations.ts'
import { load, type Spawned } from './processes.ts'
import { ticketId } from './tickets.ts'

/** From when a request was due, in an open loop, over upstreams that take their time. */
export interface LatencyRow {
  readonly workload: string
  readonly contender: string
  readonly label: string
  readonly p50: number
  readonly p99: number
  /** p50 beyond what the same number of direct calls to the upstream takes. */
  readonly addedMs: number
}

/** What the upstreams take for each answer. */
export const latencyMs = 20

/** Requests per second of the open loop: far below what any server can do, since it is latency that is asked for. */
const rates: Partial<Record<WorkloadKey, number>> = { W1: 100, W2: 20 }

export function rateOf({ key }: Workload): number {
  return rates[key]!
}

export async function measureLatency(
  sites: readonly Site[],
  workloads: readonly Workload[],
  generator: Spawned,
  seconds: number,
): Promise<LatencyRow[]> {
  const rows: LatencyRow[] = []
  for (const workload of workloads.filter(({ key }) => rates[key] !== undefined)) {
    const perSecond = rateOf(workload)
    for (const site of sites) {
      const { contender, port, upstreamPort } = site
      await othersAtRest(sites, site)
      const direct = await load(generator, {
        ...directTask(workload, upstreamPort),
        connections: 64,
        seconds: 1,
        rate: perSecond,
      })
      const task = {
        port,
        path: contender.path,
        headers: contender.headers,
        bodies: bodiesFor(contender, workload),
        connections: 64,
      }
      await load(generator, { ...task, connections: 16, seconds: 2 })
      const { p50, p99 } = await load(generator, { ...task, seconds, rate: perSecond })
      rows.push({ workload: workload.key, contender: contender.key, label: contender.label, p50, p99, addedMs: p50 - direct.p50 })
      console.log(
        `${workload.key} ${contender.key.padEnd(20)} p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  added ${(p50 - direct.p50).toFixed(2)} ms`,
      )
    }
  }
  return rows
}

/** The one call that the workload forces, without a gateway. The upstream does not mind the method. */
function directTask({ key }: Workload, port: number) {
  const path = key === 'W1' ? `/ticket-detail/v1/tickets/${ticketId(1)}` : '/ticket-detail/v1/tickets?page=1&pageSize=100'
  return { port, path, headers: {}, bodies: [''] }
}

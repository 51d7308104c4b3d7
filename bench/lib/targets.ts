import type { ColdStart } from './cold-start.ts'
import type { FanOut } from './fan-out.ts'
import { type WorkloadKey, workloads } from './operations.ts'
import type { Report } from './report.ts'
import type { Row } from './throughput.ts'
import type { TicketCost } from './ticket-cost.ts'

const peers = ['apollo', 'mercurius', 'yoga', 'yoga-jit']

export const hiveTargets = { W1: 12, W2: 10, W3: 5, W4: 7 } as const

/** Requests per second of Deskgraph over another's, in the same run; of several, over the best. */
const ratios = [
  { who: 'deskgraph', against: 'baseline', others: ['baseline'], targets: { W1: 1.0, W2: 1.4, W3: 1.5, W4: 0.5 } },
  { who: 'deskgraph-unshared', against: 'baseline, sharing nothing', others: ['baseline'], targets: { W3: 0.9 } },
  { who: 'deskgraph', against: 'best of the peers', others: peers, targets: { W1: 1.4, W2: 2.5, W3: 2.0, W4: 0.6 } },
  { who: 'deskgraph', against: 'hive', others: ['hive'], targets: hiveTargets },
] as const

/** p50 beyond a direct call over upstreams that take their time, in milliseconds. */
const addedMs = { W1: 1, W2: 3 }
const fiveSourcesRatio = 1.2
const deliveryMs = 50
const coldStartMs = { PostgreSQL: 1_000, PGlite: 4_000 }
/** How much more a ticket may cost in a longer list than in any shorter one. */
const costGrowth = 1.25
/** What the process may hold more in the last third of a run than in the first. */
const memoryGrowth = 1.05

/** One target of issue 4 beside what was measured. */
export interface Verdict {
  /** By which `bounds.ts` knows it. */
  readonly key: string
  readonly what: string
  readonly target: string
  readonly measured: string
  readonly result: 'met' | 'met by CPU' | 'missed'
}

/** Every target of which the run measured something. */
export function judge(report: Report): Verdict[] {
  return [
    ...judgeRatios(report.rows),
    ...judgeCalls(report),
    ...judgeLatencies(report),
    ...judgeFiveSources(report),
    ...report.fanOut.flatMap(judgeFanOut),
    ...report.coldStarts.map(judgeColdStart),
    ...judgeCost(report.ticketCosts),
    ...judgeMemory(report),
  ]
}

function judgeRatios(rows: readonly Row[]): Verdict[] {
  const find = (workload: string, contender: string) =>
    rows.find((row) => row.workload === workload && row.contender === contender)
  return ratios.flatMap(({ who, against, others, targets }) =>
    Object.entries(targets).flatMap(([workload, target]): Verdict[] => {
      const ours = find(workload, who)
      const measuredOthers = others.flatMap((key) => find(workload, key) ?? [])
      if (!ours || measuredOthers.length === 0) return []
      const measured = ours.ratio / Math.max(...measuredOthers.map(({ ratio }) => ratio))
      const byCpu = ours.cpuRatio / Math.max(...measuredOthers.map(({ cpuRatio }) => cpuRatio))
      return [
        {
          key: `${workload}/${against}`,
          what: `${workload} against ${against}, by requests/s (by CPU per request)`,
          target: `≥ ${target}`,
          measured: `${measured.toFixed(2)} (${byCpu.toFixed(2)})`,
          result: measured >= target ? 'met' : byCpu >= target ? 'met by CPU' : 'missed',
        },
      ]
    }),
  )
}

function judgeCalls(report: Report): Verdict[] {
  const counted = callsOf(report)
  if (counted.length === 0) return []
  const measured = counted.map(describeCalls).join(', ')
  return [verdict('calls', 'Upstream calls per query', 'none that the API does not force', measured, !counted.some(isTooMany))]
}

/** Of a workload that needs more calls than the vendor's API forces: the run fails. */
export function findTooManyCalls(report: Report): string[] {
  return callsOf(report)
    .filter(isTooMany)
    .map((one) => `More calls than the vendor's API forces. ${describeCalls(one)}`)
}

interface CallCount {
  readonly workload: string
  readonly who: string
  readonly calls: number
  readonly forced: number
}

function callsOf({ rows, fiveSources }: Report): CallCount[] {
  const forced = new Map<WorkloadKey, number>(workloads.map(({ key, forcedCalls }) => [key, forcedCalls]))
  const ours = rows.filter(({ contender }) => contender.startsWith('deskgraph'))
  return [
    ...ours.map((row) => ({
      workload: row.workload,
      who: row.contender,
      calls: row.calls,
      forced: forced.get(row.workload) ?? 0,
    })),
    ...(fiveSources ? [{ workload: 'W5', who: 'deskgraph', calls: fiveSources.calls, forced: fiveSources.forcedCalls }] : []),
  ]
}

/** A read that met a connection as it closed is made again: a thousandth is not a habit. */
function isTooMany({ calls, forced }: CallCount): boolean {
  return calls > forced * 1.001
}

function describeCalls({ workload, who, calls, forced }: CallCount): string {
  return `${workload} ${calls.toFixed(2)} of ${forced}${who === 'deskgraph' ? '' : ` (${who})`}`
}

function judgeLatencies({ latencies }: Report): Verdict[] {
  return latencies.flatMap(({ workload, contender, addedMs: measured }) => {
    const target = addedMs[workload as keyof typeof addedMs]
    if (contender !== 'deskgraph') return []
    const what = `${workload} added to a direct call that takes 20 ms, p50`
    return [verdict(`added/${workload}`, what, `< ${target} ms`, `${measured.toFixed(2)} ms`, measured < target)]
  })
}

function judgeFiveSources({ fiveSources }: Report): Verdict[] {
  if (!fiveSources) return []
  const { ratio } = fiveSources
  const what = 'W5 p50 over that of the slowest source alone for the same page'
  return [verdict('W5', what, `≤ ${fiveSourcesRatio}`, ratio.toFixed(2), ratio <= fiveSourcesRatio)]
}

function judgeFanOut({ storage, subscribers, teams, p99, missing }: FanOut): Verdict[] {
  if (subscribers === 0) return []
  const what = `W6 delivery to ${subscribers} subscribers on ${storage}, ${teams === 1 ? 'all of whom see every change' : `of whom 1/${teams} see each change`}, p99`
  return [
    verdict(`W6/${storage}/${teams}`, what, `< ${deliveryMs} ms`, `${p99.toFixed(1)} ms`, p99 < deliveryMs && missing === 0),
  ]
}

function judgeColdStart({ storage, empty, ms }: ColdStart): Verdict {
  const target = coldStartMs[storage]
  const what = `Cold start to the first answer on ${storage}${empty ? ', nothing there yet' : ''}`
  const key = `start/${storage}${empty ? '/empty' : ''}`
  return verdict(key, what, `< ${target} ms`, `${ms.toFixed(0)} ms`, ms < target)
}

/** The smallest pages pay for the request that they come with, so that a ticket gets cheaper at first: it may not get dearer again. */
function judgeCost(costs: readonly TicketCost[]): Verdict[] {
  if (costs.length === 0) return []
  const growth = costs.map((cost, index) => cost.microsecondsPerTicket / leastBefore(costs, index))
  const most = Math.max(...growth)
  const what = 'Cost of a ticket over that in any shorter list, 10 to 10,000'
  return [verdict('size', what, `≤ ${costGrowth}`, most.toFixed(2), most <= costGrowth)]
}

function leastBefore(costs: readonly TicketCost[], index: number): number {
  return Math.min(...costs.slice(0, index + 1).map(({ microsecondsPerTicket }) => microsecondsPerTicket))
}

function judgeMemory({ memory }: Report): Verdict[] {
  if (!memory) return []
  const [first, last] = memory.residentMb
  const what = 'Memory of the last third of a run over that of the first'
  return [verdict('memory', what, `≤ ${memoryGrowth}`, (last / first).toFixed(2), last / first <= memoryGrowth)]
}

function verdict(key: string, what: string, target: string, measured: string, met: boolean): Verdict {
  return { key, what, target, measured, result: met ? 'met' : 'missed' }
}

/** Ratios of an earlier run that this one falls short of by more than a third. */
export function fallenBehind(now: readonly Row[], before: readonly Row[]): string[] {
  return now.flatMap((row) => {
    const earlier = before.find(({ workload, contender }) => workload === row.workload && contender === row.contender)
    if (row.contender !== 'deskgraph' || !earlier) return []
    // A busy neighbour disturbs one of the two measures more often than both.
    const best = Math.max(row.ratio / earlier.ratio, row.cpuRatio / earlier.cpuRatio)
    return best < 2 / 3 ? [`${row.workload}: ${row.ratio.toFixed(2)} of the baseline, ${earlier.ratio.toFixed(2)} before`] : []
  })
}

import type { Row } from './throughput.ts'

/** The targets of issue 4: requests per second of Deskgraph over another's, in the same run. */
const targets = {
  baseline: { W1: 1.0, W2: 1.4, W3: 1.5, W4: 0.5 },
  'best of the peers': { W1: 1.4, W2: 2.5, W3: 2.0, W4: 0.6 },
  hive: { W1: 12, W2: 10, W3: 5, W4: 7 },
} as const

export interface Verdict {
  readonly against: string
  readonly workload: string
  readonly target: number
  readonly measured: number
  /** The same by CPU per request. */
  readonly byCpu: number
}

const peers = ['apollo', 'mercurius', 'yoga', 'yoga-jit']

export function judge(rows: readonly Row[]): Verdict[] {
  const find = (workload: string, contender: string) =>
    rows.find((row) => row.workload === workload && row.contender === contender)
  return Object.entries(targets).flatMap(([against, ofWorkload]) =>
    Object.entries(ofWorkload).flatMap(([workload, target]) => {
      const ours = find(workload, 'deskgraph')
      const candidates = against === 'best of the peers' ? peers : [against]
      const others = candidates.flatMap((key) => find(workload, key) ?? [])
      if (!ours || others.length === 0) return []
      const measured = ours.ratio / Math.max(...others.map(({ ratio }) => ratio))
      const byCpu = ours.cpuRatio / Math.max(...others.map(({ cpuRatio }) => cpuRatio))
      return [{ against, workload, target, measured, byCpu }]
    }),
  )
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

import { measure, median, othersAtRest, type Sample, type Site, turnOrder } from './measure.ts'
import type { Workload, WorkloadKey } from './operations.ts'
import type { Options } from './options.ts'
import type { Spawned } from './processes.ts'

/** A server's medians over the rounds. */
export interface Row {
  readonly workload: WorkloadKey
  readonly contender: string
  readonly label: string
  readonly perSecond: number
  /** Of the quietest round. */
  readonly cpuMs: number
  readonly calls: number
  readonly residentMb: number
  readonly failures: number
  /** Requests per second as a share of the baseline's in the same round: the median of the rounds' ratios. */
  readonly ratio: number
  /** The same by the CPU time that one request takes, each server in its quietest round. */
  readonly cpuRatio: number
}

type Rounds = Map<string, Sample[]>

/** Closed loop, every server in turn in every round, each time behind another one: what one leaves in the caches the next pays for. */
export async function measureThroughput(
  sites: readonly Site[],
  workloads: readonly Workload[],
  generator: Spawned,
  options: Options,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const workload of workloads) {
    const rounds: Rounds = new Map(sites.map(({ contender }) => [contender.key, []]))
    for (let round = 0; round < options.rounds; round++) {
      for (const site of turnOrder(sites, round)) {
        const warmSeconds = round === 0 ? options.warmSeconds : options.rewarmSeconds
        await othersAtRest(sites, site)
        const sample = await measure(site, workload, generator, { warmSeconds, seconds: options.seconds })
        rounds.get(site.contender.key)!.push(sample)
      }
    }
    rows.push(...sites.map(({ contender }) => toRow(workload.key, contender, rounds)))
    for (const row of rows.slice(-sites.length)) console.log(describe(row))
  }
  return rows
}

function toRow(workload: WorkloadKey, { key, label }: { key: string; label: string }, rounds: Rounds): Row {
  const samples = rounds.get(key)!
  const baseline = rounds.get('baseline')!
  const over = (pick: (sample: Sample) => number) => median(samples.map(pick))
  return {
    workload,
    contender: key,
    label,
    perSecond: over((sample) => sample.perSecond),
    cpuMs: leastCpu(samples),
    calls: over((sample) => sample.callsPerRequest),
    residentMb: Math.max(...samples.map((sample) => sample.residentMb)),
    failures: samples.reduce((sum, sample) => sum + sample.failures, 0),
    ratio: median(samples.map((sample, round) => sample.perSecond / baseline[round]!.perSecond)),
    cpuRatio: leastCpu(baseline) / leastCpu(samples),
  }
}

/** Of the quietest round: whatever else runs on the machine only ever adds. */
function leastCpu(samples: readonly Sample[]): number {
  return Math.min(...samples.map((sample) => sample.cpuMsPerRequest))
}

function describe(row: Row): string {
  const ratio = `${row.ratio.toFixed(2)} (CPU ${row.cpuRatio.toFixed(2)})`
  return `${row.workload} ${row.contender.padEnd(20)} ${row.perSecond.toFixed(0).padStart(7)}/s  ${ratio}  ${row.cpuMs.toFixed(3)} ms  ${row.calls.toFixed(2)} calls  ${row.failures} failures  ${row.residentMb} MB`
}

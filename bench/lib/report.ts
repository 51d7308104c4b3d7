import { cpus } from 'node:os'
import { workloads } from '../workloads.ts'
import { median, type Sample } from './measure.ts'

/** One server with one workload. Medians over the rounds, where nothing else is said. */
export interface Row {
  readonly workload: string
  readonly contender: string
  readonly label: string
  readonly requestsPerSecond: number
  /** Requests per second over the baseline's in the same round. */
  readonly ratio: number
  /** Processor time per request in the best round: other programs on the machine only add to it. */
  readonly cpuMs: number
  /** The baseline's `cpuMs` over this one. */
  readonly cpuRatio: number
  readonly coreUse: number
  readonly p99Ms: number
  /** Calls to the vendor per request. */
  readonly calls: number
  /** The most of all rounds. */
  readonly residentMb: number
  /** The sum of all rounds. */
  readonly failed: number
}

/** bench/results/latest.json. */
export interface Report {
  readonly measuredAt: string
  readonly node: string
  readonly machine: string
  readonly rows: readonly Row[]
}

export function toRow(
  workload: string,
  { key, label }: { readonly key: string; readonly label: string },
  all: ReadonlyMap<string, readonly Sample[]>,
): Row {
  const samples = all.get(key)!
  // NaN without a baseline: JSON writes null, and a table a dash.
  const baseline = all.get('baseline')
  const medianOf = (pick: (sample: Sample) => number) => median(samples.map(pick))
  const leastCpu = (some: readonly Sample[]) => Math.min(...some.map(({ cpuMsPerRequest }) => cpuMsPerRequest))
  return {
    workload,
    contender: key,
    label,
    requestsPerSecond: medianOf((sample) => sample.requestsPerSecond),
    ratio: median(
      samples.map((sample, round) => sample.requestsPerSecond / (baseline?.[round]?.requestsPerSecond ?? Number.NaN)),
    ),
    cpuMs: leastCpu(samples),
    cpuRatio: baseline ? leastCpu(baseline) / leastCpu(samples) : Number.NaN,
    coreUse: medianOf((sample) => sample.coreUse),
    p99Ms: medianOf((sample) => sample.p99Ms),
    calls: medianOf((sample) => sample.callsPerRequest),
    residentMb: Math.max(...samples.map((sample) => sample.residentMb)),
    failed: samples.reduce((sum, { failed }) => sum + failed, 0),
  }
}

export function describeMachine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}`
}

/** One line for the console. */
export function describeRow(row: Row): string {
  const ratios = `ratio ${row.ratio.toFixed(2)}, by CPU ${row.cpuRatio.toFixed(2)}`
  return `${row.workload.padEnd(3)} ${row.contender.padEnd(13)} ${row.requestsPerSecond.toFixed(0).padStart(6)}/s  ${ratios}  ${row.cpuMs.toFixed(3)} ms CPU  core ${row.coreUse.toFixed(2)}  ${row.calls.toFixed(2)} calls  ${row.failed} failed  ${row.residentMb} MB`
}

/**
 * The part of a committed ratio that is left when a workload counts as slower. On another kind of machine the same commit may lie below it (W4d: 0.61 and 0.80): then
 * commit the results of a whole run on that machine first.
 */
const leastShare = 0.75

/** Workloads whose ratios have fallen below that share: both ratios, since a busy machine seldom disturbs both. */
export function findSlower(now: readonly Row[], before: readonly Row[]): string[] {
  return now.flatMap((row) => {
    const earlier = before.find(({ workload, contender }) => workload === row.workload && contender === row.contender)
    if (row.contender !== 'deskgraph' || !earlier) return []
    const best = Math.max(row.ratio / earlier.ratio, row.cpuRatio / earlier.cpuRatio)
    return best < leastShare
      ? [`${row.workload}: ${row.ratio.toFixed(2)} of the baseline, ${earlier.ratio.toFixed(2)} before`]
      : []
  })
}

const header = `| | requests/s | ratio | CPU ms/request | ratio by CPU | core use | p99 ms | vendor calls/request | MB |
|---|---|---|---|---|---|---|---|---|`

/** bench/results/latest.md. */
export function toMarkdown({ measuredAt, node, machine, rows }: Report): string {
  const failed = rows.filter((row) => row.failed > 0).map((row) => `${row.workload} ${row.label}: ${row.failed}`)
  return `# Benchmark of ${measuredAt.slice(0, 10)}

\`npm run bench\`, Node ${node}, ${machine}. The server has one core, the load generator (autocannon) and the simulated vendor
the other. Ratios are to the hand-written server in the same round; absolute figures depend on the machine. Where core use is below 0.9
the generator or the vendor was the limit: read the ratio by CPU there. [bench/README.md](../README.md) says what is measured.

![Requests per second, as a ratio to the hand-written server](latest.svg)

## Distinct requests
Each request asks for another ticket or page; 50 viewers, each with a token of its own.

${toTables(rows, true)}
## The same question at once
One viewer. W1 asks for each ticket in turn, W2 to W4 repeat one request.

${toTables(rows, false)}
${failed.length === 0 ? 'No request failed.' : `Failed requests: ${failed.join('; ')}.`}
`
}

function toTables(rows: readonly Row[], distinct: boolean): string {
  return workloads
    .filter((workload) => workload.distinct === distinct)
    .map(({ key, title }) => {
      const lines = rows.filter(({ workload }) => workload === key).map(toLine)
      return `### ${key}: ${title}\n${header}\n${lines.join('\n')}\n`
    })
    .join('\n')
}

function toLine(row: Row): string {
  const cells = [
    row.label,
    row.requestsPerSecond.toFixed(0),
    row.ratio.toFixed(2),
    row.cpuMs.toFixed(3),
    row.cpuRatio.toFixed(2),
    row.coreUse.toFixed(2),
    row.p99Ms.toFixed(0),
    row.calls.toFixed(2),
    row.residentMb,
  ]
  return `| ${cells.join(' | ')} |`
}

const colours = ['#0f766e', '#5eead4', '#64748b', '#a78bfa', '#f472b6', '#fbbf24', '#f97316']
const [width, barHeight, left] = [760, 16, 210]

/** bench/results/latest.svg: a bar for each server and each workload of distinct requests. */
export function toPlot(rows: readonly Row[]): string {
  const contenders = [...new Set(rows.map(({ contender }) => contender))]
  const distinct = workloads.filter((workload) => workload.distinct)
  const shown = rows.filter(({ workload }) => distinct.some(({ key }) => key === workload))
  const most = Math.max(1, ...shown.map(({ ratio }) => ratio))
  const parts: string[] = []
  let y = 10
  for (const { key, title } of distinct) {
    parts.push(`<text x="10" y="${y + 14}" font-weight="600">${key}: ${title}</text>`)
    y += 24
    for (const { workload, contender, label, ratio } of shown) {
      if (workload !== key) continue
      const length = Math.max(1, (ratio / most) * (width - left - 60))
      const colour = colours[contenders.indexOf(contender) % colours.length]
      parts.push(`<text x="${left - 8}" y="${y + 11}" text-anchor="end">${label}</text>`)
      parts.push(`<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight - 4}" rx="2" fill="${colour}"/>`)
      parts.push(`<text x="${(left + length + 6).toFixed(1)}" y="${y + 11}">${ratio.toFixed(2)}</text>`)
      y += barHeight
    }
    y += 14
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="11" fill="#334155"><rect width="100%" height="100%" fill="#ffffff"/>${parts.join('')}</svg>\n`
}

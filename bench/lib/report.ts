import type { ColdStart } from './cold-start.ts'
import type { FanOut } from './fan-out.ts'
import type { FiveSources } from './five-sources.ts'
import type { LatencyRow } from './latency.ts'
import type { Memory } from './memory.ts'
import { workloads } from './operations.ts'
import type { MissProfile } from './profile/profile-misses.ts'
import { describeBound, toProfiles } from './report-profiles.ts'
import { toOtherSections } from './report-sections.ts'
import { judge, type Verdict } from './targets.ts'
import type { Row } from './throughput.ts'
import type { TicketCost } from './ticket-cost.ts'

export interface Report {
  readonly measuredAt: string
  readonly node: string
  readonly machine: string
  readonly rows: readonly Row[]
  readonly latencies: readonly LatencyRow[]
  /** null, or empty, where it was not measured: as every part below. */
  readonly fiveSources: FiveSources | null
  readonly fanOut: readonly FanOut[]
  readonly coldStarts: readonly ColdStart[]
  readonly ticketCosts: readonly TicketCost[]
  readonly memory: Memory | null
  /** Of what was missed. */
  readonly profiles: readonly MissProfile[]
}

/** The run as a page. The plot stands beside it. */
export function toMarkdown(report: Report): string {
  return `# Speed, measured ${report.measuredAt.slice(0, 10)}

\`npm run bench\` on Node ${report.node}, ${report.machine}: the server on one core, upstream and load generator on the other.
Medians of interleaved rounds. Ratios are to the hand-written baseline of the same round; absolute numbers are the machine's.

![Requests per second as a share of the baseline](latest.svg)

## Against the targets
| | target | measured | | what bounds it |
|---|---|---|---|---|
${judge(report)
  .map((verdict) => toVerdictLine(report, verdict))
  .join('\n')}

${workloads.map((workload) => toSection(workload.key, workload.title, report.rows)).join('\n')}
${[toLatencySection(report.latencies), ...toOtherSections(report), toProfiles(report)].filter(Boolean).join('\n')}`
}

function toVerdictLine(report: Report, verdict: Verdict): string {
  const { what, target, measured, result } = verdict
  return `| ${what} | ${target} | ${measured} | ${result} | ${describeBound(report, verdict)} |`
}

function toSection(key: string, title: string, rows: readonly Row[]): string {
  const lines = rows
    .filter(({ workload }) => workload === key)
    .map(
      (row) =>
        `| ${row.label} | ${row.perSecond.toFixed(0)} | ${row.ratio.toFixed(2)} | ${row.cpuMs.toFixed(3)} | ${row.cpuRatio.toFixed(2)} | ${row.calls.toFixed(2)} | ${row.residentMb} |`,
    )
  return `## ${key}: ${title}
| | requests/s | ratio | CPU ms per request | ratio by CPU | upstream calls per request | MB resident |
|---|---|---|---|---|---|---|
${lines.join('\n')}
`
}

function toLatencySection(rows: readonly LatencyRow[]): string {
  if (rows.length === 0) return ''
  return `## Latency over upstreams that take 20 ms, open loop
| workload | | p50 ms | p99 ms | added to a direct call, p50 ms |
|---|---|---|---|---|
${rows.map((row) => `| ${row.workload} | ${row.label} | ${row.p50.toFixed(1)} | ${row.p99.toFixed(1)} | ${row.addedMs.toFixed(2)} |`).join('\n')}

The generator shares its core with the upstream; its own scheduling is in every number.
`
}

const colours = ['#0f766e', '#5eead4', '#64748b', '#a78bfa', '#f472b6', '#fbbf24', '#f97316', '#ef4444']
const [width, barHeight, left] = [760, 16, 250]

/** Bars per workload: requests per second over the baseline's. */
export function toPlot(rows: readonly Row[]): string {
  const contenders = [...new Set(rows.map(({ contender }) => contender))]
  const groups = workloads.map(({ key, title }) => ({ key, title, rows: rows.filter(({ workload }) => workload === key) }))
  const most = Math.max(1, ...rows.map(({ ratio }) => ratio))
  let y = 10
  const parts: string[] = []
  for (const group of groups) {
    parts.push(`<text x="10" y="${y + 14}" font-weight="600">${group.key}: ${escapeText(group.title)}</text>`)
    y += 24
    for (const row of group.rows) {
      const length = Math.max(1, (row.ratio / most) * (width - left - 60))
      const colour = colours[contenders.indexOf(row.contender) % colours.length]
      parts.push(`<text x="${left - 8}" y="${y + 12}" text-anchor="end">${escapeText(row.label)}</text>`)
      parts.push(`<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight - 4}" rx="2" fill="${colour}"/>`)
      parts.push(`<text x="${(left + length + 6).toFixed(1)}" y="${y + 11}">${row.ratio.toFixed(2)}</text>`)
      y += barHeight
    }
    y += 14
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="11" fill="#334155"><rect width="100%" height="100%" fill="#ffffff"/>${parts.join('')}</svg>\n`
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

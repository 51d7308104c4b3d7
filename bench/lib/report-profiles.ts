import { bounds } from './bounds.ts'
import { type Part, parts } from './profile/parts.ts'
import { type MissProfile, type ProfileColumn, profileKeyOf } from './profile/profile-misses.ts'
import type { Report } from './report.ts'
import { judge, type Verdict } from './targets.ts'

const mostNamed = 6

/** What bounds a target that was missed, in a sentence: why, and the largest parts of its profile. */
export function describeBound(report: Report, { key, result }: Verdict): string {
  if (result === 'met') return ''
  const why = bounds[key]?.(report)
  const profile = report.profiles.find((one) => one.key === profileKeyOf(key))
  return [why, profile && summarise(profile)].filter(Boolean).join('. ')
}

/** Every target as a line for the terminal. */
export function describeVerdicts(report: Report): string[] {
  return judge(report).map((verdict) => {
    const { what, target, measured, result } = verdict
    const bound = describeBound(report, verdict)
    return `${what}: ${measured}, target ${target}: ${result}${bound && `. ${bound}`}`
  })
}

function summarise({ columns: [ours] }: MissProfile): string {
  if (!ours) return ''
  const largest = partsOf([ours]).slice(0, mostNamed)
  return `Where the time goes (below): ${largest.map((part) => `${parts[part]} ${percent(ours, part)}`).join(', ')}`
}

/** Of every miss where the time goes, beside the hand-written server where that does the same; '' where nothing was missed. */
export function toProfiles({ profiles }: Report): string {
  if (profiles.length === 0) return ''
  return `## Where the time goes, of what was missed
By V8's profiler, in a run of its own: of the time in which the server was not idle, the share of each part, and what that is of the
processor time that the run above measured without a profiler. What works for somebody (streams, native code) counts as his.

${profiles.map(toSection).join('\n')}`
}

function toSection({ title, columns }: MissProfile): string {
  const cells = (part: Part) => columns.map((column) => `${percent(column, part)}${microseconds(column, part)}`)
  const busy = columns.map(({ who, busy: share }) => `${who} ${(share * 100).toFixed(0)} %`)
  return `### ${title}
| | ${columns.map(({ who }) => who).join(' | ')} |
|---|${columns.map(() => '---|').join('')}
${partsOf(columns)
  .map((part) => `| ${parts[part]} | ${cells(part).join(' | ')} |`)
  .join('\n')}

Busy: ${busy.join(', ')} of the time.
`
}

/** Those that take any time worth naming in one of them, by the first one's. */
function partsOf(columns: readonly ProfileColumn[]): Part[] {
  const known = Object.keys(parts) as Part[]
  const shareOf = (column: ProfileColumn, part: Part) => column.shares[part] ?? 0
  return known
    .filter((part) => columns.some((column) => shareOf(column, part) >= 0.005))
    .sort((a, b) => shareOf(columns[0]!, b) - shareOf(columns[0]!, a))
}

function percent({ shares }: ProfileColumn, part: Part): string {
  return `${((shares[part] ?? 0) * 100).toFixed(0)} %`
}

function microseconds({ cpuMs, shares }: ProfileColumn, part: Part): string {
  return cpuMs === null ? '' : `, ${(cpuMs * 1_000 * (shares[part] ?? 0)).toFixed(1)} µs`
}

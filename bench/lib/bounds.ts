import type { Report } from './report.ts'
import { hiveTargets } from './targets.ts'

/** Why a target that was missed is hard to meet, by the verdict's key: what the profile that the report prints beside it does not say. */
export const bounds: Readonly<Record<string, (report: Report) => string>> = {
  'W1/baseline': () =>
    'one call and nobody to share it with: what every request has of its own and the hand-written server does without',
  'W1/best of the peers': () =>
    'the same: they pay the same HTTP and call undici without deadline, circuit, bulkhead, identity or metrics',
  'W1/hive': (report) => againstHive(report, 'W1'),
  'W4/hive': (report) => againstHive(report, 'W4'),
  'W3/baseline, sharing nothing': () =>
    '41 calls for each page, and each has of its own what the hand-written server does without',
  'added/W1': (report) => addedByHand(report, 'W1'),
  'added/W2': (report) => addedByHand(report, 'W2'),
  'W6/PGlite/1': () => toEverySocket,
  'W6/PostgreSQL/1': () => toEverySocket,
  'W6/PGlite/10': () => standingStill,
  'W6/PGlite/100': () => standingStill,
  'W6/PostgreSQL/10': () => standingStill,
  'start/PostgreSQL/empty': () => 'what the start on its tables takes, and the tables, which are made first',
  // The table of what a ticket costs shows it.
  size: () =>
    'a page behind a cursor asks the vendor for two of its numbered pages and decodes both, so that the cost of a ticket rises once, from the first page to the second',
  // node bench/run.ts --only=memory for 150 s: least kept 45 MB in the first third and 46 in the last, 816 and 915 MB resident
  memory: () =>
    'not a growth but the first slope of a saw: without the memory reducer old objects wait for a collection of everything, which does not come within 45 s; the half hour of soak in docs/operations.md is flat',
}

const toEverySocket =
  'a system call for each of 1,000 sockets and round of changes: a change waits for the round before it, and is written to the last socket at the end of its own'

const standingStill =
  'the core is idle for much of the time, and what comes while it stands still waits: in a collection of everything, whose helpers share the one core with the gateway, or where the machine takes the core away'

function againstHive({ rows }: Report, workload: 'W1' | 'W4'): string {
  const microsecondsOf = (key: string) =>
    (rows.find((row) => row.workload === workload && row.contender === key)?.cpuMs ?? 0) * 1_000
  const [hive, baseline] = [microsecondsOf('hive'), microsecondsOf('baseline')]
  return `of the ${hive.toFixed(0)} µs that Hive takes the target leaves ${(hive / hiveTargets[workload]).toFixed(0)}; the hand-written server, which has none of a gateway's work, takes ${baseline.toFixed(0)}`
}

function addedByHand({ latencies }: Report, workload: string): string {
  const baseline = latencies.find((row) => row.workload === workload && row.contender === 'baseline')
  return baseline ? `the hand-written server adds ${baseline.addedMs.toFixed(2)} ms in the same run` : ''
}

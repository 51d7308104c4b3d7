import type { Report } from './report.ts'

/** Why a target that was missed is hard to meet, by the verdict's key: what the profile that the report prints beside it does not say. */
export const bounds: Readonly<Record<string, (report: Report) => string>> = {
  'W1/baseline': () =>
    'one call and nobody to share it with: what every request has of its own and the hand-written server does without',
  'W1/best of the peers': () =>
    'the same: they pay the same HTTP and call undici without deadline, circuit, bulkhead, identity or metrics',
  'W1/hive': ({ rows }) => againstHive(rows, 'W1', 12),
  'W4/hive': ({ rows }) => againstHive(rows, 'W4', 7),
  'W3/baseline, sharing nothing': () =>
    '41 calls for each page, and each has of its own what the hand-written server does without',
  'added/W1': (report) => addedByHand(report, 'W1'),
  'added/W2': (report) => addedByHand(report, 'W2'),
  'W6/PGlite/1': () => 'every change goes to each of 1,000 sockets, and a batch of changes waits for the one before it',
  'W6/PostgreSQL/1': () => 'every change goes to each of 1,000 sockets, and a batch of changes waits for the one before it',
  'W6/PGlite/10': () => standingStill,
  'W6/PGlite/100': () => standingStill,
  'W6/PostgreSQL/10': () => standingStill,
  // node bench/run.ts --only=memory for 150 s: least kept 45 MB in the first third and 46 in the last, 816 and 915 MB resident
  memory: () =>
    'not a growth but the first slope of a saw: without the memory reducer old objects wait for a collection of everything, which does not come within 45 s',
}

const standingStill =
  'the core is idle for much of the time, and what comes while it stands still waits: in a collection of everything, whose helpers share the one core with the gateway, or where the machine takes the core away'

function againstHive(rows: Report['rows'], workload: string, times: number): string {
  const microsecondsOf = (key: string) =>
    (rows.find((row) => row.workload === workload && row.contender === key)?.cpuMs ?? 0) * 1_000
  const [hive, baseline] = [microsecondsOf('hive'), microsecondsOf('baseline')]
  return `of the ${hive.toFixed(0)} µs that Hive takes the target leaves ${(hive / times).toFixed(0)}; the hand-written server, which has none of a gateway's work, takes ${baseline.toFixed(0)}`
}

function addedByHand({ latencies }: Report, workload: string): string {
  const baseline = latencies.find((row) => row.workload === workload && row.contender === 'baseline')
  return baseline ? `the hand-written server adds ${baseline.addedMs.toFixed(2)} ms in the same run` : ''
}

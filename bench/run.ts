import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { measureColdStarts } from './lib/cold-start.ts'
import { measureFanOut } from './lib/fan-out.ts'
import { compareAll, openField } from './lib/field.ts'
import { measureFiveSources } from './lib/five-sources.ts'
import { latencyMs, measureLatency } from './lib/latency.ts'
import { describeMachine } from './lib/machine.ts'
import { measureMemory } from './lib/memory.ts'
import { workloads } from './lib/operations.ts'
import { readOptions } from './lib/options.ts'
import { otherCore, type Spawned, start, stop, stopAll } from './lib/processes.ts'
import { profileMisses } from './lib/profile/profile-misses.ts'
import { type Report, toMarkdown, toPlot } from './lib/report.ts'
import { describeVerdicts } from './lib/report-profiles.ts'
import { allContenders, type Contender, createIdentity } from './lib/servers.ts'
import { fallenBehind, findTooManyCalls, judge } from './lib/targets.ts'
import { measureThroughput } from './lib/throughput.ts'
import { measureTicketCost } from './lib/ticket-cost.ts'

// npm run bench [-- --short] [-- --without=hive,yoga] [-- --only=W1,W5,latency,start,size,memory]: see docs/performance.md

const results = new URL('results/', import.meta.url).pathname
const options = readOptions(process.argv.slice(2))
const coldStarts = 5
const chosen = workloads.filter(({ key }) => options.wants(key))

/** The peers have lock files of their own and are no part of the product: they are installed when they are first measured. */
function installPeers(): void {
  for (const folder of ['peers/', 'peers/hive/']) {
    const cwd = new URL(folder, import.meta.url).pathname
    if (existsSync(`${cwd}node_modules`)) continue
    console.log(`Installing bench/${folder}`)
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' })
  }
}

async function main(): Promise<number> {
  execFileSync(process.execPath, ['scripts/build-if-stale.mjs'], { cwd: new URL('..', import.meta.url), stdio: 'inherit' })
  if (!options.short) installPeers()
  const contenders = (await allContenders())
    .filter(({ key }) => !options.without.includes(key))
    .filter(({ key }) => !options.short || key === 'deskgraph' || key === 'baseline')
  const generator = await start(otherCore, [process.execPath, 'bench/load.ts'])
  const report = await measureAll(contenders, generator)
  for (const line of describeVerdicts(report)) console.log(line)
  if (!options.partial && !options.short) write(report)
  const faults = [...findTooManyCalls(report), ...(options.short && !options.partial ? compareWithCommitted(report.rows) : [])]
  for (const fault of faults) console.error(fault)
  return faults.length > 0 ? 1 : 0
}

/** Every part that is wanted, one after the other: nothing runs beside what is measured. */
async function measureAll(contenders: readonly Contender[], generator: Spawned): Promise<Report> {
  const { wants } = options
  const identity = await createIdentity()
  const report: Report = {
    measuredAt: new Date().toISOString(),
    node: process.version,
    machine: describeMachine(),
    rows: chosen.length > 0 ? await compareServers(contenders, generator) : [],
    latencies: wants('latency') ? await compareLatencies(contenders, generator) : [],
    fiveSources: wants('W5') ? told(await measureFiveSources(identity, generator, options.latencySeconds)) : null,
    fanOut: wants('W6') ? told(await measureFanOut(identity, options.latencySeconds)) : [],
    coldStarts: wants('start') ? told(await measureColdStarts(identity, coldStarts)) : [],
    ticketCosts: wants('size') ? told(await measureTicketCost(identity)) : [],
    memory: wants('memory') ? told(await measureMemory(contenders[0]!, workloads, generator, options.memorySeconds)) : null,
    profiles: [],
  }
  if (options.short) return report
  const profiling = { contenders, generator, identity, folder: `${results}profiles/`, seconds: options.latencySeconds }
  return { ...report, profiles: await profileMisses(report, profiling) }
}

async function compareServers(contenders: readonly Contender[], generator: Spawned) {
  const sites = await openField(contenders, 0)
  await compareAll(sites, chosen)
  console.log(`${contenders.length} servers give the same answers to ${chosen.length} workloads.`)
  const rows = await measureThroughput(sites, chosen, generator, options)
  await Promise.all(sites.map(({ server }) => stop(server)))
  return rows
}

async function compareLatencies(contenders: readonly Contender[], generator: Spawned) {
  const sites = await openField(contenders, latencyMs)
  const rows = await measureLatency(sites, workloads, generator, options.latencySeconds)
  await Promise.all(sites.map(({ server }) => stop(server)))
  return rows
}

/** So that one sees how far a run is. */
function told<T extends object>(measured: T): T {
  if (Array.isArray(measured)) console.table(measured)
  else console.log(measured)
  return measured
}

function write(report: Report): void {
  writeFileSync(`${results}latest.json`, `${JSON.stringify({ ...report, verdicts: judge(report) }, null, 1)}\n`)
  writeFileSync(`${results}latest.md`, toMarkdown(report))
  writeFileSync(`${results}latest.svg`, toPlot(report.rows))
  console.log(`Written: ${results}latest.md`)
}

/** CI: a ratio that has fallen by a third fails. */
function compareWithCommitted(rows: Report['rows']): string[] {
  const file = `${results}latest.json`
  if (!existsSync(file)) return []
  const before = (JSON.parse(readFileSync(file, 'utf8')) as Report).rows
  return fallenBehind(rows, before).map((line) => `Slower than the committed results by more than a third. ${line}`)
}

let code = 1
try {
  code = await main()
} finally {
  await stopAll()
}
process.exit(code)

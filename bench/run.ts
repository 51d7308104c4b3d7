import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { compareAll, openField } from './lib/field.ts'
import { measureLatency } from './lib/latency.ts'
import { workloads } from './lib/operations.ts'
import { readOptions } from './lib/options.ts'
import { otherCore, start, stop, stopAll } from './lib/processes.ts'
import { describeMachine, type Report, toMarkdown, toPlot } from './lib/report.ts'
import { allContenders } from './lib/servers.ts'
import { fallenBehind, judge } from './lib/targets.ts'
import { measureThroughput } from './lib/throughput.ts'

// npm run bench [-- --short] [-- --without=hive,yoga]: see docs/performance.md

const results = new URL('results/', import.meta.url).pathname
const options = readOptions(process.argv.slice(2))

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
  const fast = await openField(contenders, 0)
  await compareAll(fast, workloads)
  console.log(`${contenders.length} servers give the same answers to ${workloads.length} workloads.`)
  const rows = await measureThroughput(fast, workloads, generator, options)
  await Promise.all(fast.map(({ server }) => stop(server)))
  const slow = options.short ? [] : await openField(contenders, 20)
  const latencies = await measureLatency(slow, workloads, generator, options.latencySeconds)
  const report: Report = {
    measuredAt: new Date().toISOString(),
    node: process.version,
    machine: describeMachine(),
    rows,
    latencies,
    verdicts: judge(rows),
  }
  for (const { against, workload, target, measured, byCpu } of report.verdicts) {
    console.log(`${workload} against ${against}: ${measured.toFixed(2)} (by CPU ${byCpu.toFixed(2)}), target ${target}`)
  }
  return options.short ? compareWithCommitted(report) : write(report)
}

function write(report: Report): number {
  writeFileSync(`${results}latest.json`, `${JSON.stringify(report, null, 1)}\n`)
  writeFileSync(`${results}latest.md`, toMarkdown(report))
  writeFileSync(`${results}latest.svg`, toPlot(report.rows))
  console.log(`Written: ${results}latest.md`)
  return 0
}

/** CI: a ratio that has fallen by a third fails. */
function compareWithCommitted(report: Report): number {
  const file = `${results}latest.json`
  if (!existsSync(file)) return 0
  const fallen = fallenBehind(report.rows, (JSON.parse(readFileSync(file, 'utf8')) as Report).rows)
  for (const line of fallen) console.error(`Slower than the committed results by more than a third. ${line}`)
  return fallen.length > 0 ? 1 : 0
}

let code = 1
try {
  code = await main()
} finally {
  await stopAll()
}
process.exit(code)

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { allContenders, type Contender } from './contenders.ts'
import { createIdentity } from './lib/gateway.ts'
import { compareAnswers, measure, type RunningServer, type Sample, startServer } from './lib/measure.ts'
import { otherCore, type Spawned, start, stopAll } from './lib/processes.ts'
import { describeMachine, describeRow, findSlower, type Report, type Row, toMarkdown, toPlot, toRow } from './lib/report.ts'
import { pageCount, viewerCount, type Workload, workloads } from './workloads.ts'

// npm run bench [-- --short] [--only W1d,W2d] [--contenders deskgraph,baseline] [--seconds 1.5]: see bench/README.md

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    contenders: { type: 'string' },
    seconds: { type: 'string', default: '1.5' },
  },
})
const root = new URL('..', import.meta.url).pathname
const results = new URL('results/', import.meta.url).pathname
const isWhole = !options.short && !options.only && !options.contenders

/** Before a server's first round with a workload: until V8 has optimised the code that the workload uses. */
const warmSeconds = 2
/** Before each further round. */
const rewarmSeconds = 0.3
const distinctRounds = options.short ? 3 : 4
const sameQuestionRounds = 2

function isChosen(list: string | undefined, key: string): boolean {
  return list === undefined || list.split(',').includes(key)
}

/** The peers have lock files of their own and are no part of the product. */
function installPeers(): void {
  for (const folder of ['peers', 'peers/hive']) {
    const cwd = new URL(folder, import.meta.url).pathname
    if (existsSync(`${cwd}/node_modules`)) continue
    console.log(`Installing bench/${folder} (once)`)
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' })
  }
}

async function startServers(): Promise<{ servers: RunningServer[]; tokens: string[] }> {
  const identity = await createIdentity()
  const tokens = await Promise.all(Array.from({ length: viewerCount }, (_, n) => identity.createToken(`viewer-${n}`)))
  const wanted = options.contenders ?? (options.short ? 'deskgraph,baseline' : undefined)
  const contenders = allContenders(identity).filter(({ key }: Contender) => isChosen(wanted, key))
  if (!contenders.every(({ key }) => key.startsWith('deskgraph') || key === 'baseline')) installPeers()
  const servers: RunningServer[] = []
  for (const contender of contenders) servers.push(await startServer(contender, tokens[0]!, pageCount))
  return { servers, tokens }
}

/** Every server once in each round. Rounds start with different servers, because one leaves the caches to the next. */
async function measureWorkload(
  workload: Workload,
  servers: readonly RunningServer[],
  tokens: readonly string[],
  generator: Spawned,
): Promise<Row[]> {
  const rounds = workload.distinct ? distinctRounds : sameQuestionRounds
  const samples = new Map<string, Sample[]>(servers.map(({ contender }) => [contender.key, []]))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < servers.length; turn++) {
      const server = servers[(turn + round) % servers.length]!
      // The servers share a core: the last one may still collect garbage.
      await sleep(100)
      const warm = round === 0 ? warmSeconds : rewarmSeconds
      const measuring = { generator, tokens, round, warmSeconds: warm, seconds: Number(options.seconds) }
      samples.get(server.contender.key)!.push(await measure(server, workload, measuring))
    }
  }
  const rows = servers.map(({ contender }) => toRow(workload.key, contender, samples))
  for (const row of rows) console.log(describeRow(row))
  return rows
}

async function main(): Promise<number> {
  execFileSync(process.execPath, ['scripts/build-if-stale.mjs'], { cwd: root, stdio: 'inherit' })
  const chosen = workloads.filter(({ key, distinct }) => isChosen(options.only, key) && (distinct || !options.short))
  const { servers, tokens } = await startServers()
  for (const workload of chosen) await compareAnswers(servers, workload, tokens[0]!)
  console.log(`${servers.length} servers give the same answers to ${chosen.map(({ key }) => key).join(', ')}.`)
  const generator = await start([process.execPath, 'bench/load-generator.ts'], { core: otherCore, cwd: root })
  const rows: Row[] = []
  for (const workload of chosen) rows.push(...(await measureWorkload(workload, servers, tokens, generator)))
  const report: Report = { measuredAt: new Date().toISOString(), node: process.version, machine: describeMachine(), rows }
  if (isWhole) write(report)
  return options.short ? compareWithCommitted(rows) : 0
}

function write(report: Report): void {
  writeFileSync(`${results}latest.json`, `${JSON.stringify(report, null, 1)}\n`)
  writeFileSync(`${results}latest.md`, toMarkdown(report))
  writeFileSync(`${results}latest.svg`, toPlot(report.rows))
  console.log(`Written: ${results}latest.md`)
}

/** The exit code: 1 when a ratio has fallen by more than a quarter. */
function compareWithCommitted(rows: readonly Row[]): number {
  const { rows: committed } = JSON.parse(readFileSync(`${results}latest.json`, 'utf8')) as Report
  if (!committed.some(({ workload }) => workload === 'W1d')) {
    console.log('bench/results/latest.json has no rows for distinct requests yet: no comparison.')
    return 0
  }
  const slower = findSlower(rows, committed)
  for (const line of slower) console.error(`Slower than the committed results by more than a quarter. ${line}`)
  return slower.length > 0 ? 1 : 0
}

let code = 1
try {
  code = await main()
} finally {
  await stopAll()
}
process.exit(code)

import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Agent } from 'undici'
import { allContenders } from './contenders.ts'
import { createIdentity } from './lib/gateway.ts'
import { startServer, toBodies } from './lib/measure.ts'
import { pageCount, viewerCount, workloads } from './workloads.ts'

// Where the processor time of one workload goes, by function and by file, from V8's sampling profiler. With --survivors: where the objects
// are created that minor garbage collections do not free.
// node bench/profile.ts W1d [--contender baseline] [--requests 5000] [--top 40] [--survivors]

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    contender: { type: 'string', default: 'deskgraph' },
    requests: { type: 'string', default: '5000' },
    top: { type: 'string', default: '40' },
    survivors: { type: 'boolean', default: false },
  },
})
const workload = workloads.find(({ key }) => key === (positionals[0] ?? 'W1d'))
if (!workload) throw new Error(`There is no workload ${positionals[0]}: choose ${workloads.map(({ key }) => key).join(', ')}.`)
const total = Number(options.requests)

const folder = mkdtempSync(join(tmpdir(), 'deskgraph-profile-'))
const identity = await createIdentity()
const tokens = await Promise.all(Array.from({ length: viewerCount }, (_, n) => identity.createToken(`viewer-${n}`)))
const contender = allContenders(identity).find(({ key }) => key === options.contender)
if (!contender) throw new Error(`There is no contender ${options.contender}.`)
const survivors = join(folder, 'survivors.json')
process.env.SURVIVORS = survivors
process.env.NODE_OPTIONS = options.survivors
  ? `--import ${new URL('lib/survivors.mjs', import.meta.url)}`
  : `--cpu-prof --cpu-prof-interval 200 --cpu-prof-dir ${folder}`
const server = await startServer(contender, tokens[0]!, pageCount)
process.env.NODE_OPTIONS = ''

const http = new Agent({ connections: workload.connections })
const bodies = toBodies(server, workload)

async function ask(n: number): Promise<void> {
  const { item, viewer } = workload!.requests[n % workload!.requests.length]!
  const answer = await http.request({
    ...{ origin: `http://127.0.0.1:${server.port}`, path: '/graphql', method: 'POST', body: bodies[item]! },
    headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${tokens[viewer]!}` },
  })
  await answer.body.dump()
  // On a busy machine the overload protection refuses some.
  if (answer.statusCode === 503) await sleep(1_000)
  else if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}`)
}

/** The first third warms up. */
const warm = Math.floor(total / 3)
let next = 0
let measuredFrom = 0
function startMeasuring(): void {
  measuredFrom = Number(process.hrtime.bigint() / 1000n)
  if (options.survivors) server.process.process.kill('SIGUSR2')
}
await Promise.all(
  Array.from({ length: workload.connections }, async () => {
    while (next < total) {
      if (next === warm) startMeasuring()
      await ask(next++)
    }
  }),
)
await http.destroy()
// It writes its profile when it ends, which takes longer than `stop` waits.
const ended = once(server.process.process, 'exit')
server.process.process.kill('SIGTERM')
await ended

interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}
interface CpuProfile {
  /** Microseconds of the machine's monotonic clock. */
  readonly startTime: number
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}
interface HeapNode {
  readonly callFrame: CallFrame
  /** Bytes. */
  readonly selfSize: number
  readonly children: readonly HeapNode[]
}

const byFunction = new Map<string, number>()
const byFile = new Map<string, number>()
function count({ functionName, url, lineNumber }: CallFrame, amount: number): void {
  const file = url.replace(/^file:\/\/.*?\/(dist\/src|node_modules|bench)\//, '$1/')
  const name = `${functionName || '(anonymous)'} ${file}${file ? `:${lineNumber + 1}` : ''}`
  byFunction.set(name, (byFunction.get(name) ?? 0) + amount)
  byFile.set(file || functionName, (byFile.get(file || functionName) ?? 0) + amount)
}

function countTimes(): void {
  // The largest file is the main thread's.
  const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
  const profile = JSON.parse(files.sort((a, b) => b.length - a.length)[0]!) as CpuProfile
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]))
  let at = profile.startTime
  profile.samples.forEach((id, index) => {
    at += profile.timeDeltas[index]!
    const frame = nodes.get(id)!
    if (at >= measuredFrom && frame.functionName !== '(idle)') count(frame, profile.timeDeltas[index]!)
  })
}

function countSurvivors({ callFrame, selfSize, children }: HeapNode): void {
  if (selfSize > 0) count(callFrame, selfSize)
  children.forEach(countSurvivors)
}

if (options.survivors) countSurvivors((JSON.parse(readFileSync(survivors, 'utf8')) as { head: HeapNode }).head)
else countTimes()
const sum = [...byFile.values()].reduce((all, amount) => all + amount, 0)
const unit = options.survivors ? 'bytes' : 'microseconds'
const print = (title: string, amounts: ReadonlyMap<string, number>) => {
  console.log(`\n${title}: ${unit} per request, share`)
  for (const [name, amount] of [...amounts].sort((a, b) => b[1] - a[1]).slice(0, Number(options.top)))
    console.log(`${(amount / (total - warm)).toFixed(1).padStart(9)} ${((100 * amount) / sum).toFixed(1).padStart(5)} %  ${name}`)
}
const perRequest = `${Math.round(sum / (total - warm))} ${unit} per request`
console.log(`${options.contender}, ${workload.key}, ${total - warm} requests after ${warm} to warm up: ${perRequest}`)
print('By file', byFile)
print('By function', byFunction)
process.exit()

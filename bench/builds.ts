import { bodiesFor } from './lib/compare.ts'
import { findFreePorts } from './lib/field.ts'
import { type WorkloadKey, workloads } from './lib/operations.ts'
import { cpuMs, load, otherCore, type Spawned, start, stopAll } from './lib/processes.ts'
import { allContenders, type Contender } from './lib/servers.ts'

// Two builds side by side, in turns of a second, beside the hand-written baseline: what a change costs or gains on a machine
// whose speed changes by the minute. cp -r dist dist-old, change, build, then: node bench/builds.ts W1,W4 dist-old,dist [rounds]
// A build may bring flags for node: dist,'dist|--no-memory-reducer'. REST_MS lets everybody rest before each round.
const [works = 'W1,W4', builds = 'dist-old,dist', rounds = '12'] = process.argv.slice(2)

interface Side {
  readonly name: string
  readonly contender: Contender
  readonly port: number
  readonly server: Spawned
}

async function open(name: string, contender: Contender): Promise<Side> {
  const [upstreamPort, port] = await findFreePorts()
  await start(otherCore, [process.execPath, 'bench/upstream.ts'], { env: { PORT: String(upstreamPort) } })
  const [dist, ...flags] = name.split('|')
  Object.assign(process.env, { BENCH_DIST: dist, BENCH_NODE_FLAGS: flags.join(' ') })
  return { name, contender, port, server: await contender.start(port, upstreamPort) }
}

async function measure(sides: readonly Side[], key: WorkloadKey, generator: Spawned): Promise<void> {
  const workload = workloads.find((one) => one.key === key)!
  const costs = new Map<string, number[]>(sides.map(({ name }) => [name, []]))
  const rates = new Map<string, number[]>(sides.map(({ name }) => [name, []]))
  const once = async ({ name, contender, port, server }: Side, seconds: number, count: boolean) => {
    const { path, headers } = contender
    const task = { port, path, headers, bodies: bodiesFor(contender, workload), connections: workload.connections, seconds }
    const before = cpuMs(server.pid)
    const { requests } = await load(generator, task)
    if (!count) return
    costs.get(name)!.push(((cpuMs(server.pid) - before) / requests) * 1000)
    rates.get(name)!.push(requests / seconds)
  }
  for (const side of sides) await once(side, 4, false)
  for (let round = 0; round < Number(rounds); round++) {
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.REST_MS ?? 0)))
    for (const side of sides) await once(side, 1, true)
  }
  const width = Math.max(...sides.map(({ name }) => name.length))
  for (const [name, each] of costs) {
    each.sort((a, b) => a - b)
    const at = (share: number) => each[Math.floor(each.length * share)]!.toFixed(1)
    const perSecond = rates.get(name)!.sort((a, b) => b - a)
    const most = (share: number) => perSecond[Math.floor(perSecond.length * share)]!.toFixed(0)
    console.log(
      `${key} ${name.padEnd(width)} µs of CPU per request: least ${at(0)}  quarter ${at(0.25)}  half ${at(0.5)}   requests/s: most ${most(0)}  quarter ${most(0.25)}  half ${most(0.5)}`,
    )
  }
}

try {
  const contenders = await allContenders()
  const find = (key: string) => contenders.find((one) => one.key === key)!
  const sides: Side[] = []
  for (const name of builds.split(',')) sides.push(await open(name, find(process.env.BENCH_ONLY ?? 'deskgraph')))
  sides.push(await open('baseline', find('baseline')))
  const generator = await start(otherCore, [process.execPath, 'bench/load.ts'])
  for (const key of works.split(',')) await measure(sides, key as WorkloadKey, generator)
} finally {
  await stopAll()
}
process.exit(0)

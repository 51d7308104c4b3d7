import { mkdirSync } from 'node:fs'
import { bodiesFor } from './lib/compare.ts'
import { workloads } from './lib/operations.ts'
import { cpuMs, load, otherCore, start, stop, stopAll } from './lib/processes.ts'
import { allContenders } from './lib/servers.ts'

// Profiles the gateway under one workload → bench/results/profiles/*.cpuprofile: node bench/profile.ts W2 [seconds] [who] [per second]
// With a rate: in an open loop over an upstream that takes 20 ms, as the latency is measured.
const [key = 'W2', seconds = '6', who = 'deskgraph', perSecond] = process.argv.slice(2)
const folder = new URL('results/profiles', import.meta.url).pathname
mkdirSync(folder, { recursive: true })
process.env.BENCH_NODE_FLAGS = `--cpu-prof --cpu-prof-interval 200 --cpu-prof-dir ${folder}`
try {
  const contender = (await allContenders()).find((one) => one.key === who)!
  const workload = workloads.find((one) => one.key === key)!
  await start(otherCore, [process.execPath, 'bench/upstream.ts'], { env: { PORT: '4790', LATENCY_MS: perSecond ? '20' : '0' } })
  const server = await contender.start(4690, 4790)
  const generator = await start(otherCore, [process.execPath, 'bench/load.ts'])
  const idle = cpuMs(server.pid)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  console.log('idle CPU', (cpuMs(server.pid) - idle) / 2, 'ms per second')
  const { path, headers } = contender
  const task = { port: 4690, path, headers, bodies: bodiesFor(contender, workload), connections: workload.connections }
  await load(generator, { ...task, seconds: Number(process.env.WARM ?? 1) })
  const before = cpuMs(server.pid)
  const rate = perSecond === undefined ? {} : { rate: Number(perSecond) }
  const result = await load(generator, { ...task, seconds: Number(seconds), ...rate })
  console.log(result, 'CPU per request', (cpuMs(server.pid) - before) / result.requests)
  await stop(server)
} finally {
  await stopAll()
}
process.exit(0)

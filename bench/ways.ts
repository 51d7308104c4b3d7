import { workloads } from './lib/operations.ts'
import { cpuMs, load, otherCore, start, stopAll } from './lib/processes.ts'
import { allContenders } from './lib/servers.ts'

// What each way through the gateway costs: past Fastify or through it, past Apollo Server or through it.
// node bench/ways.ts [W4]
const [key = 'W4'] = process.argv.slice(2)
const [port, upstreamPort] = [4_691, 4_791]

try {
  const contender = (await allContenders()).find((one) => one.key === 'deskgraph')!
  const workload = workloads.find((one) => one.key === key)!
  await start(otherCore, [process.execPath, 'bench/upstream.ts'], { env: { PORT: String(upstreamPort) } })
  const server = await contender.start(port, upstreamPort)
  const generator = await start(otherCore, [process.execPath, 'bench/load.ts'])
  const plain = { query: workload.query, variables: workload.variables[0] }
  const apollo = { ...plain, extensions: {} }
  const long = { ...contender.headers, 'content-type': 'application/json; charset=utf-8' }
  const ways = [
    ['past both', contender.headers, plain],
    ['past Fastify, through Apollo', contender.headers, apollo],
    ['through Fastify, past Apollo', long, plain],
    ['through both', long, apollo],
  ] as const
  const costs = new Map<string, number[]>()
  for (let round = 0; round < 6; round++) {
    for (const [title, headers, body] of ways) {
      const task = { port, path: '/graphql', headers, bodies: [JSON.stringify(body)], connections: workload.connections }
      await load(generator, { ...task, seconds: 1 })
      const before = cpuMs(server.pid)
      const { requests } = await load(generator, { ...task, seconds: 2 })
      if (round > 0) costs.set(title, [...(costs.get(title) ?? []), ((cpuMs(server.pid) - before) / requests) * 1000])
    }
  }
  for (const [title, each] of costs) console.log(`${title.padEnd(30)} ${Math.min(...each).toFixed(0)} µs of CPU per request`)
} finally {
  await stopAll()
}
process.exit(0)

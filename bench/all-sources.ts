import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Agent } from 'undici'
import { buildWhenStale } from '../test/support/process/built.ts'
import { createIdentity, startGateway } from './lib/gateway.ts'
import { otherCore, request, start, stopAll } from './lib/processes.ts'
import type { SandboxTask } from './sandbox-server.ts'

// W5: a page of 50 over every system of the sandbox, each of which answers after 20 ms, against the same page of each system alone. One request at a time.
// npm run bench:all-sources [-- --latency 20 --rounds 60]

const { values: options } = parseArgs({
  options: { latency: { type: 'string', default: '20' }, rounds: { type: 'string', default: '60' } },
})
const rounds = Number(options.rounds)

buildWhenStale()
const identity = await createIdentity()
const token = await identity.createToken('agent')
const sandbox = await start([process.execPath, new URL('./sandbox-server.ts', import.meta.url).pathname], { core: otherCore })
const sources = await request<Record<string, { routing?: unknown }>>(sandbox, {
  ...{ kind: 'start', latencyMs: Number(options.latency), isWhole: true },
} satisfies SandboxTask)
const { rbi } = sources
if (rbi) {
  const routing = `${identity.folder}/routing.json`
  writeFileSync(routing, JSON.stringify(rbi.routing))
  rbi.routing = routing
}
const gateway = await startGateway({ identity, name: 'all', sources })
const origin = `http://127.0.0.1:${gateway.port}`
await request(sandbox, { kind: 'replay', gatewayUrl: origin } satisfies SandboxTask)

const http = new Agent()
const query = `query Page($sources: [String!]) {
  tickets(first: 50, filter: { sources: $sources }) {
    nodes { id title status priority updatedAt assignee { name } customer { name } }
    sources { source { key } outcome returned }
  }
}`

/** The time of one page in milliseconds. Throws when a source did not answer. */
async function readPage(keys: readonly string[]): Promise<number> {
  const startedAt = performance.now()
  const answer = await http.request({
    ...{ origin, path: '/graphql', method: 'POST', body: JSON.stringify({ query, variables: { sources: keys } }) },
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  })
  // On a busy machine the overload protection refuses some.
  if (answer.statusCode === 503) {
    await answer.body.dump()
    await sleep(1_000)
    return readPage(keys)
  }
  const { data } = (await answer.body.json()) as { data: { tickets: { nodes: unknown[]; sources: { outcome: string }[] } } }
  const ms = performance.now() - startedAt
  if (data.tickets.nodes.length !== 50 || data.tickets.sources.some(({ outcome }) => outcome !== 'OK')) {
    throw new Error(`The page of ${keys.join(', ')} is not whole: ${JSON.stringify(data.tickets.sources)}`)
  }
  return ms
}

const keys = Object.keys(sources)
const cases = [...keys.map((key) => [key]), keys]
const times = cases.map((): number[] => [])
// Interleaved, so that other work on the machine slows all alike. The first rounds warm up.
for (let round = -10; round < rounds; round++) {
  for (const [index, chosen] of cases.entries()) {
    const ms = await readPage(chosen)
    if (round >= 0) times[index]!.push(ms)
  }
}
const medians = times.map((all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!)
const slowest = Math.max(...medians.slice(0, -1))
for (const [index, chosen] of cases.entries()) {
  console.log(`${chosen.length > 1 ? `all ${chosen.length} sources` : chosen[0]}: p50 ${medians[index]!.toFixed(1)} ms`)
}
console.log(`all sources: ${(medians.at(-1)! / slowest).toFixed(2)} × the slowest one`)
await http.destroy()
await stopAll()
process.exit()

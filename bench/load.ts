import { parseArgs } from 'node:util'
import { Agent } from 'undici'
import { askGraph } from '../test/support/process/graph-client.ts'
import { isAcknowledged, mixedEvent } from '../test/support/process/senders.ts'
import { createEventGateway, startSandbox } from './lib/event-gateway.ts'
import { describeOpenLoop, type OpenLoopRequest, runOpenLoop } from './lib/open-loop.ts'
import { cpuMs, stopAll } from './lib/processes.ts'

// Mixed reads in an open loop, over systems whose answers take 50 ms: 300/s, then the capacity, then three times the capacity.
// npm run bench:load [-- --seconds 30]

const seconds = Number(parseArgs({ options: { seconds: { type: 'string', default: '30' } } }).values.seconds)
const latencyMs = 50
const steadyRate = 300
const clients = 64
/** So many that the gateway has to refuse requests, rather than that requests wait in the generator. */
const overloadConnections = 2_048
/** The gateway has to answer normally again within this time after the overload. */
const recoveryMs = 30_000

const fields = 'id externalId title status createdAt updatedAt customer { id name } source { key }'
const queries: readonly string[] = [
  `query ($id: ID!) { ticket(id: $id) { ${fields} links { externalId } } }`,
  `query ($id: ID!) { ticket(id: $id) { ${fields} } }`,
  `{ tickets(first: 10) { nodes { ${fields} } sources { outcome } } }`,
  `{ tickets(first: 20, filter: { sources: ["oneview"] }) { nodes { ${fields} } } }`,
  `{ tickets(first: 20, filter: { sources: ["verifik"] }) { nodes { ${fields} } } }`,
  `{ tickets(first: 20, filter: { sources: ["vcc", "wasabi"] }) { nodes { ${fields} } } }`,
  '{ sources { key health { state latencyP50Ms } } viewer { key scopes } }',
]
const headers = { accept: 'application/json', 'content-type': 'application/json' }

function toRequests(ids: readonly string[]): OpenLoopRequest[] {
  return ids.flatMap((id) =>
    queries.map((query) => {
      const variables = query.includes('$id') ? { id } : {}
      return { path: '/graphql', headers, body: JSON.stringify({ query, variables }) }
    }),
  )
}

/** Requests per second that succeed in a closed loop. */
async function measureCapacity(origin: string, requests: readonly OpenLoopRequest[], forSeconds: number): Promise<number> {
  const http = new Agent({ connections: clients })
  const end = performance.now() + forSeconds * 1_000
  let [next, succeeded] = [0, 0]
  const client = async () => {
    while (performance.now() < end) {
      const { path, headers, body } = requests[next++ % requests.length]!
      const answer = await http.request({ origin, path, method: 'POST', headers, body })
      await answer.body.dump()
      if (answer.statusCode === 200) succeeded += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  await http.destroy()
  return succeeded / forSeconds
}

const sandbox = await startSandbox(latencyMs)
const setup = await createEventGateway('PGlite', sandbox.sources)
const gateway = await setup.start()
const origin = gateway.url
const http = new Agent()
for (let n = 0; n < 500; n++) await isAcknowledged(http, origin, mixedEvent(n))
const query = '{ tickets(first: 100, filter: { sources: ["oneview", "verifik"] }) { nodes { id } } }'
const { data } = await askGraph(http, origin, query)
const requests = toRequests(data.tickets.nodes.map(({ id }: { id: string }) => id))
console.log(`Mixed reads. Each answer of a system takes ${latencyMs} ms. The generator and the systems share the machine.`)

await runOpenLoop({ origin, requests, rate: 100, seconds: Math.min(seconds, 10) })
const cpuBefore = cpuMs(gateway.pid)
const steady = await runOpenLoop({ origin, requests, rate: steadyRate, seconds })
console.log(`${steadyRate} reads/s for ${seconds} s: ${describeOpenLoop(steady)}`)
console.log(`Processor time of the gateway: ${((cpuMs(gateway.pid) - cpuBefore) / steady.sent).toFixed(2)} ms per read`)

await measureCapacity(origin, requests, Math.min(seconds, 5))
const capacity = await measureCapacity(origin, requests, Math.min(seconds, 10))
console.log(`Capacity, ${clients} clients in a closed loop: ${Math.round(capacity)} reads/s`)
const overload = { origin, requests, rate: 3 * capacity, seconds: Math.min(seconds, 15), connections: overloadConnections }
const over = await runOpenLoop(overload)
const overloadEndedAt = performance.now()
console.log(
  `Three times that: ${describeOpenLoop(over)}: ${Math.round((100 * over.servedPerSecond) / capacity)} % of the capacity`,
)
for (;;) {
  const after = await runOpenLoop({ origin, requests, rate: 50, seconds: 1 })
  const ms = performance.now() - overloadEndedAt
  if (after.statuses['200'] === after.sent && after.p99 < 3 * latencyMs) {
    console.log(`Normal again ${Math.round(ms)} ms later (checked once a second): ${describeOpenLoop(after)}`)
    break
  }
  if (ms > recoveryMs) throw new Error(`The gateway did not recover: ${describeOpenLoop(after)}`)
}
await http.destroy()
await gateway.stop()
await setup.close()
await stopAll()

import { parseArgs } from 'node:util'
import { Agent } from 'undici'
import { askGraph } from '../test/support/process/graph-client.ts'
import { isAcknowledged, mixedEvent } from '../test/support/process/senders.ts'
import { startGenerator, startSandboxProcess } from './lib/children.ts'
import { openDesk } from './lib/desk.ts'
import { cpuMs } from './lib/processes.ts'
import type { OpenLoopRequest, OpenLoopResult } from './open-loop.ts'

// Mixed reads over systems whose every answer takes 50 ms: 300/s, then what the gateway can do, then three times as much.
// node bench/load-rows.ts [--seconds 30]

const seconds = Number(parseArgs({ options: { seconds: { type: 'string', default: '30' } } }).values.seconds)
const latencyMs = 50
const lanes = 64
const calmWithinMs = 5_000
/** So many that it is the gateway that has to refuse, and not the generator that has to wait for it. */
const crowd = 2_048

const fields = 'id externalId title status createdAt updatedAt customer { id name } source { key }'
const queries: readonly [string, (id: string) => Record<string, unknown>][] = [
  [`query ($id: ID!) { ticket(id: $id) { ${fields} links { externalId } } }`, (id) => ({ id })],
  [`query ($id: ID!) { ticket(id: $id) { ${fields} } }`, (id) => ({ id })],
  [`{ tickets(first: 10) { nodes { ${fields} } sources { outcome } } }`, () => ({})],
  [`{ tickets(first: 20, filter: { sources: ["oneview"] }) { nodes { ${fields} } } }`, () => ({})],
  [`{ tickets(first: 20, filter: { sources: ["verifik"] }) { nodes { ${fields} } } }`, () => ({})],
  [`{ tickets(first: 20, filter: { sources: ["vcc", "wasabi"] }) { nodes { ${fields} } } }`, () => ({})],
  ['{ sources { key health { state latencyP50Ms } } viewer { id scopes } }', () => ({})],
]

function toRequests(ids: readonly string[]): OpenLoopRequest[] {
  const headers = { accept: 'application/json' }
  return ids.flatMap((id) =>
    queries.map(([query, variables]) => ({
      path: '/graphql',
      headers,
      body: JSON.stringify({ query, variables: variables(id) }),
    })),
  )
}

/** Answers per second when each of so many clients asks as soon as it was answered. */
async function capacityOf(origin: string, requests: readonly OpenLoopRequest[], forSeconds: number): Promise<number> {
  const http = new Agent({ connections: lanes })
  const end = performance.now() + forSeconds * 1000
  let served = 0
  let next = 0
  const client = async () => {
    while (performance.now() < end) {
      const { path, headers, body } = requests[next++ % requests.length]!
      const type = { ...headers, 'content-type': 'application/json' }
      const answer = await http.request({ origin, path, method: 'POST', headers: type, body })
      await answer.body.dump()
      if (answer.statusCode === 200) served += 1
    }
  }
  await Promise.all(Array.from({ length: lanes }, client))
  await http.destroy()
  return served / forSeconds
}

const describe = ({ statuses, p50, p99, max, servedPerSecond }: OpenLoopResult): string =>
  `${JSON.stringify(statuses)}, ${Math.round(servedPerSecond)} served/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(0)} ms`

const sandbox = await startSandboxProcess(latencyMs)
const desk = await openDesk('PGlite', sandbox.sources)
const gateway = await desk.start()
const port = Number(new URL(gateway.url).port)
const generator = await startGenerator()
const http = new Agent()
for (let n = 0; n < 500; n++) await isAcknowledged(http, gateway.url, mixedEvent(n))
const { data } = await askGraph(
  http,
  gateway.url,
  '{ tickets(first: 100, filter: { sources: ["oneview", "verifik"] }) { nodes { id } } }',
)
const requests = toRequests(data.tickets.nodes.map(({ id }: { id: string }) => id))
console.log(`Mixed reads; every answer of a system takes ${latencyMs} ms; the generator and the systems share the machine.`)

await generator.run({ port, requests, rate: 100, seconds: 10 })
const cpuBefore = cpuMs(gateway.pid)
const steady = await generator.run({ port, requests, rate: 300, seconds })
console.log(`300 reads/s for ${seconds} s: ${describe(steady)}`)
// What does not depend on who else uses the machine.
console.log(`The gateway spent ${((cpuMs(gateway.pid) - cpuBefore) / steady.sent).toFixed(2)} ms of processor time a read`)

await capacityOf(gateway.url, requests, 5)
const capacity = await capacityOf(gateway.url, requests, 10)
console.log(`Capacity, ${lanes} clients in a closed loop: ${Math.round(capacity)} reads/s`)
const over = await generator.run({ port, requests, rate: 3 * capacity, seconds: Math.min(seconds, 15), connections: crowd })
const stoppedAt = performance.now()
console.log(`Three times that: ${describe(over)}: ${Math.round((100 * over.servedPerSecond) / capacity)} % of the capacity`)
for (;;) {
  const after = await generator.run({ port, requests, rate: 50, seconds: 1 })
  const ms = performance.now() - stoppedAt
  if (after.statuses['200'] === after.sent && after.p99 < 150) {
    console.log(`Back to normal ${Math.round(ms)} ms after it (looked at once a second): ${describe(after)}`)
    break
  }
  if (ms > 6 * calmWithinMs) throw new Error('The gateway did not come back to normal.')
}
generator.close()
await http.destroy()
await gateway.stop()
await desk.close()
sandbox.close()

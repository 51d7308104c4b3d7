import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Agent, request } from 'undici'
import { createIdentity, startGateway } from './lib/gateway.ts'
import { cpuMs, stopAll } from './lib/processes.ts'

// What a page of 50 tickets costs beside the call to the vendor: a stub replays Redmine's list after 20 ms, and each page is asked for in turn from
// the stub and through Deskgraph. One request at a time.
// npm run bench:added [-- --pairs 500 --latency 20]

const { values: options } = parseArgs({
  options: { pairs: { type: 'string', default: '500' }, latency: { type: 'string', default: '20' } },
})
const [pairs, latencyMs] = [Number(options.pairs), Number(options.latency)]
const [warmPairs, pageSize] = [Math.min(200, pairs), 50]

interface RedmineList {
  readonly issues: readonly Readonly<Record<string, unknown>>[]
}

/** A page as Redmine 5.0.4 answers it: recorded issues, each with an id and a time of its own. */
function toPage(): Buffer {
  const file = new URL('../test/sources/redmine/recordings/list-first-3.json', import.meta.url)
  const { issues } = JSON.parse(readFileSync(file, 'utf8')) as RedmineList
  const page = Array.from({ length: pageSize }, (_, index) => ({
    ...issues[index % issues.length],
    id: 1000 - index,
    updated_on: new Date(Date.UTC(2026, 1, 1) - index * 60_000).toISOString().replace('.000', ''),
  }))
  return Buffer.from(JSON.stringify({ issues: page, total_count: 1000, offset: 0, limit: pageSize }))
}

const page = toPage()
let calls = 0
const stub = createServer(async (_, response) => {
  calls += 1
  await sleep(latencyMs)
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': page.length }).end(page)
})
stub.keepAliveTimeout = 60_000
await once(stub.listen(0, '127.0.0.1'), 'listening')
const stubUrl = `http://127.0.0.1:${(stub.address() as AddressInfo).port}`
const identity = await createIdentity()
const token = await identity.createToken('bench')
const sources = { redmine: { system: 'redmine', url: stubUrl, token: 'bench' } }
const gateway = await startGateway({ identity, name: 'added-latency', sources })
const fields = `number title status priority queue tags createdAt updatedAt
  assignee { name } customer { name } customFields { label text } attachments { filename size } links { kind externalId }`
const body = JSON.stringify({ query: `{ tickets(first: ${pageSize}) { totalCount nodes { ${fields} } } }` })
const dispatcher = new Agent({ connections: 1, keepAliveTimeout: 60_000 })

/** The time until the whole answer is here, and the answer. */
async function time(url: string, ask: Parameters<typeof request>[1]): Promise<{ readonly ms: number; readonly text: string }> {
  const startedAt = performance.now()
  const answer = await request(url, { ...ask, dispatcher })
  const text = await answer.body.text()
  return { ms: performance.now() - startedAt, text }
}
const askStub = () => time(`${stubUrl}/issues.json?status_id=*&limit=${pageSize}&offset=0`, { method: 'GET' })
const headers = { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` }
const askGateway = () => time(`http://127.0.0.1:${gateway.port}/graphql`, { method: 'POST', headers, body })

const { data } = JSON.parse((await askGateway()).text) as { data?: { tickets: { nodes: readonly unknown[] } } }
if (data?.tickets.nodes.length !== pageSize) throw new Error('The page does not have 50 tickets.')
const before = calls
const direct: number[] = []
const through: number[] = []
let [cpuBefore, failed] = [0, 0]
for (let pair = 0; pair < warmPairs + pairs; pair++) {
  if (pair === warmPairs) cpuBefore = cpuMs(gateway.pid)
  const [one, other] = [await askStub(), await askGateway()]
  // On a busy machine Deskgraph refuses some requests, at once.
  const isPage = other.text.startsWith('{"data":{"tickets":{"totalCount":1000,')
  if (!isPage) failed += 1
  if (!isPage || pair < warmPairs) continue
  direct.push(one.ms)
  through.push(other.ms)
}
const cpuPerPage = (cpuMs(gateway.pid) - cpuBefore) / through.length
const callsPerPage = (calls - before - warmPairs - pairs) / (warmPairs + pairs - failed)
const percentile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]!
const at = (values: readonly number[]) =>
  [0.1, 0.5, 0.95].map((share) => `p${share * 100} ${percentile(values, share).toFixed(2)} ms`).join(', ')
const addedAt = (share: number) => (percentile(through, share) - percentile(direct, share)).toFixed(2)
console.log(
  `A page of ${pageSize} tickets of Redmine, ${page.length} bytes after ${latencyMs} ms, ${pairs} pairs, one request at a time`,
)
console.log(`direct:            ${at(direct)}`)
console.log(`through Deskgraph: ${at(through)}`)
if (failed > 0) console.log(`${failed} requests were refused: the machine is busy, and the figures say little.`)
console.log(
  `added: p50 ${addedAt(0.5)} ms, p10 ${addedAt(0.1)} ms (on a busy machine: while a core was free); ${cpuPerPage.toFixed(2)} ms of processor time and ${callsPerPage} call to Redmine for each page`,
)
stub.close()
stub.closeAllConnections()
await dispatcher.close()
await stopAll()

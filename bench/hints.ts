import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { createDatabase, hasPostgres } from '../test/support/databases.ts'
import { buildWhenStale } from '../test/support/process/built.ts'
import { writeGatewayFiles } from '../test/support/process/gateway-files.ts'
import { startProcess } from '../test/support/process/gateway-process.ts'
import { openHookedDesk, webhookSecret } from '../test/support/process/hooked-desk.ts'
import { cpuMs } from './lib/processes.ts'

// A burst of webhooks of a pulled source: the latency of the answers, and the time until every ticket is read and recorded. Then one change after
// the other: the time until a subscriber has it.
// node bench/hints.ts

const burst = 1_000
const senders = 50
const singleChanges = 30

async function post(http: Agent, gateway: string, body: string): Promise<number> {
  const timestamp = new Date().toISOString()
  const signature = createHmac('sha256', webhookSecret).update(timestamp).update(body).digest('base64')
  const headers = {
    ...{ 'content-type': 'application/json', 'x-zendesk-webhook-signature': signature },
    'x-zendesk-webhook-signature-timestamp': timestamp,
  }
  const answer = await http.request({ origin: gateway, path: '/webhooks/zendesk', method: 'POST', headers, body })
  await answer.body.dump()
  return answer.statusCode
}

const quantile = (sorted: readonly number[], part: number) => (sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(1)
const describeMs = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b)
  return `p50 ${quantile(sorted, 0.5)}, p99 ${quantile(sorted, 0.99)}, maximum ${quantile(sorted, 0.99999)} ms`
}

const totalOf = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, one) => sum + one, 0)

/** A counter of the gateway, over all its labels that match. */
async function counter(http: Agent, gateway: string, pattern: RegExp): Promise<number> {
  const answer = await http.request({ origin: gateway, path: '/metrics', method: 'GET' })
  const lines = (await answer.body.text()).split('\n').filter((line) => pattern.test(line))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

async function measure(name: string, environment: (dataDir: string) => Record<string, string>): Promise<void> {
  const desk = await openHookedDesk(1_500)
  const files = writeGatewayFiles({ partnerUrl: 'http://127.0.0.1:1', sources: { zendesk: desk.block } })
  const gateway = await startProcess({ DESKGRAPH_CONFIG: files.configFile, ...environment(files.dataDir) })
  const http = new Agent({ connections: senders })
  const reads = totalOf(desk.calls.counts())
  const bodies = Array.from({ length: burst }, (_, index) =>
    JSON.stringify({
      ...{ id: `burst-${index}`, type: 'zen:event-type:ticket.status_changed', subject: `zen:ticket:${(index % 1_000) + 1}` },
      ...{ detail: { description: 'x'.repeat(1_000) }, event: {} },
    }),
  )
  const latencies: number[] = []
  const cpuBefore = cpuMs(gateway.pid)
  const startedAt = performance.now()
  const remaining = bodies.values()
  const send = async () => {
    for (const body of remaining) {
      const sentAt = performance.now()
      if ((await post(http, gateway.url, body)) !== 200) throw new Error('A webhook was refused.')
      latencies.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: senders }, send))
  const answeredMs = performance.now() - startedAt
  const done = /^deskgraph_hint_reads_total\{.*outcome="(changed|unchanged|removed)"/
  while ((await counter(http, gateway.url, done)) < burst) await sleep(20)
  const recordedMs = performance.now() - startedAt
  const calls = totalOf(desk.calls.counts()) - reads
  console.log(
    `${name}: ${burst} webhooks by ${senders} senders answered in ${Math.round(answeredMs)} ms (${describeMs(latencies)}), all tickets ` +
      `recorded after ${Math.round(recordedMs)} ms, with ${calls} calls to the desk and ${Math.round(cpuMs(gateway.pid) - cpuBefore)} ms of processor time`,
  )
  console.log(`${name}: from a change to its subscriber ${describeMs(await measureSubscriber(gateway.url, desk))}`)
  await gateway.stop()
  await http.destroy()
  await desk.close()
  files.remove()
}

/** The desk changes a ticket and sends its webhook; the subscriber gets the change over server-sent events. */
async function measureSubscriber(gateway: string, desk: Awaited<ReturnType<typeof openHookedDesk>>): Promise<readonly number[]> {
  const query = 'subscription { ticketChanged { ticket { title } } }'
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
  const stop = new AbortController()
  const answer = await fetch(`${gateway}/graphql`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ query }), signal: stop.signal },
  })
  let text = ''
  const reading = (async () => {
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) text += chunk
  })().catch(() => undefined)
  desk.sendTo(gateway)
  const times: number[] = []
  for (let index = 0; index < singleChanges; index++) {
    const title = `Single change ${index}.`
    const changedAt = performance.now()
    await desk.rename(desk.ids[index % desk.ids.length]!, title)
    while (!text.includes(title)) await sleep(2)
    times.push(performance.now() - changedAt)
  }
  stop.abort()
  await reading
  return times
}

buildWhenStale()
await measure('PGlite', (dataDir) => ({ DESKGRAPH_DATA_DIR: dataDir }))
if (await hasPostgres()) {
  const database = await createDatabase()
  await measure('PostgreSQL', () => ({ DATABASE_URL: database.url }))
  await database.drop()
}

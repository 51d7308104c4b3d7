import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Agent } from 'undici'
import { decodeId } from '../src/domain/ids.ts'
import type { GatewayProcess } from '../test/support/process/gateway-process.ts'
import { askGraph, findLost, raiseTicket } from '../test/support/process/graph-client.ts'
import { findUndelivered } from '../test/support/process/partner.ts'
import { type Claim, isAcknowledged, mixedEvent, wasabiEvent } from '../test/support/process/senders.ts'
import { createEventGateway, startSandbox } from './lib/event-gateway.ts'
import { heapSlope, type ProcessMetrics, readMetrics } from './lib/process-metrics.ts'
import { stopAll } from './lib/processes.ts'
import { startSubscriber } from './lib/soak-subscriber.ts'

// Steady load of events, reads and new tickets. One source fails every other ten seconds, and the process is killed now and then.
// Fails when an event, a delivery or a change is lost, or a change is repeated.
// npm run soak -- --minutes 30 [--database postgres] [--kills 3]

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    database: { type: 'string', default: 'pglite' },
    kills: { type: 'string', default: '3' },
  },
})
const minutes = Number(options.minutes)
const kills = Number(options.kills)
const rates = { events: 25, reads: 20, tickets: 1 }
/** The source OneView fails for this time, then works for this time. */
const outageMs = 10_000
const list = '{ tickets(first: 10) { nodes { id title status } sources { source { key } outcome } } }'

const sandbox = await startSandbox(20)
const setup = await createEventGateway(options.database === 'postgres' ? 'PostgreSQL' : 'PGlite', sandbox.sources)
let gateway: GatewayProcess = await setup.start()
const http = new Agent({ connections: 64 })
const subscriber = startSubscriber(() => gateway.url)
// Sends events until the subscription is active, so that it receives all later ones.
for (let n = -1; subscriber.seen.size === 0; n--) {
  await isAcknowledged(http, gateway.url, wasabiEvent(n))
  await sleep(500)
}
const claims: Claim[] = []
const createdTickets: string[] = []
const metrics: ProcessMetrics[] = []
const counts = { sent: 0, refused: 0, reads: 0, failedReads: 0, duplicates: 0 }
let restarts = 0
let number = 0
const endsAt = Date.now() + minutes * 60_000

/** Starts the work `rate` times a second until the end, without waiting for it. */
async function perSecond(rate: number, work: () => Promise<void>): Promise<void> {
  const started = Date.now()
  for (let n = 0; Date.now() < endsAt; n++) {
    const wait = started + (n * 1000) / rate - Date.now()
    if (wait > 0) await sleep(wait)
    void work()
  }
}

/** Sends an event again until it is acknowledged, as vendors do. Every tenth is sent twice. */
async function send(): Promise<void> {
  const event = mixedEvent(number++)
  counts.sent += 1
  while (!(await isAcknowledged(http, gateway.url, event))) {
    counts.refused += 1
    await sleep(500)
  }
  claims.push(event.claim)
  if (number % 10 !== 0) return
  counts.duplicates += 1
  await isAcknowledged(http, gateway.url, event)
}

async function read(): Promise<void> {
  counts.reads += 1
  const answer = await askGraph(http, gateway.url, list).catch(() => null)
  if (!answer?.data) counts.failedReads += 1
}

async function createTicket(): Promise<void> {
  const id = await raiseTicket(http, gateway.url, `Soak ticket ${number++}.`)
  if (id !== null) createdTickets.push(id)
}

async function breakSource(): Promise<void> {
  for (let on = true; Date.now() < endsAt; on = !on) {
    sandbox.setFailing('oneview', on)
    await sleep(outageMs)
  }
  sandbox.setFailing('oneview', false)
}

/** Kills the process at even intervals, never in the last one. */
async function killProcess(): Promise<void> {
  const every = (minutes * 60_000) / (kills + 1)
  for (let n = 0; n < kills; n++) {
    await sleep(every)
    await gateway.slay()
    gateway = await setup.start()
    restarts += 1
  }
}

async function sampleMetrics(): Promise<void> {
  while (Date.now() < endsAt) {
    const sample = await readMetrics(gateway.url, gateway.pid, restarts)
    if (sample) metrics.push(sample)
    await sleep(1_000)
  }
}

console.log(
  `${minutes} minutes on ${options.database}: ${JSON.stringify(rates)} per second, ${kills} kills, oneview fails every other ${outageMs / 1000} s`,
)
await Promise.all([
  perSecond(rates.events, send),
  perSecond(rates.reads, read),
  perSecond(rates.tickets, createTicket),
  breakSource(),
  killProcess(),
  sampleMetrics(),
])
// Events that were refused at the end are still sent again.
while (claims.length < counts.sent) await sleep(200)
const lost = await findLost(http, gateway.url, claims, 60_000)
const undelivered = await findUndelivered(setup.partner, createdTickets, 120_000)
const { data } = await askGraph(http, gateway.url, '{ deliveries(first: 100, state: [PENDING, FAILED]) { nodes { id } } }')
const notReceived = claims.filter(({ ticketId }) => {
  const ref = decodeId(ticketId)
  return ref && !subscriber.seen.has(`${ref.sourceKey}/${ref.externalId}`)
})
const calls = [...setup.partner.calls.values()]
const lastStart = metrics.filter((sample) => sample.restarts === restarts)
const report = {
  events: { acknowledged: claims.length, refusedAndSentAgain: counts.refused, sentTwice: counts.duplicates, lost: lost.length },
  reads: { asked: counts.reads, unanswered: counts.failedReads },
  deliveries: { tickets: createdTickets.length, lost: undelivered.length, repeated: calls.reduce((sum, n) => sum + n - 1, 0) },
  changes: { ticketsNotReceived: notReceived.length, repeated: subscriber.repeated(), gaps: subscriber.gaps() },
  heapSlopeMbPerMinute: Number(heapSlope(metrics).toFixed(2)),
  heapMb: { first: Math.round(lastStart[0]?.heapMb ?? 0), last: Math.round(lastStart.at(-1)?.heapMb ?? 0) },
  descriptors: {
    first: lastStart[0]?.descriptors,
    last: lastStart.at(-1)?.descriptors,
    most: Math.max(...metrics.map((one) => one.descriptors)),
  },
  outbox: { atTheEnd: data.deliveries.nodes.length, most: Math.max(...metrics.map((one) => one.outbox)) },
}
console.log(JSON.stringify(report, null, 2))
subscriber.close()
await http.destroy()
await gateway.stop()
await setup.close()
await stopAll()
const failed = lost.length + undelivered.length + notReceived.length + subscriber.repeated() > 0
process.exit(failed ? 1 : 0)

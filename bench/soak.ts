import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Agent } from 'undici'
import { decodeId } from '../src/domain/ids.ts'
import type { GatewayProcess } from '../test/support/process/gateway-process.ts'
import { askGraph, findLost, raiseTicket } from '../test/support/process/graph-client.ts'
import { findUndelivered } from '../test/support/process/partner.ts'
import { type Claim, isAcknowledged, mixedEvent, wasabiEvent } from '../test/support/process/senders.ts'
import { startSandboxProcess } from './lib/children.ts'
import { openDesk } from './lib/desk.ts'
import { follow } from './lib/follower.ts'
import { heapSlope, look, type Vitals } from './lib/vitals.ts'

// A gateway under steady load from all sides, with a source that comes and goes and kills of the process.
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
const flapMs = 10_000
const list = '{ tickets(first: 10) { nodes { id title status } sources { source { key } outcome } } }'

const sandbox = await startSandboxProcess(20)
const desk = await openDesk(options.database === 'postgres' ? 'PostgreSQL' : 'PGlite', sandbox.sources)
let gateway: GatewayProcess = await desk.start()
const http = new Agent({ connections: 64 })
const follower = follow(() => gateway.url)
// So that whatever comes from now on is told.
for (let n = -1; follower.seen.size === 0; n--) {
  await isAcknowledged(http, gateway.url, wasabiEvent(n))
  await sleep(500)
}
const claims: Claim[] = []
const raised: string[] = []
const vitals: Vitals[] = []
const counts = { sent: 0, refused: 0, reads: 0, failedReads: 0, duplicates: 0 }
let life = 0
let number = 0
const endsAt = Date.now() + minutes * 60_000

/** Does the work so many times a second, whatever becomes of it, until the end. */
async function perSecond(rate: number, work: () => Promise<void>): Promise<void> {
  const started = Date.now()
  for (let n = 0; Date.now() < endsAt; n++) {
    const wait = started + (n * 1000) / rate - Date.now()
    if (wait > 0) await sleep(wait)
    void work()
  }
}

/** An event until it is acknowledged, as its sender would; every tenth comes again. */
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

async function raise(): Promise<void> {
  const id = await raiseTicket(http, gateway.url, `Soaked ${number++}.`)
  if (id !== null) raised.push(id)
}

async function flap(): Promise<void> {
  for (let on = true; Date.now() < endsAt; on = !on) {
    sandbox.fault('oneview', on)
    await sleep(flapMs)
  }
  sandbox.fault('oneview', false)
}

/** Kills evenly over the time, the last part left alone. */
async function kill(): Promise<void> {
  const every = (minutes * 60_000) / (kills + 1)
  for (let n = 0; n < kills; n++) {
    await sleep(every)
    await gateway.slay()
    gateway = await desk.start()
    life += 1
  }
}

async function watch(): Promise<void> {
  while (Date.now() < endsAt) {
    const seen = await look(gateway.url, gateway.pid, life)
    if (seen) vitals.push(seen)
    await sleep(1_000)
  }
}

console.log(
  `${minutes} minutes on ${options.database}: ${JSON.stringify(rates)} per second, ${kills} kills, oneview fails every other ${flapMs / 1000} s`,
)
await Promise.all([
  perSecond(rates.events, send),
  perSecond(rates.reads, read),
  perSecond(rates.tickets, raise),
  flap(),
  kill(),
  watch(),
])
// Senders whose last event was refused are still at it.
while (claims.length < counts.sent) await sleep(200)
const lost = await findLost(http, gateway.url, claims, 60_000)
const undelivered = await findUndelivered(desk.partner, raised, 120_000)
const { data } = await askGraph(http, gateway.url, '{ deliveries(first: 100, state: [PENDING, FAILED]) { nodes { id } } }')
const untold = claims.filter(({ ticketId }) => {
  const ref = decodeId(ticketId)
  return ref && !follower.seen.has(`${ref.sourceKey}/${ref.externalId}`)
})
const calls = [...desk.partner.calls.values()]
const lastLife = vitals.filter((sample) => sample.life === life)
const report = {
  events: { acknowledged: claims.length, refusedAndSentAgain: counts.refused, sentTwice: counts.duplicates, lost: lost.length },
  reads: { asked: counts.reads, unanswered: counts.failedReads },
  deliveries: { tickets: raised.length, lost: undelivered.length, repeated: calls.reduce((sum, n) => sum + n - 1, 0) },
  changes: { ticketsNotTold: untold.length, repeated: follower.repeated(), gaps: follower.gaps() },
  heapSlopeMbPerMinute: Number(heapSlope(vitals).toFixed(2)),
  heapMb: { first: Math.round(lastLife[0]?.heapMb ?? 0), last: Math.round(lastLife.at(-1)?.heapMb ?? 0) },
  descriptors: {
    first: lastLife[0]?.descriptors,
    last: lastLife.at(-1)?.descriptors,
    most: Math.max(...vitals.map((one) => one.descriptors)),
  },
  outbox: { atTheEnd: data.deliveries.nodes.length, most: Math.max(...vitals.map((one) => one.outbox)) },
}
console.log(JSON.stringify(report, null, 2))
follower.close()
await http.destroy()
await gateway.stop()
await desk.close()
sandbox.close()
const failed = lost.length + undelivered.length + untold.length + follower.repeated() > 0
process.exit(failed ? 1 : 0)

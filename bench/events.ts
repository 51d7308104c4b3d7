import { parseArgs } from 'node:util'
import { Agent } from 'undici'
import { hasPostgres } from '../test/support/databases.ts'
import { findLost } from '../test/support/process/graph-client.ts'
import { isAcknowledged, mixedEvent, type Sending, vccEvent } from '../test/support/process/senders.ts'
import { createEventGateway, type DatabaseName } from './lib/event-gateway.ts'
import { describeOpenLoop, runOpenLoop } from './lib/open-loop.ts'
import { cpuMs, stopAll } from './lib/processes.ts'

// Webhook events per second, and the latency of the acknowledgement. Each event is read from the graph afterwards.
// npm run bench:events [-- --events 10000 --seconds 20]

const { values: options } = parseArgs({
  options: { events: { type: 'string', default: '10000' }, seconds: { type: 'string', default: '20' } },
})
const count = Number(options.events)
const seconds = Number(options.seconds)
/** Few enough that the gateway's overload protection refuses none. */
const senders = 16
/** Events per second of the open loop. */
const rate = 200
const warmUpEvents = 1_000

/** A closed loop: each sender sends its next event after the acknowledgement of the one before. */
async function sendAll(http: Agent, origin: string, events: readonly Sending[]) {
  const remaining = events.values()
  const latencies: number[] = []
  const acknowledged: Sending[] = []
  const started = performance.now()
  const send = async () => {
    for (const event of remaining) {
      const sentAt = performance.now()
      if (!(await isAcknowledged(http, origin, event))) continue
      latencies.push(performance.now() - sentAt)
      acknowledged.push(event)
    }
  }
  await Promise.all(Array.from({ length: senders }, send))
  const perSecond = latencies.length / ((performance.now() - started) / 1_000)
  latencies.sort((a, b) => a - b)
  return { perSecond, acknowledged, p99: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN }
}

async function measure(database: DatabaseName): Promise<void> {
  const setup = await createEventGateway(database)
  const gateway = await setup.start()
  const http = new Agent({ connections: senders })
  const countLost = async (events: readonly Sending[]) => {
    const claims = events.map(({ claim }) => claim)
    return (await findLost(http, gateway.url, claims, 120_000)).length
  }
  await sendAll(
    http,
    gateway.url,
    Array.from({ length: warmUpEvents }, (_, n) => vccEvent(10_000_000 + n)),
  )
  const events = Array.from({ length: count }, (_, n) => mixedEvent(n))
  const cpuBefore = cpuMs(gateway.pid)
  const { perSecond, acknowledged, p99 } = await sendAll(http, gateway.url, events)
  const lost = await countLost(acknowledged)
  const cpu = (cpuMs(gateway.pid) - cpuBefore) / count
  console.log(
    `${database}: ${count} events from ${senders} senders: ${Math.round(perSecond)}/s, ${count - acknowledged.length} refused, ${lost} lost, acknowledged within ${Math.round(p99)} ms (p99), ${cpu.toFixed(2)} ms of the gateway's processor time each`,
  )
  const steady = Array.from({ length: rate * seconds }, (_, n) => mixedEvent(1_000_000 + n))
  const result = await runOpenLoop({ origin: gateway.url, requests: steady, rate, seconds })
  console.log(
    `${database}: ${rate} webhooks/s for ${seconds} s, open loop: ${describeOpenLoop(result)}, ${await countLost(steady)} refused or lost`,
  )
  await http.destroy()
  await gateway.stop()
  await setup.close()
}

console.log('The senders share the machine with the gateway.')
await measure('PGlite')
if (await hasPostgres()) await measure('PostgreSQL')
await stopAll()

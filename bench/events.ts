import { parseArgs } from 'node:util'
import { Agent } from 'undici'
import { hasPostgres } from '../test/support/databases.ts'
import { findLost } from '../test/support/process/graph-client.ts'
import { isAcknowledged, mixedEvent, type Sending, vccEvent } from '../test/support/process/senders.ts'
import { startGenerator } from './lib/children.ts'
import { type EngineName, openDesk } from './lib/desk.ts'
import { cpuMs } from './lib/processes.ts'

// How fast events are taken, and how soon each is acknowledged; every one is looked for in the graph afterwards.
// node bench/events.ts [--events 10000]

const { events: wanted } = parseArgs({ options: { events: { type: 'string', default: '10000' } } }).values
const count = Number(wanted)
// Few enough that the gateway, which protects itself, takes them all.
const lanes = 16
const rate = 200
const seconds = 20

/** As fast as acknowledgements come back, over so many connections. */
async function flood(http: Agent, origin: string, events: readonly Sending[]) {
  const waiting = events.values()
  const latencies: number[] = []
  let failed = 0
  const started = performance.now()
  const lane = async () => {
    for (const event of waiting) {
      const sentAt = performance.now()
      if (await isAcknowledged(http, origin, event)) latencies.push(performance.now() - sentAt)
      else failed += 1
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const perSecond = latencies.length / ((performance.now() - started) / 1000)
  latencies.sort((a, b) => a - b)
  return { perSecond, failed, p99: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN }
}

async function measure(engine: EngineName): Promise<void> {
  const desk = await openDesk(engine)
  const gateway = await desk.start()
  const http = new Agent({ connections: lanes })
  const generator = await startGenerator()
  const port = Number(new URL(gateway.url).port)
  const warm = Array.from({ length: 1_000 }, (_, n) => vccEvent(10_000_000 + n))
  await flood(http, gateway.url, warm)

  const events = Array.from({ length: count }, (_, n) => mixedEvent(n))
  const cpuBefore = cpuMs(gateway.pid)
  const { perSecond, failed, p99 } = await flood(http, gateway.url, events)
  const lost = await findLost(
    http,
    gateway.url,
    events.map(({ claim }) => claim),
    120_000,
  )
  console.log(
    `${engine}: ${count} events from ${lanes} senders: ${Math.round(perSecond)}/s, ${failed} failed, ${lost.length} lost, acknowledged within ${Math.round(p99)} ms (p99), ${((cpuMs(gateway.pid) - cpuBefore) / count).toFixed(2)} ms of the gateway's processor time each`,
  )

  const steady = Array.from({ length: rate * seconds }, (_, n) => mixedEvent(1_000_000 + n))
  const result = await generator.run({ port, requests: steady, rate, seconds })
  const left = await findLost(
    http,
    gateway.url,
    steady.map(({ claim }) => claim),
    60_000,
  )
  console.log(
    `${engine}: ${rate} webhooks/s for ${seconds} s, open loop: ${JSON.stringify(result.statuses)}, ${left.length} lost, p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms, max ${result.max.toFixed(0)} ms`,
  )
  generator.close()
  await http.destroy()
  await gateway.stop()
  await desk.close()
}

console.log('The senders share the machine with the gateway.')
await measure('PGlite')
if (await hasPostgres()) await measure('PostgreSQL')

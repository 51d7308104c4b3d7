import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from 'graphql-ws'
import { createRandom } from '../sandbox/random.ts'
import { serveSimulator } from '../sandbox/simulator-server.ts'
import { planLimits } from '../sandbox/zendesk/limits.ts'
import { createZendesk } from '../sandbox/zendesk/simulator.ts'
import { hasRedis, redisUrl } from '../test/support/redis.ts'
import { createIdentity, type StartedGateway, startGateway } from './lib/gateway.ts'
import { stop, stopAll } from './lib/processes.ts'

// A budget of calls under load: Zendesk allows 100 list calls a minute. 20 agents open a page each every 15 s, at two replicas that share the
// budget in Redis: 80 calls a minute. At one desk they are alone; at
// another one, at the same time, one replica polls, and an export runs in a process of its own.
// npm run bench:budget [-- --minutes 2 --agents 20 --every 15 --latency 100]

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    agents: { type: 'string', default: '20' },
    every: { type: 'string', default: '15' },
    latency: { type: 'string', default: '100' },
  },
})
const minutes = Number(options.minutes)
const agentCount = Number(options.agents)
const everyMs = Number(options.every) * 1_000
const latencyMs = Number(options.latency)
const ticketCount = 6_000
const token = 'token-of-the-benchmark'
const metricsToken = 'metrics-of-the-benchmark'

if (!(await hasRedis())) throw new Error('The benchmark needs a Redis: set TEST_REDIS_URL.')
const identity = await createIdentity()
const tokens = await Promise.all(Array.from({ length: agentCount }, (_, n) => identity.createToken(`agent-${n}`)))
const pageQuery = '{ tickets(first: 20) { nodes { id title status } sources { outcome } } }'
const changes = 'subscription { ticketChanged { ticket { id } } }'

/** What the vendor answered, by the header that has its limits. */
interface Vendor {
  readonly url: string
  readonly answers: { lists: number; refused: number }
  close(): Promise<void>
}

async function startVendor(): Promise<Vendor> {
  const limits = planLimits.professional
  const zendesk = createZendesk({
    ...{ random: createRandom('budget'), until: Date.now(), count: ticketCount, credentials: { token }, limits },
  })
  const answers = { lists: 0, refused: 0 }
  const { admit } = zendesk.limits
  zendesk.limits.admit = (asking) => {
    const admission = admit(asking)
    if (asking.limit === 'tickets-index') answers.lists += 1
    if (admission.refusal) answers.refused += 1
    return admission
  }
  const changing = setInterval(() => zendesk.changeOne(Date.now()), 5_000)
  const server = await serveSimulator(zendesk, { host: '127.0.0.1', port: 0, latencyMs })
  const close = async () => {
    clearInterval(changing)
    await server.close()
  }
  return { url: server.origin, answers, close }
}

type Side = Awaited<ReturnType<typeof startSide>>

interface Opened {
  readonly ms: number
  readonly outcome: string
}

/** Opens a page as an agent does, and says how it ended. */
async function openPage({ port }: StartedGateway, agentToken: string): Promise<Opened> {
  const startedAt = performance.now()
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${agentToken}` },
    body: JSON.stringify({ query: pageQuery }),
  })
  const { data } = (await response.json()) as { data?: { tickets?: { nodes: unknown[]; sources: { outcome: string }[] } } }
  const outcome = data?.tickets?.sources[0]?.outcome ?? `HTTP ${response.status}`
  return { ms: performance.now() - startedAt, outcome: data?.tickets?.nodes.length === 20 ? outcome : `${outcome}, no page` }
}

/** All agents for the whole time, each from a moment of its own. */
async function runAgents({ gateways }: Pick<Side, 'gateways'>): Promise<readonly Opened[]> {
  const random = createRandom('agents')
  const endsAt = performance.now() + minutes * 60_000
  const opened: Opened[] = []
  const agent = async (agentToken: string, index: number) => {
    await sleep(random.int(0, everyMs))
    for (let next = performance.now(); next < endsAt; next += everyMs) {
      await sleep(Math.max(0, next - performance.now()))
      opened.push(await openPage(gateways[index % gateways.length]!, agentToken))
    }
  }
  await Promise.all(tokens.map(agent))
  return opened
}

/** An export in a process of its own, begun again when it ends. Returns what stops it and how many tickets it has written. */
function startExport(key: string, environment: Readonly<Record<string, string>>) {
  let tickets = 0
  let isStopped = false
  const run = () => {
    const child = spawn(process.execPath, ['dist/src/cli/index.js', 'export', 'wasabi', key], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.on('data', (chunk: Buffer) => {
      tickets += chunk.toString('latin1').split('\n').length - 1
    })
    child.once('exit', () => {
      if (!isStopped) current = run()
    })
    return child
  }
  let current = run()
  return () => {
    isStopped = true
    current.kill()
    return tickets
  }
}

function report(name: string, opened: readonly Opened[], { lists, refused }: Vendor['answers'], exported: number): number {
  const times = opened.map(({ ms }) => ms).sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
  const missing = opened.filter(({ outcome }) => outcome !== 'OK')
  console.log(
    `${name}: ${opened.length} pages, ${missing.length} without tickets${missing[0] ? ` (${missing[0].outcome})` : ''}, ${lists} list calls, ${refused} times 429, p50 ${at(0.5).toFixed(0)} ms, p95 ${at(0.95).toFixed(0)} ms, max ${at(1).toFixed(0)} ms, ${exported} tickets exported`,
  )
  return at(0.95)
}

/** How many calls of people waited longer than a tenth of a second for the budget, and all of them, at these gateways so far. */
async function readWaits({ gateways, key }: Pick<Side, 'gateways' | 'key'>) {
  const texts = await Promise.all(
    gateways.map(async ({ port }) => {
      const headers = { authorization: `Bearer ${metricsToken}` }
      return (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text()
    }),
  )
  const count = (text: string, name: string) =>
    Number(new RegExp(`^deskgraph_budget_wait_seconds_${name} (\\d+)`, 'm').exec(text)?.[1])
  const labels = `source="${key}",priority="user"`
  const all = texts.reduce((sum, text) => sum + count(text, `count\\{${labels}\\}`), 0)
  const quick = texts.reduce((sum, text) => sum + count(text, `bucket\\{le="0.1",${labels}\\}`), 0)
  return { all, slow: all - quick }
}

/** One desk with two replicas of the gateway. */
async function startSide(name: string) {
  // A key of its own, because the Redis may have counted another run a minute ago.
  const key = `${name}-${process.pid}`
  const vendor = await startVendor()
  const sources = { [key]: { system: 'zendesk', url: vendor.url, token, budget: { plan: 'professional' } } }
  const start = (replica: number) =>
    startGateway({ identity, name: `${name}-${replica}`, sources, env: { REDIS_URL: redisUrl }, metricsToken })
  const gateways = [await start(1), await start(2)] as const
  const close = () => Promise.all([...gateways.map(stop), vendor.close()])
  return { key, vendor, gateways, configFile: `${identity.folder}/${name}-1.json`, close }
}

// Side by side, so that other work on the machine slows both.
const [alone, together] = [await startSide('alone'), await startSide('together')]
const client = createClient({
  url: `ws://127.0.0.1:${together.gateways[0].port}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${tokens[0]}` },
})
client.subscribe({ query: changes }, { next() {}, error: console.error, complete() {} })
const stopExport = startExport(together.key, { DESKGRAPH_CONFIG: together.configFile, REDIS_URL: redisUrl, LOG_LEVEL: 'warn' })
const [openedAlone, openedTogether] = await Promise.all([alone, together].map(runAgents))
const before = report('agents alone', openedAlone!, alone.vendor.answers, 0)
const after = report('with polling and an export', openedTogether!, together.vendor.answers, stopExport())
const waits = await readWaits(together)
console.log(`${waits.slow} of ${waits.all} calls of people waited more than 100 ms for the budget, Redis included`)
console.log(`p95 with polling and an export: ${((after / before - 1) * 100).toFixed(1)} % over the agents alone`)
await client.dispose()
await Promise.all([alone.close(), together.close()])
await stopAll()
process.exit(0)

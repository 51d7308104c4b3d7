import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createRandom } from '../sandbox/random.ts'
import { createSandbox } from '../sandbox/sandbox.ts'
import { serveSimulator } from '../sandbox/simulator-server.ts'
import { planLimits } from '../sandbox/zendesk/limits.ts'
import { createZendesk } from '../sandbox/zendesk/simulator.ts'
import { ok, status } from '../test/delivery/fake-partner.ts'
import { startPrometheus } from '../test/replicas/support/prometheus.ts'
import { startTwoReplicas } from '../test/replicas/support/two-replicas.ts'
import { buildWhenStale } from '../test/support/process/built.ts'
import { secrets } from '../test/support/process/gateway-files.ts'
import { subscribeByEvents, subscribeBySocket } from '../test/support/process/subscribers.ts'
import { startDashboardLoad } from './lib/dashboard-load.ts'
import { drawRow, type Panel } from './lib/draw-panels.ts'

// The pictures of docs/operations.md: docs/grafana-dashboard.json over the scrapes of a real run of two replicas with PostgreSQL, Redis, six simulated systems and
// a partner, of which one after the other fails. Needs Debian's packages of PostgreSQL, Redis and Prometheus.
// npm run dashboard [-- --minutes 10]

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const totalMs = Number(options.minutes) * 60_000
const scrapeSeconds = 3
/** Points of each line. */
const points = 100

buildWhenStale()
const client = { id: 'deskgraph', secret: 'secret-of-the-run', redirectUri: 'http://127.0.0.1/' }
const zendesk = createZendesk({
  ...{ random: createRandom('dashboard'), until: Date.now(), count: 300, credentials: { token: 'unused' } },
  ...{ limits: planLimits.professional, oauthClients: [client], tokensExpireIn: 400 },
})
const zendeskServer = await serveSimulator(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 60 })
const sandbox = await createSandbox({ counts: { oneview: 400, verifik: 300, jira: 120 }, latencyMs: 20 })
const { oneview, verifik, jira } = sandbox.gatewayConfig().sources
const two = await startTwoReplicas({
  sources: {
    verifik: { ...verifik, cache: { list: '2s', ticket: '10s' } },
    jira: { ...jira, budget: {} },
    oneview: { ...oneview, upstream: { openMs: 5_000 } },
    zendesk: {
      ...{ system: 'zendesk', url: zendeskServer.origin, budget: { plan: 'professional' } },
      oauth: {
        ...{ tokenUrl: `${zendeskServer.origin}/oauth/tokens`, clientId: client.id, clientSecret: client.secret },
        ...{ grant: 'client_credentials', scopes: ['read', 'write'] },
      },
    },
  },
  config: {
    live: { pollIntervalMs: 5_000 },
    limits: { rate: { perSecond: 60, burst: 300 } },
    secrets: { key: Buffer.alloc(32, 7).toString('base64') },
    deliveries: { scheduleSeconds: [0, 2, 5, 10], timeoutMs: 1_000, concurrencyPerPartner: 8 },
  },
})
const prometheus = await startPrometheus(two.urls, { scrapeSeconds })
const origins = [two.urls[0].origin, two.urls[1].origin] as const
const load = startDashboardLoad(two.http, origins)
const subscribers = [
  ...(await Promise.all([0, 1, 2, 3, 4, 5].map(() => subscribeBySocket(origins[0])))),
  ...(await Promise.all([0, 1, 2].map(() => subscribeByEvents(origins[0])))),
]
sandbox.startLiveUpdates(origins[0], 700)
const changing = setInterval(() => zendesk.changeOne(Date.now()), 5_000)

/** An authentic event that the gateway cannot read: it goes to the quarantine. */
const unreadable = {
  path: `/webhooks/vcc?secret-key=${secrets.vcc}`,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ action: 'explode', ticket: 7 }),
  claim: { ticketId: '', field: '' },
}

/** What happens, at which part of the time. */
const scenes: readonly { readonly at: number; readonly text: string; begin(): unknown }[] = [
  { at: 0.12, text: 'OneView answers 503', begin: () => sandbox.oneview.fault({ kind: 'status', status: 503 }) },
  { at: 0.2, text: 'OneView works', begin: () => sandbox.oneview.fault(null) },
  { at: 0.28, text: 'the partner answers 500', begin: () => two.partner.answer(status(500)) },
  { at: 0.4, text: 'the partner works', begin: () => two.partner.answer(ok) },
  { at: 0.46, text: 'five events cannot be read', begin: () => Promise.all([1, 2, 3, 4, 5].map(() => load.send(unreadable))) },
  { at: 0.52, text: 'Redis hangs', begin: () => process.kill(two.redis.program.pid, 'SIGSTOP') },
  { at: 0.58, text: 'Redis works', begin: () => process.kill(two.redis.program.pid, 'SIGCONT') },
  { at: 0.66, text: 'one replica restarts', begin: () => two.restart(1) },
  { at: 0.76, text: 'PostgreSQL is away for 15 s', begin: () => two.postgres.restart(15_000) },
  { at: 0.88, text: 'one viewer asks 200 times a second', begin: () => load.burst(200) },
  { at: 0.93, text: 'it ends', begin: () => load.burst(0) },
]

const start = Date.now() / 1000
const marks: number[] = []
for (const { at, text, begin } of scenes) {
  await sleep(start * 1000 + at * totalMs - Date.now())
  marks.push(Date.now() / 1000)
  console.log(`${marks.length}. ${((Date.now() / 1000 - start) / 60).toFixed(1)} min: ${text}`)
  // The next scene comes when it is due, not when this one has ended.
  void Promise.resolve(begin()).catch((error: unknown) => console.error(text, error))
}
await sleep(start * 1000 + totalMs - Date.now())

const { panels } = JSON.parse(readFileSync('docs/grafana-dashboard.json', 'utf8')) as { panels: readonly Panel[] }
const rows = Map.groupBy(panels, (panel) => panels.slice(0, panels.indexOf(panel) + 1).findLast(({ type }) => type === 'row'))
const stepSeconds = Math.max(scrapeSeconds, totalMs / 1000 / points)
const span = { url: prometheus.url, start, end: Date.now() / 1000, stepSeconds, rateInterval: '30s', marks }
for (const [row, [, ...drawn]] of rows) {
  const name = row!.title.toLowerCase().replaceAll(/[^a-z]+/g, '-')
  writeFileSync(`docs/images/dashboard-${name}.svg`, await drawRow(drawn, span))
  console.log(`docs/images/dashboard-${name}.svg: ${drawn.map(({ title }) => title).join(', ')}`)
}
clearInterval(changing)
await load.stop()
await Promise.all(subscribers.map((subscriber) => subscriber.close()))
await prometheus.close()
await Promise.all([two.close(), sandbox.close(), zendeskServer.close()])
process.exit()

import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Client, createClient } from 'graphql-ws'
import { Agent } from 'undici'
import { readyOperations } from '../console/operations.ts'
import { createDatabase, hasPostgres } from '../test/support/databases.ts'
import { createIdentity, startGateway } from './lib/gateway.ts'
import { cpuMs, pinToOtherCore, stop, stopAll } from './lib/processes.ts'

// W6: subscribers of `ticketChanged` over WebSocket, each with a token of its own, and changes that arrive by webhook. Subscribers
// and sender are this process, so that one clock measures the time from the webhook to the message.
// npm run bench:subscribers [-- --subscribers 1000 --seconds 10]

const { values: options } = parseArgs({
  options: { subscribers: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '10' } },
})
const subscriberCount = Number(options.subscribers)
const seconds = Number(options.seconds)
const warmSeconds = Math.min(seconds, 5)
/** A change concerns the subscribers of one team in so many. */
const cases = [
  { teams: 100, changesPerSecond: 100 },
  { teams: 10, changesPerSecond: 50 },
  { teams: 10, changesPerSecond: 100 },
  { teams: 1, changesPerSecond: 5 },
]
const ticketCount = 200
const connectingAtOnce = 20
const secret = 'secret-of-the-bench'
const { query } = readyOperations.find(({ name }) => name === 'Changes')!
const teamName = (team: number) => `team-${team}`

interface Change {
  readonly ticketChanged: { readonly ticket: { readonly title: string | null } }
}
type Database = 'PGlite' | 'PostgreSQL'

const identity = await createIdentity()
const tokens = await Promise.all(Array.from({ length: subscriberCount }, (_, n) => identity.createToken(`agent-${n}`)))

async function measure(database: Database, { teams, changesPerSecond }: (typeof cases)[number]): Promise<void> {
  const postgres = database === 'PostgreSQL' ? await createDatabase() : null
  const gateway = await startGateway({
    identity,
    name: `subscribers-${teams}`,
    sources: { vcc: { system: 'vcc', account: 'bench', secret } },
    ...(postgres && { env: { DATABASE_URL: postgres.url } }),
  })
  const origin = `http://127.0.0.1:${gateway.port}`
  const sentAt: number[] = []
  let received = 0
  let latencies: number[] = []
  const reached = new Set<number>()
  const onTitle = (subscriber: number, title: string | null): void => {
    reached.add(subscriber)
    received += 1
    latencies.push(performance.now() - sentAt[Number(title?.slice(1))]!)
  }
  const clients: Client[] = []
  const remaining = tokens.entries()
  const connect = async () => {
    for (const [n, token] of remaining) {
      const team = teams === 1 ? null : teamName(n % teams)
      clients.push(await subscribe(gateway.port, token, team, (title) => onTitle(n, title)))
    }
  }
  await Promise.all(Array.from({ length: connectingAtOnce }, connect))
  const sender = createSender(origin, teams, sentAt)
  await reachAll(reached, sender.sendOne)
  await sender.send(warmSeconds, changesPerSecond)
  await settle(() => received)
  ;[received, latencies] = [0, []]
  const [cpuBefore, startedAt] = [cpuMs(gateway.pid), performance.now()]
  const { refused, expected } = await sender.send(seconds, changesPerSecond)
  for (let wait = 0; received < expected && wait < 10_000; wait += 50) await sleep(50)
  const elapsed = performance.now() - startedAt
  const coreUse = (cpuMs(gateway.pid) - cpuBefore) / elapsed
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN
  console.log(
    `${database}, ${changesPerSecond} changes/s, each for one in ${teams} of ${subscriberCount} subscribers: ${Math.round((received * 1_000) / elapsed)} messages/s, p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, max ${at(1).toFixed(0)} ms, ${refused} refused, ${expected - received} missing, core use ${coreUse.toFixed(2)}`,
  )
  await Promise.all(clients.map((client) => client.dispose()))
  await sender.close()
  await stop(gateway)
  await postgres?.drop()
}

/** Resolves when the connection is open and the subscription is sent. */
async function subscribe(
  port: number,
  token: string,
  team: string | null,
  onTitle: (title: string | null) => void,
): Promise<Client> {
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    lazy: false,
  })
  const connected = new Promise<void>((resolve) => client.on('connected', () => resolve()))
  const next = ({ data }: { data?: Change | null }) => data && onTitle(data.ticketChanged.ticket.title)
  const error = (cause: unknown) => console.error('A subscriber was disconnected.', cause)
  const variables = { filter: team === null ? {} : { assignee: team } }
  client.subscribe<Change>({ query, variables }, { next, error, complete() {} })
  await connected
  return client
}

/** Sends changes as webhooks. The title of a ticket is the number of its change. */
function createSender(origin: string, teams: number, sentAt: number[]) {
  const http = new Agent({ connections: 64 })
  const path = `/webhooks/vcc?secret-key=${secret}`

  /** The number of subscribers that the change concerns; null when the gateway refused it. */
  async function sendOne(): Promise<number | null> {
    const number = sentAt.length
    const team = (number % ticketCount) % teams
    const ticket = {
      ticketId: number % ticketCount,
      projectId: 7,
      title: `c${number}`,
      status: 'park',
      agentUserName: teamName(team),
    }
    sentAt.push(performance.now())
    const body = JSON.stringify({ action: 'update', ticket })
    const answer = await http.request({ origin, path, method: 'POST', headers: { 'content-type': 'application/json' }, body })
    await answer.body.dump()
    const concerned = Math.floor(subscriberCount / teams) + (team < subscriberCount % teams ? 1 : 0)
    return answer.statusCode === 200 ? concerned : null
  }

  return {
    sendOne,
    close: () => http.destroy(),
    /** An open loop. */
    async send(forSeconds: number, rate: number) {
      const started = performance.now()
      const sent: Promise<number | null>[] = []
      while (sent.length < forSeconds * rate) {
        while (sent.length < forSeconds * rate && started + (sent.length / rate) * 1_000 <= performance.now())
          sent.push(sendOne())
        await sleep(1)
      }
      const results = await Promise.all(sent)
      const accepted = results.filter((concerned) => concerned !== null)
      return { refused: results.length - accepted.length, expected: accepted.reduce((sum, concerned) => sum + concerned, 0) }
    },
  }
}

/** The protocol does not confirm a subscription: sends changes until each subscriber has received one. */
/** Resolves when no message has come for a second: later ones would count as those of the measurement. */
async function settle(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count()
    await sleep(1_000)
  }
}

/**
 * Sends changes until each subscriber has received one, and each ticket has had one: the first change of a ticket, whose state before is not
 * known, goes to every subscriber.
 */
async function reachAll(reached: ReadonlySet<number>, sendOne: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + 60_000
  for (let sent = 0; reached.size < subscriberCount || sent < ticketCount; sent++) {
    if (performance.now() > until) throw new Error(`Only ${reached.size} of ${subscriberCount} subscribers receive changes.`)
    await sendOne()
    await sleep(5)
  }
}

pinToOtherCore()
for (const database of ['PGlite', 'PostgreSQL'] as const) {
  if (database === 'PostgreSQL' && !(await hasPostgres())) continue
  for (const one of cases) await measure(database, one)
}
await stopAll()
process.exit(0)

import { findFreePorts } from './field.ts'
import { type StartedGateway, startGateway } from './gateway.ts'
import { prepareRequest, RawConnection } from './http-client.ts'
import { countCalls } from './measure.ts'
import { workloads } from './operations.ts'
import { cpuMs, otherCore, start, stop } from './processes.ts'
import type { Identity } from './servers.ts'
import { pageSize } from './tickets.ts'

/** What one ticket costs in a list of so many, read page by page behind the cursor. */
export interface TicketCost {
  readonly tickets: number
  readonly pages: number
  /** CPU of the gateway, in the quietest of the rounds. */
  readonly microsecondsPerTicket: number
  readonly callsPerPage: number
}

const sizes = [10, 100, 1_000, 10_000] as const
/** Every size is walked so often that it comes to as many tickets as the largest. */
const ticketsPerRound = 10_000
const rounds = 6

const page = workloads.find(({ key }) => key === 'W2')!
const query = page.query
  .replace('query Page($first: Int)', 'query Walk($first: Int, $after: String)')
  .replace('tickets(first: $first)', 'tickets(first: $first, after: $after)')
  .replace('{ nodes', '{ pageInfo { hasNextPage endCursor } nodes')

/** One client that asks for the next page when it has the one before. */
interface Walker {
  readonly gateway: StartedGateway
  readonly connection: RawConnection
  readonly headers: Readonly<Record<string, string>>
}

export async function measureTicketCost(identity: Identity): Promise<TicketCost[]> {
  const [upstreamPort] = await findFreePorts()
  const env = { PORT: String(upstreamPort), TICKETS: String(sizes.at(-1)) }
  const upstream = await start(otherCore, [process.execPath, 'bench/upstream.ts'], { env })
  const url = `http://127.0.0.1:${upstreamPort}/ticket-detail`
  const sources = { oneview: { system: 'oneview', url, token: 'bench' } }
  const gateway = await startGateway({ identity, name: 'ticket-cost', sources })
  const headers = { accept: 'application/json', authorization: `Bearer ${identity.token}` }
  const walker = { gateway, headers, connection: new RawConnection(gateway.port) }
  const costs = new Map<number, TicketCost>()
  for (let round = 0; round < rounds; round++) {
    for (const size of sizes) {
      const cost = await measureSize(walker, size, upstreamPort)
      const known = costs.get(size)
      // The first round warms up; of the others whatever else runs on the machine only ever adds.
      if (round <= 1 || !known || cost.microsecondsPerTicket < known.microsecondsPerTicket) costs.set(size, cost)
    }
  }
  walker.connection.close()
  await Promise.all([stop(gateway), stop(upstream)])
  return [...costs.values()]
}

async function measureSize(walker: Walker, tickets: number, upstreamPort: number): Promise<TicketCost> {
  const walks = ticketsPerRound / tickets
  await countCalls(upstreamPort)
  const before = cpuMs(walker.gateway.pid)
  let pages = 0
  for (let walk = 0; walk < walks; walk++) pages += await walkOnce(walker, tickets)
  const cpu = cpuMs(walker.gateway.pid) - before
  return {
    tickets,
    pages: pages / walks,
    microsecondsPerTicket: (cpu * 1_000) / ticketsPerRound,
    callsPerPage: (await countCalls(upstreamPort)) / pages,
  }
}

/** Reads so many tickets from the beginning; how many pages that took. */
async function walkOnce({ connection, headers }: Walker, tickets: number): Promise<number> {
  let after: string | null = null
  let pages = 0
  for (let left = tickets; left > 0; left -= pageSize) {
    const variables = { first: Math.min(left, pageSize), after }
    const bytes = prepareRequest('/graphql', headers, JSON.stringify({ query, variables }))
    let answer = await connection.send(bytes, true)
    // Whatever else runs on the machine may have held up the gateway, which then turns requests away for a moment.
    for (let tries = 0; answer.status === 503 && tries < 20; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      answer = await connection.send(bytes, true)
    }
    after = endCursorOf(answer.body, variables.first)
    pages += 1
  }
  return pages
}

/** Throws where the page is not the whole one that was asked for. */
function endCursorOf(body: string, first: number): string {
  const { data } = JSON.parse(body) as { data?: { tickets?: { pageInfo: { endCursor: string }; nodes: readonly unknown[] } } }
  if (data?.tickets?.nodes.length !== first) throw new Error(`A page of ${first} is not whole: ${body.slice(0, 500)}`)
  return data.tickets.pageInfo.endCursor
}

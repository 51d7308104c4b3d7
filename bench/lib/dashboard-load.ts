import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Agent } from 'undici'
import { askGraph, raiseTicket } from '../../test/support/process/graph-client.ts'
import { isAcknowledged, mixedEvent, type Sending } from '../../test/support/process/senders.ts'

const fields = 'nodes { id title status priority assignee { name } updatedAt } sources { source { key } outcome }'
const page = `query Page($sources: [String!]!) { tickets(first: 20, filter: { sources: $sources }) { ${fields} } }`
const opened = 'query Opened($id: ID!) { ticket(id: $id) { title customer { name } threads(first: 5) { nodes { body } } } }'
const counts = 'query Counts { ticketCounts(by: STATUS) { groups { count } } }'
const wrong = 'query Wrong { ticket(id: "no-id") { title } }'
const note = `mutation Note($input: ReplyToTicketInput!) { replyToTicket(input: $input) { outcome userErrors { code } } }`

const pulled = ['oneview', 'verifik', 'jira', 'vcc', 'wasabi', 'rbi']

export interface DashboardLoad {
  /** Sends pages at this rate too, until it is called again with 0. */
  burst(perSecond: number): void
  /** Sends this request of a sender too. */
  send(event: Sending): Promise<boolean>
  stop(): Promise<void>
}

/**
 * What agents and senders do at two replicas: per second 8 pages, 4 opened tickets, 3 events and one new ticket; each two seconds a page of the desk
 * with a small budget, a count, a note, and an operation that is refused.
 */
export function startDashboardLoad(http: Agent, origins: readonly [string, string]): DashboardLoad {
  const ending = new AbortController()
  const { signal } = ending
  const ids: string[] = []
  let extra = 0
  const origin = (n: number) => origins[n % 2]!

  const readPage = async (n: number, sources: readonly string[]) => {
    const { data } = await askGraph(http, origin(n), page, { sources })
    for (const { id } of data?.tickets.nodes ?? []) if (ids.push(id) > 200) ids.shift()
  }
  const openOne = async (n: number) => {
    const id = ids[(n * 7) % ids.length]
    if (id !== undefined) await askGraph(http, origin(n), opened, { id })
  }
  const writeNote = async (n: number) => {
    const id = ids[(n * 13) % ids.length]
    const input = { ticketId: id, body: `Called back, ${n}.`, visibility: 'INTERNAL', idempotencyKey: randomUUID() }
    if (id !== undefined) await askGraph(http, origin(n), note, { input })
  }
  const repeat = async (perSecond: () => number, work: (n: number) => Promise<unknown>) => {
    for (let n = 0; !signal.aborted; n++) {
      const rate = perSecond()
      if (rate > 0) void work(n).catch(() => {})
      await sleep(rate > 0 ? 1_000 / rate : 100)
    }
  }
  const loops = [
    repeat(
      () => 8,
      (n) => readPage(n, pulled),
    ),
    repeat(() => 4, openOne),
    repeat(
      () => 3,
      (n) => isAcknowledged(http, origin(n), mixedEvent(n)),
    ),
    repeat(
      () => 1,
      (n) => raiseTicket(http, origin(n), `Dashboard ticket ${n}.`),
    ),
    repeat(
      () => 0.5,
      (n) => readPage(n, ['zendesk']),
    ),
    repeat(
      () => 0.5,
      (n) => askGraph(http, origin(n), counts),
    ),
    repeat(() => 0.5, writeNote),
    repeat(
      () => 0.5,
      (n) => askGraph(http, origin(n), wrong),
    ),
    repeat(
      () => extra,
      (n) => readPage(n, ['vcc']),
    ),
  ]
  return {
    burst: (perSecond) => {
      extra = perSecond
    },
    send: (event) => isAcknowledged(http, origins[0], event),
    async stop() {
      ending.abort()
      await Promise.all(loops)
    },
  }
}

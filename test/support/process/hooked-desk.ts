import { createServer } from 'node:net'
import { Client } from 'pg'
import { createRandom } from '../../../sandbox/random.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'
import { createZendesk } from '../../../sandbox/zendesk/simulator.ts'

const token = 'access-token-of-the-kills'
export const webhookSecret = 'webhook-secret-of-the-kills'

/** An account of Zendesk that sends its webhooks to gateways, and whose agents change tickets. */
export async function openHookedDesk(count: number) {
  const zendesk = createZendesk({ random: createRandom('hooks'), until: Date.now() - 86_400_000, count, credentials: { token } })
  const server = await serveSimulator(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const call = async (method: string, path: string, body?: object) => {
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
    const answer = await fetch(`${server.origin}/api/v2${path}`, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text
  }
  const list = JSON.parse(await call('GET', '/tickets?page[size]=100')) as { tickets: { url: string; status: string }[] }
  // By their addresses: some ids are above 2^53, and `JSON.parse` rounds them. Closed tickets cannot be changed.
  const ids = list.tickets.flatMap(({ url, status }) => (status === 'closed' ? [] : [/(\d+)\.json$/.exec(url)![1]!]))
  return {
    ids,
    zendesk,
    calls: server.calls,
    /** The gateway's block for this account, with more calls than any plan allows. */
    block: {
      ...{ system: 'zendesk', url: server.origin, token, webhookSecret },
      budget: { calls: { all: 100_000, 'tickets-index': 100_000, 'tickets-update': 100_000, 'ticket-update': 100_000 } },
    },
    sendTo: (gateway: string) => zendesk.webhooks.subscribe(`${gateway}/webhooks/zendesk`, webhookSecret),
    rename: (id: string, subject: string) => call('PUT', `/tickets/${id}`, { ticket: { subject } }),
    remove: (id: string) => call('DELETE', `/tickets/${id}`),
    close: server.close,
  }
}

/** A port that is free now, for a process that has to come back at the same address. */
export async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

export interface JournalRow {
  readonly externalId: string
  readonly kind: string
  readonly title: string | null
  readonly updatedAt: string
}

/** The change log of a source, oldest first, past the gateway. */
export async function readJournal(databaseUrl: string, sourceKey: string): Promise<readonly JournalRow[]> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<JournalRow>(
      `select ticket::json->>'externalId' as "externalId", kind, ticket::json->>'title' as title, ticket::json->>'updatedAt' as "updatedAt"
       from journal where source_key = $1 order by seq`,
      [sourceKey],
    )
    return rows
  } finally {
    await client.end()
  }
}

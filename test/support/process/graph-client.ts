import type { Dispatcher } from 'undici'
import type { Claim } from './senders.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are read field by field by their tests
type Data = any

/** The answer to one operation. */
export interface GraphAnswer {
  readonly status: number
  readonly data?: Data
  readonly errors?: readonly { readonly message: string; readonly extensions: Data }[]
}

/** Executes one operation over HTTP. Rejects only without an answer. */
export async function askGraph(
  http: Dispatcher,
  origin: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<GraphAnswer> {
  const answer = await http.request({
    origin,
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const text = await answer.body.text()
  return { status: answer.statusCode, ...(text.startsWith('{') ? JSON.parse(text) : {}) }
}

const raise = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome ticket { externalId } userErrors { message } } }`

/** Creates a ticket that is routed to the partner. Returns its external id when the gateway acknowledged it, otherwise null. */
export async function raiseTicket(
  http: Dispatcher,
  origin: string,
  description: string,
  idempotencyKey: string | null = null,
): Promise<string | null> {
  const input = { source: 'rbi', category: 'other', subcategory: 'app', description, idempotencyKey }
  try {
    const { data } = await askGraph(http, origin, raise, { input })
    return data?.createTicket?.ticket?.externalId ?? null
  } catch {
    return null
  }
}

/** The claims that are not true in the graph. */
export async function findMissing(http: Dispatcher, origin: string, claims: readonly Claim[]): Promise<readonly Claim[]> {
  const ids = [...new Set(claims.map(({ ticketId }) => ticketId))]
  const records = new Map<string, object>()
  for (let at = 0; at < ids.length; at += 100) {
    const page = ids.slice(at, at + 100)
    const { data } = await askWhenFree(http, origin, 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Ticket { id raw } } }', {
      ids: page,
    })
    for (const node of data.nodes) if (node) records.set(node.id, node.raw)
  }
  return claims.filter(({ ticketId, field }) => !(field in (records.get(ticketId) ?? {})))
}

/** An answer without errors. A gateway that has too much to do is asked again, for a minute. */
async function askWhenFree(http: Dispatcher, origin: string, query: string, variables: Record<string, unknown>) {
  for (const until = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 1_000))) {
    const { data, errors } = await askGraph(http, origin, query, variables)
    if (!errors) return { data }
    const isBusy = errors.every(({ extensions }: { extensions?: { code?: string } }) => extensions?.code === 'OVERLOADED')
    if (!isBusy || Date.now() > until) throw new Error(JSON.stringify(errors))
  }
}

/** The claims that are still not true in the graph after `withinMs`: these events are lost. */
export async function findLost(
  http: Dispatcher,
  origin: string,
  claims: readonly Claim[],
  withinMs = 30_000,
): Promise<readonly Claim[]> {
  const end = Date.now() + withinMs
  let missing = await findMissing(http, origin, claims)
  while (missing.length > 0 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    missing = await findMissing(http, origin, missing)
  }
  return missing
}

const concurrency = 4

/** Creates `count` tickets, a few at once, at the origins in turn. Returns their external ids; rejects when one is not acknowledged. */
export async function raiseTickets(http: Dispatcher, origins: readonly string[], count: number): Promise<readonly string[]> {
  const ids: string[] = []
  const numbers = Array.from({ length: count }, (_, n) => n).values()
  const raise = async () => {
    for (const n of numbers) {
      const id = await raiseTicket(http, origins[n % origins.length]!, `Number ${n}.`)
      if (id === null) throw new Error(`The gateway did not acknowledge ticket ${n}.`)
      ids.push(id)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, raise))
  return ids
}

import { expect, test } from 'vitest'
import type { ClientGateway } from './gateway.ts'

/** What graphql-ws and graphql-sse have in common. */
export interface SubscriptionClient {
  iterate<Data extends Record<string, unknown>>(payload: Payload): AsyncIterableIterator<Result<Data>>
  subscribe<Data extends Record<string, unknown>>(payload: Payload, sink: Sink<Data>): () => void
}
interface Payload {
  readonly query: string
  readonly variables?: Record<string, unknown> | undefined
}
interface Result<Data> {
  readonly data?: Data | null
  readonly errors?: readonly { readonly message: string }[]
}
interface Sink<Data> {
  next(result: Result<Data>): void
  error(reason: unknown): void
  complete(): void
}

interface TicketsData extends Record<string, unknown> {
  readonly tickets: {
    readonly nodes: readonly { readonly id: string }[]
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
  }
}
/** One page of a source's tickets. */
export const tickets = `query ($after: String) {
  tickets(first: 50, after: $after, filter: { sources: ["oneview"] }) { nodes { id } pageInfo { endCursor hasNextPage } }
}`
interface AllTicketsData extends Record<string, unknown> {
  readonly tickets: { readonly nodes: readonly unknown[]; readonly sources: readonly unknown[] }
}
const allTickets = '{ tickets(first: 5) { nodes { id } sources { outcome source { key } } } }'
const closeTicket = `mutation ($input: CloseTicketInput!) {
  closeTicket(input: $input) { outcome ticket { status } userErrors { message } }
}`
const ticketChanged = `subscription ($after: String) {
  ticketChanged(after: $after, filter: { sources: ["oneview"] }) { cursor gap kind ticket { id status } }
}`

/** Runs a query or a mutation. */
export async function run<Data extends Record<string, unknown>>(
  client: SubscriptionClient,
  query: string,
  variables?: Record<string, unknown>,
): Promise<Data> {
  for await (const { data, errors } of client.iterate<Data>({ query, variables })) {
    if (!data) throw new Error(errors?.[0]?.message)
    return data
  }
  throw new Error('There was no answer.')
}

/** Subscribes; returns the ids of the changed tickets so far, and how the subscription ended. */
export function subscribe(client: SubscriptionClient, variables: Record<string, unknown> = {}) {
  const changed: string[] = []
  const { promise: ended, resolve } = Promise.withResolvers<unknown>()
  const unsubscribe = client.subscribe<{ ticketChanged: { ticket: { id: string } } }>(
    { query: ticketChanged, variables },
    {
      next: ({ data }) => void (data && changed.push(data.ticketChanged.ticket.id)),
      error: resolve,
      complete: () => resolve('complete'),
    },
  )
  return { changed, ended, unsubscribe }
}

/** For what comes within seconds, also on a busy machine. */
export const patience = { timeout: 30_000 }

/** The conversation that both clients have with a gateway. `connect` makes a client that is signed in and resumes. */
export function testSubscriptionClient(gateway: () => ClientGateway, connect: () => SubscriptionClient): void {
  test('reads a list page by page to its end', async () => {
    const client = connect()
    const ids: string[] = []
    let after: string | null = null
    for (let more = true; more; ) {
      const page: TicketsData = await run<TicketsData>(client, tickets, { after })
      ids.push(...page.tickets.nodes.map(({ id }) => id))
      after = page.tickets.pageInfo.endCursor
      more = page.tickets.pageInfo.hasNextPage
    }
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(gateway().sandbox.oneview.tickets())
  })

  test('gets the outcome of a mutation as data', async () => {
    const input = { id: gateway().openTicket().id, idempotencyKey: crypto.randomUUID() }
    const closed = { closeTicket: { outcome: 'APPLIED', ticket: { status: 'CLOSED' }, userErrors: [] } }
    expect(await run(connect(), closeTicket, { input })).toEqual(closed)
  })

  test('gets the tickets of the other sources while one fails', async () => {
    gateway().sandbox.oneview.fault({ kind: 'status', status: 401 })
    const client = connect()
    const page = await run<AllTicketsData>(client, allTickets)
    gateway().sandbox.oneview.fault(null)
    expect(page.tickets.nodes).toHaveLength(5)
    expect(page.tickets.sources).toContainEqual({ outcome: 'UNAUTHENTICATED', source: { key: 'oneview' } })
  })

  test('comes back after the network was cut, and gets the three changes of that time', async () => {
    const { changed, unsubscribe } = subscribe(connect())
    const [first, ...missed] = [
      gateway().openTicket().id,
      gateway().openTicket().id,
      gateway().openTicket().id,
      gateway().openTicket().id,
    ]
    await gateway().untilSubscribed(1)
    await gateway().otherAgentEscalates(first!)
    await expect.poll(() => changed, patience).toEqual([first])
    await gateway().cutNetwork()
    await gateway().untilSubscribed(0)
    for (const id of missed) await gateway().otherAgentEscalates(id)
    await gateway().restoreNetwork()
    await expect.poll(() => changed, patience).toEqual([first, ...missed])
    const { id } = gateway().openTicket()
    await gateway().otherAgentEscalates(id)
    await expect.poll(() => changed, patience).toEqual([first, ...missed, id])
    unsubscribe()
    await gateway().untilSubscribed(0)
  })

  test('gets every change since it read changeCursor, also where the network was cut before the first one', async () => {
    const client = connect()
    const { changeCursor: after } = await run<{ changeCursor: string }>(client, '{ changeCursor }')
    const { changed, unsubscribe } = subscribe(client, { after })
    await gateway().untilSubscribed(1)
    await gateway().cutNetwork()
    await gateway().untilSubscribed(0)
    const missed = [gateway().openTicket().id, gateway().openTicket().id, gateway().openTicket().id]
    for (const id of missed) await gateway().otherAgentEscalates(id)
    await gateway().restoreNetwork()
    await expect.poll(() => changed, patience).toEqual(missed)
    unsubscribe()
    await gateway().untilSubscribed(0)
  })
}

import { type Client, createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resuming } from './resuming.ts'
import { type ClientGateway, startClientGateway } from './support/gateway.ts'

let gateway: ClientGateway
beforeAll(async () => {
  gateway = await startClientGateway()
})
afterAll(() => gateway?.close())

function createSocket(getToken: () => string | undefined): Client {
  return resuming(
    createClient({
      url: gateway.socketUrl,
      // A function, so that every reconnect sends the present token.
      connectionParams: () => ({ Authorization: `Bearer ${getToken()}` }),
      // The default gives up when a connection is refused, which is how a restart of the gateway looks.
      shouldRetry: () => true,
      retryAttempts: Number.POSITIVE_INFINITY,
    }),
  )
}

interface TicketsData extends Record<string, unknown> {
  readonly tickets: {
    readonly nodes: readonly { readonly id: string }[]
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
  }
}
const tickets = `query ($after: String) {
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
async function run<Data extends Record<string, unknown>>(
  client: Client,
  query: string,
  variables?: Record<string, unknown>,
): Promise<Data> {
  for await (const { data, errors } of client.iterate<Data>({ query, variables })) {
    if (!data) throw new Error(errors?.[0]?.message)
    return data
  }
  throw new Error('There was no answer.')
}

/** Subscribes; returns the ids of the changed tickets so far. */
function subscribe(client: Client, variables: Record<string, unknown> = {}) {
  const changed: string[] = []
  const unsubscribe = client.subscribe<{ ticketChanged: { ticket: { id: string } } }>(
    { query: ticketChanged, variables },
    {
      next: ({ data }) => void (data && changed.push(data.ticketChanged.ticket.id)),
      error: console.error,
      complete: () => undefined,
    },
  )
  return { changed, unsubscribe }
}

const patience = { timeout: 30_000 }

describe('graphql-ws', () => {
  test('reads a list page by page to its end', async () => {
    const client = createSocket(() => gateway.token)
    const ids: string[] = []
    let after: string | null = null
    for (let more = true; more; ) {
      const page: TicketsData = await run<TicketsData>(client, tickets, { after })
      ids.push(...page.tickets.nodes.map(({ id }) => id))
      after = page.tickets.pageInfo.endCursor
      more = page.tickets.pageInfo.hasNextPage
    }
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(gateway.sandbox.oneview.tickets())
  })

  test('gets the outcome of a mutation as data', async () => {
    const input = { id: gateway.openTicket().id, idempotencyKey: crypto.randomUUID() }
    const closed = { closeTicket: { outcome: 'APPLIED', ticket: { status: 'CLOSED' }, userErrors: [] } }
    expect(
      await run(
        createSocket(() => gateway.token),
        closeTicket,
        { input },
      ),
    ).toEqual(closed)
  })

  test('gets the tickets of the other sources while one fails', async () => {
    gateway.sandbox.oneview.fault({ kind: 'status', status: 401 })
    const client = createSocket(() => gateway.token)
    const page = await run<AllTicketsData>(client, allTickets)
    gateway.sandbox.oneview.fault(null)
    expect(page.tickets.nodes).toHaveLength(5)
    expect(page.tickets.sources).toContainEqual({ outcome: 'UNAUTHENTICATED', source: { key: 'oneview' } })
  })

  test('comes back after the network was cut, and gets the three changes of that time', async () => {
    const { changed, unsubscribe } = subscribe(createSocket(() => gateway.token))
    const [first, ...missed] = [
      gateway.openTicket().id,
      gateway.openTicket().id,
      gateway.openTicket().id,
      gateway.openTicket().id,
    ]
    await gateway.untilSubscribed(1)
    await gateway.otherAgentEscalates(first!)
    await expect.poll(() => changed, patience).toEqual([first])
    await gateway.cutNetwork()
    await gateway.untilSubscribed(0)
    for (const id of missed) await gateway.otherAgentEscalates(id)
    await gateway.restoreNetwork()
    await expect.poll(() => changed, patience).toEqual([first, ...missed])
    const { id } = gateway.openTicket()
    await gateway.otherAgentEscalates(id)
    await expect.poll(() => changed, patience).toEqual([first, ...missed, id])
    unsubscribe()
    await gateway.untilSubscribed(0)
  })

  test('gets every change since it read changeCursor, also where the network was cut before the first one', async () => {
    const client = createSocket(() => gateway.token)
    const { changeCursor: after } = await run<{ changeCursor: string }>(client, '{ changeCursor }')
    const { changed, unsubscribe } = subscribe(client, { after })
    await gateway.untilSubscribed(1)
    await gateway.cutNetwork()
    await gateway.untilSubscribed(0)
    const missed = [gateway.openTicket().id, gateway.openTicket().id, gateway.openTicket().id]
    for (const id of missed) await gateway.otherAgentEscalates(id)
    await gateway.restoreNetwork()
    await expect.poll(() => changed, patience).toEqual(missed)
    unsubscribe()
    await gateway.untilSubscribed(0)
  })

  test('goes on with a fresh token when its token expires', async () => {
    const expiresAt = Math.floor(Date.now() / 1000) * 1000 + 5000
    const tokens = [await gateway.shortToken(5)]
    const connected: number[] = []
    const { changed, unsubscribe } = subscribe(
      createSocket(() => {
        connected.push(Date.now())
        return tokens.pop() ?? gateway.token
      }),
    )
    await expect.poll(() => connected.filter((at) => at >= expiresAt), patience).toHaveLength(1)
    await gateway.untilSubscribed(1)
    const { id } = gateway.openTicket()
    await gateway.otherAgentEscalates(id)
    await expect.poll(() => changed, patience).toEqual([id])
    unsubscribe()
    await gateway.untilSubscribed(0)
  })

  test.each(['no token', 'an expired token'])('fails with 4401, with %s', async (given) => {
    const client = createSocket(() => (given === 'no token' ? undefined : gateway.expiredToken))
    await expect(run(client, tickets)).rejects.toMatchObject({ code: 4401 })
  })
})

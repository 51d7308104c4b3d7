import { ClientError, GraphQLClient, gql } from 'graphql-request'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ClientGateway, sharedGateway } from './support/gateway.ts'

let gateway: ClientGateway
beforeAll(async () => {
  gateway = await sharedGateway()
})

interface TicketsData {
  readonly tickets: {
    readonly nodes: readonly { readonly id: string; readonly status: string }[]
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean }
    readonly sources: readonly { readonly outcome: string; readonly source: { readonly key: string } }[]
  }
}

const tickets = gql`
  query Tickets($filter: TicketFilter, $after: String) {
    tickets(first: 50, after: $after, filter: $filter) {
      nodes {
        id
        status
      }
      pageInfo {
        endCursor
        hasNextPage
      }
      sources {
        outcome
        source {
          key
        }
      }
    }
  }
`
const closeTicket = gql`
  mutation CloseTicket($input: CloseTicketInput!) {
    closeTicket(input: $input) {
      outcome
      ticket {
        status
      }
      userErrors {
        message
      }
    }
  }
`

function createClient(token: string | undefined): GraphQLClient {
  return new GraphQLClient(gateway.url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
}

describe('graphql-request', () => {
  test('reads a list page by page to its end', async () => {
    const client = createClient(gateway.token)
    const ids: string[] = []
    let after: string | null = null
    for (let more = true; more; ) {
      const page: TicketsData = await client.request<TicketsData>(tickets, { filter: { sources: ['oneview'] }, after })
      ids.push(...page.tickets.nodes.map(({ id }) => id))
      after = page.tickets.pageInfo.endCursor
      more = page.tickets.pageInfo.hasNextPage
    }
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(gateway.sandbox.oneview.tickets())
  })

  test('gets the outcome of a mutation as data', async () => {
    const { id } = gateway.openTicket()
    const input = { id, idempotencyKey: crypto.randomUUID() }
    const closed = { closeTicket: { outcome: 'APPLIED', ticket: { status: 'CLOSED' }, userErrors: [] } }
    expect(await createClient(gateway.token).request(closeTicket, { input })).toEqual(closed)
  })

  test('sends several operations in one request', async () => {
    const document = 'query ($source: String!) { source(key: $source) { escalationDepartments { label } } }'
    const answers = await createClient(gateway.token).batchRequests([
      { document, variables: { source: 'oneview' } },
      { document: '{ viewer { key } }' },
    ])
    expect(answers).toMatchObject([
      { data: { source: { escalationDepartments: expect.any(Array) } } },
      { data: { viewer: { key: 'agent' } } },
    ])
  })

  test('gets the tickets of the other sources while one fails', async () => {
    gateway.sandbox.oneview.fault({ kind: 'status', status: 401 })
    const page = await createClient(gateway.token).request<TicketsData>(tickets)
    gateway.sandbox.oneview.fault(null)
    expect(page.tickets.nodes).toHaveLength(50)
    expect(page.tickets.sources).toContainEqual({ outcome: 'UNAUTHENTICATED', source: { key: 'oneview' } })
  })

  test('rejects while the network is cut, and works again afterwards', async () => {
    const client = createClient(gateway.token)
    const viewer = gql`
      {
        viewer {
          key
        }
      }
    `
    await client.request(viewer)
    await gateway.cutNetwork()
    await expect(client.request(viewer)).rejects.toThrow('fetch failed')
    await gateway.restoreNetwork()
    expect(await client.request(viewer)).toEqual({ viewer: { key: 'agent' } })
  })

  test.each(['no token', 'an expired token'])('rejects with the status and the code, with %s', async (given) => {
    const client = createClient(given === 'no token' ? undefined : gateway.expiredToken)
    const error = await client.request(tickets).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({ response: { status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } })
  })
})

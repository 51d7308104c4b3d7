import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Crm, crmSdl, type Reference, startCrm } from './support/crm.ts'
import { compose, type Router, startRouter } from './support/router.ts'
import { everyRight, printSubgraph, type SubgraphGateway, startSubgraph } from './support/subgraph.ts'

let gateway: SubgraphGateway
let crm: Crm
let router: Router
/** The token of a viewer with every right. */
let agent: string

beforeAll(async () => {
  gateway = await startSubgraph()
  agent = await gateway.sign(everyRight)
  crm = await startCrm()
  const { _service } = await gateway.ask('{ _service { sdl } }')
  router = await startRouter([
    { name: 'deskgraph', url: `${gateway.url}/graphql`, sdl: _service.sdl },
    { name: 'crm', url: crm.url, sdl: crmSdl },
  ])
})
afterAll(async () => {
  await router?.close()
  await crm?.close()
  await gateway?.close()
})
beforeEach(() => {
  crm.broken = false
  crm.entityRequests.length = 0
  crm.authorizations.length = 0
  for (const system of [gateway.sandbox.oneview, gateway.sandbox.verifik]) system.fault(null)
})

const customersOf = `query ($source: String!) {
  tickets(first: 50, filter: { sources: [$source] }) { nodes { id customer { id externalId source { key } name } } }
}`
interface Listed {
  readonly id: string
  readonly customer: (Reference & { readonly id: string; readonly name: string | null }) | null
}
const listed = async (source: string): Promise<readonly Listed[]> => (await gateway.ask(customersOf, { source })).tickets.nodes
const toReference = ({ externalId, source }: Reference): Reference => ({ externalId, source })

describe('FEDERATION-06: behind Hive Gateway', () => {
  test('the served SDL is the printed one, and composes with a subgraph that extends Customer', async () => {
    const { _service } = await gateway.ask('{ _service { sdl } }')
    expect(_service.sdl).toBe(printSubgraph())
    const supergraph = compose([
      { name: 'deskgraph', url: 'http://deskgraph/graphql', sdl: printSubgraph() },
      { name: 'crm', url: 'http://crm/graphql', sdl: crmSdl },
    ])
    expect(supergraph).toContain('tier: String @join__field(graph: CRM)')
    const page = readFileSync(new URL('../../docs/federation.md', import.meta.url), 'utf8')
    const [, sample = ''] = /```graphql subgraph\n([\s\S]*?)```/.exec(page) ?? []
    const documented = compose([
      { name: 'deskgraph', url: 'http://deskgraph/graphql', sdl: printSubgraph() },
      { name: 'crm', url: 'http://crm/graphql', sdl: sample },
    ])
    expect(documented).toContain('keyAccounts: [Customer] @join__field(graph: CRM)')
  })

  test('composes with the types of Relay in both, with Query.node in one, and with agents that the other subgraph only extends', () => {
    const composeWith = (rootFields: string) =>
      compose([
        { name: 'deskgraph', url: 'http://deskgraph/graphql', sdl: printSubgraph() },
        {
          name: 'crm',
          url: 'http://crm/graphql',
          sdl: `
            extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
            scalar DateTime
            interface Node { id: ID! }
            type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
            type Account implements Node @key(fields: "id") { id: ID! since: DateTime }
            type Agent @key(fields: "id") { id: ID! team: String }
            type Query { accounts: [Account] accountPage: PageInfo ${rootFields} }`,
        },
      ])
    expect(composeWith('')).toContain('team: String @join__field(graph: CRM)')
    expect(() => composeWith('node(id: ID!): Node')).toThrow(/"Query\.node" is resolved from multiple subgraphs/)
    expect(() => composeWith('agents: [Agent]')).toThrow(/cannot move to subgraph "deskgraph"/)
  })

  test('a list of the gateway has the fields of the other subgraph', async () => {
    const query = `{
      tickets(first: 20, filter: { sources: ["oneview"] }) {
        nodes { id status customer { externalId name tier } assignee { externalId team } }
      }
    }`
    const { data, errors } = await router.ask(query, { token: agent })
    expect(errors).toBeUndefined()
    const { nodes } = data.tickets
    expect(nodes).toHaveLength(20)
    const served = nodes.filter(({ customer }: Listed) => customer !== null)
    expect(served.length).toBeGreaterThan(5)
    for (const { customer } of served) expect(customer.tier).toMatch(/^(?:GOLD|BASIC)$/)
    const assigned = nodes.filter(({ assignee }: { assignee: object | null }) => assignee !== null)
    for (const { assignee } of assigned) expect(assignee.team).toBe(`team of ${assignee.externalId}`)
    expect(crm.authorizations.every((header) => header === `Bearer ${agent}`)).toBe(true)
  })

  test('a list of the other subgraph has the fields of the gateway', async () => {
    const known = (await listed('oneview')).find(({ customer }) => customer?.name)!.customer!
    crm.keyAccounts = [toReference(known), { externalId: '9999999', source: { key: 'oneview' } }]
    const query = '{ keyAccounts { tier externalId name source { label } tickets(first: 1) { nodes { id } } } }'
    const { data, errors } = await router.ask(query, { token: agent })
    expect(errors).toBeUndefined()
    expect(data.keyAccounts).toEqual([
      {
        tier: expect.stringMatching(/GOLD|BASIC/),
        externalId: known.externalId,
        name: known.name,
        source: { label: 'OneView' },
        tickets: { nodes: [{ id: expect.any(String) }] },
      },
      { tier: 'BASIC', externalId: '9999999', name: null, source: { label: 'OneView' }, tickets: { nodes: [] } },
    ])
  })

  test('a write goes through the router', async () => {
    const mutation = `mutation ($id: ID!) {
      escalateTicket(input: { id: $id, department: "partner-service", statusReason: "The customer insists." }) {
        outcome userErrors { code } ticket { status customer { tier } }
      }
    }`
    const open = '{ tickets(first: 1, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { id } } }'
    const { id } = (await gateway.ask(open)).tickets.nodes[0]
    const { data, errors } = await router.ask(mutation, { token: agent, variables: { id } })
    expect(errors).toBeUndefined()
    expect(data.escalateTicket).toMatchObject({ outcome: 'APPLIED', userErrors: [], ticket: { status: 'ESCALATED' } })
  })

  test('a subscription goes through the router as server-sent events', async () => {
    const query = 'subscription { ticketChanged { kind ticket { id status customer { externalId tier } } } }'
    const ending = new AbortController()
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${agent}` }
    const stream = await fetch(router.url, { method: 'POST', headers, body: JSON.stringify({ query }), signal: ending.signal })
    await expect.poll(() => gateway.metric('deskgraph_subscribers')).toBe(1)
    const open = '{ tickets(first: 1, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { id } } }'
    const { id } = (await gateway.ask(open)).tickets.nodes[0]
    await gateway.ask('mutation ($id: ID!) { closeTicket(input: { id: $id, resolutionStatus: "REFUNDED" }) { outcome } }', { id })
    let received = ''
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
      received += chunk
      if (received.includes(id)) break
    }
    ending.abort()
    const [event] = received.match(/(?<=data: ).*ticketChanged.*/) ?? []
    expect(JSON.parse(event!).data.ticketChanged).toMatchObject({
      ticket: { id, customer: { tier: expect.stringMatching(/GOLD|BASIC/) } },
    })
  })
})

describe('FEDERATION-07: rights behind a router', () => {
  const query = '{ keyAccounts { tier name } pinnedTickets { id title } }'
  beforeEach(async () => {
    const [ticket] = await listed('verifik')
    const known = (await listed('oneview')).find(({ customer }) => customer?.name)!.customer!
    crm.keyAccounts = [toReference(known)]
    crm.pinnedTickets = [{ id: ticket!.id }]
  })

  test('a request without a token has the data of the other subgraph, and UNAUTHENTICATED', async () => {
    const { data, errors } = await router.ask(query)
    expect(data.keyAccounts).toEqual([{ tier: expect.any(String), name: null }])
    expect(errors?.map(({ extensions }) => extensions.code)).toContain('UNAUTHENTICATED')
  })

  test('a viewer without tickets:read is FORBIDDEN, and has the data of the other subgraph', async () => {
    const { data, errors } = await router.ask(query, { token: await gateway.sign('source:*') })
    expect(data.keyAccounts).toEqual([{ tier: expect.any(String), name: null }])
    expect(errors?.map(({ extensions }) => extensions.code)).toContain('FORBIDDEN')
  })

  test('personal data is null without an error, and so is a ticket of a hidden source at its own place', async () => {
    const token = await gateway.sign('tickets:read source:oneview')
    crm.pinnedTickets = [{ id: (await listed('oneview'))[0]!.id }, ...crm.pinnedTickets]
    const { data, errors, extensions } = await router.ask('{ keyAccounts { tier name } pinnedTickets { externalId status } }', {
      token,
    })
    expect(extensions).toBeUndefined()
    expect(data.keyAccounts).toEqual([{ tier: expect.any(String), name: null }])
    expect(data.pinnedTickets).toEqual([{ externalId: expect.any(String), status: expect.any(String) }, null])
    // The router's own: the field of the type is not nullable.
    expect(errors?.map(({ path }) => path?.slice(0, 2))).toEqual([['pinnedTickets', 1]])
  })
})

describe('FEDERATION-08: what fails leaves the rest of the page', () => {
  test('a source: the customer and their other fields are there, and so are the tickets of other sources', async () => {
    const [verifik] = await listed('verifik')
    const [wasabi] = await listed('wasabi')
    crm.keyAccounts = [toReference((await listed('oneview')).find(({ customer }) => customer?.name)!.customer!)]
    crm.pinnedTickets = [{ id: verifik!.id }, { id: wasabi!.id }]
    for (const system of [gateway.sandbox.oneview, gateway.sandbox.verifik]) system.fault({ kind: 'status', status: 500 })
    const query = '{ keyAccounts { tier externalId name source { label } } pinnedTickets { id status } }'
    const { data, errors } = await router.ask(query, { token: agent })
    expect(data.keyAccounts).toEqual([
      { tier: expect.any(String), externalId: crm.keyAccounts[0]!.externalId, name: null, source: { label: 'OneView' } },
    ])
    expect(data.pinnedTickets).toEqual([null, { id: wasabi!.id, status: expect.any(String) }])
    const codes = new Set(errors?.map(({ extensions }) => extensions.code))
    expect([...codes]).toEqual(['UPSTREAM_UNAVAILABLE'])
  })

  test('the limits of one operation: the fields of the other subgraph are there', async () => {
    const [ticket] = await listed('oneview')
    crm.pinnedTickets = Array.from({ length: 1_001 }, (_, index) => ({ id: `${ticket!.id.slice(0, -4)}${index + 1_000}` }))
    const { data, errors } = await router.ask('{ pinnedTickets { id title } }', { token: agent })
    expect(data.pinnedTickets).toEqual(crm.pinnedTickets.map(({ id }) => ({ id, title: null })))
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['OPERATION_TOO_COMPLEX']))
  })

  test('the other subgraph: the tickets are there', async () => {
    crm.broken = true
    const query = '{ tickets(first: 5, filter: { sources: ["oneview"] }) { nodes { id customer { externalId tier } } } }'
    const { data, errors } = await router.ask(query, { token: agent })
    expect(data.tickets.nodes).toHaveLength(5)
    expect(data.tickets.nodes.every(({ id }: Listed) => typeof id === 'string')).toBe(true)
    expect(errors?.length).toBeGreaterThan(0)
  })
})

describe('FEDERATION-09: 50 entities', () => {
  interface Cost {
    readonly calls: { readonly oneview: number; readonly verifik: number }
    /** Requests to the gateway. */
    readonly requests: number
  }
  const requests = () => gateway.metric('deskgraph_graphql_operations_total')
  const costOf = async (work: () => Promise<unknown>): Promise<Cost> => {
    const { oneview, verifik } = gateway.sandbox
    for (const system of [oneview, verifik]) system.resetCalls()
    const before = await requests()
    await work()
    const calls = { oneview: oneview.callLog().length, verifik: verifik.callLog().length }
    return { calls, requests: (await requests()) - before }
  }

  test('cost the calls of 50 ids, in one request', async () => {
    const tickets = [
      ...(await listed('oneview')).slice(0, 20),
      ...(await listed('verifik')).slice(0, 20),
      ...(await listed('wasabi')).slice(0, 10),
    ]
    const ids = tickets.map(({ id }) => id)
    crm.pinnedTickets = ids.map((id) => ({ id }))
    const byIds = await costOf(() =>
      gateway.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Ticket { status } } }', { ids }),
    )
    let answer: Awaited<ReturnType<Router['ask']>> | undefined
    const behindRouter = await costOf(async () => {
      answer = await router.ask('{ pinnedTickets { id status } }', { token: agent })
    })
    expect(answer!.errors).toBeUndefined()
    expect(answer!.data.pinnedTickets).toEqual(ids.map((id) => ({ id, status: expect.any(String) })))
    expect(byIds).toEqual({ calls: { oneview: 20, verifik: 20 }, requests: 1 })
    expect(behindRouter).toEqual(byIds)
  })

  test('that are customers cost the calls of 50 ids, and none where the key says what is selected', async () => {
    const customers = [...(await listed('oneview')), ...(await listed('verifik'))].flatMap(({ customer }) => customer ?? [])
    const known = [...new Map(customers.map((customer) => [customer.id, customer])).values()].slice(0, 50)
    expect(known).toHaveLength(50)
    crm.keyAccounts = known.map(toReference)
    const ids = known.map(({ id }) => id)
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { id name email } } }'
    let read: { readonly name: string | null }[] = []
    const byIds = await costOf(async () => {
      read = (await gateway.ask(query, { ids })).nodes
    })
    expect(read.filter(({ name }) => name !== null).length).toBeGreaterThan(30)
    const behindRouter = await costOf(async () => {
      expect((await router.ask('{ keyAccounts { id name email } }', { token: agent })).data.keyAccounts).toEqual(read)
    })
    expect(behindRouter).toEqual(byIds)
    const bare = await costOf(async () => {
      const { data } = await router.ask('{ keyAccounts { id tier source { label } } }', { token: agent })
      expect(data.keyAccounts.map(({ id }: Listed) => id)).toEqual(ids)
    })
    expect(bare).toEqual({ calls: { oneview: 0, verifik: 0 }, requests: 1 })
  })
})

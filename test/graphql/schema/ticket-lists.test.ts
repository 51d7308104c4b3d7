import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { FirstQueryDocument, WalkTicketsDocument } from '../../generated/graphql.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { customer, message, sourceInfo, ticket, vendor } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

const oneview = sourceInfo('oneview')
const verifik = sourceInfo('verifik')
const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`

/** Ten whole tickets (0, 2, 4 … minutes) with customer, vendor and a link to the one before. */
const whole = Array.from({ length: 10 }, (_, index) =>
  ticket(oneview, `o${index}`, {
    updatedAt: at(index * 2),
    title: `chat ${index}`,
    customer: customer(oneview, 'c1', { name: 'Ann Lee' }),
    vendor: vendor(oneview, 'v1', { vertical: 'RESTAURANTS' }),
    links: [
      {
        kind: 'CHILD',
        system: 'ONEVIEW',
        externalId: `o${(index + 9) % 10}`,
        category: null,
        reason: null,
        creator: null,
        createdAt: null,
        url: null,
        ticketId: encodeId('ticket', 'oneview', '', `o${(index + 9) % 10}`),
      },
    ],
  }),
)

/** Ten tickets (1, 3, 5 … minutes) whose lists leave out description and messages. */
const detailed = Array.from({ length: 10 }, (_, index) =>
  ticket(verifik, `f${index}`, {
    updatedAt: at(index * 2 + 1),
    description: `long ${index}`,
    messages: [message(verifik, `f${index}`, 0, 'first'), message(verifik, `f${index}`, 1, 'second')],
  }),
)
const lazyFields = ['description', 'messages', 'resolvedAt'] as const

function start(fault?: Error) {
  const a = createMemorySource(oneview, { tickets: whole })
  const b = createMemorySource(verifik, { tickets: detailed, lazyFields })
  b.broken = fault ?? null
  return { a, b, graph: createTestGraph({ sources: [a, b] }) }
}

interface Page {
  edges: { node: { externalId: string } }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

describe('Query.tickets', () => {
  it('answers the README’s first query over all sources, with one list call each and one batch of details', async () => {
    const { a, b, graph } = start()
    const { data, errors } = await graph.ask(FirstQueryDocument)
    expect(errors).toBeUndefined()
    const { nodes, sources } = data!.tickets as { nodes: Record<string, unknown>[]; sources: unknown }
    expect(nodes).toHaveLength(20)
    expect(nodes[0]).toMatchObject({ source: { key: 'verifik' }, threads: { nodes: [{ body: 'first' }, { body: 'second' }] } })
    expect(nodes[1]).toEqual({
      id: encodeId('ticket', 'oneview', '', 'o9'),
      title: 'chat 9',
      status: 'OPEN',
      source: { key: 'oneview' },
      customer: { name: 'Ann Lee' },
      vendor: { vertical: 'RESTAURANTS' },
      links: [{ externalId: 'o8' }],
      threads: null,
    })
    expect(sources).toEqual([
      { source: { key: 'oneview' }, outcome: 'OK', returned: 10 },
      { source: { key: 'verifik' }, outcome: 'OK', returned: 10 },
    ])
    expect(a.calls).toMatchObject({ list: [{ filter: {} }], load: [] })
    expect(b.calls.list).toHaveLength(1)
    expect(b.loadedIds().map((refs) => refs.length)).toEqual([10])
  })

  it('loads no details when none is selected, and one batch for several detail fields', async () => {
    const bare = start()
    await bare.graph.ask('{ tickets(first: 100) { nodes { id title } } }')
    expect(bare.b.loadedIds()).toEqual([])
    const several = start()
    const { data } = await several.graph.ask(
      '{ tickets(first: 100, filter: { sources: ["verifik"] }) { nodes { description resolvedAt threads { totalCount } } } }',
    )
    expect((data!.tickets as { nodes: unknown[] }).nodes[0]).toEqual({
      description: 'long 9',
      resolvedAt: null,
      threads: { totalCount: 2 },
    })
    expect(several.b.loadedIds().map((refs) => refs.length)).toEqual([10])
    expect(several.a.calls.list).toHaveLength(0)
  })

  it('resolves links between listed whole tickets without a further call', async () => {
    const { a, graph } = start()
    const { data } = await graph.ask(
      '{ tickets(filter: { sources: ["oneview"] }) { nodes { externalId links { ticket { externalId } } } } }',
    )
    const { nodes } = data!.tickets as { nodes: { externalId: string; links: { ticket: { externalId: string } }[] }[] }
    expect(nodes.map((node) => node.links[0]!.ticket.externalId)).toEqual([
      'o8',
      'o7',
      'o6',
      'o5',
      'o4',
      'o3',
      'o2',
      'o1',
      'o0',
      'o9',
    ])
    expect(a.calls).toMatchObject({ list: [{ filter: {} }], load: [] })
  })

  it('leaves a link without its ticket where it leads nowhere here, without an error', async () => {
    const link = { kind: 'CHILD' as const, category: null, reason: null, creator: null, createdAt: null, url: null }
    const targets = [null, '../x', 'missing'].map((id) => id && encodeId('ticket', 'oneview', '', id))
    const links = [...targets, encodeId('ticket', 'elsewhere', '', 'x')].map((ticketId) => ({
      ...link,
      system: 'S',
      externalId: 'x',
      ticketId,
    }))
    const source = createMemorySource(oneview, { tickets: [ticket(oneview, 'o1', { links })] })
    const { data, errors } = await createTestGraph({ sources: [source] }).ask(
      '{ tickets { nodes { links { externalId ticket { id } } } } }',
    )
    expect(errors).toBeUndefined()
    expect(data!.tickets).toEqual({ nodes: [{ links: links.map(() => ({ externalId: 'x', ticket: null })) }] })
    expect(source.loadedIds()).toEqual([['missing']])
  })

  it('walks every ticket once, newest first, in pages that end as Relay says', async () => {
    const { graph } = start()
    const seen: string[] = []
    let after: string | null = null
    for (let page = 0; page < 10; page++) {
      const { data, errors } = await graph.ask(WalkTicketsDocument, { variables: { first: 6, after } })
      expect(errors).toBeUndefined()
      const { edges, pageInfo } = data!.tickets as Page
      seen.push(...edges.map((edge) => edge.node.externalId))
      expect(pageInfo.hasPreviousPage).toBe(page > 0)
      after = pageInfo.endCursor
      if (!pageInfo.hasNextPage) break
    }
    const expected = Array.from({ length: 10 }, (_, index) => [`f${9 - index}`, `o${9 - index}`]).flat()
    expect(seen).toEqual(expected)
  })

  it('gives an empty page for first 0, and refuses a negative or too large one without asking a source', async () => {
    const { a, graph } = start()
    const empty = await graph.ask(WalkTicketsDocument, { variables: { first: 0 } })
    expect((empty.data!.tickets as Page).edges).toEqual([])
    for (const first of [-1, 101]) {
      const refused = await start().graph.ask('query ($first: Int) { tickets(first: $first) { totalCount } }', {
        variables: { first },
      })
      expect(refused.errors![0]).toMatchObject({
        message: '"first" must be from 0 to 100.',
        path: ['tickets'],
        extensions: { code: 'BAD_USER_INPUT', retryable: false, requestId: 'req-1' },
      })
    }
    expect(a.loadedIds()).toEqual([])
  })

  it('refuses an unknown source and ids of another kind, naming them', async () => {
    const { graph } = start()
    const codes = async (filter: object) => {
      const { errors } = await graph.ask(WalkTicketsDocument, { variables: { filter } })
      return errors!.map((error) => [error.message, error.extensions!.code])
    }
    expect(await codes({ sources: ['nope'] })).toEqual([
      ['There is no source "nope". There are: oneview, verifik.', 'BAD_USER_INPUT'],
    ])
    const ticketId = encodeId('ticket', 'oneview', '', 'o1')
    expect(await codes({ customerId: ticketId })).toEqual([
      ['"filter.customerId" is not the global id of a customer.', 'BAD_USER_INPUT'],
    ])
    expect(await codes({ vendorId: 'x' })).toEqual([['"filter.vendorId" is not the global id of a vendor.', 'BAD_USER_INPUT']])
  })

  it('takes an empty list in a filter as no condition', async () => {
    const { graph } = start()
    const { data } = await graph.ask(WalkTicketsDocument, { variables: { filter: { sources: [], status: [], tags: [] } } })
    expect((data!.tickets as Page).edges).toHaveLength(20)
  })

  it('lets nobody search by e-mail who may not read e-mails', async () => {
    const { a, graph } = start()
    const scopes = ['tickets:read', 'source:*']
    const variables = { filter: { customerEmail: 'ann@example.com' } }
    const refused = await graph.ask(WalkTicketsDocument, { variables, scopes })
    expect(refused.errors![0]).toMatchObject({
      message: 'This needs the scope "customers:pii".',
      extensions: { code: 'FORBIDDEN' },
    })
    expect(a.calls.list).toHaveLength(0)
    const allowed = await graph.ask(WalkTicketsDocument, { variables, scopes: [...scopes, 'customers:pii'] })
    expect(allowed.errors).toBeUndefined()
  })
})

describe('a source that fails in a list', () => {
  const fault = new DeskgraphError('UPSTREAM_RATE_LIMITED', 'VERIFIK asks for fewer calls.', { source: 'verifik', retryAfter: 7 })
  const extensions = { code: 'UPSTREAM_RATE_LIMITED', retryable: true, retryAfter: 7, source: 'verifik', requestId: 'req-1' }

  it('is one error at its report, while the report and the others’ tickets are answered', async () => {
    const { data, errors } = await start(fault).graph.ask(WalkTicketsDocument)
    const { edges, sources } = data!.tickets as Page & { sources: object[] }
    expect(edges).toHaveLength(10)
    expect(sources[1]).toMatchObject({ source: { key: 'verifik' }, outcome: 'RATE_LIMITED', returned: 0, exhausted: false })
    expect(errors).toEqual([
      expect.objectContaining({ message: 'VERIFIK asks for fewer calls.', path: ['tickets', 'sources', 1], extensions }),
    ])
  })

  it('is told at the aliased place, also through a fragment', async () => {
    const query = '{ page: tickets { ...Reports } } fragment Reports on TicketConnection { who: sources { outcome } }'
    const { errors } = await start(fault).graph.ask(query)
    expect(errors).toEqual([expect.objectContaining({ path: ['page', 'who', 1], extensions })])
  })

  it('is told at the connection when the reports are not selected', async () => {
    const { errors } = await start(fault).graph.ask('{ tickets { totalCount } }')
    expect(errors).toEqual([expect.objectContaining({ path: ['tickets'], extensions })])
  })
})

describe('Customer.tickets', () => {
  const query = `query ($id: ID!, $filter: TicketFilter) { customer(id: $id) { tickets(first: 3, filter: $filter) { nodes { externalId } sources { source { key } } } } }`
  const id = encodeId('customer', 'oneview', '', 'c1')

  it('asks only the customer’s own source', async () => {
    const { b, graph } = start()
    const { data } = await graph.ask(query, { variables: { id } })
    expect(data).toEqual({
      customer: {
        tickets: {
          nodes: [{ externalId: 'o9' }, { externalId: 'o8' }, { externalId: 'o7' }],
          sources: [{ source: { key: 'oneview' } }],
        },
      },
    })
    expect(b.calls.list).toHaveLength(0)
  })

  it('is empty when the filter names another source or another customer', async () => {
    for (const filter of [{ sources: ['verifik'] }, { customerId: encodeId('customer', 'oneview', '', 'c2') }]) {
      const { data } = await start().graph.ask(query, { variables: { id, filter } })
      expect(data).toEqual({ customer: { tickets: { nodes: [], sources: [] } } })
    }
  })
})

describe('Ticket.threads', () => {
  const id = encodeId('ticket', 'verifik', '', 'f3')
  const query = `query ($id: ID!, $first: Int, $after: String) { ticket(id: $id) { threads(first: $first, after: $after) {
    totalCount edges { cursor node { body } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`
  const threads = async (variables: object) => {
    const { data, errors } = await start().graph.ask(query, { variables: { id, ...variables } })
    return { threads: (data!.ticket as { threads: Page & { totalCount: number } } | null)?.threads, errors }
  }

  it('pages forward behind a cursor', async () => {
    const one = (await threads({ first: 1 })).threads!
    expect(one.edges).toHaveLength(1)
    expect(one.totalCount).toBe(2)
    expect(one.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false, startCursor: one.pageInfo.endCursor })
    const two = (await threads({ first: 1, after: one.pageInfo.endCursor })).threads!
    expect(two.edges).toMatchObject([{ node: { body: 'second' } }])
    expect(two.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  })

  it('gives an empty page for first 0 and refuses a cursor of another list', async () => {
    expect((await threads({ first: 0 })).threads).toEqual({
      totalCount: 2,
      edges: [],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null },
    })
    const refused = await threads({ after: 'nonsense' })
    expect(refused.errors![0]).toMatchObject({ path: ['ticket', 'threads'], extensions: { code: 'BAD_USER_INPUT' } })
  })
})

describe('one whole ticket', () => {
  it('is read once, however many of its fields are selected and however often it is named', async () => {
    const { b, graph } = start()
    const id = encodeId('ticket', 'verifik', '', 'f1')
    const { data } = await graph.ask(
      `query ($id: ID!) { a: ticket(id: $id) { description } b: node(id: $id) { ... on Ticket { title } }
       c: ticketByExternalId(source: "verifik", externalId: "f1") { externalId } }`,
      { variables: { id } },
    )
    expect(data).toEqual({ a: { description: 'long 1' }, b: { title: null }, c: { externalId: 'f1' } })
    expect(b.loadedIds()).toEqual([['f1']])
  })

  it('is found by its external id in any tenant of its source', async () => {
    const routed = { ...ticket(oneview, 'r1'), tenant: 'plk-eu', id: encodeId('ticket', 'oneview', 'plk-eu', 'r1') }
    const source = createMemorySource(oneview, { tickets: [routed], tenant: null, methods: { tenants: () => ['', 'plk-eu'] } })
    const graph = createTestGraph({ sources: [source] })
    const query = '{ ticketByExternalId(source: "oneview", externalId: "r1") { id } }'
    expect((await graph.ask(query)).data).toEqual({ ticketByExternalId: { id: routed.id } })
    const missing = await graph.ask(query.replace('r1', 'r2'))
    expect(missing).toEqual({ data: { ticketByExternalId: null } })
    expect(source.loadedIds()).toEqual([
      ['r1', 'r1'],
      ['r2', 'r2'],
    ])
  })

  it('shows every kind of reason by the data itself', async () => {
    const order = { id: encodeId('order', 'oneview', '', '9'), externalId: '9', entityId: null, placedAt: null }
    const reasons: NonNullable<Ticket['reason']>[] = [
      { kind: 'ORDER', code: 'LATE_DELIVERY', label: 'Late delivery', orders: [order] },
      { kind: 'CANCELLATION', code: 'CANCELLATION', label: 'Cancellation', subscriptionContractIds: ['s1'] },
      { kind: 'SUBJECT_ACCESS_REQUEST', code: 'SAR', label: 'Subject access request', subtype: null },
      { kind: 'GENERAL', code: '1A.1', label: 'Late', localLabel: 'Spät' },
    ]
    const tickets = reasons.map((reason, index) => ticket(oneview, `r${index}`, { reason, updatedAt: at(9 - index) }))
    const graph = createTestGraph({ sources: [createMemorySource(oneview, { tickets })] })
    const { data } = await graph.ask(`{ tickets { nodes { reason { __typename code ... on OrderReason { orders { externalId } }
      ... on CancellationReason { subscriptionContractIds } ... on SubjectAccessRequestReason { subtype } ... on GeneralReason { localLabel } } } } }`)
    expect((data!.tickets as { nodes: { reason: unknown }[] }).nodes.map((node) => node.reason)).toEqual([
      { __typename: 'OrderReason', code: 'LATE_DELIVERY', orders: [{ externalId: '9' }] },
      { __typename: 'CancellationReason', code: 'CANCELLATION', subscriptionContractIds: ['s1'] },
      { __typename: 'SubjectAccessRequestReason', code: 'SAR', subtype: null },
      { __typename: 'GeneralReason', code: '1A.1', localLabel: 'Spät' },
    ])
  })
})

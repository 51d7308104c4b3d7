import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import type { Failure } from '../../../src/domain/telemetry.ts'
import { FirstQueryDocument, ListTicketsDocument } from '../../generated/graphql.ts'
import { countingMetrics } from '../../support/call.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createListFixture, oneview } from '../../support/graph/list-fixture.ts'
import { sourceInfo, ticket } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

interface Page {
  edges: { node: { externalId: string } }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

describe('Query.tickets', () => {
  it('answers the first query of the README with one list call per source and one batch of full tickets', async () => {
    const { a, b, graph } = createListFixture()
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

  it('loads no full tickets without a lazy field, and one batch for several lazy fields', async () => {
    const bare = createListFixture()
    await bare.graph.ask('{ tickets(first: 100) { nodes { id title } } }')
    expect(bare.b.loadedIds()).toEqual([])
    const several = createListFixture()
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

  it('resolves links between listed full tickets without another call', async () => {
    const { a, graph } = createListFixture()
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

  it('returns null for a linked ticket that cannot be read, without an error', async () => {
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

  it('pages over every ticket exactly once, newest first, with the page info of Relay', async () => {
    const { graph } = createListFixture()
    const seen: string[] = []
    let after: string | null = null
    for (let page = 0; page < 10; page++) {
      const { data, errors } = await graph.ask(ListTicketsDocument, { variables: { first: 6, after } })
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

  it('returns an empty page for first 0, and rejects a negative or too large one without calling a source', async () => {
    const { a, graph } = createListFixture()
    const empty = await graph.ask(ListTicketsDocument, { variables: { first: 0 } })
    expect((empty.data!.tickets as Page).edges).toEqual([])
    for (const first of [-1, 101]) {
      const refused = await createListFixture().graph.ask('query ($first: Int) { tickets(first: $first) { totalCount } }', {
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

  it('rejects an unknown source and ids of another kind, and names them', async () => {
    const { graph } = createListFixture()
    const codes = async (filter: object) => {
      const { errors } = await graph.ask(ListTicketsDocument, { variables: { filter } })
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

  it('rejects an empty text in a filter, in a list and in the tickets of a customer, without calling a source', async () => {
    const { a, graph } = createListFixture()
    const query = `query ($filter: TicketFilter, $id: ID!) {
      tickets(filter: $filter) { totalCount }
      customer(id: $id) { tickets(filter: $filter) { totalCount } }
    }`
    const variables = { filter: { assignee: '' }, id: encodeId('customer', 'oneview', '', 'c') }
    const { errors } = await graph.ask(query, { variables })
    expect(errors).toContainEqual(
      expect.objectContaining({
        path: ['tickets'],
        message: '"filter.assignee" has an empty text. Leave the field out, or send null, for no condition.',
        extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }),
      }),
    )
    expect(a.loadedIds()).toEqual([])
  })

  it('treats an empty list in a filter as no condition', async () => {
    const { graph } = createListFixture()
    const { data } = await graph.ask(ListTicketsDocument, { variables: { filter: { sources: [], status: [], tags: [] } } })
    expect((data!.tickets as Page).edges).toHaveLength(20)
  })

  it('forbids a search by e-mail address to a viewer who may not read e-mail addresses', async () => {
    const { a, graph } = createListFixture()
    const scopes = ['tickets:read', 'source:*']
    const variables = { filter: { customerEmail: 'ann@example.com' } }
    const refused = await graph.ask(ListTicketsDocument, { variables, scopes })
    expect(refused.errors![0]).toMatchObject({
      message: 'This needs the scope "customers:pii".',
      extensions: { code: 'FORBIDDEN' },
    })
    expect(a.calls.list).toHaveLength(0)
    const allowed = await graph.ask(ListTicketsDocument, { variables, scopes: [...scopes, 'customers:pii'] })
    expect(allowed.errors).toBeUndefined()
  })
})

describe('a filter by ids and by assignees', () => {
  const idsOf = (data: unknown) => (data as { tickets: { nodes: { id: string }[] } }).tickets.nodes.map(({ id }) => id)
  const query = 'query ($filter: TicketFilter) { tickets(filter: $filter) { nodes { id } } }'
  const id = (externalId: string, source = 'oneview') => encodeId('ticket', source, '', externalId)

  it('reads the named tickets; ids of sources that the viewer does not see match nothing', async () => {
    const { graph } = createListFixture()
    const wanted = [id('o1'), id('f2', 'verifik'), id('o9', 'nowhere')]
    const { data, errors } = await graph.ask(query, { variables: { filter: { ids: wanted } } })
    expect(errors).toBeUndefined()
    expect(idsOf(data)).toEqual([wanted[1], wanted[0]])
    const scopes = ['tickets:read', 'source:oneview']
    expect(idsOf((await graph.ask(query, { variables: { filter: { ids: wanted } }, scopes })).data)).toEqual([wanted[0]])
    expect(idsOf((await graph.ask(query, { variables: { filter: { ids: [] } } })).data)).toEqual([])
  })

  it('refuses what is no id of a ticket, and more ids than a page holds', async () => {
    const { graph } = createListFixture()
    const codesFor = async (ids: readonly string[]) =>
      (await graph.ask(query, { variables: { filter: { ids } } })).errors?.map(({ extensions }) => extensions?.code)
    expect(await codesFor(['garbage'])).toEqual(['BAD_USER_INPUT'])
    expect(await codesFor([encodeId('customer', 'oneview', '', 'c1')])).toEqual(['BAD_USER_INPUT'])
    expect(await codesFor(Array.from({ length: 101 }, (_, index) => id(`o${index}`)))).toEqual(['BAD_USER_INPUT'])
  })

  it('finds what is assigned to the identity in the token, and refuses a token without one', async () => {
    const info = sourceInfo('desk')
    const agent = (externalId: string) => ({ id: `a-${externalId}`, externalId, name: null, email: null })
    const desk = createMemorySource(info, {
      tickets: [
        ticket(info, 'mine', { assignee: agent('ann@example.com') }),
        ticket(info, 'other', { assignee: agent('bob') }),
        ticket(info, 'free'),
      ],
    })
    const graph = createTestGraph({ sources: [desk] })
    const ask = (filter: object) => graph.ask(query, { variables: { filter }, scopes: ['tickets:read', 'source:*'] })
    expect(idsOf((await ask({ assignedToMe: true })).data)).toEqual([encodeId('ticket', 'desk', '', 'mine')])
    expect(idsOf((await ask({ unassigned: true })).data)).toEqual([encodeId('ticket', 'desk', '', 'free')])
    expect(idsOf((await ask({ assignedToMe: false, unassigned: false })).data)).toHaveLength(3)
    // The viewer without authentication has no e-mail address.
    const { errors } = await graph.ask(query, { variables: { filter: { assignedToMe: true } } })
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

describe('a source that fails in a list', () => {
  const failure = new DeskgraphError('UPSTREAM_RATE_LIMITED', 'VERIFIK asks for fewer calls.', {
    source: 'verifik',
    retryAfter: 7,
  })
  const partial = [{ source: 'verifik', code: 'UPSTREAM_RATE_LIMITED', retryAt: expect.stringMatching(/^20.*Z$/) }]

  it('is data of the page, with the tickets of the other sources and without an entry in errors', async () => {
    const result = await createListFixture(failure).graph.ask(ListTicketsDocument)
    const { edges, sources } = result.data!.tickets as Page & { sources: object[] }
    expect(edges).toHaveLength(10)
    expect(sources).toMatchObject([
      { source: { key: 'oneview' }, outcome: 'OK', matching: 10, code: null, error: null, retryAt: null },
      {
        source: { key: 'verifik' },
        outcome: 'RATE_LIMITED',
        returned: 0,
        matching: null,
        exhausted: false,
        code: 'UPSTREAM_RATE_LIMITED',
        error: 'VERIFIK asks for fewer calls.',
        retryAt: partial[0]!.retryAt,
      },
    ])
    expect(result).toEqual({ data: result.data, extensions: { partial } })
  })

  it('is named once in extensions.partial, also for clients that did not select the reports', async () => {
    const { errors, extensions } = await createListFixture(failure).graph.ask(
      '{ tickets { totalCount } again: tickets { nodes { id } } }',
    )
    expect(errors).toBeUndefined()
    expect(extensions).toEqual({ partial })
  })

  it('is counted and has a line in the log, as an error would', async () => {
    const metrics = countingMetrics()
    const lines: Failure[] = []
    const failures = { report: (line: Failure) => void lines.push(line) }
    await createListFixture(failure, { metrics, failures }).graph.ask('query Mine { page: tickets { nodes { id } } }')
    expect(metrics.total('graphql_errors_total', { code: 'UPSTREAM_RATE_LIMITED' })).toBe(1)
    expect(metrics.total('graphql_operations_total', { outcome: 'partial' })).toBe(1)
    expect(lines).toMatchObject([
      { requestId: 'req-1', operationName: 'Mine', path: ['page'], code: 'UPSTREAM_RATE_LIMITED', source: 'verifik' },
    ])
  })

  it('is one error at the list, beside the empty page, when no source has answered', async () => {
    const { a, graph } = createListFixture(failure)
    a.broken = new DeskgraphError('UPSTREAM_TIMEOUT', 'OneView did not answer.', { source: 'oneview' })
    const { data, errors, extensions } = await graph.ask(
      '{ page: tickets { nodes { id } sources { outcome code } } viewer { key } }',
    )
    expect(data).toEqual({
      page: {
        nodes: [],
        sources: [
          { outcome: 'TIMEOUT', code: 'UPSTREAM_TIMEOUT' },
          { outcome: 'RATE_LIMITED', code: 'UPSTREAM_RATE_LIMITED' },
        ],
      },
      viewer: { key: 'anonymous' },
    })
    expect(errors).toEqual([
      {
        message: 'No source could be read: oneview (UPSTREAM_TIMEOUT), verifik (UPSTREAM_RATE_LIMITED).',
        path: ['page'],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'ALL_SOURCES_FAILED', retryable: true, requestId: 'req-1' },
      },
    ])
    expect(extensions?.partial).toHaveLength(2)
  })

  it('is such an error too when the filter names it alone, with the time of its own wait', async () => {
    const { errors } = await createListFixture(failure).graph.ask(
      '{ tickets(filter: { sources: ["verifik"] }) { nodes { id } } }',
    )
    expect(errors).toMatchObject([{ extensions: { code: 'ALL_SOURCES_FAILED', retryable: true, retryAfter: 7 } }])
  })
})

describe('Customer.tickets', () => {
  const query = `query ($id: ID!, $filter: TicketFilter) { customer(id: $id) { tickets(first: 3, filter: $filter) { nodes { externalId } sources { source { key } } } } }`
  const id = encodeId('customer', 'oneview', '', 'c1')

  it('reads only the source of the customer', async () => {
    const { b, graph } = createListFixture()
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
      const { data } = await createListFixture().graph.ask(query, { variables: { id, filter } })
      expect(data).toEqual({ customer: { tickets: { nodes: [], sources: [] } } })
    }
  })
})

import { buildSchema, isInterfaceType, type ObjectTypeDefinitionNode, parse } from 'graphql'
import { beforeEach, describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import { createSchema, emitSchema, emitSubgraphSchema } from '../../../src/graphql/schema/index.ts'
import { resolverModes } from '../../support/graph/graph.ts'
import { createGraphFixture, ids, oneview, vcc } from '../../support/graph/graph-fixture.ts'

describe('FEDERATION-01: the graph', () => {
  it('has nothing of a subgraph without the option', () => {
    const types = Object.keys(createSchema().getTypeMap()).filter((name) => /^_[A-Z]/.test(name))
    const fields = Object.keys(createSchema().getQueryType()!.getFields()).filter((name) => name.startsWith('_'))
    expect({ types, fields }).toEqual({ types: [], fields: [] })
  })

  it('has _entities and _service with it, and everything else unchanged', () => {
    const schema = createSchema({ federation: true })
    const query = schema.getQueryType()!.getFields()
    expect(String(query._entities!.type)).toBe('[_Entity]!')
    expect(query._entities!.args.map(({ name, type }) => [name, String(type)])).toEqual([['representations', '[_Any!]!']])
    expect(String(query._service!.type)).toBe('_Service!')
    const plain = buildSchema(emitSchema())
    expect(Object.keys(query).filter((name) => !name.startsWith('_'))).toEqual(
      expect.arrayContaining(Object.keys(plain.getQueryType()!.getFields())),
    )
  })
})

describe('FEDERATION-02: the SDL', () => {
  const definitions = parse(emitSubgraphSchema()).definitions
  const keysOf = (name: string) =>
    definitions
      .find((one): one is ObjectTypeDefinitionNode => one.kind === 'ObjectTypeDefinition' && one.name.value === name)
      ?.directives?.map(({ name, arguments: args = [] }) => [
        name.value,
        ...args.map(({ value }) => ('value' in value ? value.value : '')),
      ])

  it('begins with the link to the specification, and has no field that the specification adds', () => {
    const sdl = emitSubgraphSchema()
    const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", "@shareable"])\n'
    expect(sdl.startsWith(link)).toBe(true)
    expect(sdl).not.toMatch(/_entities|_service|_Any|_Entity|_Service/)
  })

  it('has a key on every type that can be read by a global id', () => {
    const schema = createSchema()
    const node = schema.getType('Node')
    const readable = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => name) : []
    expect(readable.length).toBe(8)
    for (const name of readable) expect([name, keysOf(name)?.[0]]).toEqual([name, ['key', 'id']])
  })

  it('has keys of other systems: the external id with the key of its source', () => {
    const both = [
      ['key', 'id'],
      ['key', 'externalId source { key }'],
    ]
    for (const name of ['Ticket', 'Customer', 'Vendor']) expect(keysOf(name)).toEqual(both)
    expect(keysOf('Source')).toEqual([
      ['key', 'id'],
      ['key', 'key'],
    ])
    for (const name of ['Agent', 'Group', 'Order', 'Organization']) {
      expect(keysOf(name)).toEqual(both.map((key) => [...key, false]))
    }
    expect(keysOf('PageInfo')).toEqual([['shareable']])
  })
})

const entities = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Ticket { id title }
    ... on Customer { id externalId name email source { key } }
    ... on Vendor { id externalId vertical }
    ... on Source { id key }
    ... on ThreadMessage { id body }
    ... on TicketEvent { id summary }
    ... on Delivery { id state }
    ... on QuarantinedEvent { id problem }
  }
}`

describe.each(resolverModes)('FEDERATION-03: _entities (resolvers: %s)', (resolvers) => {
  let fixture: ReturnType<typeof createGraphFixture>
  beforeEach(() => {
    fixture = createGraphFixture({ resolvers, federation: true })
  })
  const read = (representations: readonly unknown[], scopes?: readonly string[]) =>
    fixture.graph.ask(entities, { variables: { representations }, ...(scopes && { scopes }) })

  it('reads every type by its global id, in the order of the references, from one batch per source', async () => {
    const { data, errors } = await read([
      { __typename: 'ThreadMessage', id: ids.message },
      { __typename: 'Ticket', id: ids.ticket },
      { __typename: 'Customer', id: ids.customer },
      { __typename: 'Vendor', id: ids.vendor },
      { __typename: 'Source', id: oneview.id },
      { __typename: 'Delivery', id: ids.delivery },
      { __typename: 'QuarantinedEvent', id: ids.deadLetter },
      { __typename: 'Ticket', id: ids.routed },
      { __typename: 'TicketEvent', id: ids.event },
    ])
    expect(errors).toBeUndefined()
    expect(data!._entities).toEqual([
      { __typename: 'ThreadMessage', id: ids.message, body: 'Where is it?' },
      { __typename: 'Ticket', id: ids.ticket, title: 'Late chat' },
      {
        __typename: 'Customer',
        id: ids.customer,
        externalId: 'c1',
        name: 'Ann Lee',
        email: 'ann.lee@example.com',
        source: { key: 'oneview' },
      },
      { __typename: 'Vendor', id: ids.vendor, externalId: 'v1', vertical: 'RESTAURANTS' },
      { __typename: 'Source', id: oneview.id, key: 'oneview' },
      { __typename: 'Delivery', id: ids.delivery, state: 'DEAD' },
      { __typename: 'QuarantinedEvent', id: ids.deadLetter, problem: 'ticket.ticketId is missing' },
      { __typename: 'Ticket', id: ids.routed, title: null },
      { __typename: 'TicketEvent', id: ids.event, summary: 'Raised' },
    ])
    expect(fixture.sources.oneview.loadedIds()).toEqual([['t1']])
    expect(fixture.sources.rbi.loadedIds()).toEqual([['r1']])
    expect(fixture.deliveryCounts.find).toBe(1)
  })

  it('reads by the external id and the key of the source', async () => {
    const of = (__typename: string, externalId: string, key = 'oneview') => ({ __typename, externalId, source: { key } })
    const { data, errors } = await read([
      of('Ticket', 't1'),
      of('Customer', 'c1'),
      of('Vendor', 'v1'),
      of('Ticket', 'none'),
      of('Customer', 'c1', 'nowhere'),
      { __typename: 'Source', key: 'rbi' },
      { __typename: 'Source', key: 'nowhere' },
    ])
    expect(errors).toBeUndefined()
    expect(data!._entities).toMatchObject([
      { id: ids.ticket, title: 'Late chat' },
      { id: ids.customer, name: 'Ann Lee' },
      { id: ids.vendor, vertical: 'RESTAURANTS' },
      null,
      null,
      { key: 'rbi' },
      null,
    ])
  })

  it('gives a customer without a call where the selected fields follow from the key, and without a ticket null for the others', async () => {
    const unknown = encodeId('customer', 'oneview', '', 'c9')
    const lists = () => fixture.sources.oneview.calls.list.length
    const plain = await fixture.graph.ask(
      `query ($id: ID!) { _entities(representations: [{ __typename: "Customer", id: $id }]) { ... on Customer { externalId source { key } } } }`,
      { variables: { id: unknown } },
    )
    expect(plain).toEqual({ data: { _entities: [{ externalId: 'c9', source: { key: 'oneview' } }] } })
    expect(lists()).toBe(0)
    const { data, errors } = await read([{ __typename: 'Customer', id: unknown }])
    expect(errors).toBeUndefined()
    expect(data!._entities).toMatchObject([{ externalId: 'c9', name: null, email: null }])
    expect(lists()).toBe(1)
  })

  it('looks a customer of a stored source up, because its key may belong to several tenants', async () => {
    const { data, errors } = await read([{ __typename: 'Customer', externalId: 'g1', source: { key: vcc.key } }])
    expect({ data, errors }).toEqual({ data: { _entities: [null] }, errors: undefined })
  })

  it('makes only the item null that cannot be read', async () => {
    fixture.sources.oneview.broken = new DeskgraphError('UPSTREAM_TIMEOUT', 'OneView took too long.', { source: 'oneview' })
    const { data, errors } = await read([
      { __typename: 'Ticket', id: ids.ticket },
      { __typename: 'Ticket', id: ids.routed },
      { __typename: 'Ticket', id: ids.customer },
      { __typename: 'PageInfo', id: ids.ticket },
      { __typename: 'Ticket' },
      'text',
      { __typename: 'Customer', id: ids.customer },
      { __typename: 'Ticket', id: encodeId('ticket', 'nowhere', '', 't1') },
    ])
    expect(data!._entities).toEqual([
      null,
      { __typename: 'Ticket', id: ids.routed, title: null },
      null,
      null,
      null,
      null,
      { __typename: 'Customer', id: ids.customer, externalId: 'c1', name: null, email: null, source: { key: 'oneview' } },
      null,
    ])
    const found = errors!.map(({ path, extensions }) => `${path?.join('.')} ${extensions?.code}`).sort()
    expect(found).toEqual([
      '_entities.0 UPSTREAM_TIMEOUT',
      '_entities.2 BAD_USER_INPUT',
      '_entities.3 BAD_USER_INPUT',
      '_entities.4 BAD_USER_INPUT',
      '_entities.5 BAD_USER_INPUT',
      '_entities.6.email UPSTREAM_TIMEOUT',
      '_entities.6.name UPSTREAM_TIMEOUT',
    ])
  })

  it('is FORBIDDEN without tickets:read, and hides personal data, sources and deliveries as every other field does', async () => {
    expect((await read([{ __typename: 'Source', key: 'oneview' }], ['source:*'])).errors![0]).toMatchObject({
      message: 'This needs the scope "tickets:read".',
      extensions: { code: 'FORBIDDEN' },
    })
    const { data, errors, extensions } = await read(
      [
        { __typename: 'Customer', id: ids.customer },
        { __typename: 'Ticket', id: ids.routed },
        { __typename: 'Delivery', id: ids.delivery },
      ],
      ['tickets:read', 'source:oneview'],
    )
    expect(errors).toBeUndefined()
    expect(data!._entities).toMatchObject([{ externalId: 'c1', name: null, email: null }, null, null])
    expect(extensions).toEqual({ redacted: ['customers:pii'] })
  })
})

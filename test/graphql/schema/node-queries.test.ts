import { describe, expect, it } from 'vitest'
import { encodeId } from '../../../src/domain/ids.ts'
import { NodesDocument } from '../../generated/graphql.ts'
import { createGraphFixture, ids, oneview } from '../../support/graph/graph-fixture.ts'

const ask = (id: string) =>
  createGraphFixture().graph.ask('query ($id: ID!) { node(id: $id) { __typename id } }', { variables: { id } })

describe('Query.node and Query.nodes', () => {
  it('read every kind of node by its global id, in the order asked for, from one batch per source', async () => {
    const { graph, sources, deliveryCounts } = createGraphFixture()
    const wanted = [
      ids.message,
      ids.ticket,
      ids.customer,
      ids.vendor,
      oneview.id,
      ids.delivery,
      ids.deadLetter,
      ids.routed,
      ids.event,
    ]
    const { data, errors } = await graph.ask(NodesDocument, { variables: { ids: wanted } })
    expect(errors).toBeUndefined()
    expect(data!.nodes).toEqual([
      { __typename: 'ThreadMessage', id: ids.message, body: 'Where is it?' },
      { __typename: 'Ticket', id: ids.ticket, title: 'Late chat' },
      { __typename: 'Customer', id: ids.customer, externalId: 'c1' },
      { __typename: 'Vendor', id: ids.vendor, externalId: 'v1' },
      { __typename: 'Source', id: oneview.id, key: 'oneview' },
      { __typename: 'Delivery', id: ids.delivery, state: 'DEAD' },
      { __typename: 'QuarantinedEvent', id: ids.deadLetter, problem: 'ticket.ticketId is missing' },
      { __typename: 'Ticket', id: ids.routed, title: null },
      { __typename: 'TicketEvent', id: ids.event, summary: 'Raised' },
    ])
    expect(sources.oneview.loadedIds()).toEqual([['t1']])
    expect(sources.rbi.loadedIds()).toEqual([['r1']])
    expect(deliveryCounts.find).toBe(1)
  })

  it('return null and BAD_USER_INPUT in the place of a text that is not an id', async () => {
    const { graph } = createGraphFixture()
    const { data, errors } = await graph.ask(NodesDocument, { variables: { ids: ['garbage', ids.ticket] } })
    expect(data!.nodes).toEqual([null, { __typename: 'Ticket', id: ids.ticket, title: 'Late chat' }])
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['nodes', 0],
        extensions: { code: 'BAD_USER_INPUT', retryable: false, requestId: 'req-1' },
      }),
    ])
    expect((await ask('garbage')).errors![0]).toMatchObject({ path: ['node'], extensions: { code: 'BAD_USER_INPUT' } })
  })

  it('return null without an error for what does not exist', async () => {
    const missing = [
      encodeId('ticket', 'oneview', '', 'other'),
      encodeId('ticket', 'nowhere', '', 't1'),
      encodeId('customer', 'oneview', '', 'c9'),
      encodeId('message', 'oneview', '', 't1#9'),
      encodeId('message', 'oneview', '', 't1'),
      encodeId('source', 'oneview', '', 'else'),
      encodeId('agent', 'oneview', '', 'a1'),
      encodeId('order', 'oneview', '', '9'),
      encodeId('event', 'oneview', '', 'e9'),
      encodeId('delivery', 'rbi', '', 'd9'),
    ]
    for (const id of missing) expect(await ask(id)).toEqual({ data: { node: null } })
  })

  it('reject an id that the source cannot have before any call', async () => {
    const { graph, sources } = createGraphFixture()
    for (const externalId of ['../t1', 'a/b', 'a?b', 'a#b', 'a\\b']) {
      const id = encodeId('ticket', 'oneview', '', externalId)
      const { data, errors } = await graph.ask('query ($id: ID!) { ticket(id: $id) { id } }', { variables: { id } })
      expect(data).toEqual({ ticket: null })
      expect(errors![0]!.extensions!.code).toBe('BAD_USER_INPUT')
    }
    const byExternal = await graph.ask('{ ticketByExternalId(source: "oneview", externalId: "../t1") { id } }')
    expect(byExternal.errors![0]!.extensions!.code).toBe('BAD_USER_INPUT')
    expect(sources.oneview.loadedIds()).toEqual([])
  })

  it('reject more ids than a page may have', async () => {
    const { graph } = createGraphFixture()
    const { errors } = await graph.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      variables: { ids: Array.from({ length: 101 }, () => ids.ticket) },
    })
    expect(errors![0]).toMatchObject({ message: '"ids" may hold at most 100.', extensions: { code: 'BAD_USER_INPUT' } })
  })

  it('do not accept the id of another kind', async () => {
    const { graph } = createGraphFixture()
    const query = 'query ($id: ID!) { ticket(id: $id) { id } customer(id: $id) { id } vendor(id: $id) { id } }'
    const { data, errors } = await graph.ask(query, { variables: { id: ids.customer } })
    expect(data).toMatchObject({ ticket: null, customer: { id: ids.customer }, vendor: null })
    expect(errors!.map((error) => [error.path, error.message])).toEqual([
      [['ticket'], '"id" is not the global id of a ticket.'],
      [['vendor'], '"id" is not the global id of a vendor.'],
    ])
  })
})

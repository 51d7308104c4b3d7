import { describe, expect, it } from 'vitest'
import { encodeId } from '../../../src/domain/ids.ts'
import {
  DeliveriesDocument,
  EnablePartnerDocument,
  ReplayDeliveriesDocument,
  ReplayDeliveryDocument,
} from '../../generated/graphql.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createGraphFixture, deadLetter, delivery, ids, rbi, vcc } from '../../support/graph/graph-fixture.ts'
import { createMemoryDeadLetters, createMemoryDeliveries } from '../../support/graph/memory-services.ts'
import { createMemorySource } from '../../support/memory-source.ts'

describe('deliveries', () => {
  it('are listed with cursors, by state', async () => {
    const { graph } = createGraphFixture()
    const dead = await graph.ask(DeliveriesDocument, { variables: { state: ['DEAD'] } })
    expect(dead.data!.deliveries).toMatchObject({
      edges: [
        { cursor: ids.delivery, node: { id: ids.delivery, partner: 'careco', state: 'DEAD', attempts: 10, lastStatus: 500 } },
      ],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: ids.delivery, endCursor: ids.delivery },
    })
    for (const [partner, count] of [
      ['careco', 1],
      ['second', 0],
    ] as const) {
      const { data } = await graph.ask(DeliveriesDocument, { variables: { partner } })
      expect((data!.deliveries as { edges: unknown[] }).edges).toHaveLength(count)
    }
    const pending = await graph.ask(DeliveriesDocument, { variables: { state: ['PENDING'] } })
    expect(pending.data!.deliveries).toMatchObject({ edges: [] })
  })

  it('tell whether a page follows an empty one', async () => {
    const { graph } = createGraphFixture()
    const { data } = await graph.ask(DeliveriesDocument, { variables: { first: 0 } })
    expect(data!.deliveries).toMatchObject({ edges: [], pageInfo: { hasNextPage: true, endCursor: null } })
  })

  it('of all tickets of a page are read in one batch', async () => {
    const { graph, deliveryCounts } = createGraphFixture()
    const { data } = await graph.ask('{ tickets { nodes { externalId routing { partners rule deliveries { id } } } } }')
    expect(data!.tickets).toEqual({
      nodes: [
        { externalId: 't1', routing: null },
        { externalId: 'r1', routing: { partners: ['careco'], rule: 'STORE_SUBSCRIBED', deliveries: [{ id: ids.delivery }] } },
      ],
    })
    expect(deliveryCounts.ofTickets).toBe(1)
  })

  it('are replayed on request; one that does not exist is BAD_USER_INPUT', async () => {
    const { graph } = createGraphFixture()
    const { data } = await graph.ask(ReplayDeliveryDocument, { variables: { id: ids.delivery } })
    expect(data).toEqual({ replayDelivery: { id: ids.delivery, state: 'PENDING' } })
    const unknown = encodeId('delivery', 'rbi', '', 'd9')
    for (const id of [unknown, ids.ticket, 'garbage']) {
      const { errors } = await graph.ask(ReplayDeliveryDocument, { variables: { id } })
      expect(errors![0]!.extensions!.code).toBe('BAD_USER_INPUT')
    }
  })
})

describe('many deliveries', () => {
  const idOf = (source: string, n: number) => encodeId('delivery', source, '', String(n))
  /** Four of each source: DEAD, DEAD, HELD, DELIVERED. */
  const createGraph = () => {
    const states = ['DEAD', 'DEAD', 'HELD', 'DELIVERED'] as const
    const all = ['rbi', 'vcc'].flatMap((source) => states.map((state, n) => ({ ...delivery, id: idOf(source, n), state })))
    const services = { deliveries: createMemoryDeliveries({ [ids.routed]: all }).deliveries }
    return createTestGraph({ sources: [createMemorySource(rbi), createMemorySource(vcc)], services })
  }
  const scopes = ['routing:admin', 'source:rbi']

  it('DELIVERY-11 are replayed by default when they are DEAD, as many as asked for, of the sources that the viewer sees', async () => {
    const graph = createGraph()
    const replay = async (variables: object) =>
      (await graph.ask(ReplayDeliveriesDocument, { variables: { partner: 'careco', ...variables }, scopes })).data!
        .replayDeliveries
    expect(await replay({ first: 1 })).toEqual({ done: 1, failed: 0, userErrors: [] })
    expect(await replay({ state: [] })).toEqual({ done: 1, failed: 0, userErrors: [] })
    expect(await replay({})).toEqual({ done: 0, failed: 0, userErrors: [] })
    expect(await replay({ state: ['HELD'] })).toEqual({ done: 1, failed: 0, userErrors: [] })
  })

  it('DELIVERY-11 are at most 500 in one request', async () => {
    for (const first of [0, -1, 501]) {
      const { errors } = await createGraph().ask(ReplayDeliveriesDocument, { variables: { partner: 'careco', first } })
      expect(errors![0]!.extensions!.code).toBe('BAD_USER_INPUT')
    }
  })

  it('DELIVERY-10 are sent when their partner is enabled; a hidden source is NOT_FOUND like an unknown one', async () => {
    const graph = createGraph()
    const enable = async (source: string) =>
      (await graph.ask(EnablePartnerDocument, { variables: { source, partner: 'careco' }, scopes })).data!.enablePartner
    expect(await enable('rbi')).toEqual({ done: 1, failed: 0, userErrors: [] })
    const notFound = { code: 'NOT_FOUND', field: ['source'], message: 'There is no source with this key.' }
    for (const source of ['vcc', 'nope']) expect(await enable(source)).toEqual({ done: 0, failed: 0, userErrors: [notFound] })
  })
})

describe('a page of deliveries or quarantined events', () => {
  it('is full for a viewer who sees only some of the sources', async () => {
    const idsOf = (kind: 'delivery' | 'deadLetter', count: number) =>
      Array.from({ length: count }, (_, n) => encodeId(kind, n % 2 === 0 ? 'vcc' : 'rbi', '', String(n)))
    const sources = [createMemorySource(rbi), createMemorySource(vcc)]
    const deliveries = idsOf('delivery', 8).map((id) => ({ ...delivery, id }))
    const events = idsOf('deadLetter', 8).map((id) => ({ ...deadLetter, id, source: vcc }))
    const services = {
      deliveries: createMemoryDeliveries({ [ids.routed]: deliveries }).deliveries,
      deadLetters: createMemoryDeadLetters(events),
    }
    const graph = createTestGraph({ sources, services })
    const query = '{ deliveries(first: 3) { nodes { id } pageInfo { hasNextPage } } quarantine(first: 4) { nodes { id } } }'
    const { data } = await graph.ask(query, { scopes: ['tickets:read', 'routing:admin', 'source:rbi'] })
    const visible = (all: readonly { readonly id: string }[], first: number) =>
      all
        .filter((_, n) => n % 2 === 1)
        .slice(0, first)
        .map(({ id }) => ({ id }))
    expect(data).toEqual({
      deliveries: { nodes: visible(deliveries, 3), pageInfo: { hasNextPage: true } },
      quarantine: { nodes: visible(events, 4) },
    })
  })
})

import { describe, expect, it } from 'vitest'
import { encodeId } from '../../../src/domain/ids.ts'
import {
  DeliveriesDocument,
  DiscardQuarantinedDocument,
  LookupsDocument,
  PreviewRouteDocument,
  QuarantineDocument,
  ReplayDeliveryDocument,
  ReplayQuarantinedDocument,
} from '../../generated/graphql.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createMemoryDeliveries, createMemoryQuarantine } from '../../support/graph/memory-services.ts'
import { createSmallWorld, delivery, ids, quarantined, rbi, vcc } from '../../support/graph/small-world.ts'
import { createMemorySource } from '../../support/memory-source.ts'

describe('deliveries', () => {
  it('are listed with cursors, by state', async () => {
    const { graph } = createSmallWorld()
    const dead = await graph.ask(DeliveriesDocument, { variables: { state: ['DEAD'] } })
    expect(dead.data!.deliveries).toMatchObject({
      edges: [
        { cursor: ids.delivery, node: { id: ids.delivery, partner: 'careco', state: 'DEAD', attempts: 10, lastStatus: 500 } },
      ],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: ids.delivery, endCursor: ids.delivery },
    })
    const pending = await graph.ask(DeliveriesDocument, { variables: { state: ['PENDING'] } })
    expect(pending.data!.deliveries).toMatchObject({ edges: [] })
  })

  it('say whether anything follows an empty page', async () => {
    const { graph } = createSmallWorld()
    const { data } = await graph.ask(DeliveriesDocument, { variables: { first: 0 } })
    expect(data!.deliveries).toMatchObject({ edges: [], pageInfo: { hasNextPage: true, endCursor: null } })
  })

  it('of all tickets on a page are read in one batch', async () => {
    const { graph, deliveryCounts } = createSmallWorld()
    const { data } = await graph.ask('{ tickets { nodes { externalId routing { partner rule deliveries { id } } } } }')
    expect(data!.tickets).toEqual({
      nodes: [
        { externalId: 't1', routing: null },
        { externalId: 'r1', routing: { partner: 'careco', rule: 'STORE_SUBSCRIBED', deliveries: [{ id: ids.delivery }] } },
      ],
    })
    expect(deliveryCounts.ofTickets).toBe(1)
  })

  it('are sent again on request; one that does not exist is BAD_USER_INPUT', async () => {
    const { graph } = createSmallWorld()
    const { data } = await graph.ask(ReplayDeliveryDocument, { variables: { id: ids.delivery } })
    expect(data).toEqual({ replayDelivery: { id: ids.delivery, state: 'PENDING' } })
    const unknown = encodeId('delivery', 'rbi', '', 'd9')
    for (const id of [unknown, ids.ticket, 'garbage']) {
      const { errors } = await graph.ask(ReplayDeliveryDocument, { variables: { id } })
      expect(errors![0]!.extensions!.code).toBe('BAD_USER_INPUT')
    }
  })
})

describe('a page of what belongs to several sources', () => {
  it('is as long as it was asked for, for a viewer who may see some of them', async () => {
    const idsOf = (kind: 'delivery' | 'quarantined', count: number) =>
      Array.from({ length: count }, (_, n) => encodeId(kind, n % 2 === 0 ? 'vcc' : 'rbi', '', String(n)))
    const sources = [createMemorySource(rbi), createMemorySource(vcc)]
    const made = idsOf('delivery', 8).map((id) => ({ ...delivery, id }))
    const held = idsOf('quarantined', 8).map((id) => ({ ...quarantined, id, source: vcc }))
    const services = {
      deliveries: createMemoryDeliveries({ [ids.routed]: made }).deliveries,
      deadLetters: createMemoryQuarantine(held),
    }
    const graph = createTestGraph({ sources, services })
    const query = '{ deliveries(first: 3) { nodes { id } pageInfo { hasNextPage } } quarantine(first: 4) { nodes { id } } }'
    const { data } = await graph.ask(query, { scopes: ['tickets:read', 'routing:admin', 'source:rbi'] })
    const seen = (all: readonly { readonly id: string }[], first: number) =>
      all
        .filter((_, n) => n % 2 === 1)
        .slice(0, first)
        .map(({ id }) => ({ id }))
    expect(data).toEqual({
      deliveries: { nodes: seen(made, 3), pageInfo: { hasNextPage: true } },
      quarantine: { nodes: seen(held, 4) },
    })
  })
})

describe('quarantine', () => {
  it('shows the event with its problem and body, by source', async () => {
    const { graph } = createSmallWorld()
    const { data } = await graph.ask(QuarantineDocument, { variables: { source: 'vcc' } })
    expect(data!.quarantine).toMatchObject({
      nodes: [
        {
          id: ids.quarantined,
          source: { key: 'vcc' },
          problem: 'ticket.ticketId is missing',
          body: { ticket: { contact: 'ann.lee@example.com' } },
          state: 'HELD',
        },
      ],
    })
    const other = await graph.ask(QuarantineDocument, { variables: { source: 'rbi' } })
    expect(other.data!.quarantine).toMatchObject({ nodes: [] })
    const unknown = await graph.ask(QuarantineDocument, { variables: { source: 'nope' } })
    expect(unknown.errors![0]!.extensions!.code).toBe('BAD_USER_INPUT')
  })

  it('replays and discards', async () => {
    const { graph } = createSmallWorld()
    const replayed = await graph.ask(ReplayQuarantinedDocument, { variables: { id: ids.quarantined } })
    expect(replayed.data!.replayQuarantined).toMatchObject({ id: ids.quarantined, state: 'REPLAYED' })
    const discarded = await graph.ask(DiscardQuarantinedDocument, { variables: { id: ids.quarantined, reason: 'test data' } })
    expect(discarded.data!.discardQuarantined).toEqual({ id: ids.quarantined, state: 'DISCARDED' })
  })
})

describe('Query.previewRoute', () => {
  const preview = (input: object) => createSmallWorld().graph.ask(PreviewRouteDocument, { variables: { input } })

  it('shows the decision without sending', async () => {
    const { data } = await preview({ source: 'rbi', category: 'order', storeId: '1001' })
    expect(data).toEqual({
      previewRoute: { type: 'STORE', partner: 'careco', rule: 'STORE_SUBSCRIBED', trace: ['store 1001 is subscribed by careco'] },
    })
  })

  it('refuses what the rules cannot judge, and sources that do not route', async () => {
    expect((await preview({ source: 'rbi' })).errors![0]).toMatchObject({
      message: 'A category is required.',
      extensions: { code: 'BAD_USER_INPUT' },
    })
    expect((await preview({ source: 'oneview', category: 'x' })).errors![0]).toMatchObject({
      extensions: { code: 'UPSTREAM_NOT_SUPPORTED', source: 'oneview' },
    })
    expect((await preview({ source: 'nope' })).errors![0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
  })
})

describe('lookups', () => {
  it('ask the source that offers them', async () => {
    const { graph } = createSmallWorld()
    const { data, errors } = await graph.ask(LookupsDocument, { variables: { source: 'oneview' } })
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      escalationDepartments: [{ id: 'partner-service', label: 'Partner service' }],
      transferQueues: [{ id: '7', name: 'chat-eng-sg', language: 'en' }],
      resolutionStatuses: ['NO_ACTION', 'REFUNDED'],
      contactReasons: [{ code: '1A', label: 'Order', level: 1, parents: [] }],
    })
  })

  it('are UPSTREAM_NOT_SUPPORTED for a source that does not', async () => {
    const { graph } = createSmallWorld()
    const { data, errors } = await graph.ask('{ transferQueues(source: "vcc") { id } }')
    expect(data).toBeNull()
    expect(errors![0]).toMatchObject({
      message: 'VCC does not offer this.',
      extensions: { code: 'UPSTREAM_NOT_SUPPORTED', source: 'vcc', retryable: false },
    })
  })
})

describe('Ticket.events and Source.health', () => {
  it('show the journal and the measured health', async () => {
    const { graph } = createSmallWorld()
    const { data } = await graph.ask(
      `{ ticket(id: "${ids.ticket}") { events(first: 1) { nodes { kind summary } pageInfo { hasNextPage } } source { health { state latencyP50Ms } } } }`,
    )
    expect(data!.ticket).toEqual({
      events: { nodes: [{ kind: 'CREATED', summary: 'Raised' }], pageInfo: { hasNextPage: false } },
      source: { health: { state: 'UP', latencyP50Ms: 5 } },
    })
  })
})

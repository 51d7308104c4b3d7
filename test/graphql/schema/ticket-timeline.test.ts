import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { TicketEvent } from '../../../src/domain/events.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import { createTestGraph, resolverModes } from '../../support/graph/graph.ts'
import { createMemoryDeliveries, createMemoryHistory } from '../../support/graph/memory-services.ts'
import { sourceInfo, ticket } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

const info = sourceInfo('desk')
const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`
const id = encodeId('ticket', 'desk', '', 't1')

/** Sixty messages in the minutes 0 to 59, which lists leave out; one event in minute 30; a delivery in minute 31. */
function createFixture(resolvers: (typeof resolverModes)[number] = 'direct') {
  const messages = Array.from({ length: 60 }, (_, index) => ({
    id: encodeId('message', 'desk', '', `t1#${index}`),
    author: null,
    body: `message ${index}`,
    format: 'TEXT' as const,
    visibility: 'PUBLIC' as const,
    createdAt: at(index),
    attachments: null,
  }))
  const routing = { type: 'STORE', partners: ['careco'], rule: 'STORE_SUBSCRIBED', trace: [] } as const
  const desk = createMemorySource(info, {
    tickets: [ticket(info, 't1', { messages, routing }), ticket(info, 't2', { messages: [] })],
    lazyFields: ['messages'],
  })
  const event: TicketEvent = {
    id: encodeId('event', 'desk', '', '7'),
    kind: 'ESCALATED',
    at: at(30),
    actor: null,
    summary: 'Escalated to partner-service',
    changes: [],
  }
  const delivery = {
    id: encodeId('delivery', 'desk', '', 'd1'),
    event: 'STORE_SUPPORT_TICKET_EVENT',
    partner: 'careco',
    state: 'PENDING',
    attempts: 0,
    lastStatus: null,
    lastError: null,
    nextAttemptAt: null,
    deliveredAt: null,
    createdAt: at(31),
  } as const
  const services = {
    history: createMemoryHistory({ [id]: [event] }).history,
    deliveries: createMemoryDeliveries({ [id]: [delivery] }).deliveries,
  }
  return { desk, graph: createTestGraph({ sources: [desk], services, resolvers }) }
}

interface Timeline {
  readonly nodes: readonly { readonly __typename: string; readonly at: string; readonly body?: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly startCursor: string | null }
}

const query = `query ($id: ID!, $first: Int, $last: Int, $after: String, $before: String, $kinds: [TimelineKind!]) {
  ticket(id: $id) {
    timeline(first: $first, last: $last, after: $after, before: $before, kinds: $kinds) {
      nodes { __typename id at ... on ThreadMessage { body } ... on TicketEvent { summary } ... on Delivery { partner } }
      edges { cursor node { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`

describe('Ticket.timeline', () => {
  it.each(resolverModes)(
    'opens at its end with the last 50 entries, and pages back to the first, with %s resolvers',
    async (mode) => {
      const { graph } = createFixture(mode)
      const ask = async (variables: object) => {
        const { data, errors } = await graph.ask(query, { variables: { id, ...variables } })
        expect(errors).toBeUndefined()
        return (data!.ticket as { timeline: Timeline }).timeline
      }
      const last = await ask({})
      expect(last.nodes).toHaveLength(50)
      expect(last.nodes.at(-1)).toMatchObject({ __typename: 'ThreadMessage', at: at(59), body: 'message 59' })
      expect(last.nodes.filter(({ __typename }) => __typename !== 'ThreadMessage')).toMatchObject([
        { __typename: 'TicketEvent', at: at(30), summary: 'Escalated to partner-service' },
        { __typename: 'Delivery', at: at(31), partner: 'careco' },
      ])
      expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
      const before = await ask({ last: 50, before: last.pageInfo.startCursor })
      expect(before.nodes.map(({ body }) => body)).toEqual(Array.from({ length: 12 }, (_, index) => `message ${index}`))
      expect(before.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    },
  )

  it('shows only the kinds that are asked for', async () => {
    const { graph } = createFixture()
    const typesOf = async (kinds: readonly string[]) => {
      const { data } = await graph.ask(query, { variables: { id, kinds, last: 100 } })
      const { nodes } = (data!.ticket as { timeline: Timeline }).timeline
      return [...new Set(nodes.map(({ __typename }) => __typename))]
    }
    expect(await typesOf(['EVENTS'])).toEqual(['TicketEvent'])
    expect(await typesOf(['DELIVERIES', 'EVENTS'])).toEqual(['TicketEvent', 'Delivery'])
    expect(await typesOf([])).toEqual(['ThreadMessage', 'TicketEvent', 'Delivery'])
  })

  it('of a page of tickets needs the same calls as threads, and none when no messages are asked for', async () => {
    const calls = async (fields: string) => {
      const { desk, graph } = createFixture()
      const { errors } = await graph.ask(`{ tickets { nodes { ${fields} } } }`)
      expect(errors).toBeUndefined()
      return desk.loadedIds().map((ids) => [...ids].sort())
    }
    expect(await calls('threads(last: 1) { nodes { body } }')).toEqual([['t1', 't2']])
    expect(await calls('timeline { nodes { id } }')).toEqual([['t1', 't2']])
    expect(await calls('timeline { nodes { id } } threads { nodes { body } }')).toEqual([['t1', 't2']])
    expect(await calls('timeline(kinds: [EVENTS, DELIVERIES]) { nodes { id } }')).toEqual([])
  })

  it('of a page of 50 tickets from several sources costs one read per kind, however late a source answers', async () => {
    const routing = { type: 'STORE', partners: ['careco'], rule: 'STORE_SUBSCRIBED', trace: [] } as const
    const sources = ['quick', 'slow'].map((key) => {
      const of = sourceInfo(key)
      const tickets = Array.from({ length: 25 }, (_, index) => ticket(of, `t${index}`, { messages: [], routing }))
      const source = createMemorySource(of, { tickets, lazyFields: ['messages'] })
      if (key === 'quick') return source
      const loadTickets: typeof source.loadTickets = async (...args) => {
        await setTimeout(20)
        return source.loadTickets(...args)
      }
      return { ...source, loadTickets }
    })
    const { history, counts: reads } = createMemoryHistory({})
    const { deliveries, counts } = createMemoryDeliveries({})
    const graph = createTestGraph({ sources, services: { history, deliveries } })
    const { data, errors } = await graph.ask('{ tickets(first: 50) { nodes { timeline { nodes { id } } } } }')
    expect(errors).toBeUndefined()
    expect((data!.tickets as { nodes: unknown[] }).nodes).toHaveLength(50)
    expect({ ...reads, deliveries: counts.ofTickets }).toEqual({ eventsOf: 0, eventsByTime: 1, deliveries: 1 })
    await graph.ask('{ tickets(first: 50) { nodes { events { nodes { id } } } } }')
    expect(reads.eventsOf).toBe(1)
  })

  it('refuses first together with last, sizes out of bounds, and cursors of other lists', async () => {
    const { graph } = createFixture()
    const codeFor = async (variables: object) =>
      (await graph.ask(query, { variables: { id, ...variables } })).errors?.map(({ extensions }) => extensions?.code)
    for (const variables of [{ first: 1, last: 1 }, { last: -1 }, { first: 101 }, { before: 'x' }]) {
      expect(await codeFor(variables)).toEqual(['BAD_USER_INPUT'])
    }
  })
})

describe('Ticket.threads', () => {
  it('gives its first 50 messages by default, its last ones with last, and pages both ways', async () => {
    const { graph } = createFixture()
    const ask = async (args: string) => {
      const { data } = await graph.ask(
        `{ ticket(id: "${id}") { threads${args} { totalCount nodes { body } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`,
      )
      return (data!.ticket as { threads: Timeline & { totalCount: number } }).threads
    }
    const bodies = ({ nodes }: Timeline) => [nodes[0]?.body, nodes.at(-1)?.body, nodes.length]
    expect(bodies(await ask(''))).toEqual(['message 0', 'message 49', 50])
    const last = await ask('(last: 20)')
    expect([bodies(last), last.totalCount]).toEqual([['message 40', 'message 59', 20], 60])
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
    const back = await ask(`(last: 50, before: "${last.pageInfo.startCursor}")`)
    expect(bodies(back)).toEqual(['message 0', 'message 39', 40])
    expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    const middle = await ask(`(first: 5, after: "${back.pageInfo.startCursor}", before: "${last.pageInfo.startCursor}")`)
    expect(bodies(middle)).toEqual(['message 1', 'message 5', 5])
    expect(bodies(await ask(`(after: "${last.pageInfo.startCursor}", before: "${back.pageInfo.startCursor}")`))[2]).toBe(0)
  })
})

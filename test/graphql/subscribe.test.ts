import { expect, test } from 'vitest'
import { noFailureLog, noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { createExecutor, type Executor } from '../../src/graphql/executor.ts'
import { createGraph } from '../../src/graphql/graph.ts'
import { operationLimits } from '../../src/graphql/limits/config.ts'
import { type EventText, subscribeToEventTexts, subscribeToTexts } from '../../src/graphql/subscribe.ts'
import { createSharedPayloads } from '../../src/performance/shared-payloads.ts'
import type { AskOptions } from '../support/graph/graph.ts'
import { createGraphFixture, ids, oneview, theTicket } from '../support/graph/graph-fixture.ts'
import { ticket } from '../support/graph/tickets.ts'

const readers = ['tickets:read', 'source:*'] as const
const plain = 'subscription { ticketChanged { cursor ticket { title customer { name } } } }'
const linked = 'subscription { ticketChanged { ticket { links { ticket { title } } } } }'

type Body = Record<string, unknown>

/** Subscribers of one world, whose bodies come as they are written to their sockets. */
async function createRoom() {
  const fixture = createGraphFixture({ resolvers: 'direct' })
  const { schema, contextFor } = fixture.graph
  const executed: unknown[] = []
  const plain = createExecutor(schema)
  const counting: Executor = {
    ...plain,
    execute(request) {
      executed.push(request.context)
      return plain.execute(request)
    },
  }
  const graph = await createGraph({
    schema,
    limits: operationLimits.parse({}),
    introspection: true,
    failures: noFailureLog,
    metrics: noMetrics,
    logger: noLogger,
    executor: counting,
    sharedPayloads: createSharedPayloads(),
  })
  const enter = async (query: string, asking: AskOptions) => {
    const prepared = graph.documents.prepare(query)
    if (prepared.invalid) throw new Error('The document is not valid.')
    const operation = { document: prepared.document, operationName: null, variables: asking.variables ?? {} }
    const events = await subscribeToTexts(graph, { ...operation, context: contextFor(asking) })
    if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events))
    const stream = events[Symbol.asyncIterator]()
    return async (): Promise<Body[]> => ((await stream.next()).value ?? []).map((body: string) => JSON.parse(body))
  }
  /** Opens a subscription with the cursors of its events. */
  const enterWithCursors = async (query: string) => {
    const prepared = graph.documents.prepare(query)
    if (prepared.invalid) throw new Error('The document is not valid.')
    const operation = { document: prepared.document, operationName: null, variables: {} }
    const events = await subscribeToEventTexts(graph, { ...operation, context: contextFor({}) })
    if (!(Symbol.asyncIterator in events)) throw new Error(JSON.stringify(events))
    const stream = events[Symbol.asyncIterator]()
    return async () => (await stream.next()).value as readonly EventText[]
  }
  return { ...fixture, enter, enterWithCursors, executed }
}

function change(after: typeof theTicket) {
  const event = {
    id: 'e',
    kind: 'UPDATED',
    at: '2026-01-01T00:00:00.000Z',
    actor: null,
    summary: 'Changed',
    changes: [],
  } as const
  return { kind: 'UPDATED', ticket: after, before: null, event, gap: false } as const
}

test('a change is executed once for all subscribers with the same operation and rights', async () => {
  const room = await createRoom()
  const nexts = await Promise.all([1, 2, 3].map(() => room.enter(plain, {})))
  const bodies = nexts.map((next) => next())
  room.push(change(theTicket))
  const expected = { data: { ticketChanged: { cursor: '0', ticket: { title: 'Late chat', customer: { name: 'Ann Lee' } } } } }
  expect(await Promise.all(bodies)).toEqual([[expected], [expected], [expected]])
  expect(room.executed).toHaveLength(1)
})

test('LIVE-01: the responses come with the cursors of their events, also where a resolver waits or the client selects no cursor', async () => {
  const room = await createRoom()
  const link = { system: 'ONEVIEW', externalId: 't1', category: null, reason: null, creator: null, createdAt: null, url: null }
  const linking = ticket(oneview, 'x', { links: [{ kind: 'CHILD', ...link, ticketId: ids.ticket }] })
  const next = await room.enterWithCursors('subscription { ticketChanged { ticket { title links { ticket { title } } } } }')
  const first = next()
  room.push(change(linking))
  room.push(change(theTicket))
  const received = [...(await first)]
  while (received.length < 2) received.push(...(await next()))
  expect(received.map(({ cursor }) => cursor)).toEqual(['0', '1'])
  expect(JSON.parse(received[1]!.text)).toMatchObject({ data: { ticketChanged: { ticket: { title: 'Late chat' } } } })
})

test('a subscriber with fewer rights never gets the payload of another', async () => {
  const room = await createRoom()
  const [all, few] = [await room.enter(plain, {}), await room.enter(plain, { scopes: readers })]
  const bodies = [all(), few()]
  room.push(change(theTicket))
  const [[seen], [hidden]] = (await Promise.all(bodies)) as [Body[], Body[]]
  expect(seen).toMatchObject({ data: { ticketChanged: { ticket: { customer: { name: 'Ann Lee' } } } } })
  expect(hidden).toMatchObject({
    data: { ticketChanged: { ticket: { customer: { name: null } } } },
    extensions: { redacted: ['customers:pii'] },
  })
})

test('a payload with a look-up is not shared', async () => {
  const room = await createRoom()
  const link = { system: 'ONEVIEW', externalId: 't1', category: null, reason: null, creator: null, createdAt: null, url: null }
  const linking = ticket(oneview, 'x', { links: [{ kind: 'CHILD', ...link, ticketId: ids.ticket }] })
  const nexts = await Promise.all([1, 2].map(() => room.enter(linked, {})))
  const bodies = nexts.map((next) => next())
  room.push(change(linking))
  const expected = { data: { ticketChanged: { ticket: { links: [{ ticket: { title: 'Late chat' } }] } } } }
  expect(await Promise.all(bodies)).toEqual([[expected], [expected]])
  expect(room.executed).toHaveLength(2)
  expect(room.sources.oneview.loadedIds()).toHaveLength(2)
})

test('subscribers with other filters get their own value of matches, also where they share payloads', async () => {
  const room = await createRoom()
  const query = 'subscription ($filter: TicketFilter) { ticketChanged(filter: $filter) { matches ticket { status } } }'
  const filters = [null, { status: ['OPEN'] }, { status: ['OPEN'] }, { status: ['CLOSED'] }]
  const nexts = await Promise.all(filters.map((filter) => room.enter(query, { variables: { filter } })))
  const bodies = nexts.map((next) => next())
  room.push({ ...change({ ...theTicket, status: 'CLOSED' }), before: theTicket })
  const seen = (await Promise.all(bodies)).map(([body]) => (body!.data as { ticketChanged: { matches: boolean } }).ticketChanged)
  expect(seen).toEqual([true, false, false, true].map((matches) => ({ matches, ticket: { status: 'CLOSED' } })))
  // Once for those that it matches, once for the others.
  expect(room.executed).toHaveLength(2)
})

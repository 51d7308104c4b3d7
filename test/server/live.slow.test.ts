import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { type Subscription, subscribeOverEvents, subscribeOverSocket } from '../support/live.ts'

let gateway: GatewayUnderTest
const open: Subscription[] = []

beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    replayHistory: false,
    config: (config) => ({ ...config, live: { pollIntervalMs: 500, pollIntervalsMs: {} } }),
  })
}, 120_000)
afterAll(() => gateway.close())
afterEach(() => {
  for (const subscription of open.splice(0)) subscription.close()
})

const changes = `subscription ($filter: TicketFilter, $after: String) {
  ticketChanged(filter: $filter, after: $after) { cursor kind gap ticket { externalId status title source { key } } event { summary changes { field before after } } }
}`

const transports = [
  ['WebSocket', subscribeOverSocket],
  ['server-sent events', subscribeOverEvents],
] as const

/** Opens a subscription, and waits until the gateway counts it: a change before that is not sent to it. */
async function subscribe(
  transport: typeof subscribeOverSocket | typeof subscribeOverEvents,
  variables: Record<string, unknown> = {},
): Promise<Subscription> {
  await expect.poll(countSubscribers, { timeout: 10_000 }).toBe(open.length)
  const subscription = transport(gateway.url, changes, variables)
  open.push(subscription)
  await expect.poll(countSubscribers, { timeout: 10_000 }).toBe(open.length)
  return subscription
}

async function countSubscribers(): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  return Number(/^deskgraph_subscribers (\d+)$/m.exec(text)?.[1] ?? 0)
}

let nextTicket = 5000
async function sendVcc(action: string, ticketId: number, ticket: Record<string, unknown> = {}): Promise<void> {
  const body = JSON.stringify({
    action,
    ticket: { ticketId, ticketNo: `n-${ticketId}`, projectId: 9, projectName: 'Live', ...ticket },
  })
  const url = `${gateway.url}/webhooks/vcc?secret-key=${gateway.sandbox.vcc.token}`
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(answer.status).toBe(200)
  await gateway.idle()
}

test.each(transports)('an event reaches a subscriber over %s with its changes', async (_name, transport) => {
  const subscription = await subscribe(transport, { filter: { sources: ['vcc'] } })
  const id = nextTicket++
  await sendVcc('add', id, { title: 'Live', status: 'park', subStatus: 'waiting4agent' })
  await sendVcc('update', id, { status: 'closed', subStatus: 'successful' })
  const [created, closed] = await subscription.receive(2)
  expect(created.data.ticketChanged).toMatchObject({
    kind: 'CREATED',
    gap: false,
    ticket: { externalId: `9-${id}`, status: 'OPEN' },
  })
  expect(closed.data.ticketChanged).toMatchObject({ kind: 'CLOSED', ticket: { status: 'CLOSED' } })
  expect(closed.data.ticketChanged.event.changes).toContainEqual({ field: 'status', before: 'OPEN', after: 'CLOSED' })
})

test.each(transports)('resuming after a cursor over %s sends the missed changes, once and in order', async (_name, transport) => {
  const first = await subscribe(transport, { filter: { sources: ['vcc'] } })
  const id = nextTicket++
  await sendVcc('add', id, { title: '0' })
  const [seen] = await first.receive(1)
  open.pop()?.close()
  for (let n = 1; n <= 5; n++) await sendVcc('update', id, { title: String(n) })
  const resumed = await subscribe(transport, { filter: { sources: ['vcc'] }, after: seen.data.ticketChanged.cursor })
  await sendVcc('update', id, { title: '6' })
  const titles = (await resumed.receive(6)).map((message) => message.data.ticketChanged.ticket.title)
  expect(titles).toEqual(['1', '2', '3', '4', '5', '6'])
})

/** Reads an event stream as its bytes, until it has this many events of a subscription. */
async function readEvents(count: number, headers: Record<string, string> = {}, variables: Record<string, unknown> = {}) {
  const stop = new AbortController()
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query: changes, variables: { filter: { sources: ['vcc'] }, ...variables } }),
    signal: stop.signal,
  })
  let text = ''
  const parse = () =>
    [...text.matchAll(/^id: (.*)\nevent: next\ndata: (.*)\n\n/gm)].map(([, id, data]) => ({ id, ...JSON.parse(data!) }))
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (parse().length >= count) break
  }
  stop.abort()
  return parse().slice(0, count)
}

test('LIVE-01: every change of an event stream has its cursor as its id', async () => {
  const { changeCursor } = await gateway.ask('{ changeCursor }')
  const id = nextTicket++
  for (const title of ['a', 'b']) await sendVcc('update', id, { title })
  const events = await readEvents(2, {}, { after: changeCursor })
  expect(events.map((event) => event.data.ticketChanged.ticket.title)).toEqual(['a', 'b'])
  for (const event of events) expect(event.id).toBe(event.data.ticketChanged.cursor)
})

test('LIVE-02: Last-Event-ID resumes an event stream, also where its operation names an older cursor', async () => {
  const { changeCursor } = await gateway.ask('{ changeCursor }')
  const id = nextTicket++
  for (const title of ['a', 'b', 'c', 'd']) await sendVcc('update', id, { title })
  const [first, second] = await readEvents(2, {}, { after: changeCursor })
  const titlesAfter = async (lastEventId: string, variables = {}) =>
    (await readEvents(2, { 'last-event-id': lastEventId }, variables)).map((event) => event.data.ticketChanged.ticket.title)
  expect(await titlesAfter(second.id)).toEqual(['c', 'd'])
  expect(await titlesAfter(first.id)).toEqual(['b', 'c'])
  expect(await titlesAfter(second.id, { after: changeCursor })).toEqual(['c', 'd'])
})

test('LIVE-02: a Last-Event-ID that is no cursor is BAD_USER_INPUT, and an empty one counts as none', async () => {
  const { changeCursor } = await gateway.ask('{ changeCursor }')
  await sendVcc('update', nextTicket++, { title: 'a' })
  const [event] = await readEvents(1, { 'last-event-id': '' }, { after: changeCursor })
  expect(event.data.ticketChanged.ticket.title).toBe('a')
  const refused = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'last-event-id': 'x' },
    body: JSON.stringify({ query: changes, variables: { after: changeCursor } }),
  })
  expect(await refused.text()).toContain('BAD_USER_INPUT')
})

test('a filter sends a change when the ticket matched before or after it, and nothing else', async () => {
  const subscription = await subscribe(subscribeOverSocket, { filter: { sources: ['vcc'], status: ['OPEN'] } })
  const id = nextTicket++
  await sendVcc('add', id, { status: 'park', subStatus: 'waiting4entity' })
  await sendVcc('update', id, { subStatus: 'waiting4agent' })
  await sendVcc('update', id, { status: 'closed', subStatus: 'successful' })
  await sendVcc('update', id, { title: 'after closing' })
  const statuses = (await subscription.receive(2)).map((message) => message.data.ticketChanged.ticket.status)
  expect(statuses).toEqual(['OPEN', 'CLOSED'])
})

test('a write through the gateway reaches subscribers once', async () => {
  const { tickets } = await gateway.ask(
    '{ tickets(first: 1, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { externalId } } }',
  )
  const [{ externalId }] = tickets.nodes
  const subscription = await subscribe(subscribeOverSocket, { filter: { sources: ['oneview'] } })
  const id = encodeId('ticket', 'oneview', '', externalId)
  await gateway.ask('mutation ($id: ID!) { closeTicket(input: { id: $id }) { outcome } }', { id })
  const isOwnWrite = (message: { data: { ticketChanged: { ticket: { externalId: string } } } }) =>
    message.data.ticketChanged.ticket.externalId === externalId
  await subscription.receive(1)
  // Long enough for several polls to see the same change.
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  expect(subscription.messages.filter(isOwnWrite)).toHaveLength(1)
  expect(subscription.messages.find(isOwnWrite).data.ticketChanged).toMatchObject({
    kind: 'CLOSED',
    ticket: { status: 'CLOSED' },
  })
})

const history = `query ($id: ID!) {
  ticket(id: $id) { status escalation { department } events { nodes { kind summary changes { field before after } } } }
}`

/** A ticket of OneView that no other test changes, and what the gateway says of it. */
async function takeTicket(place: number) {
  const list = '{ tickets(first: 10, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { id } } }'
  const { id } = (await gateway.ask(list)).tickets.nodes.at(-place)
  return { id, read: async () => (await gateway.ask(history, { id })).ticket }
}

test('DECISION-35: one reassign of a OneView ticket is one change', async () => {
  const { id, read } = await takeTicket(1)
  await gateway.ask('mutation ($id: ID!) { reassignTicket(input: { id: $id, assignee: "ann" }) { outcome } }', { id })
  expect((await read()).events.nodes).toEqual([
    { kind: 'REASSIGNED', summary: 'Reassigned to ann', changes: [{ field: 'assignee', before: null, after: 'ann' }] },
  ])
})

test('DECISION-36: an escalated OneView ticket names its department, until it is no longer escalated', async () => {
  const { id, read } = await takeTicket(2)
  const { escalateTicket } = await gateway.ask(
    `mutation ($id: ID!) {
      escalateTicket(input: { id: $id, department: "partner-service", statusReason: "The customer insists." }) {
        ticket { status escalation { department } }
      }
    }`,
    { id },
  )
  const escalated = { status: 'ESCALATED', escalation: { department: 'partner-service' } }
  expect(escalateTicket.ticket).toEqual(escalated)
  expect(await read()).toEqual({
    ...escalated,
    events: {
      nodes: [
        {
          kind: 'ESCALATED',
          summary: 'Escalated to partner-service',
          changes: [{ field: 'escalation', before: null, after: 'partner-service' }],
        },
      ],
    },
  })
  await gateway.ask('mutation ($id: ID!) { closeTicket(input: { id: $id }) { outcome } }', { id })
  const after = await read()
  expect(after).toMatchObject({ status: 'CLOSED', escalation: null })
  expect(after.events.nodes[1]).toEqual({ kind: 'CLOSED', summary: 'Closed', changes: null })
})

test('a change in a polled source reaches subscribers', async () => {
  const subscription = await subscribe(subscribeOverSocket, { filter: { sources: ['oneview'] } })
  const { tickets } = await gateway.ask(
    '{ tickets(first: 5, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { externalId } } }',
  )
  const { externalId } = tickets.nodes[4]
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const answer = await fetch(`${gateway.sandbox.oneview.url}/v1/tickets/${externalId}/close`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.sandbox.oneview.token}`, 'content-type': 'application/json' },
    body: '{}',
  })
  expect(answer.status).toBe(200)
  await expect
    .poll(() => subscription.messages.some((message) => message.data.ticketChanged.ticket.externalId === externalId), {
      timeout: 15_000,
    })
    .toBe(true)
})

test('without subscribers no source is polled', async () => {
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  gateway.sandbox.oneview.resetCalls()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(gateway.sandbox.oneview.calls()).toEqual({})
})

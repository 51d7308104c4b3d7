import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ replayHistory: false })
}, 120_000)
afterAll(() => gateway.close())

/** External ids of open OneView tickets, each for one test. */
const fresh = (() => {
  let known: string[] | undefined
  return async (): Promise<string> => {
    known ??= await assignedTickets()
    return known.shift() ?? fail('The sandbox has no more assigned tickets.')
  }
})()

async function assignedTickets(): Promise<string[]> {
  const query = '{ tickets(first: 100, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { externalId } } }'
  const { tickets } = await gateway.ask(query)
  return tickets.nodes.map((node: { externalId: string }) => node.externalId)
}

function fail(message: string): never {
  throw new Error(message)
}

const globalId = (externalId: string) => encodeId('ticket', 'oneview', '', externalId)
const state = (externalId: string) => gateway.sandbox.oneview.ticket(externalId) as Record<string, unknown>
const payload = 'outcome ticket { status } userErrors { code message field }'

test('escalating without a department uses the first form, and the source has escalated', async () => {
  const id = await fresh()
  const { escalateTicket } = await gateway.ask(
    `mutation ($id: ID!) { escalateTicket(input: { id: $id, statusReason: "customer insists" }) { ${payload} } }`,
    { id: globalId(id) },
  )
  expect(escalateTicket).toEqual({ outcome: 'APPLIED', ticket: { status: 'ESCALATED' }, userErrors: [] })
  expect(state(id)).toMatchObject({ status: 'ESCALATED', statusReason: 'customer insists' })
  expect(gateway.sandbox.oneview.calls()).toMatchObject({ escalate: 1 })
})

test('escalating to a department uses the second form', async () => {
  const id = await fresh()
  const { escalateTicket } = await gateway.ask(
    `mutation ($id: ID!) { escalateTicket(input: { id: $id, department: "partner-service" }) { ${payload} } }`,
    { id: globalId(id) },
  )
  expect(escalateTicket.outcome).toBe('APPLIED')
  expect(state(id).status).toBe('ESCALATED')
  expect(gateway.sandbox.oneview.calls()).toMatchObject({ escalateV2: 1 })
})

test('an unknown department is a user error at its field, and the ticket does not change', async () => {
  const id = await fresh()
  const { escalateTicket } = await gateway.ask(
    `mutation ($id: ID!) { escalateTicket(input: { id: $id, department: "corporate" }) { ${payload} } }`,
    { id: globalId(id) },
  )
  expect(escalateTicket.outcome).toBe('REJECTED')
  expect(escalateTicket.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'department'] }])
  expect(state(id).status).toBe('ASSIGNED')
})

test('closing twice is a conflict the second time', async () => {
  const id = await fresh()
  const close = `mutation ($id: ID!) { closeTicket(input: { id: $id, resolutionStatus: "NO_ACTION" }) { ${payload} } }`
  const first = await gateway.ask(close, { id: globalId(id) })
  const second = await gateway.ask(close, { id: globalId(id) })
  expect(first.closeTicket).toEqual({ outcome: 'APPLIED', ticket: { status: 'CLOSED' }, userErrors: [] })
  expect(second.closeTicket).toMatchObject({ ticket: { status: 'CLOSED' }, userErrors: [{ code: 'CONFLICT' }] })
  expect(state(id).status).toBe('CLOSED')
})

test('reassigning and transferring reach the source', async () => {
  const id = await fresh()
  const {
    source: { transferQueues },
  } = await gateway.ask('{ source(key: "oneview") { transferQueues { key name } } }')
  const { reassignTicket, transferTicket } = await gateway.ask(
    `mutation ($id: ID!, $queue: String!) {
      reassignTicket(input: { id: $id, assignee: "otheragent", reason: "agent overtime" }) { ticket { assignee { externalId } } }
      transferTicket(input: { id: $id, queue: $queue }) { outcome ticket { queue } }
    }`,
    { id: globalId(id), queue: transferQueues[0].key },
  )
  expect(reassignTicket.ticket.assignee.externalId).toBe('otheragent')
  // The list of queues spells their names in another order than tickets do: chat-eng-sg is chat-sg-en.
  expect(transferTicket).toEqual({ outcome: 'APPLIED', ticket: { queue: 'chat-sg-en' } })
  expect(transferQueues[0].name).toBe('chat-eng-sg')
  expect(state(id).queue).toBe('chat-sg-en')
})

test('updating the order and removing it reach the source', async () => {
  const id = await fresh()
  const update = (orderId: string) =>
    gateway.ask(
      `mutation ($id: ID!, $orderId: String) {
        updateTicket(input: { id: $id, orderId: $orderId, entityId: "FP_SG" }) { outcome ticket { orders { externalId } } userErrors { message } }
      }`,
      { id: globalId(id), orderId },
    )
  expect((await update('abc-123')).updateTicket).toEqual({
    outcome: 'APPLIED',
    ticket: { orders: [{ externalId: 'abc-123' }] },
    userErrors: [],
  })
  expect((await update('')).updateTicket.ticket.orders).toBeNull()
})

test('a reply to Verifik appears in its threads; an internal note never leaves the gateway', async () => {
  const { tickets } = await gateway.ask(
    '{ tickets(first: 1, filter: { sources: ["verifik"], status: [OPEN] }) { nodes { id externalId } } }',
  )
  const [{ id, externalId }] = tickets.nodes
  const reply = (visibility: string) =>
    gateway.ask(
      `mutation ($id: ID!) { replyToTicket(input: { id: $id, body: "We are on it.", visibility: ${visibility} }) { outcome message { body author { kind } } userErrors { code } } }`,
      { id },
    )
  expect((await reply('INTERNAL')).replyToTicket).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'NOT_SUPPORTED' }] })
  expect((await reply('PUBLIC')).replyToTicket).toMatchObject({ outcome: 'APPLIED', message: { body: 'We are on it.' } })
  const threads = (gateway.sandbox.verifik.ticket(externalId) as { threads: { message: string }[] }).threads
  expect(threads.filter(({ message }) => message === 'We are on it.')).toHaveLength(1)
})

test('the same key gives the stored answer and one write; another input under it is a conflict', async () => {
  const id = await fresh()
  gateway.sandbox.oneview.resetCalls()
  const close = (reason: string) =>
    gateway.ask(
      `mutation ($id: ID!, $reason: String) { closeTicket(input: { id: $id, statusReason: $reason, idempotencyKey: "k-1" }) { ${payload} } }`,
      { id: globalId(id), reason },
    )
  expect((await close('done')).closeTicket.outcome).toBe('APPLIED')
  expect((await close('done')).closeTicket).toEqual({ outcome: 'APPLIED', ticket: { status: 'CLOSED' }, userErrors: [] })
  expect((await close('other')).closeTicket.userErrors).toMatchObject([{ code: 'CONFLICT' }])
  expect(gateway.sandbox.oneview.calls().close).toBe(1)
})

test('a write that was not answered is UNKNOWN, is sent once, and the ticket is read again', async () => {
  const id = await fresh()
  gateway.sandbox.oneview.resetCalls()
  gateway.sandbox.oneview.fault({ kind: 'reset' })
  const { closeTicket } = await gateway.ask(
    `mutation ($id: ID!) { closeTicket(input: { id: $id }) { outcome userErrors { code } } }`,
    { id: globalId(id) },
  )
  gateway.sandbox.oneview.fault(null)
  expect(closeTicket).toEqual({ outcome: 'UNKNOWN', userErrors: [{ code: 'OUTCOME_UNKNOWN' }] })
  expect(gateway.sandbox.oneview.calls().close).toBe(1)
})

test('an unsupported write is refused without a call of the source, and shows the ticket', async () => {
  const { tickets } = await gateway.ask(
    '{ tickets(first: 1, filter: { sources: ["verifik"] }) { nodes { id actions { action allowed reason } } } }',
  )
  const [{ id, actions }] = tickets.nodes
  gateway.sandbox.verifik.resetCalls()
  const { transferTicket } = await gateway.ask(
    `mutation ($id: ID!) { transferTicket(input: { id: $id, queue: "q" }) { ${payload} } }`,
    { id },
  )
  expect(transferTicket).toMatchObject({ ticket: { status: expect.any(String) }, userErrors: [{ code: 'NOT_SUPPORTED' }] })
  // The ticket is read for the payload.
  expect(gateway.sandbox.verifik.calls()).toEqual({ ticket: 1 })
  expect(actions).toContainEqual({ action: 'TRANSFER', allowed: false, reason: 'NOT_SUPPORTED_BY_SOURCE' })
})

test('a guest ticket is routed to the partner of its store, with a signature', async () => {
  const input = {
    source: 'rbi',
    category: 'order',
    subcategory: 'missing-item',
    description: 'No fries.',
    storeId: '1001',
    order: { externalId: 'o-1', placedAt: new Date().toISOString() },
  }
  const { createTicket } = await gateway.ask(
    'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome userErrors { message } ticket { id routing { type partners rule } } } }',
    { input },
  )
  expect(createTicket).toMatchObject({
    outcome: 'QUEUED',
    userErrors: [],
    ticket: { routing: { type: 'STORE', partners: ['careco'] } },
  })
  await expect.poll(() => gateway.sandbox.partners.received().length, { timeout: 15_000 }).toBe(1)
  expect(gateway.sandbox.partners.refused()).toBe(0)
  await expect
    .poll(
      () =>
        gateway.ask('query ($id: ID!) { ticket(id: $id) { routing { deliveries { state attempts } } } }', {
          id: createTicket.ticket.id,
        }),
      { timeout: 15_000 },
    )
    .toEqual({ ticket: { routing: { deliveries: [{ state: 'DELIVERED', attempts: 1 }] } } })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../sandbox/random.ts'
import { type SimulatorServer, serveSimulator } from '../../sandbox/simulator-server.ts'
import { createZendesk, type Zendesk } from '../../sandbox/zendesk/simulator.ts'
import { zendeskConfig } from '../../src/sources/zendesk/config.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { subscribeOverSocket } from '../support/live.ts'

const [token, webhookSecret] = ['access-token', 'webhook-secret-of-the-test']
let zendesk: Zendesk
let server: SimulatorServer
let gateway: GatewayUnderTest
beforeAll(async () => {
  const seed = { random: createRandom('server'), until: Date.now(), count: 60 }
  zendesk = createZendesk({ ...seed, credentials: { token }, webhookSecret })
  server = await serveSimulator(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const block = zendeskConfig.parse({ url: server.origin, token, webhookSecret, budget: { plan: 'highVolume' } })
  gateway = await startGatewayUnderTest({
    sandbox: { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
    replayHistory: false,
    config: (config) => ({
      ...config,
      sources: { ...config.sources, zendesk: { system: 'zendesk', ...block } },
      // No poll can find a change in time.
      live: { pollIntervalMs: 3_600_000, pollIntervalsMs: {} },
    }),
  })
  zendesk.connect?.(gateway.url)
}, 120_000)
afterAll(async () => {
  await gateway.close()
  await server.close()
})

const openTickets = `{
  tickets(first: 20, filter: { sources: ["zendesk"], status: [OPEN, PENDING, ON_HOLD] }) { nodes { id externalId title } }
}`

async function atZendesk(method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(`${server.origin}/api/v2${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  // biome-ignore lint/suspicious/noExplicitAny: a vendor's answer
  return (await answer.json()) as any
}

test('a change in Zendesk reaches subscribers by its webhook', async () => {
  const { tickets } = await gateway.ask(openTickets)
  const { externalId } = tickets.nodes.find((node: { externalId: string }) => node.externalId.length < 10)
  const query = 'subscription { ticketChanged(filter: { sources: ["zendesk"] }) { ticket { externalId title } } }'
  const subscription = subscribeOverSocket(gateway.url, query, {})
  const countSubscribers = async () =>
    /^deskgraph_subscribers (\d+)$/m.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1]
  await expect.poll(countSubscribers, { timeout: 10_000 }).toBe('1')
  // Changes before the subscription has its place in the log are not sent to it.
  let changes = 0
  const seen = async () => {
    await atZendesk('PUT', `/tickets/${externalId}`, { ticket: { subject: `Changed at Zendesk, ${++changes}` } })
    return subscription.messages.map(({ data }) => data.ticketChanged.ticket)
  }
  const changed = { externalId, title: expect.stringContaining('Changed at Zendesk') }
  await expect.poll(seen, { timeout: 15_000, interval: 1_000 }).toContainEqual(changed)
  subscription.close()
})

test('a note, a status and tags that are written through the graph are at Zendesk', async () => {
  const { tickets } = await gateway.ask(openTickets)
  const { id, externalId } = tickets.nodes.findLast((node: { externalId: string }) => node.externalId.length < 10)
  const { replyToTicket, updateTicket } = await gateway.ask(
    `mutation ($id: ID!) {
      replyToTicket(input: { id: $id, body: "Ask the courier", visibility: INTERNAL }) { outcome message { visibility text } userErrors { message } }
      updateTicket(input: { id: $id, status: PENDING, addTags: ["vip"] }) { outcome ticket { status sourceStatus tags } userErrors { message } }
    }`,
    { id },
  )
  expect(replyToTicket).toEqual({
    outcome: 'APPLIED',
    message: { visibility: 'INTERNAL', text: 'Ask the courier' },
    userErrors: [],
  })
  expect(updateTicket).toMatchObject({
    outcome: 'APPLIED',
    ticket: { status: 'PENDING', sourceStatus: 'Pending' },
    userErrors: [],
  })
  expect(updateTicket.ticket.tags).toContain('vip')
  const { ticket } = await atZendesk('GET', `/tickets/${externalId}`)
  expect([ticket.status, ticket.tags.includes('vip')]).toEqual(['pending', true])
  const { comments } = await atZendesk('GET', `/tickets/${externalId}/comments`)
  expect(comments.at(-1)).toMatchObject({ body: 'Ask the courier', public: false })
})

/** Every webhook has been sent, and its ticket read. */
async function settle(): Promise<void> {
  await zendesk.sender.idle()
  await gateway.idle()
}

test('a page with threads costs one call and one for each ticket', async () => {
  await gateway.ask('{ tickets(first: 5, filter: { sources: ["zendesk"] }) { nodes { id } } }')
  await settle()
  server.calls.reset()
  await gateway.ask('{ tickets(first: 20, filter: { sources: ["zendesk"] }) { nodes { customer { name } assignee { name } } } }')
  expect(server.calls.counts()).toEqual({ list: 1 })
  server.calls.reset()
  await gateway.ask('{ tickets(first: 20, filter: { sources: ["zendesk"] }) { nodes { threads { nodes { text } } } } }')
  const { incidents: _, ...calls } = server.calls.counts()
  expect(calls).toEqual({ list: 1, show_many: 1, comments: 20 })
})

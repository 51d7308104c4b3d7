import { afterAll, beforeAll, expect, test } from 'vitest'
import { createIntercom, type Intercom } from '../../sandbox/intercom/simulator.ts'
import { createRandom } from '../../sandbox/random.ts'
import { type SimulatorServer, serveSimulator } from '../../sandbox/simulator-server.ts'
import { intercomConfig } from '../../src/sources/intercom/config.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { subscribeOverSocket } from '../support/live.ts'

const [token, clientSecret] = ['access-token', 'client-secret-of-the-test']
let intercom: Intercom
let server: SimulatorServer
let gateway: GatewayUnderTest
beforeAll(async () => {
  intercom = createIntercom({ random: createRandom('server'), until: Date.now(), count: 40, token, clientSecret })
  server = await serveSimulator(intercom, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const budget = { calls: { all: 100_000 } }
  const block = intercomConfig.parse({ url: server.origin, token, webhookSecret: clientSecret, budget })
  gateway = await startGatewayUnderTest({
    sandbox: { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
    replayHistory: false,
    config: (config) => ({
      ...config,
      sources: { ...config.sources, intercom: { system: 'intercom', ...block } },
      // No poll can find a change in time.
      live: { pollIntervalMs: 3_600_000, pollIntervalsMs: {} },
    }),
  })
  intercom.connect?.(gateway.url)
}, 120_000)
afterAll(async () => {
  await gateway.close()
  await server.close()
})

const openTickets = `{
  tickets(first: 20, filter: { sources: ["intercom"], status: [IN_PROGRESS, PENDING, NEW] }) { nodes { id externalId category { code } } }
}`

async function atIntercom(method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'intercom-version': '2.14' }
  const answer = await fetch(server.origin + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  // biome-ignore lint/suspicious/noExplicitAny: a vendor's answer
  return (await answer.json()) as any
}

test('a change in Intercom reaches subscribers by its webhook', async () => {
  const [{ externalId }] = (await gateway.ask(openTickets)).tickets.nodes
  const query = 'subscription { ticketChanged(filter: { sources: ["intercom"] }) { ticket { externalId title } } }'
  const subscription = subscribeOverSocket(gateway.url, query, {})
  const countSubscribers = async () =>
    /^deskgraph_subscribers (\d+)$/m.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1]
  await expect.poll(countSubscribers, { timeout: 10_000 }).toBe('1')
  // Changes before the subscription has its place in the log are not sent to it.
  let changes = 0
  const seen = async () => {
    const title = `Changed at Intercom, ${++changes}`
    await atIntercom('PUT', `/tickets/${externalId}`, { ticket_attributes: { _default_title_: title } })
    return subscription.messages.map(({ data }) => data.ticketChanged.ticket)
  }
  const changed = { externalId, title: expect.stringContaining('Changed at Intercom') }
  await expect.poll(seen, { timeout: 15_000, interval: 1_000 }).toContainEqual(changed)
  subscription.close()
})

test('a note, a reply, a state and a snooze that are written through the graph are at Intercom', async () => {
  const { tickets } = await gateway.ask(openTickets)
  const { id, externalId } = tickets.nodes.findLast((node: { category: { code: string } }) => node.category.code === 'Customer')
  const { note, reply, pending } = await gateway.ask(
    `mutation ($id: ID!) {
      note: replyToTicket(input: { id: $id, body: "Ask the courier", visibility: INTERNAL }) { outcome message { visibility text } userErrors { message } }
      reply: replyToTicket(input: { id: $id, body: "We ask the courier", visibility: PUBLIC }) { outcome message { visibility text } userErrors { message } }
      pending: updateTicket(input: { id: $id, status: PENDING, title: "Late" }) { outcome ticket { status title } userErrors { message } }
    }`,
    { id },
  )
  expect(note).toEqual({ outcome: 'APPLIED', message: { visibility: 'INTERNAL', text: 'Ask the courier' }, userErrors: [] })
  expect(reply).toEqual({ outcome: 'APPLIED', message: { visibility: 'PUBLIC', text: 'We ask the courier' }, userErrors: [] })
  expect(pending).toEqual({ outcome: 'APPLIED', ticket: { status: 'PENDING', title: 'Late' }, userErrors: [] })
  const { ticket_parts, ticket_state, ticket_attributes } = await atIntercom('GET', `/tickets/${externalId}`)
  const written = ticket_parts.ticket_parts.filter(({ body }: { body: string | null }) => /sk the courier/.test(body ?? ''))
  expect(written.map(({ part_type }: { part_type: string }) => part_type)).toEqual(['note', 'comment'])
  expect([ticket_state.category, ticket_attributes._default_title_]).toEqual(['waiting_on_customer', 'Late'])
  const { snoozed } = await gateway.ask(
    'mutation ($id: ID!) { snoozed: updateTicket(input: { id: $id, status: ON_HOLD }) { outcome ticket { status } } }',
    { id },
  )
  expect(snoozed).toEqual({ outcome: 'APPLIED', ticket: { status: 'ON_HOLD' } })
  expect((await atIntercom('GET', `/tickets/${externalId}`)).snoozed_until).toBeGreaterThan(Date.now() / 1000 + 23 * 3600)
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ sandbox: { counts: { rbi: 2, jira: 24 } }, replayHistory: false })
}, 120_000)
afterAll(() => gateway?.close())

describe('a Jira of the sandbox, through the graph', () => {
  it('lists its tickets, and reads what costs further calls only where it is selected', async () => {
    const { jira } = gateway.sandbox
    jira.resetCalls()
    const list = `tickets(first: 5, filter: { sources: ["jira"] }) { sources { outcome ordering } nodes { number status customer { name } FIELDS } }`
    const { tickets } = await gateway.ask(`{ ${list.replace('FIELDS', '')} }`)
    expect(tickets.sources).toEqual([{ outcome: 'OK', ordering: 'EXACT' }])
    expect(tickets.nodes).toHaveLength(5)
    expect(jira.calls()).not.toHaveProperty('sla')
    await gateway.ask(`{ ${list.replace('FIELDS', 'slaTargets { name kind dueAt breached }')} }`)
    expect(
      Object.entries(jira.calls())
        .filter(([operation]) => /sla/i.test(operation))
        .map(([, count]) => count),
    ).toEqual([5])
  })

  it('shows one ticket with its thread, and keeps a note from the customer', async () => {
    const { tickets } = await gateway.ask('{ tickets(first: 1, filter: { sources: ["jira"] }) { nodes { id } } }')
    const { replyToTicket } = await gateway.ask(
      'mutation ($id: ID!) { replyToTicket(input: { id: $id, body: "For agents", visibility: INTERNAL }) { outcome message { text visibility } userErrors { code } } }',
      { id: tickets.nodes[0].id },
    )
    expect(replyToTicket).toEqual({ outcome: 'APPLIED', message: { text: 'For agents', visibility: 'INTERNAL' }, userErrors: [] })
  })
})

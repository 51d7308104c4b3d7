import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sandboxSystems } from '../../sandbox/systems.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

// What the effects of the fault panel promise, seen by a client of the gateway.

let gateway: GatewayUnderTest
beforeAll(async () => {
  const counts = { ...Object.fromEntries(Object.keys(sandboxSystems).map((key) => [key, 10])), oneview: 40, verifik: 20 }
  gateway = await startGatewayUnderTest({ sandbox: { counts } })
})
afterAll(() => gateway.close())

const panel = () => gateway.sandbox.faultPanel
const pageOf = async (source: string) => {
  const query =
    'query ($in: [String!]) { tickets(first: 5, filter: { sources: $in }) { nodes { id } sources { outcome code retryAt } } }'
  const { data } = await gateway.answer(query, { in: [source] })
  return { ids: data.tickets.nodes.map(({ id }: { id: string }) => id), report: data.tickets.sources[0] }
}

describe('SANDBOX-02: a fault of the panel', () => {
  it('lists the systems and the partners, each with the faults that apply', () => {
    const names = panel()
      .systems()
      .map(({ key, faults, fault }) => [key, faults.map(({ name }) => name), fault])
    const called = ['hang', '429', '500', 'lost-answer']
    const events = ['silent', 'unreadable']
    const eventFed = new Set(['vcc', 'wasabi', 'rbi'])
    expect(names).toEqual([
      ...Object.keys(sandboxSystems).map((key) => [key, eventFed.has(key) ? events : called, null]),
      ['partners', ['hang', '429', '500'], null],
    ])
    expect([panel().setFault('vcc', 'hang'), panel().setFault('another', null)]).toEqual([false, false])
  })

  it('429: the source is rate limited; without the fault the list is whole again', async () => {
    expect((await pageOf('verifik')).report.outcome).toBe('OK')
    expect(panel().setFault('verifik', '429')).toBe(true)
    expect(panel().systems()[1]).toMatchObject({ key: 'verifik', fault: '429' })
    const { ids, report } = await pageOf('verifik')
    expect([ids, report.code]).toEqual([[], 'UPSTREAM_RATE_LIMITED'])
    panel().setFault('verifik', null)
  })

  it('500: the source is unavailable', async () => {
    panel().setFault('oneview', '500')
    expect((await pageOf('oneview')).report).toMatchObject({ outcome: 'ERROR', code: 'UPSTREAM_UNAVAILABLE' })
    panel().setFault('oneview', null)
  })

  it('lost answer: a write is done and UNKNOWN, while reads work', async () => {
    const open = '{ tickets(first: 1, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { id } } }'
    const [{ id }] = (await gateway.ask(open)).tickets.nodes
    panel().setFault('oneview', 'lost-answer')
    const { escalateTicket } = await gateway.ask(
      'mutation ($input: EscalateTicketInput!) { escalateTicket(input: $input) { outcome ticket { status } } }',
      { input: { id, department: 'partner-service', statusReason: 'The customer insists.' } },
    )
    expect(escalateTicket).toEqual({ outcome: 'UNKNOWN', ticket: { status: 'ESCALATED' } })
    panel().setFault('oneview', null)
  })

  it('unreadable events: each becomes a dead letter, and the source is DEGRADED; silent: no event comes', async () => {
    const query = '{ sources { key health { state } } }'
    const stateOf = async (key: string) =>
      (await gateway.ask(query)).sources.find((source: { key: string }) => source.key === key).health.state
    expect(await stateOf('wasabi')).toBe('UP')
    for (const key of ['vcc', 'wasabi', 'rbi']) panel().setFault(key, 'unreadable')
    gateway.sandbox.startLiveUpdates(gateway.url, 20)
    for (const key of ['vcc', 'wasabi', 'rbi']) await expect.poll(() => stateOf(key), { timeout: 15_000 }).toBe('DEGRADED')
    const held = async () => (await gateway.ask('{ quarantine(first: 100) { nodes { id } } }')).quarantine.nodes.length
    for (const { key } of panel().systems()) panel().setFault(key, 'silent')
    const heldBefore = await held()
    const calls = () => gateway.sandbox.wasabi.tickets()
    const ticketsBefore = calls()
    // The systems go on changing, and tell nothing.
    await expect.poll(calls, { timeout: 15_000 }).toBeGreaterThan(ticketsBefore + 2)
    expect(await held()).toBeLessThanOrEqual(heldBefore + 1)
  })
})

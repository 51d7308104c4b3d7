import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/read-yaml.ts'
import { startSandbox } from '../../src/gateway-process.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

// SANDBOX-05: DESKGRAPH_SANDBOX=zendesk,vcc npm start.

describe('a sandbox of some systems', () => {
  let gateway: GatewayUnderTest
  beforeAll(async () => {
    gateway = await startGatewayUnderTest({ sandbox: { systems: ['zendesk', 'vcc'], counts: { zendesk: 12, vcc: 9, jira: 9 } } })
  }, 120_000)
  afterAll(() => gateway.close())

  it('has these sources alone, with the tickets of both', async () => {
    const { sources, tickets } = await gateway.ask('{ sources { key } tickets(first: 50) { nodes { source { key } } } }')
    expect(sources).toEqual([{ key: 'vcc' }, { key: 'zendesk' }])
    const keys = tickets.nodes.map(({ source }: { source: { key: string } }) => source.key)
    expect(new Set(keys)).toEqual(new Set(['vcc', 'zendesk']))
    expect(gateway.sandbox.tickets()).toBe(gateway.sandbox.zendesk.tickets() + gateway.sandbox.vcc.tickets())
  })

  it('has the faults of these systems alone: nothing goes to partners without RBI', () => {
    expect(gateway.sandbox.faultPanel.systems().map(({ key }) => key)).toEqual(['vcc', 'zendesk'])
    expect(gateway.sandbox.faultPanel.setFault('partners', 'hang')).toBe(false)
  })

  it('changes tickets of these systems while it runs', async () => {
    const count = async () =>
      (await gateway.ask('{ tickets(first: 50, filter: { sources: ["vcc"] }) { nodes { updatedAt } } }')).tickets
    const before = await count()
    gateway.sandbox.startLiveUpdates(gateway.url, 20)
    await expect.poll(count, { timeout: 10_000 }).not.toEqual(before)
  })
})

describe('the names of systems', () => {
  const refusal = async (systems: readonly string[]) => {
    const error: unknown = await startSandbox(null, { systems }).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).lines
  }

  it('that the sandbox does not have are one error, which lists the right ones', async () => {
    const [line, ...more] = await refusal(['zendesk', 'jria', 'servicenow'])
    expect(more).toEqual([])
    expect(line).toMatch(
      /^environment variable DESKGRAPH_SANDBOX: there is no system "jria", "servicenow"; there are: oneview, verifik, vcc, wasabi, rbi, zendesk, jira/,
    )
    expect((await refusal([]))[0]).toMatch(/it names no system; there are: oneview, /)
  })
})

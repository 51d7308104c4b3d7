import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { stringify } from 'yaml'
import { createRouting } from '../../sandbox/rbi/catalogue.ts'
import { configFor } from '../auth/issuer.ts'
import { type FakePartner, startPartner } from '../delivery/fake-partner.ts'
import { type ForwardProxy, startForwardProxy } from '../support/forward-proxy.ts'
import { expectPartialPage, type FaultyGateway, page, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

// A network whose only way out is a proxy. No DNS knows the names, and nothing answers at the addresses.

const partnerAddress = '10.77.7.7:8080'
const secret = `whsec_${Buffer.from('a secret of the fault tests, 32 b').toString('base64')}`
const folder = mkdtempSync(join(tmpdir(), 'deskgraph-proxies-'))
const ports = new Map<string, number>()

let proxy: ForwardProxy
let partner: FakePartner
let gateway: FaultyGateway
beforeAll(async () => {
  partner = await startPartner()
  ports.set(partnerAddress, partner.port)
  proxy = await startForwardProxy((authority) => ports.get(authority) ?? null)
  const routing = join(folder, 'routing.yaml')
  writeFileSync(routing, stringify(toRouting()))
  gateway = await startFaultyGateway({
    environment: { HTTP_PROXY: proxy.url, NO_PROXY: 'direct.vendor.test' },
    oneViews: { outside: {}, direct: {} },
    config: (config) => {
      const { rbi, outside, direct } = config.sources
      const sources = {
        ...config.sources,
        rbi: { ...rbi!, routing },
        outside: { ...outside!, url: 'http://oneview.vendor.test/ticket-detail' },
        direct: { ...direct!, url: 'http://direct.vendor.test/ticket-detail' },
      } as typeof config.sources
      return { ...config, deliveries: { ...config.deliveries, scheduleSeconds: [0, 1] }, sources }
    },
  })
  ports.set('oneview.vendor.test', Number(new URL(gateway.sandbox.oneview.url).port))
})
afterAll(async () => {
  await gateway.close()
  await Promise.all([proxy.close(), partner.close()])
  rmSync(folder, { recursive: true, force: true })
})

/** The sandbox's market with one partner, which is inside of the network of the proxy. */
function toRouting() {
  const base = createRouting('http://127.0.0.1:1', secret)
  const one = {
    key: 'inside',
    url: `http://${partnerAddress}/hook`,
    secret,
    events: ['STORE_SUPPORT_TICKET_EVENT'],
    stores: ['one'],
  }
  return { allowPrivateNetworks: ['10.77.0.0/16'], markets: base.markets.map((market) => ({ ...market, partners: [one] })) }
}

guarantee(
  'UPSTREAM-37',
  { fault: 'a source can be reached through HTTP_PROXY alone', expected: 'its tickets come; NO_PROXY and loopback are direct' },
  async () => {
    const { data, errors } = await page(gateway, 'outside')
    expect(errors).toBeUndefined()
    expect(data.tickets.nodes).toHaveLength(10)
    expect(proxy.calls.length).toBeGreaterThan(0)
    expect((await page(gateway, 'oneview')).data.tickets.nodes).toHaveLength(10)
    await expectPartialPage(gateway, 'direct', { code: 'UPSTREAM_UNAVAILABLE', outcome: 'ERROR' })
    expect(proxy.lines().filter((line) => !line.startsWith('GET http://oneview.vendor.test/ticket-detail/'))).toEqual([])
    return '10 tickets through the proxy, 10 from loopback, none from NO_PROXY'
  },
)

guarantee(
  'UPSTREAM-37',
  {
    fault: 'a partner can be reached through HTTP_PROXY alone',
    expected: 'its delivery goes through a tunnel to the checked address',
  },
  async () => {
    const input = {
      source: 'rbi',
      category: 'order',
      subcategory: 'missing-item',
      description: 'Cold fries',
      storeId: 'one',
      order: { externalId: 'o-1', placedAt: new Date().toISOString() },
    }
    const query = 'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome } }'
    expect((await gateway.ask(query, { input })).createTicket).toEqual({ outcome: 'QUEUED' })
    await expect.poll(() => partner.received.length, { timeout: 10_000 }).toBe(1)
    expect(partner.received[0]?.headers.host).toBe(partnerAddress)
    const tunnels = proxy.lines().filter((line) => line.startsWith('CONNECT'))
    expect(tunnels).toEqual([`CONNECT ${partnerAddress}`])
    return tunnels[0] ?? ''
  },
)

guarantee(
  'UPSTREAM-37',
  { fault: 'an issuer can be reached through HTTPS_PROXY alone', expected: 'its keys are asked for through a tunnel' },
  async () => {
    const auth = configFor('https://issuer.vendor.test/jwks.json')
    const signedIn = await startFaultyGateway({
      environment: { https_proxy: proxy.url },
      config: (config) => ({ ...config, auth }),
    })
    try {
      await expect.poll(() => proxy.lines()).toContain('CONNECT issuer.vendor.test:443')
    } finally {
      await signedIn.close()
    }
    return 'CONNECT issuer.vendor.test:443'
  },
)

import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts'
import { sandboxSystems } from '../../sandbox/systems.ts'
import { call } from './call.ts'
import { receiveWebhooks } from './webhook-receiver.ts'

const today = Date.parse('2026-03-02T12:00:00Z')
const started: Sandbox[] = []
afterEach(() => Promise.all(started.splice(0).map((sandbox) => sandbox.close())))

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await createSandbox({ today, ...options })
  started.push(sandbox)
  return sandbox
}
const firstPage = async (sandbox: Sandbox) => (await call(sandbox.oneview, 'GET', '/v1/tickets?page=1&pageSize=100')).text

describe('the sandbox', () => {
  it('holds about 4,000 tickets over its systems', async () => {
    const sandbox = await start()
    const { oneview, verifik, vcc, wasabi, rbi, zendesk, jira } = sandbox
    expect([oneview, verifik, wasabi, rbi, jira].map(({ tickets }) => tickets())).toEqual([900, 600, 320, 130, 380])
    // Of VCC's 320 some are deleted, and of Zendesk's 800 some are archived or deleted.
    expect(vcc.tickets()).toBeGreaterThan(290)
    expect(zendesk.tickets()).toBeGreaterThan(600)
    const each = (Object.keys(sandboxSystems) as (keyof typeof sandboxSystems)[]).map((key) => sandbox[key].tickets())
    expect(sandbox.tickets()).toBe(each.reduce((sum, tickets) => sum + tickets, 0))
    expect(sandbox.tickets()).toBeGreaterThan(3800)
  })

  it('has the same tickets for the same seed and day, and others for another seed', async () => {
    const [one, same, other] = await Promise.all([start(), start(), start({ seed: 'another' })])
    expect(await firstPage(one)).toBe(await firstPage(same))
    expect(await firstPage(one)).not.toBe(await firstPage(other))
  })

  it('has no time after the midnight that starts its day', async () => {
    const { body } = await call((await start()).verifik, 'GET', '/v2/support-tickets?limit=1')
    expect(Date.parse(body.data[0].updatedAt)).toBeLessThanOrEqual(Date.parse('2026-03-02T00:00:00Z'))
  })

  it('configures a gateway in the shape of its YAML file', async () => {
    const { sources } = (await start()).gatewayConfig()
    expect(sources.oneview).toEqual({
      system: 'oneview',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/ticket-detail$/),
      token: 'sandbox-oneview-token',
      mirrors: ['zendesk', 'jira', 'intercom', 'freshdesk'].map((source) => ({ link: source.toUpperCase(), source })),
    })
    expect(sources.vcc).toEqual({ system: 'vcc', account: 'acme', secret: 'sandbox-vcc-secret' })
    const [market] = sources.rbi.routing.markets
    expect(market).toMatchObject({ key: 'plk-eu', brand: 'plk', region: 'eu', storeSupportTicketTimeThresholdMinutes: 120 })
    expect(market?.categoryGroups[0]?.subCategories[0]).toEqual({
      key: 'missing-item',
      issueId: 'KF-102',
      submitToExternalPartners: true,
      selectRecentOrder: true,
    })
    expect(market?.partners[0]).toMatchObject({
      key: 'careco',
      events: ['STORE_SUPPORT_TICKET_EVENT'],
      stores: ['1001', '1002', '1003'],
    })
  })

  it('changes tickets during live updates, until it is closed', async () => {
    const sandbox = await start({ counts: { oneview: 50, verifik: 50, vcc: 20, wasabi: 20, rbi: 5 } })
    const gateway = await receiveWebhooks()
    const { sent } = (await sandbox.replayHistory(gateway.url))!
    sandbox.startLiveUpdates(gateway.url, 5)
    await expect.poll(() => gateway.received.length).toBeGreaterThan(sent + 10)
    await sandbox.close()
    await gateway.close()
  })

  it('lets Zendesk send its webhooks to the gateway that gets live updates', async () => {
    const sandbox = await start({ counts: { zendesk: 20 } })
    const [starting, running] = [await receiveWebhooks(), await receiveWebhooks()]
    await sandbox.replayHistory(starting.url)
    sandbox.startLiveUpdates(running.url, 5)
    await expect.poll(() => running.received.some(({ path }) => path === '/webhooks/zendesk')).toBe(true)
    expect(starting.received.filter(({ path }) => path === '/webhooks/zendesk')).toEqual([])
    await sandbox.close()
    await Promise.all([starting.close(), running.close()])
  })

  it('retries after 429 and 503, and gives up after another refusal', async () => {
    const sandbox = await start({ counts: { oneview: 20, verifik: 20, vcc: 10, wasabi: 10, rbi: 5 } })
    const gateway = await receiveWebhooks(
      (index) => [{ status: 429 }, { status: 503 }, { status: 400 }][index] ?? { status: 200 },
    )
    const report = await sandbox.replayHistory(gateway.url)
    await gateway.close()
    if (!report) throw new Error('the replay was stopped')
    expect(report.refused).toEqual({ 400: 1 })
    expect(report.sent).toBe(gateway.received.length)
    expect(gateway.calls()).toBe(report.sent + 3)
  })
})

describe('a replay that is stopped', () => {
  it('resolves with null', async () => {
    const sandbox = await start()
    const gateway = await receiveWebhooks((index) => (index > 20 ? { status: 503 } : { status: 200 }))
    const replay = sandbox.replayHistory(gateway.url)
    await expect.poll(() => gateway.calls()).toBeGreaterThan(30)
    await sandbox.close()
    expect(await replay).toBeNull()
    await gateway.close()
  })
})

describe('the faults of a simulator', () => {
  const list = (sandbox: Sandbox) => call(sandbox.oneview, 'GET', '/v1/tickets')

  it('are statuses in the vendor own words, rate limits, garbage and emptiness', async () => {
    const sandbox = await start()
    sandbox.oneview.fault({ kind: 'status', status: 500 })
    expect(await list(sandbox)).toMatchObject({
      status: 500,
      body: { errors: [{ status: '500', title: 'internal server error' }] },
    })
    sandbox.oneview.fault({ kind: 'status', status: 429, retryAfter: '3' })
    expect((await list(sandbox)).headers.get('retry-after')).toBe('3')
    sandbox.oneview.fault({ kind: 'garbage' })
    expect(await list(sandbox)).toMatchObject({ status: 200, text: '<html><body><h1>Bad gateway</h1>' })
    sandbox.oneview.fault({ kind: 'empty' })
    expect(await list(sandbox)).toMatchObject({ status: 200, text: '' })
    sandbox.oneview.fault(null)
    expect((await list(sandbox)).body.list).toHaveLength(10)
  })

  it('are resets and hangs', async () => {
    const sandbox = await start()
    sandbox.oneview.fault({ kind: 'reset' })
    await expect(list(sandbox)).rejects.toThrow()
    sandbox.oneview.fault({ kind: 'hang' })
    await expect(fetch(`${sandbox.oneview.url}/v1/tickets`, { signal: AbortSignal.timeout(50) })).rejects.toThrow()
    expect(sandbox.oneview.calls()).toEqual({ list: 2 })
  })

  it('can be limited to an operation and a number of calls, and can follow the work', async () => {
    const sandbox = await start()
    const id = (await list(sandbox)).body.list.find((ticket: { status?: string }) => ticket.status === 'ASSIGNED').id
    sandbox.oneview.fault({ kind: 'status', status: 500, operation: 'close', times: 1, afterWork: true })
    expect((await list(sandbox)).status).toBe(200)
    expect((await call(sandbox.oneview, 'POST', `/v1/tickets/${id}/close`, {})).status).toBe(500)
    expect(sandbox.oneview.ticket(id)).toMatchObject({ status: 'CLOSED' })
    expect((await call(sandbox.oneview, 'POST', `/v1/tickets/${id}/close`, {})).status).toBe(409)
  })

  it('and the counts can be read and set over HTTP, without a token', async () => {
    const sandbox = await start()
    const control = (method: string, path: string, body?: unknown) =>
      fetch(new URL(`/_sandbox${path}`, sandbox.verifik.url), { method, ...(body ? { body: JSON.stringify(body) } : {}) })
    expect((await control('PUT', '/fault', { kind: 'status', status: 503 })).status).toBe(204)
    expect((await call(sandbox.verifik, 'GET', '/v2/support-tickets')).status).toBe(503)
    expect((await control('DELETE', '/fault')).status).toBe(204)
    expect((await call(sandbox.verifik, 'GET', '/v2/support-tickets')).status).toBe(200)
    expect(await (await control('GET', '/calls')).json()).toMatchObject({ counts: { list: 2 } })
    await control('DELETE', '/calls')
    expect(sandbox.verifik.calls()).toEqual({})
    expect(await (await control('GET', '/tickets')).json()).toEqual({ count: 600 })
    expect(await (await control('GET', '/tickets/support_ticket_123456789')).json()).toMatchObject({
      title: 'API Integration Issue',
    })
    expect((await control('GET', '/tickets/none')).status).toBe(404)
  })
})

describe('the partners of the sandbox', () => {
  const body = JSON.stringify({ type: 'STORE_SUPPORT_TICKET_EVENT', timestamp: '2026-03-02T00:00:00.000Z', data: { id: 'x' } })
  const deliver = async (sandbox: Sandbox, changed: Record<string, string> = {}) => {
    const { token, url } = sandbox.partners
    const at = new Date()
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(token).sign('msg_1', at, body),
      'x-signature': createHmac('sha256', Buffer.from(token.slice('whsec_'.length), 'base64'))
        .update(body)
        .digest('hex'),
      ...changed,
    }
    return (await fetch(`${url}/hooks/careco`, { method: 'POST', body, headers })).status
  }

  it('accept a delivery with both signatures, once per webhook-id', async () => {
    const sandbox = await start()
    expect([await deliver(sandbox), await deliver(sandbox)]).toEqual([200, 200])
    expect(sandbox.partners.received()).toEqual([
      { partner: 'careco', webhookId: 'msg_1', event: 'STORE_SUPPORT_TICKET_EVENT', body: JSON.parse(body) },
    ])
    expect(sandbox.partners.calls()).toEqual({ delivery: 2 })
  })

  it('refuse a delivery when one signature is wrong', async () => {
    const sandbox = await start()
    expect(await deliver(sandbox, { 'x-signature': '00' })).toBe(401)
    expect(await deliver(sandbox, { 'webhook-signature': 'v1,AAAA' })).toBe(401)
    expect([sandbox.partners.received(), sandbox.partners.refused()]).toEqual([[], 2])
  })
})

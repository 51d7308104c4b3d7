import { describe, expect, it } from 'vitest'
import { toLimits } from '../../../src/sources/budget/limits.ts'
import { freshdeskConfig } from '../../../src/sources/freshdesk/config.ts'
import { createHintHandler } from '../../../src/sources/freshdesk/hints.ts'
import { plans, readLimits } from '../../../src/sources/freshdesk/limits.ts'
import { someCall } from '../../support/call.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'
import { json, type VendorCall } from '../../support/vendor.ts'
import { conversations, freshdeskAt, freshdeskRef, included, linesOf, startFreshdesk, ticket } from './freshdesk-fixture.ts'

const secret = 'secret-of-the-automation-rule'

describe('a webhook of an automation rule of Freshdesk', () => {
  const handler = createHintHandler(toSourceInfo('freshdesk'), [secret, 'the-former-secret-of-the-rule'])
  const request = (body: string, headers: { [name: string]: string } = {}) => ({
    ...{ rawBody: Buffer.from(body), contentType: 'application/json' },
    headers,
    query: {},
  })
  const basic = (name: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
  })
  const body = '{ "ticket_id": "20" }'

  it('FRESHDESK-16 shows its secret in a header, or as a password: Freshdesk signs nothing', () => {
    expect(handler.authorise(request(body, { 'x-deskgraph-secret': secret }))).toBe(true)
    expect(handler.authorise(request(body, { 'x-deskgraph-secret': 'the-former-secret-of-the-rule' }))).toBe(true)
    expect(handler.authorise(request(body, basic('deskgraph', secret)))).toBe(true)
    const others: readonly { [name: string]: string }[] = [
      {},
      { 'x-deskgraph-secret': '' },
      { 'x-deskgraph-secret': `${secret} ` },
      basic('other', secret),
      basic('deskgraph', 'x'),
      { authorization: `Bearer ${secret}` },
    ]
    for (const headers of others) expect(handler.authorise(request(body, headers))).toBe(false)
  })

  it('FRESHDESK-16 names its ticket, and says that it is gone; nothing else of the body counts, and it has no id', () => {
    expect(handler.read(request(body))).toEqual({ deliveryId: null, ticketIds: ['20'], removed: false })
    expect(handler.read(request('{ "ticket_id": 20, "event": "status", "status": "Closed" }'))).toMatchObject({
      ticketIds: ['20'],
      removed: false,
    })
    expect(handler.read(request('{ "ticket_id": "20", "event": "deleted" }'))).toMatchObject({ removed: true })
    expect(handler.read(request('{ "ticket_id": "20", "event": "spam" }'))).toMatchObject({ removed: true })
    for (const text of ['{}', '[]', '{"ticket_id":"{{ticket.id}}"}', '{"ticket_id":"20/../21"}', '{"ticket_id":-1}'])
      expect(() => handler.read(request(text))).toThrow('ticket_id')
    expect(() => handler.read(request('ticket_id=20'))).toThrow()
  })
})

describe('the limits of Freshdesk', () => {
  it('FRESHDESK-17 are those of the plan: all calls by what they cost, and lists, new tickets and changes by their number', () => {
    const numbersOf = (plan: keyof typeof plans) => plans[plan].map(({ name, calls, windowMs }) => [name, calls, windowMs])
    expect(numbersOf('growth')).toEqual([
      ['all', 200, 60_000],
      ['list', 20, 60_000],
      ['create', 80, 60_000],
      ['update', 80, 60_000],
    ])
    expect(numbersOf('trial').map(([, calls]) => calls)).toEqual([50, 20, 20, 20])
    expect(numbersOf('pro').map(([, calls]) => calls)).toEqual([400, 100, 160, 160])
    expect(numbersOf('enterprise').map(([, calls]) => calls)).toEqual([700, 200, 280, 280])
    expect(freshdeskConfig.parse({ url: 'https://company.freshdesk.com', token: 'key' }).budget.plan).toBe('growth')
  })

  it('FRESHDESK-17 are corrected by the headers of an answer, in which nonsense says nothing', () => {
    const headers = { 'x-ratelimit-total': '700', 'x-ratelimit-remaining': '689', 'x-ratelimit-used-currentrequest': '3' }
    expect(readLimits(headers)).toEqual([{ limit: 'all', total: 700, remaining: 689 }])
    expect(readLimits({ 'x-ratelimit-remaining': '0' })).toEqual([{ limit: 'all', remaining: 0 }])
    expect(readLimits({ 'x-ratelimit-total': 'many', 'x-ratelimit-remaining': '-1' })).toEqual([])
  })

  it('FRESHDESK-17 hold calls that would cost more than is left: a list with two parts counts as five calls, and as one list', async () => {
    const vendor = await startFreshdesk({ 'GET /api/v2/tickets': [{ ...ticket, ...included }] })
    // Three calls for the tables of the account, and two lists of five.
    const source = freshdeskAt(vendor.url, { budget: { calls: { all: 14, list: 3 } }, timeoutMs: 1000 })
    const list = (wanted: readonly ('customer' | 'description')[], updatedAfter: string) =>
      source.listTickets(
        { filter: { updatedAfter }, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 5, wanted },
        someCall(),
      )
    await list(['customer', 'description'], '2026-01-01T00:00:00.000Z')
    await list(['customer', 'description'], '2026-01-02T00:00:00.000Z')
    await expect(list(['customer'], '2026-01-03T00:00:00.000Z')).rejects.toMatchObject({ code: 'BUDGET_HELD' })
    // One call is left, and one list.
    await list([], '2026-01-04T00:00:00.000Z')
    await expect(list([], '2026-01-05T00:00:00.000Z')).rejects.toMatchObject({ code: 'BUDGET_HELD' })
    expect(linesOf(vendor)).toHaveLength(3)
    expect(
      toLimits(freshdeskConfig.parse({ url: 'https://x.example', token: 'k', budget: { calls: { list: 5 } } }).budget, plans)[1],
    ).toMatchObject({ calls: 5, isOwn: true, countsCalls: true })
  })

  it('FRESHDESK-17 close after a 429 for as long as it says', async () => {
    let refused = true
    const vendor = await startFreshdesk({
      'GET /api/v2/tickets/20': (_: VendorCall, res) => {
        if (refused) res.writeHead(429, { 'retry-after': '30' }).end()
        else json(res, { ...ticket, ...included })
      },
      'GET /api/v2/tickets/20/conversations': conversations,
    })
    const source = freshdeskAt(vendor.url)
    const load = async () => (await source.loadTickets([freshdeskRef('20')], someCall(), new Set()))[0]
    expect(await load()).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfter: 30 })
    refused = false
    expect(await load()).toMatchObject({ code: 'BUDGET_HELD' })
    expect(linesOf(vendor)).toHaveLength(1)
  })
})

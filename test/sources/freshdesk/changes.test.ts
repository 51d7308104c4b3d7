import { describe, expect, it } from 'vitest'
import { toLimits } from '../../../src/sources/budget/limits.ts'
import { freshdeskConfig } from '../../../src/sources/freshdesk/config.ts'
import { plans } from '../../../src/sources/freshdesk/limits.ts'
import { someCall } from '../../support/call.ts'
import { json, type VendorCall } from '../../support/vendor.ts'
import { conversations, freshdeskAt, freshdeskRef, included, linesOf, startFreshdesk, ticket } from './freshdesk-fixture.ts'

describe('the limits of Freshdesk', () => {
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

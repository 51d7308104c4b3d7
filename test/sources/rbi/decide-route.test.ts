import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toInstant } from '../../../src/domain/instant.ts'
import { decideRoute, type RoutableTicket } from '../../../src/sources/rbi/decide-route.ts'
import { type Market, routingFile } from '../../../src/sources/rbi/routing-file.ts'

const submittedAt = '2026-03-01T12:00:00.000Z'
const store = { key: 'order', label: 'My order', ticketType: 'STORE' as const }
const general = { key: 'other', label: 'Other', ticketType: 'GENERAL' as const }
const missing = { key: 'missing-item', issueId: 'KF-102', submitToExternalPartners: true, selectRecentOrder: true }

const partner = (key: string, events: string[], stores?: string[]) => ({
  key,
  url: 'https://partner.example/hook',
  secret: 'partner-secret-of-the-tests',
  events,
  ...(stores ? { stores } : {}),
})
const careco = partner('careco', ['STORE_SUPPORT_TICKET_EVENT'], ['1001', '1002'])
const second = partner('second', ['STORE_SUPPORT_TICKET_EVENT', 'GENERAL_SUPPORT_TICKET_EVENT'], ['1001'])
const regional = partner('regional', ['GENERAL_SUPPORT_TICKET_EVENT'])

function market(partners: object[] = [careco, regional], threshold = 120): Market {
  const group = (of: object) => ({ ...of, subCategories: [missing] })
  const file = {
    markets: [
      {
        key: 'plk-eu',
        brand: 'plk',
        region: 'eu',
        storeSupportTicketTimeThresholdMinutes: threshold,
        categoryGroups: [group(store), group(general)],
        partners,
      },
    ],
  }
  return routingFile.parse(file).markets[0]!
}

function ticket(
  changes: Partial<RoutableTicket> & { readonly type?: 'STORE' | 'GENERAL'; readonly sub?: object } = {},
): RoutableTicket {
  const { type = 'STORE', sub = {}, ...rest } = changes
  const group = market().categoryGroups.find(({ ticketType }) => ticketType === type)!
  return { group, subCategory: { ...missing, ...sub }, storeId: '1001', order: { placedAt: '2026-03-01T11:00:00.000Z' }, ...rest }
}

describe('the routing decision', () => {
  it.each([
    [
      'a STORE ticket within the threshold goes to the partner of its store (RBI-02)',
      ticket(),
      'STORE',
      'STORE_SUBSCRIBED',
      'careco',
    ],
    [
      'a GENERAL ticket goes to the partner of the region (RBI-02)',
      ticket({ type: 'GENERAL' }),
      'GENERAL',
      'GENERAL_SUBSCRIBED',
      'regional',
    ],
    ['STORE without an order goes to GENERAL (RBI-03)', ticket({ order: null }), 'GENERAL', 'NO_ORDER', 'regional'],
    [
      'an order that the guest could not select does not count',
      ticket({ sub: { selectRecentOrder: false } }),
      'GENERAL',
      'NO_ORDER',
      'regional',
    ],
    [
      'an order of unknown time goes to GENERAL (DECISION-28)',
      ticket({ order: { placedAt: null } }),
      'GENERAL',
      'ORDER_TIME_UNKNOWN',
      'regional',
    ],
    [
      'exactly at the threshold is still STORE (DECISION-28)',
      ticket({ order: { placedAt: '2026-03-01T10:00:00.000Z' } }),
      'STORE',
      'STORE_SUBSCRIBED',
      'careco',
    ],
    [
      'one millisecond past the threshold is GENERAL (RBI-03)',
      ticket({ order: { placedAt: '2026-03-01T09:59:59.999Z' } }),
      'GENERAL',
      'PAST_THRESHOLD',
      'regional',
    ],
    [
      'an order placed in the future is STORE',
      ticket({ order: { placedAt: '2026-03-01T12:05:00.000Z' } }),
      'STORE',
      'STORE_SUBSCRIBED',
      'careco',
    ],
    [
      'a ticket whose switch is off goes to no partner (RBI-03)',
      ticket({ sub: { submitToExternalPartners: false } }),
      'NONE',
      'SWITCH_OFF',
      null,
    ],
    [
      'a ticket of a store without a partner goes to no partner, also not as GENERAL (DECISION-28)',
      ticket({ storeId: '9999' }),
      'NONE',
      'NO_PARTNER',
      null,
    ],
    ['a STORE ticket without a store goes to no partner', ticket({ storeId: null }), 'NONE', 'NO_PARTNER', null],
  ])('%s', (_, given, type, rule, receiver) => {
    expect(decideRoute(market(), given, submittedAt).decision).toMatchObject({
      type,
      rule,
      partners: receiver === null ? [] : [receiver],
    })
  })

  it('sends a ticket to every partner that matches, in the order of the file', () => {
    const { decision, partners } = decideRoute(market([careco, second, regional]), ticket(), submittedAt)
    expect(decision.partners).toEqual(['careco', 'second'])
    expect(partners.map(({ key }) => key)).toEqual(['careco', 'second'])
  })

  it('leaves a GENERAL ticket unrouted when no partner is subscribed for the region', () => {
    expect(decideRoute(market([careco]), ticket({ type: 'GENERAL' }), submittedAt)).toMatchObject({
      decision: { type: 'NONE', rule: 'NO_PARTNER', partners: [] },
      type: 'GENERAL',
      partners: [],
    })
  })

  it('has a trace of every step (RBI-04)', () => {
    expect(
      decideRoute(market(), ticket({ order: { placedAt: '2026-03-01T09:00:00.000Z' } }), submittedAt).decision.trace,
    ).toEqual([
      'The category "order" has the ticket type STORE.',
      'Submitted 180 minutes after the order was placed, past the threshold of 120 minutes: STORE becomes GENERAL.',
      'Subscribed to GENERAL_SUPPORT_TICKET_EVENT for the region "eu": regional.',
    ])
  })

  it('rounds the minutes of its trace up, so that a time past the threshold never reads as within it', () => {
    const { trace } = decideRoute(market(), ticket({ order: { placedAt: '2026-03-01T09:59:59.999Z' } }), submittedAt).decision
    expect(trace[1]).toContain('Submitted 121 minutes after')
  })
})

describe('for any ticket', () => {
  const anyTicket = fc.record({
    type: fc.constantFrom('STORE', 'GENERAL'),
    sub: fc.record({ submitToExternalPartners: fc.boolean(), selectRecentOrder: fc.boolean() }),
    storeId: fc.constantFrom(null, '1001', '1002', '9999'),
    order: fc.option(
      fc.record({
        placedAt: fc.option(
          fc.integer({ min: -1_000, max: 1_000 }).map((minutes) => toInstant(Date.parse(submittedAt) + minutes * 60_000)),
        ),
      }),
    ),
  })
  const anyMarket = fc
    .tuple(fc.subarray([careco, second, regional]), fc.integer({ min: 0, max: 600 }))
    .map(([partners, threshold]) => market(partners, threshold))

  const holds = (property: (m: Market, t: RoutableTicket, r: ReturnType<typeof decideRoute>) => void) =>
    fc.assert(
      fc.property(anyMarket, anyTicket, (m, given) => {
        const t = ticket(given as Parameters<typeof ticket>[0])
        property(m, t, decideRoute(m, t, submittedAt))
      }),
      { numRuns: 500 },
    )

  it('a partner receives it exactly when the decision is not NONE', () =>
    holds((_m, _t, { decision, partners }) => {
      expect(decision.type === 'NONE').toBe(partners.length === 0)
      expect(decision.partners).toEqual(partners.map(({ key }) => key))
    }))

  it('each receiver is subscribed to the event it gets, and for STORE to the store', () =>
    holds((_m, t, { type, partners }) => {
      for (const { events, stores } of partners) {
        expect(events).toContain(`${type}_SUPPORT_TICKET_EVENT`)
        if (type === 'STORE') expect(stores).toContain(t.storeId)
      }
    }))

  it('every partner that matches receives it (DECISION-28)', () =>
    holds((m, t, { decision, type, partners }) => {
      if (decision.rule === 'SWITCH_OFF') return
      const matching = m.partners.filter(
        ({ events, stores }) =>
          events.includes(`${type}_SUPPORT_TICKET_EVENT`) && (type === 'GENERAL' || stores?.includes(t.storeId ?? '')),
      )
      expect(partners).toEqual(matching)
    }))

  it('STORE needs a STORE group, an order with a time, and a time within the threshold', () =>
    holds((m, t, { type }) => {
      const placedAt = t.order?.placedAt
      const within =
        placedAt != null && Date.parse(submittedAt) - Date.parse(placedAt) <= m.storeSupportTicketTimeThresholdMinutes * 60_000
      expect(type === 'STORE').toBe(t.group.ticketType === 'STORE' && t.subCategory.selectRecentOrder && within)
    }))

  it('the switch overrides every other rule (RBI-03)', () =>
    holds((_m, t, { decision }) => {
      if (!t.subCategory.submitToExternalPartners) expect(decision.rule).toBe('SWITCH_OFF')
      else expect(decision.rule).not.toBe('SWITCH_OFF')
    }))
})

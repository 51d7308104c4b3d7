import { describe, expect, it } from 'vitest'
import { decideRoute, type RoutableTicket } from '../../../src/sources/rbi/decide-route.ts'
import { routingFile } from '../../../src/sources/rbi/routing-file.ts'

const submittedAt = '2026-03-01T12:00:00.000Z'
const partner = (key: string, event: string, stores?: string[]) => ({
  ...{ key, url: 'https://partner.example/hook', secret: 'partner-secret-of-the-tests', events: [event] },
  ...(stores && { stores }),
})
const subCategory = { key: 'missing-item', issueId: 'KF-102', submitToExternalPartners: true, selectRecentOrder: true }
const group = (key: string, ticketType: string) => ({ key, label: key, ticketType, subCategories: [subCategory] })
const market = routingFile.parse({
  markets: [
    {
      ...{ key: 'plk-eu', brand: 'plk', region: 'eu', storeSupportTicketTimeThresholdMinutes: 120 },
      categoryGroups: [group('order', 'STORE'), group('other', 'GENERAL')],
      partners: [
        ...[partner('careco', 'STORE_SUPPORT_TICKET_EVENT', ['1001']), partner('second', 'STORE_SUPPORT_TICKET_EVENT', ['1001'])],
        partner('regional', 'GENERAL_SUPPORT_TICKET_EVENT'),
      ],
    },
  ],
}).markets[0]!
const [store, general] = market.categoryGroups as [RoutableTicket['group'], RoutableTicket['group']]
const traceOf = (changes: Partial<RoutableTicket> = {}, among = market) =>
  decideRoute(
    among,
    { group: store, subCategory: store.subCategories[0]!, storeId: '1001', order: { placedAt: submittedAt }, ...changes },
    submittedAt,
  ).decision.trace
const placed = (placedAt: string) => traceOf({ order: { placedAt } })[1]
const toGeneral = 'Subscribed to GENERAL_SUPPORT_TICKET_EVENT for the region "eu": regional.'
const isStore = 'The category "order" has the ticket type STORE.'

describe('RBI-04: the trace of a routing decision', () => {
  it('names the type, the time since the order and the partners', () => {
    expect(traceOf()).toEqual([
      isStore,
      'Submitted 0 minutes after the order was placed, within the threshold of 120 minutes.',
      'Subscribed to STORE_SUPPORT_TICKET_EVENT for the store "1001": careco, second.',
    ])
    expect(traceOf({ group: general })).toEqual(['The category "other" has the ticket type GENERAL.', toGeneral])
  })

  it('says why STORE becomes GENERAL', () => {
    expect(traceOf({ order: null })).toEqual([isStore, 'The ticket has no order: STORE becomes GENERAL.', toGeneral])
    expect(traceOf({ order: { placedAt: null } })).toEqual([
      ...[isStore, 'It is not known when the order was placed: STORE becomes GENERAL.', toGeneral],
    ])
    expect(traceOf({ subCategory: { ...store.subCategories[0]!, selectRecentOrder: false } })).toEqual([
      ...[isStore, 'The sub-category "missing-item" does not let the guest select an order: STORE becomes GENERAL.', toGeneral],
    ])
  })

  it('counts minutes, begun ones too, and none before the order', () => {
    expect(placed('2026-03-01T11:59:00.000Z')).toMatch(/^Submitted 1 minute after/)
    expect(placed('2026-03-01T11:59:59.999Z')).toMatch(/^Submitted 1 minute after/)
    expect(placed('2026-03-01T11:58:59.999Z')).toMatch(/^Submitted 2 minutes after/)
    expect(placed('2026-03-01T12:05:00.000Z')).toMatch(/^Submitted 0 minutes after .*, within/)
    expect(placed('2026-03-01T09:59:59.999Z')).toBe(
      'Submitted 121 minutes after the order was placed, past the threshold of 120 minutes: STORE becomes GENERAL.',
    )
  })

  it('says that no partner is called, or that none is subscribed', () => {
    expect(traceOf({ subCategory: { ...store.subCategories[0]!, submitToExternalPartners: false } })[2]).toBe(
      'The sub-category "missing-item" is not submitted to external partners: no partner is called.',
    )
    const none = (place: string, event = 'STORE') =>
      `No partner is subscribed to ${event}_SUPPORT_TICKET_EVENT for ${place}: the ticket is stored and can be routed later.`
    expect(traceOf({ storeId: '9' })[2]).toBe(none('the store "9"'))
    expect(traceOf({ storeId: null })[2]).toBe(none('a store that was not named'))
    expect(traceOf({ group: general }, { ...market, partners: [] })[1]).toBe(none('the region "eu"', 'GENERAL'))
  })
})

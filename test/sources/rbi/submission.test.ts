import { describe, expect, it } from 'vitest'
import type { CreateTicket } from '../../../src/domain/writes.ts'
import type { RoutingConfigStore } from '../../../src/sources/rbi/routing-config-store.ts'
import { routingFile } from '../../../src/sources/rbi/routing-file.ts'
import { toStoredSubmission, toSubmission } from '../../../src/sources/rbi/submission.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const sub = (key: string) => ({ key, issueId: 'KF-102', submitToExternalPartners: true })
const group = (key: string, ...keys: string[]) => ({ key, label: key, ticketType: 'STORE', subCategories: keys.map(sub) })
const routing = routingFile.parse({
  markets: ['plk-eu', 'plk-us'].map((key) => ({
    ...{ key, brand: 'plk', region: 'eu', storeSupportTicketTimeThresholdMinutes: 120 },
    categoryGroups: [group('order', 'missing-item', 'late'), group('other', 'app')],
  })),
})
const market = routing.markets[0]!
const asked: (string | null)[] = []
const store = {
  current: () => routing,
  findMarket(key: string | null) {
    asked.push(key)
    return routing.markets.find((one) => one.key === key) ?? null
  },
} as unknown as RoutingConfigStore

const input: CreateTicket = { source: 'rbi', market: 'plk-eu', category: 'order', subcategory: 'late' }
const submit = (changes: Partial<CreateTicket> = {}) => toSubmission(store, { ...input, ...changes })

describe('a new support ticket', () => {
  it('has the market, the category and the sub-category that it names', () => {
    const [order] = market.categoryGroups
    const place = { market, group: order, subCategory: order!.subCategories[1] }
    expect(submit()).toEqual({ ...place, storeId: null, order: null, input })
    const placedAt = '2024-03-01T11:30:00.000Z'
    const whole = { storeId: '1001', order: { externalId: 'PLK-1', placedAt } }
    expect(submit(whole)).toEqual({ ...place, storeId: '1001', order: { placedAt }, input: { ...input, ...whole } })
    expect(submit({ storeId: '', order: { externalId: 'PLK-1' } })).toMatchObject({ storeId: null, order: { placedAt: null } })
  })

  it('may leave out the market where there is one', () => {
    asked.length = 0
    for (const key of [undefined, null, '']) submit({ market: key })
    expect(asked).toEqual([null, null, null])
  })

  const error = (code: string, field: string, message: string) => ({ userErrors: [{ code, message, field: ['input', field] }] })
  it.each([
    [{ market: null }, error('REQUIRED', 'market', 'Name the market: one of plk-eu, plk-us.')],
    [{ market: '' }, error('REQUIRED', 'market', 'Name the market: one of plk-eu, plk-us.')],
    [{ market: 'plk' }, error('INVALID', 'market', 'There is no such market here: it is one of plk-eu, plk-us.')],
    [{ category: null }, error('REQUIRED', 'category', 'Name the category: one of order, other.')],
    [{ category: undefined }, error('REQUIRED', 'category', 'Name the category: one of order, other.')],
    [{ category: 'Order' }, error('INVALID', 'category', 'There is no such category here: it is one of order, other.')],
    [{ subcategory: '' }, error('REQUIRED', 'subcategory', 'Name the subcategory: one of missing-item, late.')],
    [
      { subcategory: 'app' },
      error('INVALID', 'subcategory', 'There is no such subcategory here: it is one of missing-item, late.'),
    ],
  ])('is refused with the valid keys: %j', (changes, expected) => {
    expect(submit(changes)).toEqual(expected)
  })
})

describe('a support ticket that was stored', () => {
  const source = toSourceInfo('rbi')
  const raw = {
    ...{ id: 'own-1', category: 'order', subcategory: 'late', comments: 'Cold.', createdAt: '2024-03-01T13:00:00+01:00' },
    store: { id: '1001', name: 'Gran Vía' },
    order: { id: 'PLK-1', placedAt: '2024-03-01T11:30:00Z' },
    customer: { id: 'g-1', name: 'Ana', email: 'ana@example.com', phone: '+1' },
  }
  const read = (changes: object = {}) => toStoredSubmission(market, toTicket(source, 'own-1', { raw: { ...raw, ...changes } }))

  it('says again what was submitted', () => {
    const [order] = market.categoryGroups
    const placedAt = '2024-03-01T11:30:00.000Z'
    expect(read()).toEqual({
      ...{ id: 'own-1', submittedAt: '2024-03-01T12:00:00.000Z' },
      submission: {
        ...{ market, group: order, subCategory: order!.subCategories[1], storeId: '1001', order: { placedAt } },
        input: {
          ...{ source: 'rbi', category: 'order', subcategory: 'late', description: 'Cold.', storeId: '1001' },
          order: { externalId: 'PLK-1', placedAt },
          customer: { externalId: 'g-1', name: 'Ana', email: 'ana@example.com', phone: '+1' },
        },
      },
    })
  })

  it.each([
    ['nothing of them', { comments: undefined, store: undefined, order: undefined, customer: undefined }],
    ['null for them', { comments: null, store: null, order: null, customer: null }],
  ])('needs no comments, store, order and customer: %s', (_name, changes) => {
    expect(read(changes)).toMatchObject({
      submission: { storeId: null, order: null, input: { description: null, storeId: null, order: null, customer: null } },
    })
  })

  it('needs no more of an order and a customer than it has', () => {
    expect(read({ order: { id: 'PLK-1' }, customer: {} })).toMatchObject({
      submission: {
        order: { placedAt: null },
        input: {
          order: { externalId: 'PLK-1', placedAt: null },
          customer: { externalId: null, name: null, email: null, phone: null },
        },
      },
    })
  })

  const unsaid = 'The record of this ticket does not say what was submitted.'
  it.each([
    ['id', { id: 7 }],
    ['category', { category: undefined }],
    ['sub-category', { subcategory: null }],
    ['time', { createdAt: 'soon' }],
    ['time of the order', { order: { id: 'PLK-1', placedAt: 'soon' } }],
    ['store', { store: {} }],
  ])('cannot be read without its %s', (_name, changes) => {
    expect(read(changes)).toBe(unsaid)
  })

  it('cannot be routed by a file that no longer has its category or sub-category', () => {
    const gone = 'The routing file has no such category or sub-category now.'
    expect([read({ category: 'gone' }), read({ subcategory: 'gone' })]).toEqual([gone, gone])
    expect(toStoredSubmission(market, toTicket(source, 'own-1', { raw: null }))).toBe(unsaid)
  })
})

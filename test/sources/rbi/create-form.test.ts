import { describe, expect, it } from 'vitest'
import { toCreateForm } from '../../../src/sources/rbi/create-form.ts'
import type { RoutingConfigStore } from '../../../src/sources/rbi/routing-config-store.ts'
import { routingFile } from '../../../src/sources/rbi/routing-file.ts'
import { routingText } from '../../delivery/delivery-fixture.ts'

const { allowPrivateNetworks, markets } = JSON.parse(routingText([]))

/** The routing file with these markets, as the store finds them. */
function routingOf(keys: readonly string[]): Pick<RoutingConfigStore, 'current' | 'findMarket'> {
  const routing = routingFile.parse({ allowPrivateNetworks, markets: keys.map((key) => ({ ...markets[0], key })) })
  return {
    current: () => routing,
    findMarket: (key) => routing.markets.find((one) => (key === null ? keys.length === 1 : one.key === key)) ?? null,
  }
}
const formOf = (keys: readonly string[], market: string | null) =>
  toCreateForm(routingOf(keys) as RoutingConfigStore, { market, queue: null, type: null })

describe('the form for a ticket that is routed', () => {
  it('has the categories and sub-categories of the only market, which need not be named', () => {
    const form = formOf(['plk-eu'], null)
    expect(form.map(({ key, required, dependsOn }) => [key, required, dependsOn])).toEqual([
      ['market', false, null],
      ['category', true, null],
      ['subcategory', true, 'category'],
      ['description', false, null],
      ['storeId', false, null],
      ['order', false, null],
      ['customer', false, null],
    ])
    expect(form[1]!.options).toEqual([
      { key: 'order', label: 'My order', parent: null },
      { key: 'other', label: 'Something else', parent: null },
    ])
    expect(form[2]!.options).toEqual([
      { key: 'missing-item', label: 'missing-item', parent: 'order' },
      { key: 'app', label: 'app', parent: 'other' },
      { key: 'praise', label: 'praise', parent: 'other' },
    ])
  })

  it('names its fields for people, and says what each takes', () => {
    const anyValue = { required: false, options: null, dependsOn: null }
    const [market, category, subcategory, ...others] = formOf(['plk-eu'], null)
    expect(market).toEqual({
      ...{ key: 'market', label: 'Market', type: 'CHOICE', required: false, dependsOn: null },
      options: [{ key: 'plk-eu', label: 'plk-eu', parent: null }],
    })
    expect(category).toMatchObject({ label: 'Category', type: 'CHOICE' })
    expect(subcategory).toMatchObject({ label: 'Sub-category', type: 'CHOICE' })
    expect(others).toEqual([
      { key: 'description', label: 'Comments', type: 'TEXT', ...anyValue },
      { key: 'storeId', label: 'Store', type: 'TEXT', ...anyValue },
      { key: 'order', label: 'Order', type: 'OTHER', ...anyValue },
      { key: 'customer', label: 'Guest', type: 'OTHER', ...anyValue },
    ])
  })

  it('names a sub-category by its label', () => {
    const [market] = markets
    const [group] = market.categoryGroups
    const labelled = { ...group, subCategories: [{ ...group.subCategories[0], label: 'An item is missing' }] }
    const routing = routingFile.parse({ allowPrivateNetworks, markets: [{ ...market, categoryGroups: [labelled] }] })
    const store = { current: () => routing, findMarket: () => routing.markets[0]! } as unknown as RoutingConfigStore
    expect(toCreateForm(store, { market: null, queue: null, type: null })[2]?.options).toEqual([
      { key: 'missing-item', label: 'An item is missing', parent: 'order' },
    ])
  })

  it('asks for the market alone while there are several and none is chosen', () => {
    const market = { key: 'market', required: true, options: [{ key: 'plk-eu' }, { key: 'plk-us' }] }
    expect(formOf(['plk-eu', 'plk-us'], null)).toMatchObject([market])
    expect(formOf(['plk-eu', 'plk-us'], 'nowhere')).toMatchObject([market])
    expect(formOf(['plk-eu', 'plk-us'], 'plk-us')).toHaveLength(7)
  })
})

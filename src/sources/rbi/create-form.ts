import type { FormField, FormOption, FormRequest } from '../source.ts'
import type { RoutingConfigStore } from './routing-config-store.ts'
import type { Market } from './routing-file.ts'

const anyValue = { options: null, dependsOn: null }

/**
 * What a ticket that is routed to partners needs, by the routing file. Without a market where there are several, the market is its
 * only field: its categories are known after it is chosen.
 */
export function toCreateForm(routingConfig: RoutingConfigStore, { market: chosen }: FormRequest): readonly FormField[] {
  const { markets } = routingConfig.current()
  const market = routingConfig.findMarket(chosen)
  const marketField: FormField = {
    key: 'market',
    label: 'Market',
    type: 'CHOICE',
    required: markets.length > 1,
    options: markets.map(({ key }) => ({ key, label: key, parent: null })),
    dependsOn: null,
  }
  return market ? [marketField, ...toFieldsOf(market)] : [marketField]
}

function toFieldsOf({ categoryGroups }: Market): readonly FormField[] {
  const groups: FormOption[] = categoryGroups.map(({ key, label }) => ({ key, label, parent: null }))
  const subCategories: FormOption[] = categoryGroups.flatMap((group) =>
    group.subCategories.map(({ key, label }) => ({ key, label: label ?? key, parent: group.key })),
  )
  return [
    { key: 'category', label: 'Category', type: 'CHOICE', required: true, options: groups, dependsOn: null },
    { key: 'subcategory', label: 'Sub-category', type: 'CHOICE', required: true, options: subCategories, dependsOn: 'category' },
    { key: 'description', label: 'Comments', type: 'TEXT', required: false, ...anyValue },
    { key: 'storeId', label: 'Store', type: 'TEXT', required: false, ...anyValue },
    { key: 'order', label: 'Order', type: 'OTHER', required: false, ...anyValue },
    { key: 'customer', label: 'Guest', type: 'OTHER', required: false, ...anyValue },
  ]
}

import { toKeyBytes } from '../../delivery/send-attempt.ts'
import { createSsrfGuard, isNetwork, type SsrfGuard } from '../../delivery/ssrf-guard.ts'
import type { Market, Partner, Routing } from './routing-file.ts'

/** Something about the routing file, and where: ["markets", 0, "partners", 1, "url"]. It repeats no secret and no address. */
export interface RoutingProblem {
  readonly path: readonly (string | number)[]
  readonly problem: string
}
type Path = readonly (string | number)[]

/** What is wrong between the fields of a file that has the right shape. */
export function findRoutingFaults(routing: Routing): RoutingProblem[] {
  const networks = findNetworkFaults(routing)
  // Without a list of allowed networks no address can be judged.
  return [...networks, ...findRepeatedKeys(routing), ...(networks.length > 0 ? [] : findPartnerFaults(routing))]
}

/** What works but cannot be meant. */
export function findRoutingWarnings({ markets }: Routing): RoutingProblem[] {
  return [...markets.flatMap(findUnreachable), ...findIdleStores(markets)]
}

function findNetworkFaults({ allowPrivateNetworks }: Routing): RoutingProblem[] {
  return allowPrivateNetworks.flatMap((network, i) =>
    isNetwork(network) ? [] : [{ path: ['allowPrivateNetworks', i], problem: 'this is not a network such as 10.1.2.0/24' }],
  )
}

function findRepeatedKeys({ markets }: Routing): RoutingProblem[] {
  return [
    ...repeatedKeys(markets, ['markets']),
    ...markets.flatMap((market, m) => [
      ...repeatedKeys(market.partners, ['markets', m, 'partners']),
      ...repeatedKeys(market.categoryGroups, ['markets', m, 'categoryGroups']),
      ...market.categoryGroups.flatMap((group, g) =>
        repeatedKeys(group.subCategories, ['markets', m, 'categoryGroups', g, 'subCategories']),
      ),
    ]),
  ]
}

function repeatedKeys(items: readonly { readonly key: string }[], path: Path): RoutingProblem[] {
  const seen = new Set<string>()
  return items.flatMap(({ key }, i) => {
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    return [{ path: [...path, i, 'key'], problem: `the key "${key}" is taken by an earlier one` }]
  })
}

function findPartnerFaults({ markets, allowPrivateNetworks }: Routing): RoutingProblem[] {
  const guard = createSsrfGuard(allowPrivateNetworks)
  return eachPartner(markets).flatMap(({ partner, path }) => [
    ...findUrlFaults(partner, path, guard),
    ...findSecretFaults(partner, path),
    ...findSubscriptionFaults(partner, path),
  ])
}

function findUrlFaults({ url }: Partner, path: Path, guard: SsrfGuard): RoutingProblem[] {
  const problem = guard.checkUrl(url)
  return problem ? [{ path: [...path, 'url'], problem: `no partner can be called here: ${problem}` }] : []
}

function findSecretFaults(partner: Partner, path: Path): RoutingProblem[] {
  if ([partner.secret].flat().every((secret) => toKeyBytes(secret))) return []
  return [{ path: [...path, 'secret'], problem: 'what follows whsec_ is not base64' }]
}

function findSubscriptionFaults({ events, stores }: Partner, path: Path): RoutingProblem[] {
  if (!events.includes('STORE_SUPPORT_TICKET_EVENT') || stores) return []
  return [{ path: [...path, 'stores'], problem: 'STORE_SUPPORT_TICKET_EVENT is per store: name the stores' }]
}

function findUnreachable(market: Market, m: number): RoutingProblem[] {
  return market.categoryGroups.flatMap((group, g) =>
    group.subCategories.flatMap((subCategory, s) => {
      if (group.ticketType !== 'STORE' || subCategory.selectRecentOrder || !subCategory.submitToExternalPartners) return []
      const path = ['markets', m, 'categoryGroups', g, 'subCategories', s, 'selectRecentOrder']
      return [
        {
          path,
          problem: `"${subCategory.key}" can never match STORE: its guest cannot select an order, so every ticket goes to GENERAL`,
        },
      ]
    }),
  )
}

function findIdleStores(markets: readonly Market[]): RoutingProblem[] {
  return eachPartner(markets).flatMap(({ partner, path }) => {
    if (!partner.stores || partner.events.includes('STORE_SUPPORT_TICKET_EVENT')) return []
    return [{ path: [...path, 'stores'], problem: 'the stores have no effect without STORE_SUPPORT_TICKET_EVENT' }]
  })
}

function eachPartner(markets: readonly Market[]): { partner: Partner; path: Path }[] {
  return markets.flatMap((market, m) => market.partners.map((partner, p) => ({ partner, path: ['markets', m, 'partners', p] })))
}

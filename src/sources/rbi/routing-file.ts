import { z } from 'zod'
import { createSsrfGuard, isNetwork, type SsrfGuard } from '../../delivery/ssrf-guard.ts'
import { signingSecret } from '../../domain/config-values.ts'

/** The two webhooks that a partner can subscribe to (RBI partner API, "SupportTicketsWebhook"). */
export const supportEvents = {
  STORE: 'STORE_SUPPORT_TICKET_EVENT',
  GENERAL: 'GENERAL_SUPPORT_TICKET_EVENT',
} as const
export type SupportType = keyof typeof supportEvents

// Keys are part of queue names and ids, hence the narrow alphabet.
const key = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'a key is 1 to 64 of the characters A-Z a-z 0-9 _ -')
  .describe('A short name, unique among its neighbours')

const subCategory = z
  .strictObject({
    key: key.describe('What clients send as `subcategory`'),
    label: z.string().min(1).optional().describe('What people read; the key when left out'),
    issueId: z.string().min(1).describe('The issue id agreed with the partners; they receive it as `subcategoryId`'),
    submitToExternalPartners: z.boolean().describe('The switch "submit support requests to external partners"'),
    selectRecentOrder: z.boolean().default(false).describe('Whether the guest is asked to choose a recent order'),
  })
  .describe('What exactly the guest reports')

const categoryGroup = z
  .strictObject({
    key: key.describe('What clients send as `category`'),
    label: z.string().min(1).describe('What people read'),
    ticketType: z
      .enum(['STORE', 'GENERAL'])
      .describe('Whether its tickets go to the partner of the store or to the one of the region'),
    subCategories: z.array(subCategory).min(1).describe('The sub-categories of this group'),
  })
  .describe('A group of sub-categories that share a ticket type')

const secrets = z
  .union([signingSecret, z.array(signingSecret).min(1).max(5)])
  .describe(
    'What deliveries are signed with: one secret of at least 16 bytes, or several while one is being replaced (then there is a signature for each)',
  )

const partner = z
  .strictObject({
    key: key.describe('How the partner is called in deliveries, logs and metrics'),
    url: z.string().min(1).describe('Where its deliveries are sent: https, unless its network is listed in allowPrivateNetworks'),
    secret: secrets,
    events: z
      .array(z.enum([supportEvents.STORE, supportEvents.GENERAL]))
      .min(1)
      .describe('What it is subscribed to'),
    stores: z.array(z.string().min(1)).min(1).optional().describe('The stores whose STORE tickets it receives'),
  })
  .describe('A partner, which receives tickets')

const market = z
  .strictObject({
    key: key.describe('What clients send as `market`'),
    brand: z.string().min(1).describe('The brand, e.g. plk'),
    region: z.string().min(1).describe('The region, e.g. eu; it is part of every delivery'),
    storeSupportTicketTimeThresholdMinutes: z
      .number()
      .min(0)
      .describe(
        '"Store Support Ticket Time Threshold": a STORE ticket submitted later than this after the order goes to GENERAL',
      ),
    categoryGroups: z.array(categoryGroup).min(1).describe('The support category groups of this market'),
    partners: z.array(partner).default([]).describe('The partners that receive the tickets of this market'),
  })
  .describe('One brand in one region and environment')

const shape = z
  .strictObject({
    allowPrivateNetworks: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Networks (CIDR) that partners may be in although they are private; plain http and any port are permitted there too',
      ),
    markets: z.array(market).min(1).describe('The markets that tickets can be raised in'),
  })
  .describe('Which partners receive which support tickets')

/**
 * The routing file. Parsing reports every error at its path, also those that no single field shows: repeated keys, addresses that
 * the SSRF guard refuses.
 */
export const routingFile = shape.superRefine((routing, context) => {
  for (const { path, problem } of findRoutingErrors(routing))
    context.addIssue({ code: 'custom', path: [...path], message: problem })
})

export type Routing = z.output<typeof shape>
export type Market = Routing['markets'][number]
export type CategoryGroup = Market['categoryGroups'][number]
export type SubCategory = CategoryGroup['subCategories'][number]
export type Partner = Market['partners'][number]

/** The secrets that sign deliveries to this partner. The first one also makes `x-signature`. */
export function secretsOf({ secret }: Pick<Partner, 'secret'>): readonly string[] {
  return typeof secret === 'string' ? [secret] : secret
}

type Path = readonly (string | number)[]

/** A problem in the routing file and its place, e.g. ["markets", 0, "partners", 1, "url"]. It repeats no secret and no address. */
export interface RoutingProblem {
  readonly path: Path
  readonly problem: string
}

/** Finds what is valid and is probably a mistake. */
export function findRoutingWarnings({ markets }: Routing): RoutingProblem[] {
  return [...markets.flatMap(findUnreachableSubCategories), ...findUnusedStores(markets)]
}

function findRoutingErrors(routing: Routing): RoutingProblem[] {
  const networks = findNetworkErrors(routing)
  // An address cannot be checked against a list of networks that is not valid.
  return [...networks, ...findRepeatedKeys(routing), ...(networks.length > 0 ? [] : findPartnerErrors(routing))]
}

function findNetworkErrors({ allowPrivateNetworks }: Routing): RoutingProblem[] {
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
  const keys = items.map(({ key }) => key)
  return keys.flatMap((key, i) =>
    keys.indexOf(key) === i ? [] : [{ path: [...path, i, 'key'], problem: `an earlier entry has the key "${key}" too` }],
  )
}

function findPartnerErrors({ markets, allowPrivateNetworks }: Routing): RoutingProblem[] {
  const guard = createSsrfGuard(allowPrivateNetworks)
  return listPartners(markets).flatMap(({ partner, path }) => [
    ...findUrlErrors(partner, path, guard),
    ...findSubscriptionErrors(partner, path),
  ])
}

function findUrlErrors({ url }: Partner, path: Path, guard: SsrfGuard): RoutingProblem[] {
  const problem = guard.checkUrl(url)
  return problem ? [{ path: [...path, 'url'], problem: `no partner can be called here: ${problem}` }] : []
}

function findSubscriptionErrors({ events, stores }: Partner, path: Path): RoutingProblem[] {
  if (!events.includes(supportEvents.STORE) || stores) return []
  return [{ path: [...path, 'stores'], problem: 'STORE_SUPPORT_TICKET_EVENT is per store: name the stores' }]
}

function findUnreachableSubCategories(market: Market, m: number): RoutingProblem[] {
  return market.categoryGroups.flatMap((group, g) =>
    group.subCategories.flatMap((subCategory, s) => {
      if (group.ticketType !== 'STORE' || subCategory.selectRecentOrder || !subCategory.submitToExternalPartners) return []
      const path = ['markets', m, 'categoryGroups', g, 'subCategories', s, 'selectRecentOrder']
      const reason = 'its guest cannot select an order, so every ticket goes to GENERAL'
      return [{ path, problem: `"${subCategory.key}" can never match STORE: ${reason}` }]
    }),
  )
}

function findUnusedStores(markets: readonly Market[]): RoutingProblem[] {
  return listPartners(markets).flatMap(({ partner, path }) => {
    if (!partner.stores || partner.events.includes(supportEvents.STORE)) return []
    return [{ path: [...path, 'stores'], problem: 'the stores have no effect without STORE_SUPPORT_TICKET_EVENT' }]
  })
}

function listPartners(markets: readonly Market[]): { partner: Partner; path: Path }[] {
  return markets.flatMap((market, m) => market.partners.map((partner, p) => ({ partner, path: ['markets', m, 'partners', p] })))
}

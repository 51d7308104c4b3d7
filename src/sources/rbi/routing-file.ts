import { z } from 'zod'
import { findRoutingFaults } from './routing-checks.ts'

/** The two webhooks that a partner can subscribe to (RBI partner API, "SupportTicketsWebhook"). */
export const supportEvents = {
  STORE: 'STORE_SUPPORT_TICKET_EVENT',
  GENERAL: 'GENERAL_SUPPORT_TICKET_EVENT',
} as const
export type SupportType = keyof typeof supportEvents

// Keys travel in queue names and ids, so their alphabet is narrow.
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
  .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(5)])
  .describe(
    'What deliveries are signed with: one secret, or several while one is being replaced (then there is a signature for each)',
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
  .describe('Somebody who receives tickets')

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
    partners: z.array(partner).default([]).describe('Who receives the tickets of this market'),
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
  .describe('Who receives which support tickets')

/** The routing file. Parsing reports every fault at its path, also those between fields: repeated keys, partner addresses, secrets. */
export const routingFile = shape.superRefine((routing, context) => {
  for (const { path, problem } of findRoutingFaults(routing))
    context.addIssue({ code: 'custom', path: [...path], message: problem })
})

export type Routing = z.output<typeof shape>
export type Market = Routing['markets'][number]
export type CategoryGroup = Market['categoryGroups'][number]
export type SubCategory = CategoryGroup['subCategories'][number]
export type Partner = Market['partners'][number]

/** What deliveries to this partner are signed with. The first secret also makes `x-signature`. */
export function secretsOf({ secret }: Pick<Partner, 'secret'>): readonly string[] {
  return typeof secret === 'string' ? [secret] : secret
}

import type { Instant } from '../../domain/instant.ts'
import type { SupportTicketData } from '../../domain/support-ticket.ts'
import type { CreateTicket, UserError } from '../../domain/writes.ts'
import type { RoutableTicket } from './decide-route.ts'
import type { RoutingConfigStore } from './routing-config-store.ts'
import { type CategoryGroup, type Market, type SubCategory, type SupportType, supportEvents } from './routing-file.ts'

/** A new ticket whose market, category and sub-category are known. */
export interface Submission extends RoutableTicket {
  readonly market: Market
  readonly input: CreateTicket
}

export type Understood<T> = T | { readonly userErrors: readonly UserError[] }

/** Finds what the input names, or says which field names nothing. */
export function toSubmission(routingConfig: RoutingConfigStore, input: CreateTicket): Understood<Submission> {
  const market = routingConfig.findMarket(input.market || null)
  if (!market) return refuse('market', input.market, routingConfig.current().markets)
  const unsupported = refuseUnsupported(input)
  return unsupported.length > 0 ? { userErrors: unsupported } : findSubmission(market, input)
}

/** The same within a market that is known. */
export function findSubmission(market: Market, input: CreateTicket): Understood<Submission> {
  const group = find(market.categoryGroups, input.category)
  if (!group) return refuse('category', input.category, market.categoryGroups)
  const subCategory = find(group.subCategories, input.subcategory)
  if (!subCategory) return refuse('subcategory', input.subcategory, group.subCategories)
  const order = input.order ? { placedAt: input.order.placedAt ?? null } : null
  return { market, group, subCategory, storeId: input.storeId || null, order, input }
}

/** RBI's payload has no place for these; a title is always the category's. */
function refuseUnsupported(input: CreateTicket): UserError[] {
  const fields = ['priority', 'tags', 'attachments'] as const
  return fields
    .filter((field) => (Array.isArray(input[field]) ? input[field].length > 0 : input[field]))
    .map((field) => ({
      code: 'NOT_SUPPORTED',
      message: `A ticket that is routed to partners has no ${field}.`,
      field: ['input', field],
    }))
}

function find<T extends CategoryGroup | SubCategory>(items: readonly T[], key: string | null | undefined): T | null {
  return items.find((item) => item.key === key) ?? null
}

function refuse(
  field: string,
  value: string | null | undefined,
  known: readonly { readonly key: string }[],
): { userErrors: UserError[] } {
  const choices = known.map(({ key }) => key).join(', ')
  const missing = value === undefined || value === null || value === ''
  const message = missing ? `Name the ${field}: one of ${choices}.` : `There is no such ${field} here: it is one of ${choices}.`
  return { userErrors: [{ code: missing ? 'REQUIRED' : 'INVALID', message, field: ['input', field] }] }
}

/** The ticket in the words of the rbi middleware. `id` is its external id, `createdAt` when it was submitted. */
export function toSupportTicket(
  { market, group, subCategory, input }: Submission,
  type: SupportType,
  id: string,
  createdAt: Instant,
): SupportTicketData {
  const { customer, order } = input
  return {
    id,
    type,
    category: group.key,
    subcategory: subCategory.key,
    subcategoryId: subCategory.issueId,
    comments: input.description ?? null,
    source: 'API',
    store: input.storeId ? { id: input.storeId } : null,
    order: order ? { id: order.externalId, placedAt: order.placedAt ?? null } : null,
    customer: customer
      ? {
          id: customer.externalId ?? null,
          name: customer.name ?? null,
          email: customer.email ?? null,
          phone: customer.phone ?? null,
        }
      : null,
    region: market.region,
    createdAt,
  }
}

/** The body of a delivery, as it is signed and sent. */
export function toDeliveryBody(data: SupportTicketData, timestamp: Instant): string {
  return JSON.stringify({ type: supportEvents[data.type], timestamp, data })
}

import { z } from 'zod'
import type { Instant } from '../../domain/instant.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { CreateTicket, UserError } from '../../domain/writes.ts'
import { toInstantFromIso } from '../decode.ts'
import type { RoutableTicket } from './decide-route.ts'
import type { RoutingConfigStore } from './routing-config-store.ts'
import type { CategoryGroup, Market, SubCategory } from './routing-file.ts'

/** A new ticket whose market, category and sub-category exist. */
export interface Submission extends RoutableTicket {
  readonly market: Market
  readonly input: CreateTicket
}

/** A value, or what is wrong with the input. */
export type Validated<T> = T | { readonly userErrors: readonly UserError[] }

/** Looks up the market, category and sub-category that the input names. An error lists the valid keys. */
export function toSubmission(routingConfig: RoutingConfigStore, input: CreateTicket): Validated<Submission> {
  const market = routingConfig.findMarket(input.market || null)
  return market ? toSubmissionIn(market, input) : toKeyError('market', input.market, routingConfig.current().markets)
}

function toSubmissionIn(market: Market, input: CreateTicket): Validated<Submission> {
  const group = findByKey(market.categoryGroups, input.category)
  if (!group) return toKeyError('category', input.category, market.categoryGroups)
  const subCategory = findByKey(group.subCategories, input.subcategory)
  if (!subCategory) return toKeyError('subcategory', input.subcategory, group.subCategories)
  const order = input.order ? { placedAt: input.order.placedAt ?? null } : null
  return { market, group, subCategory, storeId: input.storeId || null, order, input }
}

function findByKey<T extends CategoryGroup | SubCategory>(items: readonly T[], key: string | null | undefined): T | null {
  return items.find((item) => item.key === key) ?? null
}

function toKeyError(
  field: string,
  value: string | null | undefined,
  known: readonly { readonly key: string }[],
): { userErrors: UserError[] } {
  const choices = known.map(({ key }) => key).join(', ')
  const isMissing = value === undefined || value === null || value === ''
  const message = isMissing ? `Name the ${field}: one of ${choices}.` : `There is no such ${field} here: it is one of ${choices}.`
  return { userErrors: [{ code: isMissing ? 'REQUIRED' : 'INVALID', message, field: ['input', field] }] }
}

const instant = z.string().transform(toInstantFromIso).pipe(z.string())

/** The fields of `Ticket.raw` that routing reads again: our own tickets store what was submitted. */
const storedData = z.object({
  id: z.string(),
  category: z.string(),
  subcategory: z.string(),
  comments: z.string().nullish(),
  store: z.object({ id: z.string() }).nullish(),
  order: z.object({ id: z.string(), placedAt: instant.nullish() }).nullish(),
  customer: z
    .object({ id: z.string().nullish(), name: z.string().nullish(), email: z.string().nullish(), phone: z.string().nullish() })
    .nullish(),
  createdAt: instant,
})

/** A submission that was stored before: its external id, and when it was submitted. */
export interface StoredSubmission {
  readonly submission: Submission
  readonly id: string
  readonly submittedAt: Instant
}

/** Reads the submission back from a stored ticket, by the market's present configuration; a text says why that is not possible. */
export function toStoredSubmission(market: Market, ticket: Ticket): StoredSubmission | string {
  const data = storedData.safeParse(ticket.raw)
  if (!data.success) return 'The record of this ticket does not say what was submitted.'
  const submission = toSubmissionIn(market, toInput(ticket.source.key, data.data))
  if ('userErrors' in submission) return 'The routing file has no such category or sub-category now.'
  return { submission, id: data.data.id, submittedAt: data.data.createdAt }
}

function toInput(source: string, data: z.output<typeof storedData>): CreateTicket {
  const { customer, order } = data
  return {
    source,
    category: data.category,
    subcategory: data.subcategory,
    description: data.comments ?? null,
    storeId: data.store?.id ?? null,
    order: order ? { externalId: order.id, placedAt: order.placedAt ?? null } : null,
    customer: customer
      ? {
          externalId: customer.id ?? null,
          name: customer.name ?? null,
          email: customer.email ?? null,
          phone: customer.phone ?? null,
        }
      : null,
  }
}

import { z } from 'zod'
import { type Instant, toInstant } from '../../domain/instant.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { type CreateTicket, rejected, type WriteResult } from '../../domain/writes.ts'
import { type RoutedTicket, routeSubmission, type ToTicket } from './routed-ticket.ts'
import type { Market } from './routing-file.ts'
import { findSubmission } from './submission.ts'

const instant = z.iso.datetime({ offset: true }).transform((text) => toInstant(Date.parse(text)))

/** Our own tickets keep what was submitted as their record. */
const keptData = z.object({
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

/**
 * Decides again for a ticket that nobody received, by the market as it is now and as of when it was submitted: waiting for a
 * partner never turns STORE into GENERAL. Else says why not.
 */
export function rerouteTicket(toTicket: ToTicket, market: Market, ticket: Ticket, at: Instant): RoutedTicket | WriteResult {
  if (ticket.routing?.type !== 'NONE')
    return rejected('CONFLICT', 'Only a ticket that nobody received can be routed.', ['input', 'id'])
  const data = keptData.safeParse(ticket.raw)
  if (!data.success) return rejected('INVALID', 'The record of this ticket does not say what was submitted.', ['input', 'id'])
  const submission = findSubmission(market, toInput(ticket.source.key, data.data))
  if ('userErrors' in submission)
    return rejected('INVALID', 'The routing file has no such category or sub-category now.', ['input', 'id'])
  const routed = routeSubmission(toTicket, submission, data.data.id, data.data.createdAt, at)
  if (routed.partners.length === 0) {
    return rejected('INVALID', `Still nobody receives it (${routed.decision.rule}): ${routed.decision.trace.at(-1)}`, [
      'input',
      'id',
    ])
  }
  // Whatever else became of the ticket since stays.
  const { type, raw } = routed.ticket
  return { ...routed, ticket: { ...ticket, routing: routed.decision, type, raw, updatedAt: at } }
}

function toInput(source: string, data: z.output<typeof keptData>): CreateTicket {
  return {
    source,
    category: data.category,
    subcategory: data.subcategory,
    description: data.comments ?? null,
    storeId: data.store?.id ?? null,
    order: data.order ? { externalId: data.order.id, placedAt: data.order.placedAt ?? null } : null,
    customer: data.customer
      ? {
          externalId: data.customer.id ?? null,
          name: data.customer.name ?? null,
          email: data.customer.email ?? null,
          phone: data.customer.phone ?? null,
        }
      : null,
  }
}

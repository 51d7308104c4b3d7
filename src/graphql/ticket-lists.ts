import type { GraphQLResolveInfo } from 'graphql'
import { decodeId } from '../domain/ids.ts'
import type { TicketFilter } from '../domain/source.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { ListTickets, TicketPage } from '../tickets/types.ts'
import { type Connection, toConnection } from './connection.ts'
import type { GraphContext } from './context.ts'
import { requireRef } from './entity-refs.ts'
import { collectFaults } from './faults.ts'
import type { TicketFilterInput, TicketListArgs } from './inputs/list-args.ts'
import { toPageRequest } from './paging.ts'
import { requireScopes } from './policy-fields.ts'
import { requireSource } from './required-sources.ts'

/** A page of tickets for any list field. `within` narrows it to a customer or vendor and its one source. */
export async function listTickets(
  context: GraphContext,
  args: TicketListArgs,
  info: GraphQLResolveInfo,
  within: { readonly customer: string } | { readonly vendor: string } | null = null,
): Promise<Connection<Ticket> & Pick<TicketPage, 'totalCount' | 'sources'>> {
  const request = toListTickets(context, args)
  const page = await context.reads.list(within === null ? request : narrow(request, within))
  collectFaults(context, info, page.sources)
  return { ...toConnection(page.edges, page), totalCount: page.totalCount, sources: page.sources }
}

/** Arguments as the domain wants them. Throws BAD_USER_INPUT naming the argument, and FORBIDDEN for a search by e-mail without `customers:pii`. */
function toListTickets(context: GraphContext, args: TicketListArgs): ListTickets {
  const { first, after } = toPageRequest(args, context.services.maxPageSize)
  const { field, direction } = args.orderBy ?? { field: 'UPDATED_AT', direction: 'DESC' }
  const { sources, filter } = toTicketFilter(context, args.filter ?? {})
  return { sources, filter, order: { field, direction }, first, after }
}

export interface SourcesAndFilter {
  readonly sources: readonly string[] | null
  readonly filter: TicketFilter
}

export function toTicketFilter(context: GraphContext, input: TicketFilterInput): SourcesAndFilter {
  const { sources: keys, customerId, vendorId, ...plain } = input
  const sources = keys?.length ? keys : null
  // Whoever may not read an e-mail address must not be able to guess it by filtering either.
  if (plain.customerEmail != null) requireScopes(context, ['customers:pii'])
  for (const key of sources ?? []) requireSource(context.sources, key)
  const customer = customerId == null ? null : requireRef(customerId, 'customer', 'filter.customerId')
  const vendor = vendorId == null ? null : requireRef(vendorId, 'vendor', 'filter.vendorId')
  return { sources, filter: { ...plain, customer, vendor } }
}

/** A customer exists in one source alone, so only that one is asked; another one's tickets cannot match. */
function narrow(request: ListTickets, within: { readonly customer: string } | { readonly vendor: string }): ListTickets {
  const [part, id] = 'customer' in within ? (['customer', within.customer] as const) : (['vendor', within.vendor] as const)
  const ref = decodeId(id)
  if (!ref) return request
  const sources = request.sources === null ? [ref.sourceKey] : request.sources.filter((key) => key === ref.sourceKey)
  return { ...request, sources, filter: { ...request.filter, [part]: ref } }
}

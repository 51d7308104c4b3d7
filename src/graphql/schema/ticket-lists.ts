import type { GraphQLResolveInfo } from 'graphql'
import { decodeId, type EntityRef, encodeId } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { TicketFilter } from '../../sources/source.ts'
import type { ListTickets, TicketPage } from '../../tickets/pagination/list-tickets.ts'
import type { GraphContext } from '../context.ts'
import { collectFaults } from '../source-errors.ts'
import { type Connection, toConnection } from './connection.ts'
import { requireRef } from './entity-refs.ts'
import type { TicketFilterInput, TicketListArgs } from './inputs/list-args.ts'
import { toPageRequest } from './paging.ts'
import { requireScopes } from './policy-fields.ts'
import { requireSource } from './required-sources.ts'

/** A page of tickets for any list field. `within` narrows it to a customer or vendor and its one source. */
export async function listTickets(
  context: GraphContext,
  args: TicketListArgs,
  info: GraphQLResolveInfo,
  within: Owner | null = null,
): Promise<TicketList> {
  const asked = toListTickets(context, args)
  const request = within === null ? asked : narrow(asked, within)
  if (request === null) return { ...toConnection<Ticket>([], nothing), totalCount: 0, sources: [] }
  const page = await context.reads.list(request)
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

type Owner = { readonly part: 'customer' | 'vendor'; readonly id: string }
type TicketList = Connection<Ticket> & Pick<TicketPage, 'totalCount' | 'sources'>
const nothing = { hasNextPage: false, hasPreviousPage: false }

/** The owner exists in one source alone, so only that one is asked. null: the filter names another source or owner. */
function narrow(request: ListTickets, { part, id }: Owner): ListTickets | null {
  const ref = decodeId(id)
  const other = request.filter[part]
  if (!ref || (other && idOf(other) !== id) || request.sources?.includes(ref.sourceKey) === false) return null
  return { ...request, sources: [ref.sourceKey], filter: { ...request.filter, [part]: ref } }
}

function idOf({ kind, sourceKey, tenant, externalId }: EntityRef): string {
  return encodeId(kind, sourceKey, tenant, externalId)
}

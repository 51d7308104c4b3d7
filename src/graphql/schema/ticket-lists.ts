import type { GraphQLResolveInfo } from 'graphql'
import { Args, ArgsType, Ctx, Extensions, Field, FieldResolver, Info, Query, Resolver, Root } from 'type-graphql'
import { decodeId, encodeId } from '../../domain/ids.ts'
import type { Customer, Ticket, Vendor } from '../../domain/ticket.ts'
import type { ListTickets, TicketPage } from '../../tickets/pagination/list-tickets.ts'
import type { GraphContext } from '../context.ts'
import { collectFailures } from '../source-errors.ts'
import { type Connection, toConnection } from './connection.ts'
import { CustomerType } from './customer.ts'
import { PageArgs, toPageRequest } from './paging.ts'
import { TicketConnectionType } from './ticket-connection.ts'
import { TicketFilterInput, TicketOrderInput, toTicketFilter } from './ticket-filter.ts'
import { VendorType } from './vendor.ts'

// `Customer.tickets` and `Vendor.tickets` are here, because the types refer to each other and imports of values must not.

@ArgsType()
export class TicketListArgs extends PageArgs {
  @Field(() => TicketFilterInput, { nullable: true, description: 'Conditions on the tickets; null: all tickets.' })
  filter?: TicketFilterInput | null

  @Field(() => TicketOrderInput, {
    nullable: true,
    description: 'Sort order; null: the last changed ticket first. A cursor is valid for one filter and order only.',
  })
  orderBy?: TicketOrderInput | null
}

@Resolver()
export class TicketListQueries {
  @Extensions({
    permission: { scopes: ['tickets:read'], otherwise: 'forbid' },
    cost: { calls: 'PER_PULL_SOURCE', callsOfEmptyPage: 'PER_COUNT', callsPerItemOf: 'filter.ids' },
  })
  @Query(() => TicketConnectionType, {
    nullable: true,
    description: 'The tickets of all sources in one sorted list. Paging to the end gives every ticket exactly once.',
  })
  tickets(@Args(() => TicketListArgs) args: TicketListArgs, @Ctx() context: GraphContext, @Info() info: GraphQLResolveInfo) {
    return listTickets(context, info, toListTickets(context, args))
  }
}

@Resolver(() => CustomerType)
export class CustomerTicketsResolver {
  @Extensions({ cost: { calls: 1, callsPerItemOf: 'filter.ids' } })
  @FieldResolver(() => TicketConnectionType, { description: 'The tickets of this customer in this source.' })
  tickets(
    @Root() customer: Customer,
    @Args(() => TicketListArgs) args: TicketListArgs,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listTickets(context, info, onlyOf('customer', customer.id, toListTickets(context, args)))
  }
}

@Resolver(() => VendorType)
export class VendorTicketsResolver {
  @Extensions({ cost: { calls: 1, callsPerItemOf: 'filter.ids' } })
  @FieldResolver(() => TicketConnectionType, { description: 'The tickets about this vendor in this source.' })
  tickets(
    @Root() vendor: Vendor,
    @Args(() => TicketListArgs) args: TicketListArgs,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listTickets(context, info, onlyOf('vendor', vendor.id, toListTickets(context, args)))
  }
}

type TicketList = Connection<Ticket> & Pick<TicketPage, 'totalCount' | 'sources'>

const emptyList: TicketList = {
  ...toConnection<Ticket>([], { hasNextPage: false, hasPreviousPage: false }),
  totalCount: 0,
  sources: [],
}

/** A page of tickets; empty for the request null. A failed source is data of the page. */
async function listTickets(context: GraphContext, info: GraphQLResolveInfo, request: ListTickets | null): Promise<TicketList> {
  if (request === null) return emptyList
  const page = await context.reads.list(request)
  collectFailures(context, info, page.sources)
  return { ...toConnection(page.edges, page), totalCount: page.totalCount, sources: page.sources }
}

/** The arguments in terms of the domain. Throws what `toPageRequest` and `toTicketFilter` throw. */
function toListTickets(context: GraphContext, args: TicketListArgs): ListTickets {
  const { first, after } = toPageRequest(args, context.services.maxPageSize)
  const { field, direction } = args.orderBy ?? { field: 'UPDATED_AT', direction: 'DESC' }
  const { sources, filter } = toTicketFilter(context, args.filter ?? {})
  const counted = context.selection?.read()?.totals ?? true
  return { sources, filter, order: { field, direction }, first, after, counted }
}

/** The request within one customer or vendor, whose source alone is read. null when the filter excludes them. */
function onlyOf(part: 'customer' | 'vendor', id: string, request: ListTickets): ListTickets | null {
  const ref = decodeId(id)
  const filtered = request.filter[part]
  const isOther = filtered && encodeId(filtered.kind, filtered.sourceKey, filtered.tenant, filtered.externalId) !== id
  if (!ref || isOther || request.sources?.includes(ref.sourceKey) === false) return null
  return { ...request, sources: [ref.sourceKey], filter: { ...request.filter, [part]: ref } }
}

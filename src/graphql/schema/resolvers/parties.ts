import type { GraphQLResolveInfo } from 'graphql'
import { Args, Ctx, FieldResolver, Info, Resolver, Root } from 'type-graphql'
import type { Customer, Vendor } from '../../../domain/ticket.ts'
import type { SourceInfo } from '../../../sources/source.ts'
import type { GraphContext } from '../../context.ts'
import { TicketListArgs } from '../inputs/list-args.ts'
import { listTickets } from '../ticket-lists.ts'
import { CustomerType, VendorType } from '../types/party.ts'
import { SourceHealthType, SourceType } from '../types/source.ts'
import { TicketConnectionType } from '../types/ticket-list.ts'

@Resolver(() => CustomerType)
export class CustomerResolver {
  @FieldResolver(() => TicketConnectionType, { description: "This customer's tickets in this source." })
  tickets(
    @Root() customer: Customer,
    @Args(() => TicketListArgs) args: TicketListArgs,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listTickets(context, args, info, { part: 'customer', id: customer.id })
  }
}

@Resolver(() => VendorType)
export class VendorResolver {
  @FieldResolver(() => TicketConnectionType, { description: 'The tickets about this vendor in this source.' })
  tickets(
    @Root() vendor: Vendor,
    @Args(() => TicketListArgs) args: TicketListArgs,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listTickets(context, args, info, { part: 'vendor', id: vendor.id })
  }
}

@Resolver(() => SourceType)
export class SourceResolver {
  @FieldResolver(() => SourceHealthType, { description: 'How it has been answering lately. Reading it calls nobody.' })
  health(@Root() source: SourceInfo, @Ctx() context: GraphContext) {
    return context.health(source.key)
  }
}

import { Arg, Ctx, Extensions, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql'
import type { TicketLink } from '../../domain/ticket.ts'
import type { GraphContext } from '../context.ts'
import { CustomerType } from './customer.ts'
import { findRef, readTicket, readTicketByExternalId, requireSource } from './lookup.ts'
import { TicketType } from './ticket.ts'
import { TicketLinkType } from './ticket-link.ts'
import { VendorType } from './vendor.ts'

// Fields that read one object. `TicketLink.ticket` is here, because the types refer to each other and imports of values must not.

@Resolver()
export class TicketQueries {
  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { calls: 1 } })
  @Query(() => TicketType, {
    nullable: true,
    description: 'Reads one full ticket; null when it does not exist or the viewer may not see it.',
  })
  ticket(@Arg('id', () => ID, { description: 'Global id of a ticket.' }) id: string, @Ctx() context: GraphContext) {
    return readTicket(context, id)
  }

  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { calls: 1 } })
  @Query(() => TicketType, {
    nullable: true,
    description:
      'Reads one full ticket by its id in the source, e.g. for links from other applications; null when there is none for this viewer.',
  })
  ticketByExternalId(
    @Arg('source', () => String, { description: 'Key of the source.' }) source: string,
    @Arg('externalId', () => String, { description: 'The id in that source: `Ticket.externalId`.' }) externalId: string,
    @Ctx() context: GraphContext,
  ) {
    return readTicketByExternalId(context, requireSource(context.sources, source), externalId)
  }

  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { calls: 1 } })
  @Query(() => CustomerType, {
    nullable: true,
    description: 'Reads a customer from their latest ticket; null when there is none for this viewer.',
  })
  customer(@Arg('id', () => ID, { description: 'Global id of a customer.' }) id: string, @Ctx() context: GraphContext) {
    const ref = findRef(context, id, 'customer')
    return ref && context.reads.customer(ref)
  }

  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { calls: 1 } })
  @Query(() => VendorType, {
    nullable: true,
    description: 'Reads a vendor from its latest ticket; null when there is none for this viewer.',
  })
  vendor(@Arg('id', () => ID, { description: 'Global id of a vendor.' }) id: string, @Ctx() context: GraphContext) {
    const ref = findRef(context, id, 'vendor')
    return ref && context.reads.vendor(ref)
  }
}

@Resolver(() => TicketLinkType)
export class TicketLinkResolver {
  @Extensions({ cost: { calls: 1 } })
  @FieldResolver(() => TicketType, {
    nullable: true,
    description: 'The linked ticket; null when no configured source has it or the viewer may not see it.',
  })
  ticket(@Root() link: TicketLink, @Ctx() context: GraphContext) {
    if (link.numberIn !== undefined) return context.reads.numbered(link.numberIn, link.externalId)
    const ref = link.ticketId === null ? null : context.linked(link.ticketId)
    return ref && context.reads.linked(ref)
  }
}

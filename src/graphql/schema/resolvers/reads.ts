import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Args, Ctx, ID, Info, Query, Resolver } from 'type-graphql'
import type { GraphContext } from '../../context.ts'
import { checkExternalId, findRef, readTicketByExternalId } from '../entity-refs.ts'
import { TicketListArgs } from '../inputs/list-args.ts'
import { readNode, readNodes } from '../node-reader.ts'
import { requireSource } from '../required-sources.ts'
import { toEmailAddress } from '../scalars.ts'
import { listTickets } from '../ticket-lists.ts'
import { ViewerType } from '../types/lookups.ts'
import { NodeType } from '../types/node.ts'
import { CustomerType, VendorType } from '../types/party.ts'
import { SourceType } from '../types/source.ts'
import { TicketType } from '../types/ticket.ts'
import { TicketConnectionType } from '../types/ticket-list.ts'

@Resolver()
export class ReadResolver {
  @Query(() => NodeType, {
    nullable: true,
    description:
      'Anything by its global id. null when it is not there or not for this viewer; BAD_USER_INPUT for a text that is no id.',
  })
  node(@Arg('id', () => ID, { description: 'A global id that this graph gave.' }) id: string, @Ctx() context: GraphContext) {
    return readNode(context, id)
  }

  @Query(() => [NodeType], {
    nullable: 'items',
    description:
      'Many at once, in the same order, gathered into as few calls as the sources allow. One bad id spoils only its own place.',
  })
  nodes(
    @Arg('ids', () => [ID], { description: 'Global ids, at most as many as a page may hold.' }) ids: string[],
    @Ctx() context: GraphContext,
  ) {
    return readNodes(context, ids)
  }

  @Query(() => TicketType, { nullable: true, description: 'One whole ticket; null when it is not there or not for this viewer.' })
  ticket(@Arg('id', () => ID, { description: 'Global id of a ticket.' }) id: string, @Ctx() context: GraphContext) {
    const ref = findRef(context, id, 'ticket')
    return ref && context.reads.ticket(checkExternalId(context, ref))
  }

  @Query(() => TicketType, {
    nullable: true,
    description: "One whole ticket by the id that its source's users know. For links from other applications.",
  })
  ticketByExternalId(
    @Arg('source', () => String, { description: 'Key of the source.' }) source: string,
    @Arg('externalId', () => String, { description: 'The id in that source: `Ticket.externalId`.' }) externalId: string,
    @Ctx() context: GraphContext,
  ) {
    return readTicketByExternalId(context, requireSource(context.sources, source), externalId)
  }

  @Query(() => TicketConnectionType, {
    description: 'One list over all sources, merged in the order asked for. Walking it to its end gives every ticket once.',
  })
  tickets(@Args(() => TicketListArgs) args: TicketListArgs, @Ctx() context: GraphContext, @Info() info: GraphQLResolveInfo) {
    return listTickets(context, args, info)
  }

  @Query(() => CustomerType, { nullable: true, description: 'A customer as their latest ticket shows them.' })
  customer(@Arg('id', () => ID, { description: 'Global id of a customer.' }) id: string, @Ctx() context: GraphContext) {
    const ref = findRef(context, id, 'customer')
    return ref && context.reads.customer(ref)
  }

  @Query(() => VendorType, { nullable: true, description: 'A vendor as its latest ticket shows it.' })
  vendor(@Arg('id', () => ID, { description: 'Global id of a vendor.' }) id: string, @Ctx() context: GraphContext) {
    const ref = findRef(context, id, 'vendor')
    return ref && context.reads.vendor(ref)
  }

  @Query(() => [SourceType], { description: 'The sources that this viewer may see. Calls nobody.' })
  sources(@Ctx() context: GraphContext) {
    return context.sources.all.map((source) => source.info)
  }

  @Query(() => ViewerType, { description: 'Who is asking and what they may do. Needs no scope.' })
  viewer(@Ctx() context: GraphContext): ViewerType {
    const { id, email, name, scopes } = context.viewer
    return { id, email: toEmailAddress(email), name, scopes: [...scopes].sort() }
  }
}

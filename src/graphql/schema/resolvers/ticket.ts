import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { RoutingDecision, Ticket, TicketLink } from '../../../domain/ticket.ts'
import { availableActions } from '../../../tickets/available-actions.ts'
import type { GraphContext } from '../../context.ts'
import { pageToConnection } from '../connection.ts'
import { PartPageArgs } from '../inputs/list-args.ts'
import { withDetail } from '../lazy-fields.ts'
import { pageOfList, pageOfService, toPageRequest } from '../paging.ts'
import { TicketEventConnectionType } from '../types/event.ts'
import { DeliveryType, RoutingInfoType } from '../types/routing.ts'
import { ThreadMessageConnectionType } from '../types/thread.ts'
import { TicketType } from '../types/ticket.ts'
import { ActionAvailabilityType, TicketLinkType } from '../types/ticket-parts.ts'

/** A decision with the ticket that it belongs to, so that its deliveries can be found. */
type RoutingOfTicket = RoutingDecision & { readonly ticketId: string }

@Resolver(() => TicketType)
export class TicketResolver {
  @FieldResolver(() => ThreadMessageConnectionType, {
    nullable: true,
    description:
      'The conversation, oldest first; null where the source has none to give. On a list of Verifik it costs one more call per ticket.',
  })
  threads(@Root() ticket: Ticket, @Args(() => PartPageArgs) args: PartPageArgs, @Ctx() context: GraphContext) {
    const request = toPageRequest(args, context.services.maxPageSize, 50)
    return withDetail(context, ticket, 'messages', (messages) => messages && toThreads(messages, request))
  }

  @FieldResolver(() => TicketEventConnectionType, {
    nullable: true,
    description: 'What the gateway recorded about the ticket, oldest first: inbound events, its own writes, deliveries.',
  })
  async events(@Root() ticket: Ticket, @Args(() => PartPageArgs) args: PartPageArgs, @Ctx() context: GraphContext) {
    const request = toPageRequest(args, context.services.maxPageSize, 50)
    const page = await pageOfService(request, (asked) => context.services.history.eventsOf(ticket.id, asked))
    return pageToConnection(page, request.after)
  }

  @FieldResolver(() => RoutingInfoType, {
    nullable: true,
    description: 'How it was sent out; null for tickets that the gateway did not route.',
  })
  routing(@Root() ticket: Ticket): RoutingOfTicket | null {
    return ticket.routing && { ...ticket.routing, ticketId: ticket.id }
  }

  @FieldResolver(() => [ActionAvailabilityType], {
    description:
      'What this viewer may do to this ticket now, and why not. Every action is listed, ROUTE only where the source routes.',
  })
  actions(@Root() ticket: Ticket, @Ctx() context: GraphContext) {
    return availableActions(ticket, context.viewer, context.health(ticket.source.key))
  }
}

@Resolver(() => RoutingInfoType)
export class RoutingResolver {
  @FieldResolver(() => [DeliveryType], {
    description: 'The submissions to its partners, oldest first; [] when nobody receives it.',
  })
  deliveries(@Root() routing: RoutingOfTicket, @Ctx() context: GraphContext) {
    return context.deliveriesOf.load(routing.ticketId)
  }
}

@Resolver(() => TicketLinkType)
export class TicketLinkResolver {
  @FieldResolver(() => TicketType, {
    nullable: true,
    description: 'The linked ticket where a configured source can read it and the viewer may see it; else null.',
  })
  ticket(@Root() link: TicketLink, @Ctx() context: GraphContext) {
    const id = link.ticketId
    if (id === null) return null
    const ref = context.linked(id)
    return ref && context.reads.ticket(ref)
  }
}

function toThreads(messages: NonNullable<Ticket['messages']>, request: ReturnType<typeof toPageRequest>) {
  return { ...pageToConnection(pageOfList(messages, request), request.after), totalCount: messages.length }
}

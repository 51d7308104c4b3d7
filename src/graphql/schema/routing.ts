import { Arg, Ctx, Extensions, Field, FieldResolver, ObjectType, Query, Resolver, Root, registerEnumType } from 'type-graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import type { RoutingDecision, RoutingType, Ticket } from '../../domain/ticket.ts'
import type { CreateTicket } from '../../domain/writes.ts'
import { checkCreate } from '../../tickets/check-input.ts'
import type { GraphContext } from '../context.ts'
import { CreateTicketInput } from './create-ticket-input.ts'
import { DeliveryType } from './delivery.ts'
import { enumOf } from './enum-of.ts'
import { requireAbility, requireSource } from './lookup.ts'
import { TicketType } from './ticket.ts'

const typeValues: Record<RoutingType, { description: string }> = {
  STORE: { description: "Partners that subscribed to the order's store." },
  GENERAL: { description: 'Partners that subscribed to the whole region.' },
  NONE: { description: 'No partner: `rule` tells why.' },
}
const RoutingTypeEnum = enumOf(typeValues)
registerEnumType(RoutingTypeEnum, {
  name: 'RoutingType',
  description: 'The kind of partner that receives a ticket.',
  valuesConfig: typeValues,
})

const partners = 'Keys of the partners that receive the ticket; [] when none does.'
const rule = 'The rule that decided, e.g. "STORE_SUBSCRIBED", "ORDER_TIME_UNKNOWN" or "NO_PARTNER".'
const trace = 'Every step of the decision in order, in plain words.'

@ObjectType('Routing', { description: 'The routing decision of a ticket, with its deliveries.', simpleResolvers: true })
export class RoutingInfoType implements RoutingDecision {
  @Field(() => RoutingTypeEnum, {
    description: 'The kind of partner that receives the ticket. With NONE, `routeTicket` can decide again.',
  })
  readonly type!: RoutingType

  @Field(() => [String], { description: partners })
  readonly partners!: readonly string[]

  @Field(() => String, { description: rule })
  readonly rule!: string

  @Field(() => [String], { description: trace })
  readonly trace!: readonly string[]
}

@ObjectType('RoutePreview', {
  description: 'The routing decision that `createTicket` would make now. Nothing is stored or sent.',
  simpleResolvers: true,
})
export class RoutePreviewType implements RoutingDecision {
  @Field(() => RoutingTypeEnum, { description: 'The kind of partner that would receive the ticket.' })
  readonly type!: RoutingType

  @Field(() => [String], { description: partners })
  readonly partners!: readonly string[]

  @Field(() => String, { description: rule })
  readonly rule!: string

  @Field(() => [String], { description: trace })
  readonly trace!: readonly string[]
}

/** A decision with the id of its ticket, by which its deliveries are read. */
type TicketRouting = RoutingDecision & { readonly ticketId: string }

@Resolver(() => TicketType)
export class TicketRoutingResolver {
  @FieldResolver(() => RoutingInfoType, {
    nullable: true,
    description: 'The routing decision and its deliveries; null when the gateway did not route the ticket.',
  })
  routing(@Root() ticket: Ticket): TicketRouting | null {
    return ticket.routing && { ...ticket.routing, ticketId: ticket.id }
  }
}

@Resolver(() => RoutingInfoType)
export class RoutingResolver {
  @FieldResolver(() => [DeliveryType], {
    description: 'The deliveries to the partners, oldest first; [] when no partner receives the ticket.',
  })
  deliveries(@Root() routing: TicketRouting, @Ctx() context: GraphContext) {
    return context.deliveriesOf.load(routing.ticketId)
  }
}

@Resolver()
export class RoutingQueries {
  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' } })
  @Query(() => RoutePreviewType, {
    description:
      'Tells which partners would receive a ticket and why. Nothing is stored or sent. UPSTREAM_NOT_SUPPORTED for a source that does not route.',
  })
  previewRoute(
    @Arg('input', () => CreateTicketInput, { description: 'The ticket, as `createTicket` would receive it.' })
    input: CreateTicketInput,
    @Ctx() context: GraphContext,
  ) {
    return previewRoute(context, { ...input })
  }
}

/** The decision of the source's router. Throws BAD_USER_INPUT with the router's messages for an input that it refuses. */
function previewRoute(context: GraphContext, input: CreateTicket): RoutingDecision {
  const source = requireSource(context.sources, input.source)
  const previewOf = requireAbility(source, 'previewRoute')
  const problems = checkCreate(source, input)
  const preview = problems.length > 0 ? { userErrors: problems } : previewOf(input)
  if ('decision' in preview) return preview.decision
  throw new DeskgraphError('BAD_USER_INPUT', preview.userErrors.map((error) => error.message).join(' '))
}

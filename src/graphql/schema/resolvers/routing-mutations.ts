import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql'
import type { GraphContext } from '../../context.ts'
import { DeliveryType, QuarantinedEventType } from '../types/routing.ts'
import { found, requireVisible } from '../visible-nodes.ts'

const adminOnly = 'Needs the scope `routing:admin`.'

@Resolver()
export class RoutingMutationResolver {
  @Mutation(() => DeliveryType, {
    description: `Starts a delivery's schedule anew under the same webhook-id, so that a partner that had it can tell. ${adminOnly}`,
  })
  async replayDelivery(
    @Arg('id', () => ID, { description: 'Global id of a delivery.' }) id: string,
    @Ctx() context: GraphContext,
  ) {
    requireVisible(context, id, 'delivery')
    return found(await context.services.deliveries.replay(id), 'delivery')
  }

  @Mutation(() => QuarantinedEventType, {
    description: `Tries a held event again, after a fix or a change of the configuration. It stays HELD, with the new problem, when it fails. ${adminOnly}`,
  })
  async replayQuarantined(
    @Arg('id', () => ID, { description: 'Global id of a quarantined event.' }) id: string,
    @Ctx() context: GraphContext,
  ) {
    requireVisible(context, id, 'quarantined')
    return found(await context.services.deadLetters.replay(id), 'quarantined')
  }

  @Mutation(() => QuarantinedEventType, { description: `Puts a held event aside for good; it stays readable. ${adminOnly}` })
  async discardQuarantined(
    @Arg('id', () => ID, { description: 'Global id of a quarantined event.' }) id: string,
    @Arg('reason', () => String, { description: 'Why, for the audit log.' }) reason: string,
    @Ctx() context: GraphContext,
  ) {
    requireVisible(context, id, 'quarantined')
    return found(await context.services.deadLetters.discard(id, reason), 'quarantined')
  }
}

import type { GraphQLResolveInfo } from 'graphql'
import {
  Arg,
  Args,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ID,
  Info,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  registerEnumType,
} from 'type-graphql'
import type { Delivery, DeliveryState } from '../../domain/delivery.ts'
import type { BulkResult } from '../../domain/writes.ts'
import type { GraphContext } from '../context.ts'
import { BulkArgs, BulkPayloadType, bulkExtensions, loggedBulk, toBulkLimit, unknownSource } from './bulk-payload.ts'
import { connectionType } from './connection.ts'
import { enumOf } from './enum-of.ts'
import { actOn, visibleSourceKeys } from './lookup.ts'
import { NodeType, TimelineEntryType } from './node.ts'
import { connectionOfService, PageArgs, toPageRequest } from './paging.ts'
import { DateTime } from './scalars.ts'

const stateValues: Record<DeliveryState, { description: string }> = {
  PENDING: { description: 'Not tried yet.' },
  DELIVERED: { description: 'The partner answered with a status of 200 to 299.' },
  FAILED: { description: 'The last attempt failed. The next one is at `nextAttemptAt`.' },
  HELD: {
    description:
      "The partner's endpoint answered 410 and is switched off. It is sent when `enablePartner` switches the endpoint on.",
  },
  DEAD: { description: 'The gateway stopped trying. `replayDelivery` and `replayDeliveries` start again.' },
}
const DeliveryStateEnum = enumOf(stateValues)
registerEnumType(DeliveryStateEnum, {
  name: 'DeliveryState',
  description: 'The state of a delivery.',
  valuesConfig: stateValues,
})

@ObjectType('Delivery', {
  description:
    'The delivery of one ticket to one partner. It is at least once and unordered; partners recognise repetitions by the webhook-id.',
  implements: [NodeType, TimelineEntryType],
  simpleResolvers: true,
})
export class DeliveryType implements Delivery {
  @Field(() => ID, { description: 'Global id of the delivery.' })
  readonly id!: string

  @Field(() => String, { description: 'Type of the event that is sent, e.g. "STORE_SUPPORT_TICKET_EVENT".' })
  readonly event!: string

  @Field(() => String, { description: 'Key of the partner in the routing file.' })
  readonly partner!: string

  @Field(() => DeliveryStateEnum, { description: 'Whether the partner received it.' })
  readonly state!: DeliveryState

  @Field(() => Int, { description: 'Number of attempts so far.' })
  readonly attempts!: number

  @Field(() => Int, { nullable: true, description: "HTTP status of the partner's last answer; null when there was none." })
  readonly lastStatus!: number | null

  @Field(() => String, { nullable: true, description: 'Why the last attempt failed; null when it did not fail.' })
  readonly lastError!: string | null

  @Field(() => DateTime, { nullable: true, description: 'Time of the next attempt; null when there will be none.' })
  readonly nextAttemptAt!: string | null

  @Field(() => DateTime, { nullable: true, description: 'When the partner received it; null before.' })
  readonly deliveredAt!: string | null

  @Field(() => DateTime, { description: 'When the delivery was created.' })
  readonly createdAt!: string
}

@ObjectType('DeliveryConnection', { description: 'A page of deliveries, newest first.', simpleResolvers: true })
export class DeliveryConnectionType extends connectionType('Delivery', () => DeliveryType, 'deliveries') {}

@Resolver(() => DeliveryType)
export class DeliveryTimeResolver {
  @FieldResolver(() => DateTime, { nullable: true, description: 'The same as `createdAt`: its place in a timeline.' })
  at(@Root() delivery: Delivery): string {
    return delivery.createdAt
  }
}

@Resolver()
export class DeliveryResolver {
  @Extensions({ permission: { scopes: ['routing:admin'], otherwise: 'forbid' } })
  @Query(() => DeliveryConnectionType, {
    nullable: true,
    description: 'All deliveries to partners, newest first. Needs the scope `routing:admin`.',
  })
  deliveries(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('state', () => [DeliveryStateEnum], { nullable: true, description: 'Any of these states; null or []: all.' })
    state: DeliveryState[] | null | undefined,
    @Arg('partner', () => String, { nullable: true, description: 'Only deliveries to the partner with this key; null: to all.' })
    partner: string | null | undefined,
    @Ctx() context: GraphContext,
  ) {
    const filter = {
      states: state?.length ? state : null,
      partner: partner ?? null,
      sourceKeys: visibleSourceKeys(context.sources),
    }
    const request = toPageRequest(args, context.services.maxPageSize)
    return connectionOfService(request, (page) => context.services.deliveries.list({ ...page, ...filter }))
  }

  @Extensions({ permission: { scopes: ['routing:admin'], otherwise: 'forbid' } })
  @Mutation(() => DeliveryType, {
    nullable: true,
    description:
      'Starts the attempts of a delivery again with the same webhook-id, by which the partner recognises a repetition. Needs the scope `routing:admin`.',
  })
  replayDelivery(@Arg('id', () => ID, { description: 'Global id of a delivery.' }) id: string, @Ctx() context: GraphContext) {
    return actOn(context, id, 'delivery', () => context.services.deliveries.replay(id))
  }

  @Extensions(bulkExtensions)
  @Mutation(() => BulkPayloadType, {
    nullable: true,
    description:
      'Starts the oldest deliveries of a partner again, as `replayDelivery` does with one, and switches its endpoint on. Repeat it until `done` is 0. Needs the scope `routing:admin`.',
  })
  replayDeliveries(
    @Arg('partner', () => String, { description: 'Key of the partner in the routing file.' }) partner: string,
    @Arg('state', () => [DeliveryStateEnum], {
      nullable: true,
      description: 'Any of FAILED, HELD and DEAD; null or []: only DEAD.',
    })
    state: DeliveryState[] | null | undefined,
    @Args(() => BulkArgs) args: BulkArgs,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<BulkResult> {
    const states: readonly DeliveryState[] = state?.length ? state : ['DEAD']
    const selection = { partner, states, sourceKeys: visibleSourceKeys(context.sources), limit: toBulkLimit(args) }
    return loggedBulk(context, info, context.services.deliveries.replayMany(selection))
  }

  @Extensions({ permission: { scopes: ['routing:admin'], otherwise: 'forbid' }, cost: { items: 500 } })
  @Mutation(() => BulkPayloadType, {
    nullable: true,
    description:
      "Switches a partner's endpoint on again and sends what was held. `done` counts what is sent at once, at most 500; the rest follows by itself. Needs the scope `routing:admin`.",
  })
  enablePartner(
    @Arg('source', () => String, { description: 'Key of the source that routes to the partner.' }) source: string,
    @Arg('partner', () => String, { description: 'Key of the partner in the routing file.' }) partner: string,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<BulkResult> | BulkResult {
    if (!context.sources.get(source)) return unknownSource
    return loggedBulk(context, info, context.services.deliveries.enablePartner(source, partner))
  }
}

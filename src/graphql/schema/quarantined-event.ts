import type { GraphQLResolveInfo } from 'graphql'
import {
  Arg,
  Args,
  Ctx,
  Extensions,
  Field,
  ID,
  Info,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  registerEnumType,
} from 'type-graphql'
import type { DeadLetter, DeadLetterState } from '../../domain/events.ts'
import type { BulkResult } from '../../domain/writes.ts'
import type { GraphContext } from '../context.ts'
import { BulkArgs, BulkPayloadType, bulkExtensions, loggedBulk, toBulkLimit, unknownSource } from './bulk-payload.ts'
import { connectionType } from './connection.ts'
import { enumOf } from './enum-of.ts'
import { actOn, requireSource, visibleSourceKeys } from './lookup.ts'
import { NodeType } from './node.ts'
import { connectionOfService, PageArgs, toPageRequest } from './paging.ts'
import { DateTime, Json } from './scalars.ts'
import { SourceType } from './source.ts'

const stateValues: Record<DeadLetterState, { description: string }> = {
  HELD: { description: 'Stored without effect, until an administrator decides.' },
  REPLAYED: { description: 'Processed at a later attempt; the ticket shows its effect.' },
  DISCARDED: { description: 'Discarded by an administrator, with a reason.' },
}
const QuarantineStateEnum = enumOf(stateValues)
registerEnumType(QuarantineStateEnum, {
  name: 'QuarantineState',
  description: 'The state of a quarantined event.',
  valuesConfig: stateValues,
})

@ObjectType('QuarantinedEvent', {
  description:
    'Dead letter: an authentic inbound event that the gateway could not process. It is stored unchanged, without effect.',
  implements: NodeType,
  simpleResolvers: true,
})
export class QuarantinedEventType implements Omit<DeadLetter, 'source'> {
  @Field(() => ID, { description: 'Global id of the event.' })
  readonly id!: string

  @Field(() => SourceType, { description: 'The source that sent the event.' })
  readonly source!: SourceType

  @Field(() => DateTime, { description: 'When the gateway received the event.' })
  readonly receivedAt!: string

  @Field(() => String, { description: 'What is wrong, and its path in the body. It has no personal data.' })
  readonly problem!: string

  @Extensions({ permission: { scopes: ['customers:pii'], otherwise: 'hide' } })
  @Field(() => Json, {
    nullable: true,
    description: 'The received body; a string when it is not JSON. Needs the scope `customers:pii`: without it null.',
  })
  readonly body!: unknown

  @Field(() => QuarantineStateEnum, { description: 'Whether the event was replayed or discarded.' })
  readonly state!: DeadLetterState
}

@ObjectType('QuarantinedEventConnection', { description: 'A page of quarantined events, newest first.', simpleResolvers: true })
export class QuarantinedEventConnectionType extends connectionType(
  'QuarantinedEvent',
  () => QuarantinedEventType,
  'quarantined events',
) {}

@Resolver()
export class QuarantinedEventResolver {
  @Extensions({ permission: { scopes: ['routing:admin'], otherwise: 'forbid' } })
  @Query(() => QuarantinedEventConnectionType, {
    nullable: true,
    description: 'Inbound events that the gateway could not process, newest first. Needs the scope `routing:admin`.',
  })
  quarantine(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('source', () => String, { nullable: true, description: 'Only events of the source with this key; null: of all.' })
    source: string | null | undefined,
    @Ctx() context: GraphContext,
  ) {
    const request = toPageRequest(args, context.services.maxPageSize)
    const sourceKeys = source == null ? visibleSourceKeys(context.sources) : [requireSource(context.sources, source).info.key]
    return connectionOfService(request, (page) => context.services.deadLetters.list({ ...page, sourceKeys }))
  }

  @Extensions({ permission: { scopes: ['routing:admin'], otherwise: 'forbid' } })
  @Mutation(() => QuarantinedEventType, {
    nullable: true,
    description:
      'Processes a quarantined event again, e.g. after a fix. It stays HELD, with the new problem, when it fails again. Needs the scope `routing:admin`.',
  })
  replayQuarantined(
    @Arg('id', () => ID, { description: 'Global id of a quarantined event.' }) id: string,
    @Ctx() context: GraphContext,
  ) {
    return actOn(context, id, 'deadLetter', () => context.services.deadLetters.replay(id))
  }

  @Extensions({ permission: { scopes: ['routing:admin'], otherwise: 'forbid' } })
  @Mutation(() => QuarantinedEventType, {
    nullable: true,
    description: 'Discards a quarantined event for good; it can still be read. Needs the scope `routing:admin`.',
  })
  discardQuarantined(
    @Arg('id', () => ID, { description: 'Global id of a quarantined event.' }) id: string,
    @Arg('reason', () => String, { description: 'The reason, for the audit log.' }) reason: string,
    @Ctx() context: GraphContext,
  ) {
    return actOn(context, id, 'deadLetter', () => context.services.deadLetters.discard(id, reason))
  }

  @Extensions(bulkExtensions)
  @Mutation(() => BulkPayloadType, {
    nullable: true,
    description:
      'Processes held events of a source again, those that were not tried yet first. `failed` counts those that stay HELD with a new problem. Needs the scope `routing:admin`.',
  })
  replayAllQuarantined(
    @Arg('source', () => String, { description: 'Key of the source that sent the events.' }) source: string,
    @Args(() => BulkArgs) args: BulkArgs,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<BulkResult> | BulkResult {
    if (!context.sources.get(source)) return unknownSource
    return loggedBulk(context, info, context.services.deadLetters.replayMany(source, toBulkLimit(args)))
  }
}

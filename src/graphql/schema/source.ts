import {
  Arg,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  Float,
  ID,
  ObjectType,
  Query,
  Resolver,
  Root,
  registerEnumType,
} from 'type-graphql'
import type { TicketAction } from '../../domain/ticket.ts'
import type { FilterField, SourceHealth, SourceInfo, SourceMode, SourceState } from '../../sources/source.ts'
import type { GraphContext } from '../context.ts'
import { enumOf } from './enum-of.ts'
import { NodeType } from './node.ts'
import { DateTime } from './scalars.ts'
import { SourceCapabilitiesType, TicketActionEnum, TicketFilterFieldEnum } from './source-capabilities.ts'

const modeValues: Record<SourceMode, { description: string }> = {
  PULL: { description: 'The gateway asks the source for every request.' },
  EVENT_FED: { description: 'The source sends events, and the gateway stores the tickets.' },
}
const SourceModeEnum = enumOf(modeValues)
registerEnumType(SourceModeEnum, {
  name: 'SourceMode',
  description: 'How the gateway gets the tickets of a source.',
  valuesConfig: modeValues,
})

const stateValues: Record<SourceState, { description: string }> = {
  UP: { description: 'The source answers, or its events come and are understood.' },
  DEGRADED: {
    description: 'The source answers with more errors than usual, or more of its events become dead letters (`quarantine`).',
  },
  DOWN: {
    description: 'The source does not answer, and calls fail at once until a probe succeeds; or its events cannot be stored.',
  },
  UNKNOWN: { description: 'This process has not called the source yet, or no event of it has ever come.' },
}
const SourceStateEnum = enumOf(stateValues)
registerEnumType(SourceStateEnum, {
  name: 'SourceState',
  description: 'The health of a source in one word.',
  valuesConfig: stateValues,
})

@ObjectType('Source', {
  description: 'A configured ticket system. Sources that the viewer may not see are left out.',
  implements: NodeType,
  simpleResolvers: true,
})
export class SourceType implements SourceInfo {
  @Field(() => ID, { description: 'Global id of the source.' })
  readonly id!: string

  @Field(() => String, {
    description: 'The key that the operator chose, e.g. "oneview". Filters and inputs refer to the source by it.',
  })
  readonly key!: string

  @Field(() => String, {
    description:
      'The vendor\'s system: "oneview", "verifik", "vcc", "wasabi" or "rbi". Several sources may have the same system.',
  })
  readonly system!: string

  @Field(() => String, { description: 'Display name.' })
  readonly label!: string

  @Field(() => SourceModeEnum, { description: 'Whether the gateway asks the source for each request or receives its events.' })
  readonly mode!: SourceMode

  @Field(() => [TicketActionEnum], {
    description: 'The actions that this source supports at all. `Ticket.actions` tells them for one ticket and this viewer.',
  })
  readonly actions!: readonly TicketAction[]

  @Field(() => Boolean, { description: 'True when `createTicket` works with this source.' })
  readonly canCreate!: boolean

  @Field(() => [TicketFilterFieldEnum], {
    description:
      'The conditions of `TicketFilter` that the source applies itself. The gateway applies the others, within limits: see `SourceReport`.',
  })
  readonly filters!: readonly FilterField[]

  @Field(() => SourceCapabilitiesType, {
    description: 'What the source can do, to plan a screen with. It changes only when the operator changes the configuration.',
  })
  readonly capabilities!: SourceCapabilitiesType
}

@ObjectType('SourceHealth', {
  description:
    'The health of a source. PULL: measured by this process alone over its last calls. EVENT_FED: by its events, the same in every process.',
  simpleResolvers: true,
})
export class SourceHealthType implements SourceHealth {
  @Field(() => SourceStateEnum, { description: 'The state in one word.' })
  readonly state!: SourceState

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the last call ended, or the last event came; null when there was none.',
  })
  readonly checkedAt!: string | null

  @Field(() => Float, { nullable: true, description: 'Median latency of the calls, in milliseconds; null without calls.' })
  readonly latencyP50Ms!: number | null

  @Field(() => Float, {
    nullable: true,
    description: '99th percentile of the latency of the calls, in milliseconds; null without calls.',
  })
  readonly latencyP99Ms!: number | null

  @Field(() => Float, { nullable: true, description: 'The share of failed calls, from 0 to 1; null without calls.' })
  readonly errorRate!: number | null

  @Field(() => String, {
    nullable: true,
    description: 'The error code of the last failure, e.g. "UPSTREAM_TIMEOUT"; null when no call failed.',
  })
  readonly lastError!: string | null
}

@Resolver(() => SourceType)
export class SourceResolver {
  @FieldResolver(() => SourceHealthType, {
    description: 'How the source has answered lately. Reading it makes no upstream call.',
  })
  health(@Root() source: SourceInfo, @Ctx() context: GraphContext) {
    return context.health(source.key)
  }

  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' } })
  @Query(() => SourceType, {
    nullable: true,
    description: 'One source by its key; null when there is none for this viewer. Makes no upstream call.',
  })
  source(
    @Arg('key', () => String, { description: 'Key of the source: `Source.key`.' }) key: string,
    @Ctx() context: GraphContext,
  ) {
    return context.sources.get(key)?.info ?? null
  }

  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { items: 'PER_SOURCE' } })
  @Query(() => [SourceType], { description: 'The sources that this viewer may see. Makes no upstream call.' })
  sources(@Ctx() context: GraphContext) {
    return context.sources.all.map((source) => source.info)
  }
}

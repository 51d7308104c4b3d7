import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Ctx, Extensions, Field, Info, Int, ObjectType, Query, Resolver } from 'type-graphql'
import type { CountKey } from '../../sources/source.ts'
import { type CountReport, maxGroups, type TicketCount, type TicketCounts } from '../../tickets/counts/count-tickets.ts'
import type { GraphContext } from '../context.ts'
import { collectFailures } from '../source-errors.ts'
import { DateTime } from './scalars.ts'
import { SourceType } from './source.ts'
import { TicketCountKeyEnum } from './source-capabilities.ts'
import { SourceOutcomeEnum } from './ticket-connection.ts'
import { TicketFilterInput, toTicketFilter } from './ticket-filter.ts'

@ObjectType('TicketCount', { description: 'The number of tickets of one group, over all sources.', simpleResolvers: true })
export class TicketCountType implements TicketCount {
  @Field(() => String, {
    nullable: true,
    description:
      'A value of the enum, the key of a source or queue, or the external id of an agent, which the filter `assignee` takes. null: tickets without a value, e.g. unassigned ones.',
  })
  readonly key!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Name for people, of a source, an agent or a queue; null when there is none, and for values of an enum.',
  })
  readonly label!: string | null

  @Field(() => Int, { description: 'Number of tickets.' })
  readonly count!: number

  @Field(() => Boolean, {
    description:
      'True when every source that was asked has counted its tickets of this group. False: there may be more, or some belong to another group. See `TicketCounts.sources`.',
  })
  readonly exact!: boolean
}

@ObjectType('CountReport', {
  description: 'The result of counting in one source. A source that failed or cannot count leaves the numbers of the others.',
  simpleResolvers: true,
})
export class CountReportType implements Omit<CountReport, 'cause' | 'source'> {
  @Field(() => SourceType, { description: 'The source of this report.' })
  readonly source!: SourceType

  @Field(() => SourceOutcomeEnum, {
    description:
      'The result. A failure is no entry in `errors`. SKIPPED: the source cannot count with this filter, or has no match.',
  })
  readonly outcome!: CountReport['outcome']

  @Field(() => Boolean, { description: 'True when every matching ticket of the source is in its group.' })
  readonly counted!: boolean

  @Field(() => Int, {
    nullable: true,
    description: 'Number of tickets of the source that match; null when it failed or cannot tell.',
  })
  readonly matching!: number | null

  @Field(() => String, {
    nullable: true,
    description: 'Error code for programs, e.g. "UPSTREAM_TIMEOUT": see docs/errors.md. null when the source did not fail.',
  })
  readonly code!: CountReport['code']

  @Field(() => String, { nullable: true, description: 'Error message for people; null when there was no error.' })
  readonly error!: string | null

  @Field(() => DateTime, { nullable: true, description: 'When to try again; null when the source does not tell.' })
  readonly retryAt!: string | null
}

@ObjectType('TicketCounts', {
  description:
    'Numbers of tickets by group, from what each source can count and what is stored here. No ticket is listed for them.',
  simpleResolvers: true,
})
export class TicketCountsType implements Omit<TicketCounts, 'sources'> {
  @Extensions({ cost: { items: maxGroups } })
  @Field(() => [TicketCountType], {
    description: `The ${maxGroups} largest groups, the largest first. Groups without tickets are left out.`,
  })
  readonly groups!: readonly TicketCountType[]

  @Extensions({ cost: { items: 'PER_SOURCE' } })
  @Field(() => [CountReportType], { description: 'One report per source: whether it counted, and why not.' })
  readonly sources!: readonly CountReportType[]
}

@Resolver()
export class TicketCountQueries {
  @Extensions({
    permission: { scopes: ['tickets:read'], otherwise: 'forbid' },
    cost: { calls: 'PER_COUNT', callsPerItemOf: 'filter.ids' },
  })
  @Query(() => TicketCountsType, {
    nullable: true,
    description: 'Counts the tickets of all sources by a key. For their number alone use `tickets(first: 0) { totalCount }`.',
  })
  async ticketCounts(
    @Arg('by', () => TicketCountKeyEnum, { description: 'What the tickets are grouped by.' }) by: CountKey,
    @Arg('filter', () => TicketFilterInput, { nullable: true, description: 'Conditions on the tickets; null: all tickets.' })
    filter: TicketFilterInput | null | undefined,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<TicketCounts> {
    const counts = await context.reads.count({ ...toTicketFilter(context, filter ?? {}), by })
    collectFailures(context, info, counts.sources)
    return counts
  }
}

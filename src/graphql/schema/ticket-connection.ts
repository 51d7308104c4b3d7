import { Extensions, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { FilterField } from '../../sources/source.ts'
import type { SourceOutcome, SourceReport } from '../../tickets/pagination/list-tickets.ts'
import { connectionType } from './connection.ts'
import { enumOf } from './enum-of.ts'
import { DateTime } from './scalars.ts'
import { SourceType } from './source.ts'
import { TicketFilterFieldEnum } from './source-capabilities.ts'
import { TicketType } from './ticket.ts'

const outcomeValues: Record<SourceOutcome, { description: string }> = {
  OK: { description: 'The source answered.' },
  TIMEOUT: { description: 'The source did not answer within its deadline.' },
  RATE_LIMITED: { description: 'The source refused, because it received too many requests: see `retryAt`.' },
  BUDGET_HELD: { description: 'The gateway made no call, because the rest of its calls is kept for others: see `retryAt`.' },
  CIRCUIT_OPEN: { description: 'The gateway made no call, because the source failed repeatedly just before.' },
  UNAUTHENTICATED: { description: "The source refused the gateway's own credentials. The operator must act, not the viewer." },
  FORBIDDEN: { description: 'The source refused this viewer.' },
  ERROR: { description: 'The source failed in another way: see `error`.' },
  SKIPPED: {
    description:
      'The gateway made no call: the filter excludes the source, an earlier page read all its tickets, or it cannot count what was to be counted.',
  },
}
export const SourceOutcomeEnum = enumOf(outcomeValues)
registerEnumType(SourceOutcomeEnum, {
  name: 'SourceOutcome',
  description: 'The result of reading one source for one page or one count.',
  valuesConfig: outcomeValues,
})

const orderingValues: Record<SourceReport['ordering'], { description: string }> = {
  EXACT: { description: 'Every ticket is in its correct position.' },
  BEST_EFFORT: {
    description:
      'The source cannot sort this way, and the gateway did not read all its tickets. A ticket may come too late in the list.',
  },
}
const OrderingEnum = enumOf(orderingValues)
registerEnumType(OrderingEnum, {
  name: 'Ordering',
  description: 'How reliable the sort order of the tickets of one source is.',
  valuesConfig: orderingValues,
})

@ObjectType('SourceReport', {
  description:
    'The result of reading one source for this page: whether it answered, how many tickets it gave, what is uncertain.',
  simpleResolvers: true,
})
export class SourceReportType implements Omit<SourceReport, 'cause' | 'filtersApplied' | 'source'> {
  @Field(() => SourceType, { description: 'The source of this report.' })
  readonly source!: SourceType

  @Field(() => SourceOutcomeEnum, {
    description: 'The result. A failure is no entry in `errors`: the page is valid without the source.',
  })
  readonly outcome!: SourceOutcome

  @Field(() => Int, { description: 'Number of tickets on this page that come from the source.' })
  readonly returned!: number

  @Field(() => Boolean, {
    description: 'True when the source has no more tickets. False for a source that failed: the next page reads it again.',
  })
  readonly exhausted!: boolean

  @Field(() => OrderingEnum, { description: 'Whether the tickets of the source are exactly in the requested order.' })
  readonly ordering!: SourceReport['ordering']

  @Field(() => [TicketFilterFieldEnum], {
    description:
      'Conditions of the filter that the gateway applied, because the source cannot. It read more tickets to find matches.',
  })
  readonly filtersApplied!: readonly FilterField[]

  @Field(() => Float, { description: 'Time spent on the source, in milliseconds.' })
  readonly latencyMs!: number

  @Field(() => Int, {
    nullable: true,
    description: 'Number of tickets of the source that match, over all pages; null when it failed or cannot tell.',
  })
  readonly matching!: number | null

  @Field(() => String, {
    nullable: true,
    description: 'Error code for programs, e.g. "UPSTREAM_TIMEOUT": see docs/errors.md. null when the source did not fail.',
  })
  readonly code!: SourceReport['code']

  @Field(() => String, { nullable: true, description: 'Error message for people; null when there was no error.' })
  readonly error!: string | null

  @Field(() => DateTime, { nullable: true, description: 'When to try again; null when the source does not tell.' })
  readonly retryAt!: string | null
}

@ObjectType('TicketConnection', {
  description:
    'A page of tickets, merged from several sources. When one source fails, the page still has the tickets of the others: see `sources`.',
  simpleResolvers: true,
})
export class TicketConnectionType extends connectionType('Ticket', () => TicketType, 'tickets') {
  @Field(() => Int, {
    nullable: true,
    description: 'Number of matching tickets over all pages; null when one of the sources cannot tell.',
  })
  readonly totalCount!: number | null

  @Extensions({ cost: { items: 'PER_SOURCE' } })
  @Field(() => [SourceReportType], {
    description:
      'One report per source: whether it answered, and why not. Without this field, `extensions.partial` of the response names the failed sources.',
  })
  readonly sources!: readonly SourceReportType[]
}

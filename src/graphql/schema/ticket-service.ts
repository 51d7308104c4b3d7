import { Extensions, Field, ObjectType, registerEnumType } from 'type-graphql'
import type { Satisfaction, SatisfactionScore, SlaKind, SlaTarget, StatusOption, TicketStatus } from '../../domain/ticket.ts'
import { enumOf } from './enum-of.ts'
import { DateTime } from './scalars.ts'
import { TicketStatusEnum } from './ticket-enums.ts'

// What can be done with the status of a ticket, by when it has to be done, and how the customer rated it.

@ObjectType('StatusOption', {
  description: "A change of status that a source allows now. Unlike `TicketStatus` it has the source's own words.",
  simpleResolvers: true,
})
export class StatusOptionType implements StatusOption {
  @Field(() => String, { description: 'Value for `UpdateTicketInput.statusOption`.' })
  readonly key!: string

  @Field(() => String, { description: 'Display name, for a menu.' })
  readonly label!: string

  @Field(() => TicketStatusEnum, { description: 'The status that the ticket has afterwards.' })
  readonly status!: TicketStatus

  @Field(() => [String], {
    description: 'Keys of the fields that have to be set with it: see `Source.customFieldDefinitions`. [] when there are none.',
  })
  readonly requires!: readonly string[]
}

const slaKindValues: Record<SlaKind, { description: string }> = {
  FIRST_REPLY: { description: 'The first answer to the customer.' },
  NEXT_REPLY: { description: "The answer to the customer's latest message." },
  RESOLUTION: { description: 'The end of the work on the ticket.' },
  OTHER: { description: 'Another target: see `name`.' },
}
const SlaKindEnum = enumOf(slaKindValues)
registerEnumType(SlaKindEnum, {
  name: 'SlaKind',
  description: 'What has to be done until a deadline.',
  valuesConfig: slaKindValues,
})

@ObjectType('SlaTarget', {
  description: 'A deadline of a service level agreement, as the source measures it.',
  simpleResolvers: true,
})
export class SlaTargetType implements SlaTarget {
  @Field(() => String, { description: "The source's own name of the target." })
  readonly name!: string

  @Field(() => SlaKindEnum, { description: 'What has to be done.' })
  readonly kind!: SlaKind

  @Field(() => DateTime, {
    nullable: true,
    description: 'The deadline; null when the source does not tell, e.g. while it is paused.',
  })
  readonly dueAt!: string | null

  @Field(() => Boolean, { nullable: true, description: 'True when the deadline was missed; null when the source does not tell.' })
  readonly breached!: boolean | null

  @Field(() => Boolean, {
    nullable: true,
    description:
      'True while the clock stands still, e.g. because the customer has to answer; null when the source does not tell.',
  })
  readonly paused!: boolean | null

  @Field(() => DateTime, { nullable: true, description: 'When it was done; null before, or when the source does not tell.' })
  readonly completedAt!: string | null
}

const scoreValues: Record<SatisfactionScore, { description: string }> = {
  GOOD: { description: 'The customer is satisfied.' },
  NEUTRAL: { description: 'Neither satisfied nor dissatisfied.' },
  BAD: { description: 'The customer is not satisfied.' },
  UNKNOWN: { description: 'The source sent a score that this enum does not have: see `sourceScore`.' },
}
const SatisfactionScoreEnum = enumOf(scoreValues)
registerEnumType(SatisfactionScoreEnum, {
  name: 'SatisfactionScore',
  description: 'How satisfied a customer is, in terms that all sources share.',
  valuesConfig: scoreValues,
})

@ObjectType('Satisfaction', { description: "A customer's rating of the help.", simpleResolvers: true })
export class SatisfactionType implements Satisfaction {
  @Field(() => SatisfactionScoreEnum, { description: 'The rating; UNKNOWN when the source sent a new word.' })
  readonly score!: SatisfactionScore

  @Field(() => String, { nullable: true, description: 'The rating exactly as the source writes it, e.g. "4" of 5 stars.' })
  readonly sourceScore!: string | null

  @Extensions({ permission: { scopes: ['customers:pii'], otherwise: 'hide' } })
  @Field(() => String, {
    nullable: true,
    description:
      "The customer's own words; null when there are none. Needs the scope `customers:pii`: without it null, and the response has `extensions.redacted`.",
  })
  readonly comment!: string | null

  @Field(() => DateTime, { nullable: true, description: 'When the customer rated; null when the source does not tell.' })
  readonly ratedAt!: string | null
}

import { Field, ObjectType, registerEnumType } from 'type-graphql'
import type { Freshness, FreshnessMode, Resolution, TicketCategory } from '../../domain/ticket.ts'
import { enumOf } from './enum-of.ts'
import { DateTime } from './scalars.ts'

// The small objects inside a ticket.

@ObjectType('TicketCategory', { description: "The category of a ticket, in the source's own terms.", simpleResolvers: true })
export class TicketCategoryType implements TicketCategory {
  @Field(() => String, { description: "The source's code. `TicketFilter.category` compares with it." })
  readonly code!: string

  @Field(() => String, { nullable: true, description: 'Display name; null when the source has none.' })
  readonly label!: string

  @Field(() => [String], {
    description: 'Display names from the root category to this one, e.g. ["My order", "Missing item"].',
  })
  readonly path!: readonly string[]
}

@ObjectType('Resolution', { description: 'The resolution of a ticket: how it ended.', simpleResolvers: true })
export class ResolutionType implements Resolution {
  @Field(() => String, {
    nullable: true,
    description:
      'The source\'s own status, e.g. "REFUNDED": see `Source.resolutionStatuses`. null when the source does not tell.',
  })
  readonly status!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Explanation in words (Verifik: the resolution text); null when there is none.',
  })
  readonly reason!: string | null

  @Field(() => DateTime, { nullable: true, description: 'Time of the resolution; null when the source does not tell.' })
  readonly resolvedAt!: string | null
}

const freshnessValues: Record<FreshnessMode, { description: string }> = {
  LIVE: { description: 'Read from the source for this request.' },
  CACHED: { description: 'Read from the source earlier and cached for a short, configured time.' },
  EVENT_FED: { description: 'Built from the events of the source, up to the last one received.' },
}
const FreshnessModeEnum = enumOf(freshnessValues)
registerEnumType(FreshnessModeEnum, {
  name: 'FreshnessMode',
  description: 'How the gateway got the data of a ticket.',
  valuesConfig: freshnessValues,
})

@ObjectType('Freshness', {
  description: 'How up to date a ticket is. Show it where an agent is about to act.',
  simpleResolvers: true,
})
export class FreshnessType implements Freshness {
  @Field(() => FreshnessModeEnum, { description: 'Whether the data is live, cached, or built from events.' })
  readonly mode!: FreshnessMode

  @Field(() => DateTime, { description: 'When the gateway last read the ticket, or received an event of it, from the source.' })
  readonly observedAt!: string
}

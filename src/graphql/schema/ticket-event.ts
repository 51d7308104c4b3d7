import { Args, Ctx, Extensions, Field, FieldResolver, ID, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import type { FieldChange, TicketEvent, TicketEventKind } from '../../domain/events.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { GraphContext } from '../context.ts'
import { ActorType } from './actor.ts'
import { connectionType, rangeToConnection } from './connection.ts'
import { enumOf } from './enum-of.ts'
import { NodeType, TimelineEntryType } from './node.ts'
import { RangeArgs, toRange } from './paging.ts'
import { DateTime } from './scalars.ts'
import { TicketType } from './ticket.ts'

const kindValues: Record<TicketEventKind, { description: string }> = {
  CREATED: { description: 'The ticket was created, or the gateway saw it for the first time.' },
  UPDATED: { description: 'Fields of the ticket changed.' },
  STATUS_CHANGED: { description: 'The status changed.' },
  ESCALATED: { description: 'The ticket was escalated to a department.' },
  CLOSED: { description: 'The ticket was closed.' },
  REASSIGNED: { description: 'The ticket was assigned to another agent.' },
  TRANSFERRED: { description: 'The ticket moved to another queue.' },
  MESSAGE: { description: 'A message was added.' },
  ROUTED: { description: 'The gateway decided which partners receive the ticket.' },
  DELIVERED: { description: 'A partner received the ticket.' },
  DELIVERY_FAILED: { description: 'An attempt to deliver the ticket to a partner failed.' },
  DELETED: { description: 'The source deleted the ticket.' },
}
export const TicketEventKindEnum = enumOf(kindValues)
registerEnumType(TicketEventKindEnum, {
  name: 'TicketEventKind',
  description: 'The kind of a ticket event.',
  valuesConfig: kindValues,
})

@ObjectType('FieldChange', { description: 'A field that an event changed, with its values as text.', simpleResolvers: true })
export class FieldChangeType implements FieldChange {
  @Field(() => String, {
    description: 'Name of the field of `Ticket`, e.g. "status"; "message" for an added message, with its id.',
  })
  readonly field!: string

  @Field(() => String, { nullable: true, description: 'Value before the event; null when it was empty, or not known.' })
  readonly before!: string | null

  @Field(() => String, { nullable: true, description: 'Value after the event; null when it is empty.' })
  readonly after!: string | null
}

@ObjectType('TicketEvent', {
  description: "An entry of the gateway's change log of a ticket.",
  implements: [NodeType, TimelineEntryType],
  simpleResolvers: true,
})
export class TicketEventType implements TicketEvent {
  @Field(() => ID, { description: 'Global id of the event.' })
  readonly id!: string

  @Field(() => TicketEventKindEnum, { description: 'What happened to the ticket.' })
  readonly kind!: TicketEventKind

  @Field(() => DateTime, {
    description: 'Time of the event by the clock of the source; when it does not tell, the time when the gateway saw it.',
  })
  readonly at!: string

  @Field(() => ActorType, { nullable: true, description: 'The cause of the event; null when it is not known.' })
  readonly actor!: ActorType | null

  @Field(() => String, { description: 'One sentence for a timeline, e.g. "Escalated to partner-service".' })
  readonly summary!: string

  @Field(() => [FieldChangeType], {
    nullable: true,
    description:
      'The changed fields, and what a write through the gateway asked for; [] when the event changed none. null: the gateway did not know the ticket before.',
  })
  readonly changes!: readonly FieldChangeType[] | null
}

@ObjectType('TicketEventConnection', { description: 'A page of ticket events, oldest first.', simpleResolvers: true })
export class TicketEventConnectionType extends connectionType('TicketEvent', () => TicketEventType, 'ticket events') {}

@Resolver(() => TicketType)
export class TicketEventsResolver {
  @Extensions({ cost: { page: 50 } })
  @FieldResolver(() => TicketEventConnectionType, {
    nullable: true,
    description:
      "The gateway's change log of the ticket, oldest event first; by default its first 50 events: events from the source, writes through the gateway, deliveries. " +
      'Of a PULL source it begins with the first poll, and has only what changed while a client subscribed.',
  })
  async events(@Root() ticket: Ticket, @Args(() => RangeArgs) args: RangeArgs, @Ctx() context: GraphContext) {
    const range = toRange(args, context.services.maxPageSize, { from: 'start', size: 50 })
    return rangeToConnection(await context.eventsOf.load({ ticketId: ticket.id, part: range }))
  }
}

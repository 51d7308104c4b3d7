import {
  Args,
  ArgsType,
  type ClassType,
  Ctx,
  Extensions,
  Field,
  FieldResolver,
  ObjectType,
  Resolver,
  Root,
  registerEnumType,
} from 'type-graphql'
import type { Ticket } from '../../domain/ticket.ts'
import { readTimeline, type TimelineKind, type TimelineNode, type TimelineParts } from '../../tickets/timeline.ts'
import type { GraphContext } from '../context.ts'
import { type Connection, connectionType, rangeToConnection } from './connection.ts'
import { enumOf } from './enum-of.ts'
import { withFullTicket } from './lazy-fields.ts'
import { TimelineEntryType } from './node.ts'
import { RangeArgs, toRange } from './paging.ts'
import { TicketType } from './ticket.ts'

const kindValues: Record<TimelineKind, { description: string }> = {
  MESSAGES: { description: 'The messages of the conversation.' },
  EVENTS: { description: "The events of the gateway's change log." },
  DELIVERIES: { description: 'The deliveries to partners.' },
}
const TimelineKindEnum = enumOf(kindValues)
registerEnumType(TimelineKindEnum, {
  name: 'TimelineKind',
  description: 'A kind of entry of a timeline.',
  valuesConfig: kindValues,
})

@ObjectType('TimelineConnection', { description: 'A page of a timeline, oldest entry first.', simpleResolvers: true })
export class TimelineConnectionType extends connectionType(
  'Timeline',
  () => TimelineEntryType as unknown as ClassType<TimelineEntryType>,
  'entries',
) {}

@ArgsType()
export class TimelineArgs extends RangeArgs {
  @Field(() => [TimelineKindEnum], { nullable: true, description: 'Only these kinds of entries; null or []: all.' })
  kinds?: TimelineKind[] | null
}

@Resolver(() => TicketType)
export class TicketTimelineResolver {
  @Extensions({ ticketProperty: 'messages', cost: { page: 50 } })
  @FieldResolver(() => TimelineConnectionType, {
    nullable: true,
    description:
      'Messages, events and deliveries in one order, oldest first; by default the last 50. Page back with `last` and `before: startCursor`. An event is left out where its own message or delivery is shown. An entry without a time follows the entry before it in its source. It needs the same calls as `threads`.',
  })
  async timeline(
    @Root() ticket: Ticket,
    @Args(() => TimelineArgs) args: TimelineArgs,
    @Ctx() context: GraphContext,
  ): Promise<Connection<TimelineNode>> {
    const range = toRange(args, context.services.maxPageSize, { from: 'end', size: 50 })
    return rangeToConnection(await readTimeline(partsOf(ticket, args.kinds ?? [], context), range))
  }
}

function partsOf(ticket: Ticket, kinds: readonly TimelineKind[], context: GraphContext): TimelineParts {
  const shows = (kind: TimelineKind) => kinds.length === 0 || kinds.includes(kind)
  const { id } = ticket
  return {
    readMessages: () => (shows('MESSAGES') ? withFullTicket(context, ticket, 'messages', (messages) => messages ?? []) : []),
    // Only routed tickets have deliveries.
    readDeliveries: () => (shows('DELIVERIES') && ticket.routing !== null ? context.deliveriesOf.load(id) : []),
    readEvents: (part) => (shows('EVENTS') ? context.eventsByTime.load({ ticketId: id, part }) : []),
  }
}

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
import type { Range } from '../../domain/page.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { readTimeline, type TimelineKind, type TimelineNode } from '../../tickets/timeline.ts'
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
  timeline(@Root() ticket: Ticket, @Args(() => TimelineArgs) args: TimelineArgs, @Ctx() context: GraphContext) {
    const range = toRange(args, context.services.maxPageSize, { from: 'end', size: 50 })
    const shows = (kind: TimelineKind) => !args.kinds?.length || args.kinds.includes(kind)
    if (!shows('MESSAGES')) return toTimeline(context, ticket, [], shows, range)
    return withFullTicket(context, ticket, 'messages', (messages) => toTimeline(context, ticket, messages ?? [], shows, range))
  }
}

async function toTimeline(
  context: GraphContext,
  ticket: Ticket,
  messages: NonNullable<Ticket['messages']>,
  shows: (kind: TimelineKind) => boolean,
  range: Range,
): Promise<Connection<TimelineNode>> {
  const { history } = context.services
  // Only routed tickets have deliveries.
  const deliveries = shows('DELIVERIES') && ticket.routing !== null ? await context.deliveriesOf.load(ticket.id) : []
  const readEvents = shows('EVENTS')
    ? (window: Parameters<typeof history.eventsByTime>[1]) => history.eventsByTime(ticket.id, window)
    : null
  return rangeToConnection(await readTimeline({ messages, deliveries, readEvents }, range))
}

import { Arg, Ctx, Resolver, Root, Subscription } from 'type-graphql'
import type { Change } from '../../../domain/events.ts'
import type { GraphContext } from '../../context.ts'
import { TicketFilterInput } from '../inputs/list-args.ts'
import { type TicketChangeArgs, watchTickets } from '../ticket-changes.ts'
import { TicketChangeType } from '../types/event.ts'

@Resolver()
export class TicketSubscriptionResolver {
  @Subscription(() => TicketChangeType, {
    description:
      'Every change that the gateway sees: events of the sources, its own writes, and polling where a source has no events. ' +
      'It ends when the token does.',
    subscribe: ({ args, context }) => watchTickets(context as GraphContext, args as TicketChangeArgs),
  })
  ticketChanged(
    @Root() change: Change,
    @Arg('filter', () => TicketFilterInput, {
      nullable: true,
      description: 'Which tickets, as in `tickets`. A change is sent when the ticket matched before or after it; null: all.',
    })
    _filter: TicketFilterInput | null | undefined,
    @Arg('after', () => String, {
      nullable: true,
      description:
        '`TicketChange.cursor` of the last change that you have: nothing is missed, nothing comes twice. null: from now on.',
    })
    _after: string | null | undefined,
    @Ctx() context: GraphContext,
  ): Change {
    context.renew()
    return change
  }
}

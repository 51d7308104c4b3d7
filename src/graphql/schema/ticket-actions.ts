import { Ctx, Extensions, Field, FieldResolver, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import { type Ticket, type TicketAction, ticketActions } from '../../domain/ticket.ts'
import { type ActionAvailability, availableActions } from '../../tickets/available-actions.ts'
import type { GraphContext } from '../context.ts'
import { enumOf } from './enum-of.ts'
import { TicketActionEnum } from './source-capabilities.ts'
import { TicketType } from './ticket.ts'

const refusalValues: Record<NonNullable<ActionAvailability['reason']>, { description: string }> = {
  NOT_SUPPORTED_BY_SOURCE: { description: 'The source, or this deployment of it, does not support the action. It is permanent.' },
  FORBIDDEN: { description: 'The viewer lacks the scope `tickets:write`.' },
  WRONG_STATE: { description: 'The state in which the gateway last saw the ticket does not allow the action, e.g. CLOSED.' },
  SOURCE_DOWN: { description: 'The source does not answer at the moment. Try again later.' },
}
const ActionRefusalEnum = enumOf(refusalValues)
registerEnumType(ActionRefusalEnum, {
  name: 'ActionRefusal',
  description: 'Why an action is not available now. Show its button disabled, with this as the reason.',
  valuesConfig: refusalValues,
})

@ObjectType('ActionAvailability', {
  description: 'Whether this viewer may do an action on a ticket now. It is a hint: the source has the final decision.',
  simpleResolvers: true,
})
export class ActionAvailabilityType implements ActionAvailability {
  @Field(() => TicketActionEnum, { description: 'The action in question.' })
  readonly action!: TicketAction

  @Field(() => Boolean, { description: 'True when the gateway knows of no obstacle.' })
  readonly allowed!: boolean

  @Field(() => ActionRefusalEnum, { nullable: true, description: 'The obstacle; null when the action is allowed.' })
  readonly reason!: ActionAvailability['reason']

  @Field(() => [String], {
    description:
      'For UPDATE: the fields of `UpdateTicketInput` that this source can change; any other field is refused. [] for the other actions.',
  })
  readonly fields!: readonly string[]
}

@Resolver(() => TicketType)
export class TicketActionsResolver {
  @Extensions({ cost: { items: ticketActions.length } })
  @FieldResolver(() => [ActionAvailabilityType], {
    description:
      'The actions with their availability for this viewer now. Every action is listed; ROUTE only when the source routes tickets.',
  })
  actions(@Root() ticket: Ticket, @Ctx() context: GraphContext) {
    const { key } = ticket.source
    return availableActions(ticket, context.viewer, context.isDown(key), context.sources.get(key))
  }
}

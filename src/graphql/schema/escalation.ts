import type { GraphQLResolveInfo } from 'graphql'
import { Ctx, Extensions, Field, FieldResolver, Info, ObjectType, Resolver, Root } from 'type-graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Escalation, Ticket } from '../../domain/ticket.ts'
import type { GraphContext } from '../context.ts'
import { keepFailure } from '../source-errors.ts'
import { withFullTicket } from './lazy-fields.ts'
import { DateTime } from './scalars.ts'
import { TicketType } from './ticket.ts'

/** An escalation with the ticket whose change log may tell the department that the source does not. */
type ShownEscalation = Escalation & { readonly escalatedTicketId?: string }

@ObjectType('Escalation', { description: 'The escalation of a ticket to a department.', simpleResolvers: true })
export class EscalationType implements Omit<Escalation, 'department'> {
  @Field(() => String, { nullable: true, description: 'The reason that the agent gave; null when there is none.' })
  readonly reason!: string | null

  @Field(() => DateTime, { nullable: true, description: 'Time of the escalation; null when the source does not tell.' })
  readonly escalatedAt!: string | null
}

@Resolver(() => EscalationType)
export class EscalationResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Id of the department, as in `Source.escalationDepartments`. Where the source does not tell, it is the department of the latest ' +
      'escalation through the gateway, while the ticket is ESCALATED. null when neither tells.',
  })
  department(
    @Root() { department, escalatedTicketId }: ShownEscalation,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): string | null | Promise<string | null> {
    if (department !== null || escalatedTicketId === undefined) return department
    return context.departmentsOf.load(escalatedTicketId).catch((error) => {
      // The source's own fields are good without the store.
      if (!(error instanceof DeskgraphError)) throw error
      keepFailure(context, info, error)
      return null
    })
  }
}

@Resolver(() => TicketType)
export class TicketEscalationResolver {
  @Extensions({ ticketProperty: 'escalation' })
  @FieldResolver(() => EscalationType, {
    nullable: true,
    description: 'The escalation of the ticket; null when it was never escalated.',
  })
  escalation(@Root() ticket: Ticket, @Ctx() context: GraphContext) {
    return withFullTicket(context, ticket, 'escalation', (escalation): ShownEscalation | null =>
      escalation && ticket.status === 'ESCALATED' ? { ...escalation, escalatedTicketId: ticket.id } : escalation,
    )
  }
}

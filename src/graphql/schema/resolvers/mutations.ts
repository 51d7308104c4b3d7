import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { WriteTarget } from '../../../tickets/ticket-service.ts'
import type { GraphContext } from '../../context.ts'
import {
  CloseTicketInput,
  EscalateTicketInput,
  ReassignTicketInput,
  ReplyToTicketInput,
  RouteTicketInput,
  TransferTicketInput,
  UpdateTicketInput,
} from '../inputs/change-inputs.ts'
import { CreateTicketInput } from '../inputs/create-input.ts'
import { TicketPayloadType } from '../types/payload.ts'

interface Addressed {
  readonly id: string
  readonly idempotencyKey?: string | null
}

/** An input apart: which ticket and key, and what is to be done. */
function split<T extends Addressed>(input: T): [WriteTarget, Omit<T, 'id' | 'idempotencyKey'>] {
  const { id, idempotencyKey, ...rest } = input
  return [{ id, idempotencyKey: idempotencyKey ?? null }, rest]
}

@Resolver()
export class TicketMutationResolver {
  @Mutation(() => TicketPayloadType, {
    description: 'Raises a ticket in one source. A routed source sends it on to partners: outcome QUEUED.',
  })
  createTicket(
    @Arg('input', () => CreateTicketInput, { description: 'The new ticket.' }) input: CreateTicketInput,
    @Ctx() context: GraphContext,
  ) {
    return context.writes.create(input)
  }

  @Mutation(() => TicketPayloadType, { description: 'Changes fields of a ticket.' })
  updateTicket(
    @Arg('input', () => UpdateTicketInput, { description: 'Which ticket and what changes.' }) input: UpdateTicketInput,
    @Ctx() context: GraphContext,
  ) {
    return context.writes.update(...split(input))
  }

  @Mutation(() => TicketPayloadType, { description: "Adds a message to a ticket's conversation." })
  replyToTicket(
    @Arg('input', () => ReplyToTicketInput, { description: 'Which ticket and the message.' }) input: ReplyToTicketInput,
    @Ctx() context: GraphContext,
  ) {
    return context.writes.reply(...split(input))
  }

  @Mutation(() => TicketPayloadType, { description: 'Hands a ticket to a department with more powers.' })
  escalateTicket(
    @Arg('input', () => EscalateTicketInput, { description: 'Which ticket, to whom, and why.' }) input: EscalateTicketInput,
    @Ctx() context: GraphContext,
  ) {
    return context.writes.escalate(...split(input))
  }

  @Mutation(() => TicketPayloadType, { description: 'Finishes a ticket.' })
  closeTicket(
    @Arg('input', () => CloseTicketInput, { description: 'Which ticket and how it ends.' }) input: CloseTicketInput,
    @Ctx() context: GraphContext,
  ) {
    return context.writes.close(...split(input))
  }

  @Mutation(() => TicketPayloadType, { description: 'Gives a ticket to another agent.' })
  reassignTicket(
    @Arg('input', () => ReassignTicketInput, { description: 'Which ticket and to whom.' }) input: ReassignTicketInput,
    @Ctx() context: GraphContext,
  ) {
    return context.writes.reassign(...split(input))
  }

  @Mutation(() => TicketPayloadType, { description: 'Moves a ticket to another queue.' })
  transferTicket(
    @Arg('input', () => TransferTicketInput, { description: 'Which ticket and where to.' }) input: TransferTicketInput,
    @Ctx() context: GraphContext,
  ) {
    return context.writes.transfer(...split(input))
  }

  @Mutation(() => TicketPayloadType, {
    description: 'Decides again who receives a ticket that nobody received, and sends it out.',
  })
  routeTicket(
    @Arg('input', () => RouteTicketInput, { description: 'Which ticket.' }) input: RouteTicketInput,
    @Ctx() context: GraphContext,
  ) {
    const [target] = split(input)
    return context.writes.route(target)
  }
}

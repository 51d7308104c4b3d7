import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Ctx, Extensions, Info, Mutation, Resolver } from 'type-graphql'
import type { TicketPayload, WriteTarget } from '../../tickets/ticket-service.ts'
import type { GraphContext } from '../context.ts'
import { keepFailure } from '../source-errors.ts'
import { CreateTicketInput } from './create-ticket-input.ts'
import type { FieldExtensions } from './fields.ts'
import {
  CloseTicketInput,
  EscalateTicketInput,
  ReassignTicketInput,
  ReopenTicketInput,
  ReplyToTicketInput,
  RouteTicketInput,
  TransferTicketInput,
  UpdateTicketInput,
} from './ticket-inputs.ts'
import { TicketPayloadType } from './ticket-payload.ts'

/** Two calls: the write, and the reading of the ticket when the source does not answer with it. */
const write: FieldExtensions = { permission: { scopes: ['tickets:write'], otherwise: 'forbid' }, cost: { calls: 2 } }

/** One more call reads the ticket for `ifUpdatedAt`, or for the entity of an order. */
const update: FieldExtensions = { ...write, cost: { calls: 3 } }

interface TargetedInput {
  readonly id: string
  readonly idempotencyKey?: string | null
}

/** Splits an input into the ticket with the key, and the change. Both are plain objects. */
function split<T extends TargetedInput>(input: T): [WriteTarget, Omit<T, 'id' | 'idempotencyKey'>] {
  const { id, idempotencyKey, ...change } = input
  return [{ id, idempotencyKey: idempotencyKey ?? null }, change]
}

/** The payload; the fault behind its user error goes to the log. */
async function logged(context: GraphContext, info: GraphQLResolveInfo, written: Promise<TicketPayload>): Promise<TicketPayload> {
  const payload = await written
  if (payload.failure) keepFailure(context, info, payload.failure)
  return payload
}

@Resolver()
export class TicketMutations {
  @Extensions(write)
  @Mutation(() => TicketPayloadType, {
    nullable: true,
    description: 'Creates a ticket in one source. A routed source delivers it to partners: outcome QUEUED.',
  })
  createTicket(
    @Arg('input', () => CreateTicketInput, { description: 'The new ticket.' }) input: CreateTicketInput,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return logged(context, info, context.writes.create({ ...input }))
  }

  @Extensions(update)
  @Mutation(() => TicketPayloadType, { nullable: true, description: 'Changes fields of a ticket.' })
  updateTicket(
    @Arg('input', () => UpdateTicketInput, { description: 'The ticket and its changes.' }) input: UpdateTicketInput,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return logged(context, info, context.writes.update(...split(input)))
  }

  @Extensions(write)
  @Mutation(() => TicketPayloadType, { nullable: true, description: "Adds a message to a ticket's conversation." })
  replyToTicket(
    @Arg('input', () => ReplyToTicketInput, { description: 'The ticket and the message.' }) input: ReplyToTicketInput,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return logged(context, info, context.writes.reply(...split(input)))
  }

  @Extensions(write)
  @Mutation(() => TicketPayloadType, { nullable: true, description: 'Escalates a ticket to a department.' })
  escalateTicket(
    @Arg('input', () => EscalateTicketInput, { description: 'The ticket, the department and the reasons.' })
    input: EscalateTicketInput,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return logged(context, info, context.writes.escalate(...split(input)))
  }

  @Extensions(write)
  @Mutation(() => TicketPayloadType, { nullable: true, description: 'Closes a ticket.' })
  closeTicket(
    @Arg('input', () => CloseTicketInput, { description: 'The ticket and its resolution.' }) input: CloseTicketInput,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return logged(context, info, context.writes.close(...split(input)))
  }

  @Extensions(write)
  @Mutation(() => TicketPayloadType, { nullable: true, description: 'Reopens a ticket that is resolved, closed or cancelled.' })
  reopenTicket(
    @Arg('input', () => ReopenTicketInput, { description: 'The ticket and the reason.' }) input: ReopenTicketInput,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return logged(context, info, context.writes.reopen(...split(input)))
  }

  @Extensions(write)
  @Mutation(() => TicketPayloadType, { nullable: true, description: 'Assigns a ticket to another agent or group, or to none.' })
  reassignTicket(
    @Arg('input', () => ReassignTicketInput, { description: 'The ticket and the new agent.' }) input: ReassignTicketInput,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return logged(context, info, context.writes.reassign(...split(input)))
  }

  @Extensions(write)
  @Mutation(() => TicketPayloadType, { nullable: true, description: 'Moves a ticket to another queue.' })
  transferTicket(
    @Arg('input', () => TransferTicketInput, { description: 'The ticket and the new queue.' }) input: TransferTicketInput,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return logged(context, info, context.writes.transfer(...split(input)))
  }

  @Extensions(write)
  @Mutation(() => TicketPayloadType, {
    nullable: true,
    description: 'Makes the routing decision again for a ticket that no partner received, and delivers it.',
  })
  routeTicket(
    @Arg('input', () => RouteTicketInput, { description: 'The ticket.' }) input: RouteTicketInput,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return logged(context, info, context.writes.route(split(input)[0]))
  }
}

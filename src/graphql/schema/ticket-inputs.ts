import { Field, ID, InputType, registerEnumType } from 'type-graphql'
import type { MessageVisibility, TicketPriority, TicketStatus } from '../../domain/ticket.ts'
import type {
  CloseTicket,
  EscalateTicket,
  OneViewUpdateEvent,
  ReassignTicket,
  ReplyToTicket,
  TransferTicket,
  UpdateTicket,
} from '../../domain/writes.ts'
import { idempotencyKey } from './create-ticket-input.ts'
import { enumOf } from './enum-of.ts'
import { MessageVisibilityEnum } from './ticket-conversation.ts'
import { TicketPriorityEnum, TicketStatusEnum } from './ticket-enums.ts'

// The inputs of the mutations of an existing ticket.

const ticketId = 'Global id of the ticket.'

const eventValues: Record<OneViewUpdateEvent, { description: string }> = {
  CHAT_RESPONSE_TIME: { description: 'The agent answered the chat (UPDATE_CHAT_RESPONSE_TIME).' },
  PICKED_TIME: { description: 'The agent accepted the chat (UPDATE_PICKED_TIME).' },
  CLOSE_CHAT_ROOM: { description: 'The chat room is closed; the ticket stays open (CLOSE_CHAT_ROOM).' },
}
const OneViewUpdateEventEnum = enumOf(eventValues)
registerEnumType(OneViewUpdateEventEnum, {
  name: 'OneViewUpdateEvent',
  description: 'An update of OneView without a value: it records an event of a chat.',
  valuesConfig: eventValues,
})

@InputType('UpdateTicketInput', {
  description:
    'Changes to a ticket. A field that is null or absent stays as it is. OneView accepts exactly one kind of change per call: none or two are INVALID.',
})
export class UpdateTicketInput implements UpdateTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => String, { nullable: true, description: 'New title.' })
  title?: string | null

  @Field(() => String, { nullable: true, description: 'New full text of the request.' })
  description?: string | null

  @Field(() => TicketPriorityEnum, { nullable: true, description: 'New priority.' })
  priority?: TicketPriority | null

  @Field(() => String, { nullable: true, description: "New category: the source's code." })
  category?: string | null

  @Field(() => TicketStatusEnum, { nullable: true, description: 'New status, if the source lets agents set it.' })
  status?: TicketStatus | null

  @Field(() => [String], { nullable: true, description: 'New tags. The list replaces all existing tags.' })
  tags?: string[] | null

  @Field(() => String, { nullable: true, description: 'New contact reason: a code of `contactReasons` (OneView).' })
  contactReasonCode?: string | null

  @Field(() => String, { nullable: true, description: 'New order id; "" removes the order, null keeps it (OneView).' })
  orderId?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Market entity of the order, e.g. "FP_SG"; absent: that of the ticket (OneView).',
  })
  entityId?: string | null

  @Field(() => OneViewUpdateEventEnum, { nullable: true, description: 'Event of a chat to record (OneView).' })
  event?: OneViewUpdateEvent | null

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

@InputType('ReplyToTicketInput', { description: 'A new message in the conversation of a ticket.' })
export class ReplyToTicketInput implements ReplyToTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => String, { description: 'Text of the message.' })
  body!: string

  @Field(() => MessageVisibilityEnum, {
    description: 'The audience of the message. It has no default: a source without internal notes refuses INTERNAL.',
  })
  visibility!: MessageVisibility

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

@InputType('EscalateTicketInput', { description: 'The escalation of a ticket to a department.' })
export class EscalateTicketInput implements EscalateTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => ID, {
    nullable: true,
    description: 'Id of a department from `escalationDepartments`; null: the source decides (OneView: escalation version 1).',
  })
  department?: string | null

  @Field(() => String, { nullable: true, description: 'Reason of the escalation, for the next agent.' })
  statusReason?: string | null

  @Field(() => String, { nullable: true, description: 'What was done so far.' })
  resolutionReason?: string | null

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

@InputType('CloseTicketInput', { description: 'The closing of a ticket, with its resolution.' })
export class CloseTicketInput implements CloseTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => String, { nullable: true, description: 'Why the ticket is closed.' })
  statusReason?: string | null

  @Field(() => String, { nullable: true, description: 'Resolution status: one of `resolutionStatuses`, e.g. "REFUNDED".' })
  resolutionStatus?: string | null

  @Field(() => String, { nullable: true, description: 'Explanation of the resolution in words.' })
  resolutionReason?: string | null

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

@InputType('ReassignTicketInput', { description: 'The assignment of a ticket to another agent.' })
export class ReassignTicketInput implements ReassignTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => String, { description: 'The new agent, as the source refers to agents (OneView: by e-mail address).' })
  assignee!: string

  @Field(() => String, { nullable: true, description: 'Reason, for the new agent and the history.' })
  reason?: string | null

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

@InputType('TransferTicketInput', { description: 'The transfer of a ticket to another queue.' })
export class TransferTicketInput implements TransferTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => ID, { description: 'Id of a queue from `transferQueues`, not its name.' })
  queueId!: string

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

@InputType('RouteTicketInput', { description: 'The routing of a ticket that no partner received yet.' })
export class RouteTicketInput {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

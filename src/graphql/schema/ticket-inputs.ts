import { Field, ID, InputType, registerEnumType } from 'type-graphql'
import type { MessageFormat, MessageVisibility, TicketPriority, TicketStatus } from '../../domain/ticket.ts'
import type {
  CloseTicket,
  ConversationEvent,
  EscalateTicket,
  ReassignTicket,
  ReopenTicket,
  ReplyToTicket,
  TransferTicket,
  UpdateTicket,
} from '../../domain/writes.ts'
import { AttachmentInput, CustomFieldInput, idempotencyKey } from './create-ticket-input.ts'
import { enumOf } from './enum-of.ts'
import { DateTime } from './scalars.ts'
import { MessageFormatEnum, MessageVisibilityEnum } from './ticket-conversation.ts'
import { TicketPriorityEnum, TicketStatusEnum } from './ticket-enums.ts'

// The inputs of the mutations of an existing ticket.

const ticketId = 'Global id of the ticket.'

const eventValues: Record<ConversationEvent, { description: string }> = {
  CHAT_RESPONSE_TIME: { description: 'The agent answered the chat (UPDATE_CHAT_RESPONSE_TIME).' },
  PICKED_TIME: { description: 'The agent accepted the chat (UPDATE_PICKED_TIME).' },
  CLOSE_CHAT_ROOM: { description: 'The chat room is closed; the ticket stays open (CLOSE_CHAT_ROOM).' },
}
const ConversationEventEnum = enumOf(eventValues)
registerEnumType(ConversationEventEnum, {
  name: 'ConversationEvent',
  description: 'An update of OneView without a value: it records an event of a chat.',
  valuesConfig: eventValues,
})

@InputType('UpdateTicketInput', {
  description:
    'Changes to a ticket. A field that is null or absent stays as it is. `ActionAvailability.fields` tells which ones the source takes; any other is NOT_SUPPORTED. OneView accepts exactly one kind of change per call: none or two are INVALID.',
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

  @Field(() => String, {
    nullable: true,
    description:
      'New status as a key of `Ticket.statusOptions`, where a unified status would be ambiguous. Not together with `status`.',
  })
  statusOption?: string | null

  @Field(() => [String], {
    nullable: true,
    description: 'New tags. The list replaces all existing tags. Not together with `addTags` and `removeTags`.',
  })
  tags?: string[] | null

  @Field(() => [String], { nullable: true, description: 'Tags to add to the existing ones.' })
  addTags?: string[] | null

  @Field(() => [String], { nullable: true, description: 'Tags to remove from the existing ones.' })
  removeTags?: string[] | null

  @Field(() => [CustomFieldInput], { nullable: true, description: 'New values of custom fields. Other custom fields stay.' })
  customFields?: CustomFieldInput[] | null

  @Field(() => DateTime, {
    nullable: true,
    description:
      '`Ticket.updatedAt` as you know it: the update is a CONFLICT when the ticket has changed since. Where the source has no such condition, the gateway reads the ticket just before. A change in that moment is not noticed.',
  })
  ifUpdatedAt?: string | null

  @Field(() => String, { nullable: true, description: 'New contact reason: a code of `contactReasons` (OneView).' })
  contactReasonCode?: string | null

  @Field(() => String, { nullable: true, description: 'New order id; "" removes the order, null keeps it (OneView).' })
  orderId?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Market entity of the order, e.g. "FP_SG"; absent: that of the ticket (OneView).',
  })
  entityId?: string | null

  @Field(() => ConversationEventEnum, { nullable: true, description: 'Event of a chat to record (OneView).' })
  event?: ConversationEvent | null

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

@InputType('ReplyToTicketInput', { description: 'A new message in the conversation of a ticket.' })
export class ReplyToTicketInput implements ReplyToTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => String, { description: 'Text of the message.' })
  body!: string

  @Field(() => MessageFormatEnum, {
    nullable: true,
    description:
      'Format of `body`; null: as the source takes text. A source that takes plain text alone refuses HTML and MARKDOWN. OTHER is INVALID.',
  })
  format?: MessageFormat | null

  @Field(() => MessageVisibilityEnum, {
    description: 'The audience of the message. It has no default: a source without internal notes refuses INTERNAL.',
  })
  visibility!: MessageVisibility

  @Field(() => [AttachmentInput], { nullable: true, description: 'Files of the message.' })
  attachments?: AttachmentInput[] | null

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

@InputType('EscalateTicketInput', { description: 'The escalation of a ticket to a department.' })
export class EscalateTicketInput implements EscalateTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => String, {
    nullable: true,
    description: 'Key of a department from `escalationDepartments`; null: the source decides (OneView: escalation version 1).',
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

@InputType('ReopenTicketInput', { description: 'The reopening of a ticket that is resolved, closed or cancelled.' })
export class ReopenTicketInput implements ReopenTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => String, { nullable: true, description: 'Why the ticket is opened again.' })
  statusReason?: string | null

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

@InputType('ReassignTicketInput', {
  description: 'The assignment of a ticket: one of `assignee`, `group` and `unassign`. None of them is REQUIRED.',
})
export class ReassignTicketInput implements ReassignTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => String, {
    nullable: true,
    description: 'The new agent: an `Agent.externalId` (OneView: as its agents are called there, e.g. by e-mail address).',
  })
  assignee?: string | null

  @Field(() => String, { nullable: true, description: 'The new group: a `Group.externalId`.' })
  group?: string | null

  @Field(() => Boolean, { nullable: true, description: 'true: the ticket is assigned to no agent any more.' })
  unassign?: boolean | null

  @Field(() => String, { nullable: true, description: 'Reason, for the new agent and the history.' })
  reason?: string | null

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null
}

@InputType('TransferTicketInput', { description: 'The transfer of a ticket to another queue.' })
export class TransferTicketInput implements TransferTicket {
  @Field(() => ID, { description: ticketId })
  id!: string

  @Field(() => String, { description: 'Key of a queue from `transferQueues`, not its name.' })
  queue!: string

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

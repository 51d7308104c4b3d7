import { ID } from 'type-graphql'
import type { MessageVisibility, TicketPriority, TicketStatus } from '../../../domain/ticket.ts'
import type {
  CloseTicket,
  EscalateTicket,
  OneViewUpdateEvent,
  ReassignTicket,
  ReplyToTicket,
  TransferTicket,
  UpdateTicket,
} from '../../../domain/writes.ts'
import { Always, GraphInput, Maybe } from '../describe.ts'
import { MessageVisibilityEnum, TicketPriorityEnum, TicketStatusEnum } from '../enums/ticket-enums.ts'
import { OneViewUpdateEventEnum } from '../enums/write-enums.ts'
import { idempotencyKey } from './idempotency-key.ts'

const ticketId = 'Global id of the ticket.'

@GraphInput(
  'UpdateTicketInput',
  'Changes to a ticket; null and absent leave a field as it is. OneView takes one kind of change per call: two kinds, or none, are INVALID.',
)
export class UpdateTicketInput implements UpdateTicket {
  @Always(() => ID, ticketId)
  id!: string

  @Maybe(() => String, 'New title.')
  title?: string | null

  @Maybe(() => String, 'New text.')
  description?: string | null

  @Maybe(() => TicketPriorityEnum, 'New priority.')
  priority?: TicketPriority | null

  @Maybe(() => String, "New category: the source's code.")
  category?: string | null

  @Maybe(() => TicketStatusEnum, 'New status, where the source lets agents set it.')
  status?: TicketStatus | null

  @Maybe(() => [String], 'All tags from now on: the list replaces the old one.')
  tags?: string[] | null

  @Maybe(() => String, 'New contact reason: a code of `contactReasons` (OneView).')
  contactReasonCode?: string | null

  @Maybe(() => String, 'New order; null leaves it, "" removes it (OneView).')
  orderId?: string | null

  @Maybe(() => String, 'Market entity of the order, e.g. "FP_SG"; absent: the ticket\'s own (OneView).')
  entityId?: string | null

  @Maybe(() => OneViewUpdateEventEnum, 'A moment of a chat to record (OneView).')
  event?: OneViewUpdateEvent | null

  @Maybe(() => String, idempotencyKey)
  idempotencyKey?: string | null
}

@GraphInput('ReplyToTicketInput', 'A message for a ticket.')
export class ReplyToTicketInput implements ReplyToTicket {
  @Always(() => ID, ticketId)
  id!: string

  @Always(() => String, 'The text.')
  body!: string

  @Always(() => MessageVisibilityEnum, 'Who may see it. Say it on purpose: a source that cannot keep notes refuses INTERNAL.')
  visibility!: MessageVisibility

  @Maybe(() => String, idempotencyKey)
  idempotencyKey?: string | null
}

@GraphInput('EscalateTicketInput', 'To whom a ticket is handed, and why.')
export class EscalateTicketInput implements EscalateTicket {
  @Always(() => ID, ticketId)
  id!: string

  @Maybe(() => ID, 'Id of a department of `escalationDepartments`; null: the source decides (OneView: escalation version 1).')
  department?: string | null

  @Maybe(() => String, 'Why, for the next agent.')
  statusReason?: string | null

  @Maybe(() => String, 'What was done so far.')
  resolutionReason?: string | null

  @Maybe(() => String, idempotencyKey)
  idempotencyKey?: string | null
}

@GraphInput('CloseTicketInput', 'How a ticket ends.')
export class CloseTicketInput implements CloseTicket {
  @Always(() => ID, ticketId)
  id!: string

  @Maybe(() => String, 'Why it is closed.')
  statusReason?: string | null

  @Maybe(() => String, 'One of `resolutionStatuses`, e.g. "REFUNDED".')
  resolutionStatus?: string | null

  @Maybe(() => String, 'How it was resolved, in words.')
  resolutionReason?: string | null

  @Maybe(() => String, idempotencyKey)
  idempotencyKey?: string | null
}

@GraphInput('ReassignTicketInput', 'Who has a ticket from now on.')
export class ReassignTicketInput implements ReassignTicket {
  @Always(() => ID, ticketId)
  id!: string

  @Always(() => String, 'The new agent, as the source names agents (OneView: an e-mail address).')
  assignee!: string

  @Maybe(() => String, 'Why, for the new agent and the record.')
  reason?: string | null

  @Maybe(() => String, idempotencyKey)
  idempotencyKey?: string | null
}

@GraphInput('TransferTicketInput', 'Where a ticket waits from now on.')
export class TransferTicketInput implements TransferTicket {
  @Always(() => ID, ticketId)
  id!: string

  @Always(() => ID, 'Id of a queue of `transferQueues`. Not its name.')
  queueId!: string

  @Maybe(() => String, idempotencyKey)
  idempotencyKey?: string | null
}

@GraphInput('RouteTicketInput', 'An unrouted ticket to be sent out.')
export class RouteTicketInput {
  @Always(() => ID, ticketId)
  id!: string

  @Maybe(() => String, idempotencyKey)
  idempotencyKey?: string | null
}

import type { DeliveryState } from '../../../domain/delivery.ts'
import type { DeadLetterState, TicketEventKind } from '../../../domain/events.ts'
import type { RoutingType } from '../../../domain/ticket.ts'
import { describedEnum } from '../describe.ts'

export const TicketEventKindEnum = describedEnum<TicketEventKind>('TicketEventKind', 'What happened to a ticket.', {
  CREATED: 'It was raised, or seen here for the first time.',
  UPDATED: 'Some field changed.',
  STATUS_CHANGED: 'Its status changed.',
  ESCALATED: 'It was handed to another department.',
  CLOSED: 'It was finished.',
  REASSIGNED: 'Another agent has it.',
  TRANSFERRED: 'It moved to another queue.',
  MESSAGE: 'A message was added.',
  ROUTED: 'Its partners were decided.',
  DELIVERED: 'A partner received it.',
  DELIVERY_FAILED: 'An attempt to reach a partner failed.',
  DELETED: 'The source deleted it.',
})

export const RoutingTypeEnum = describedEnum<RoutingType>('RoutingType', 'Which kind of partner a ticket goes to.', {
  STORE: "The partner subscribed for the order's store.",
  GENERAL: 'The partner subscribed for the whole region.',
  NONE: 'Nobody: the rule says why.',
})

export const DeliveryStateEnum = describedEnum<DeliveryState>('DeliveryState', 'How far a delivery has come.', {
  PENDING: 'Not tried yet.',
  DELIVERED: 'The partner answered with 2xx.',
  FAILED: 'Tried without success; it will be tried again at `nextAttemptAt`.',
  DEAD: 'Given up. `replayDelivery` starts it anew.',
})

export const QuarantineStateEnum = describedEnum<DeadLetterState>('QuarantineState', 'What became of a held event.', {
  HELD: 'Kept whole, without effect.',
  REPLAYED: 'Understood at a later try; its effect is in the ticket.',
  DISCARDED: 'Put aside by an administrator, with a reason.',
})

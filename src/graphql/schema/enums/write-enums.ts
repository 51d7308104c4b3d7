import type { OneViewUpdateEvent, UserErrorCode, WriteOutcome } from '../../../domain/writes.ts'
import { describedEnum } from '../describe.ts'

export const WriteOutcomeEnum = describedEnum<WriteOutcome>('WriteOutcome', 'What became of a write.', {
  APPLIED: 'Done.',
  QUEUED: 'Accepted here; it will be delivered.',
  REJECTED: 'Nothing happened: see `userErrors`.',
  UNKNOWN: 'The source may or may not have done it. It was not tried again; look at the ticket before you repeat it.',
})

export const UserErrorCodeEnum = describedEnum<UserErrorCode>('UserErrorCode', 'Why a write was refused.', {
  INVALID: 'A value is not acceptable: see `field`.',
  REQUIRED: 'A value is missing: see `field`.',
  NOT_FOUND: 'There is no such ticket, or the viewer may not see it.',
  FORBIDDEN: 'The source refuses this agent.',
  CONFLICT: "The ticket's state forbids it, or the idempotency key was used with another input.",
  NOT_SUPPORTED: 'The source cannot do this. Nothing was sent. `Ticket.actions` tells beforehand.',
  OUTCOME_UNKNOWN: 'The source did not confirm the change.',
})

export const OneViewUpdateEventEnum = describedEnum<OneViewUpdateEvent>(
  'OneViewUpdateEvent',
  'The updates of OneView that carry no value: they record a moment of a chat.',
  {
    CHAT_RESPONSE_TIME: 'The agent answered the chat (UPDATE_CHAT_RESPONSE_TIME).',
    PICKED_TIME: 'The agent picked the chat up (UPDATE_PICKED_TIME).',
    CLOSE_CHAT_ROOM: 'The chat room is closed; the ticket stays (CLOSE_CHAT_ROOM).',
  },
)

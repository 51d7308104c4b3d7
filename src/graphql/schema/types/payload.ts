import type { UserError, UserErrorCode, WriteOutcome } from '../../../domain/writes.ts'
import { Always, GraphType, Maybe } from '../describe.ts'
import { UserErrorCodeEnum, WriteOutcomeEnum } from '../enums/write-enums.ts'
import { TicketType } from './ticket.ts'

@GraphType('UserError', 'Why a write was refused: by a rule here, or by the source. Show it beside the form.')
export class UserErrorType implements UserError {
  @Always(() => UserErrorCodeEnum, 'What to act on.')
  readonly code!: UserErrorCode

  @Always(() => String, 'For people; its wording may change.')
  readonly message!: string

  @Maybe(() => [String], 'Path of the value at fault, e.g. ["input", "department"]; null when it is not one value.')
  readonly field!: readonly string[] | null
}

@GraphType('TicketPayload', 'What became of a write. A refusal is here in `userErrors`; a fault is a GraphQL error.')
export class TicketPayloadType {
  @Maybe(() => TicketType, 'The ticket as it is now; null when there is none or it could not be read again.')
  readonly ticket!: TicketType | null

  @Always(() => WriteOutcomeEnum, 'Whether it happened. UNKNOWN is never repeated for you.')
  readonly outcome!: WriteOutcome

  @Always(() => [UserErrorType], 'Why it did not happen; [] when it did.')
  readonly userErrors!: readonly UserErrorType[]
}

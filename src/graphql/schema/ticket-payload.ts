import { Field, ObjectType, registerEnumType } from 'type-graphql'
import type { UserError, UserErrorCode, WriteOutcome } from '../../domain/writes.ts'
import { enumOf } from './enum-of.ts'
import { TicketType } from './ticket.ts'

const outcomeValues: Record<WriteOutcome, { description: string }> = {
  APPLIED: { description: 'The change was made.' },
  QUEUED: { description: 'The gateway stored the change and will deliver it.' },
  REJECTED: { description: 'Nothing changed: see `userErrors`.' },
  UNKNOWN: {
    description: 'The source may or may not have made the change. It was not retried; check the ticket before you repeat it.',
  },
}
const WriteOutcomeEnum = enumOf(outcomeValues)
registerEnumType(WriteOutcomeEnum, {
  name: 'WriteOutcome',
  description: 'The result of a mutation.',
  valuesConfig: outcomeValues,
})

const codeValues: Record<UserErrorCode, { description: string }> = {
  INVALID: { description: 'A value is not acceptable: see `field`.' },
  REQUIRED: { description: 'A value is missing: see `field`.' },
  NOT_FOUND: { description: 'The ticket does not exist, or the viewer may not see it.' },
  FORBIDDEN: { description: 'The source refuses this agent.' },
  CONFLICT: { description: 'The state of the ticket forbids it, or the idempotency key was used with another input.' },
  NOT_SUPPORTED: { description: 'The source does not support it. Nothing was sent. `Ticket.actions` tells this in advance.' },
  OUTCOME_UNKNOWN: { description: 'The source did not confirm the change.' },
}
const UserErrorCodeEnum = enumOf(codeValues)
registerEnumType(UserErrorCodeEnum, {
  name: 'UserErrorCode',
  description: 'Why a mutation was rejected.',
  valuesConfig: codeValues,
})

@ObjectType('UserError', {
  description: 'Why the gateway or the source rejected a mutation. Show it next to the form.',
  simpleResolvers: true,
})
export class UserErrorType implements UserError {
  @Field(() => UserErrorCodeEnum, { description: 'Stable code for programs.' })
  readonly code!: UserErrorCode

  @Field(() => String, { description: 'Error message for people. Its wording may change.' })
  readonly message!: string

  @Field(() => [String], {
    nullable: true,
    description: 'Path of the wrong value, e.g. ["input", "department"]; null when it is not one value.',
  })
  readonly field!: readonly string[] | null
}

@ObjectType('TicketPayload', {
  description: 'The result of a mutation. A rejection is in `userErrors`; a failure is a GraphQL error.',
  simpleResolvers: true,
})
export class TicketPayloadType {
  @Field(() => TicketType, {
    nullable: true,
    description: 'The ticket after the mutation; null when there is none or it could not be read again.',
  })
  readonly ticket!: TicketType | null

  @Field(() => WriteOutcomeEnum, { description: 'Whether the change was made. The gateway never repeats an UNKNOWN one.' })
  readonly outcome!: WriteOutcome

  @Field(() => [UserErrorType], { description: 'Why the change was not made; [] when it was.' })
  readonly userErrors!: readonly UserErrorType[]
}

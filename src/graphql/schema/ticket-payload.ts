import { Extensions, Field, FieldResolver, ObjectType, Resolver, Root, registerEnumType } from 'type-graphql'
import type { UserError, UserErrorCode, WriteOutcome } from '../../domain/writes.ts'
import { enumOf } from './enum-of.ts'
import type { FieldExtensions } from './fields.ts'
import { DateTime } from './scalars.ts'
import { TicketType } from './ticket.ts'
import { ThreadMessageType } from './ticket-conversation.ts'

const outcomeValues: Record<WriteOutcome, { description: string }> = {
  APPLIED: { description: 'The change was made.' },
  PARTIAL: { description: 'A part of the change was made: `userErrors` tells which part was not.' },
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
  NOT_FOUND: { description: 'The ticket or the source does not exist, or the viewer may not see it.' },
  FORBIDDEN: { description: 'The source refuses this agent.' },
  CONFLICT: { description: 'The state of the ticket forbids it, or the idempotency key was used with another input.' },
  NOT_SUPPORTED: { description: 'The source does not support it. Nothing was sent. `Ticket.actions` tells this in advance.' },
  OUTCOME_UNKNOWN: { description: 'The source did not confirm the change.' },
  SOURCE_UNAVAILABLE: {
    description:
      'The source cannot be reached, or has failed several times in a row. Nothing was changed: send it again at `retryAt`.',
  },
  SOURCE_RATE_LIMITED: {
    description: 'The gateway called the source too often. Nothing was changed: send it again at `retryAt`.',
  },
  SOURCE_AUTH_FAILED: {
    description: "The source refuses the gateway's own credentials. Nothing was changed. Tell the operator.",
  },
  SOURCE_REJECTED: {
    description: 'The source refused the change for a reason that the gateway does not know. Nothing was changed.',
  },
  STORAGE_UNAVAILABLE: {
    description: "The gateway's own database does not answer. Nothing was changed: send it again at `retryAt`.",
  },
  NOTE_BECAME_PUBLIC: { description: 'The source shows the internal note to the customer. This cannot be undone.' },
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
export class UserErrorType implements Pick<UserError, 'code' | 'message' | 'field'> {
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

@Resolver(() => UserErrorType)
export class UserErrorResolver {
  @FieldResolver(() => Boolean, {
    description: 'True when nothing was changed and the same mutation may be sent again, also with the same idempotency key.',
  })
  retryable(@Root() { retryable }: UserError) {
    return retryable ?? false
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'When it makes sense to send the mutation again; null when that is unknown, or never.',
  })
  retryAt(@Root() { retryAt }: UserError) {
    return retryAt ?? null
  }
}

/** The right to change a ticket is not the right to read it. */
const readable: FieldExtensions = { permission: { scopes: ['tickets:read'], otherwise: 'hide' } }

@ObjectType('TicketPayload', {
  description:
    'The result of a mutation. A refusal and a failure of the source are in `userErrors`; a missing scope is a GraphQL error.',
  simpleResolvers: true,
})
export class TicketPayloadType {
  @Extensions(readable)
  @Field(() => TicketType, {
    nullable: true,
    description:
      'The ticket as it is now, also after a refusal; null when there is none or it cannot be read, also without `tickets:read`.',
  })
  readonly ticket!: TicketType | null

  @Extensions(readable)
  @Field(() => ThreadMessageType, {
    nullable: true,
    description:
      'The message that `replyToTicket` wrote, as the source shows it; null for other mutations, and when the source does not show beyond doubt which one it is.',
  })
  readonly message!: ThreadMessageType | null

  @Field(() => WriteOutcomeEnum, { description: 'Whether the change was made. The gateway never repeats an UNKNOWN one.' })
  readonly outcome!: WriteOutcome

  @Field(() => [UserErrorType], { description: 'Why the change, or a part of it, was not made; [] when it was.' })
  readonly userErrors!: readonly UserErrorType[]
}

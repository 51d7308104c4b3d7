import type { GraphQLResolveInfo } from 'graphql'
import { ArgsType, Field, Int, ObjectType } from 'type-graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import { type BulkResult, bulkRejected } from '../../domain/writes.ts'
import type { GraphContext } from '../context.ts'
import { keepFailure } from '../source-errors.ts'
import type { FieldExtensions } from './fields.ts'
import { UserErrorType } from './ticket-payload.ts'

/** One request acts on at most this many records, so that it ends in time. */
const maxBulk = 500

@ObjectType('BulkPayload', { description: 'The result of one action on many records.', simpleResolvers: true })
export class BulkPayloadType implements Pick<BulkResult, 'done' | 'failed' | 'userErrors'> {
  @Field(() => Int, { description: 'How many records were acted on.' })
  readonly done!: number

  @Field(() => Int, { description: 'How many records could not be acted on. Each of them shows why.' })
  readonly failed!: number

  @Field(() => [UserErrorType], { description: 'Why nothing, or only a part, was done; [] when all of it was.' })
  readonly userErrors!: readonly UserErrorType[]
}

@ArgsType()
export class BulkArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: 100,
    description: `The most records to act on, the oldest first: 1 to ${maxBulk}.`,
  })
  first?: number | null
}

/** Throws BAD_USER_INPUT for a number out of range. */
export function toBulkLimit({ first }: BulkArgs): number {
  const limit = first ?? 100
  if (limit >= 1 && limit <= maxBulk) return limit
  throw new DeskgraphError('BAD_USER_INPUT', `"first" must be from 1 to ${maxBulk}.`)
}

/** Who may act on many records, and what it costs: one for each record. */
export const bulkExtensions: FieldExtensions = {
  permission: { scopes: ['routing:admin'], otherwise: 'forbid' },
  cost: { items: { argument: 'first' } },
}

/** The same answer for a source that does not exist and one that the viewer does not see. */
export const unknownSource = bulkRejected('NOT_FOUND', 'There is no source with this key.', 'source')

/** The payload; the fault behind its user error goes to the log. */
export async function loggedBulk<Result extends BulkResult>(
  context: GraphContext,
  info: GraphQLResolveInfo,
  action: Promise<Result>,
): Promise<Result> {
  const result = await action
  if (result.failure) keepFailure(context, info, result.failure)
  return result
}

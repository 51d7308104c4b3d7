import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Args, Ctx, Extensions, Field, ID, Info, Int, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { ReconcileResult } from '../../domain/reconciliation.ts'
import type { GraphContext } from '../context.ts'
import { BulkArgs, bulkExtensions, loggedBulk, toBulkLimit, unknownSource } from './bulk-payload.ts'
import { UserErrorType } from './ticket-payload.ts'

@ObjectType('ReconcilePayload', {
  description: 'The comparison of one batch of known tickets with their source.',
  simpleResolvers: true,
})
export class ReconcilePayloadType implements Omit<ReconcileResult, 'subject' | 'done' | 'failure'> {
  @Field(() => Int, { description: 'How many tickets were compared.' })
  readonly checked!: number

  @Field(() => [ID], { description: 'Global ids of tickets that differ from what was known.' })
  readonly changedIds!: readonly string[]

  @Field(() => [ID], { description: 'Global ids of tickets that are gone.' })
  readonly removedIds!: readonly string[]

  @Field(() => Int, { description: 'How many tickets could not be read. A later reconciliation compares them.' })
  readonly failed!: number

  @Field(() => Int, { description: 'How many tickets of the source are known now, and not known to be gone.' })
  readonly total!: number

  @Field(() => String, { nullable: true, description: 'The `after` of the next batch; null: this was the last one.' })
  readonly endCursor!: string | null

  @Field(() => [UserErrorType], { description: 'Why nothing was recorded; [] when all of it was.' })
  readonly userErrors!: readonly UserErrorType[]
}

const nothing = { checked: 0, changedIds: [], removedIds: [], total: 0, endCursor: null }

@Resolver()
export class ReconcileResolver {
  @Extensions(bulkExtensions)
  @Mutation(() => ReconcilePayloadType, {
    nullable: true,
    description:
      'Compares known tickets of a pulled source with the source, in the order of their ids, and records what has changed or gone without a webhook or a poll that told it. Repeat it with `after` until `endCursor` is null. Needs the scope `routing:admin`.',
  })
  reconcileSource(
    @Arg('source', () => String, { description: 'Key of the source.' }) source: string,
    @Args(() => BulkArgs) args: BulkArgs,
    @Arg('after', () => String, { nullable: true, description: 'The `endCursor` of the batch before; null: the first batch.' })
    after: string | null | undefined,
    @Arg('dryRun', () => Boolean, { defaultValue: false, description: 'true: compares, and records nothing.' }) dryRun: boolean,
    @Arg('force', () => Boolean, {
      defaultValue: false,
      description:
        'true: also records a batch of which most tickets are missing, as they are when the account of the gateway loses a right.',
    })
    force: boolean,
    @Ctx() context: GraphContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ReconcileResult> | ReconcileResult {
    if (!context.sources.get(source)) return { ...unknownSource, ...nothing }
    const request = { sourceKey: source, limit: toBulkLimit(args), after: after ?? null, dryRun, force }
    return loggedBulk(context, info, context.services.reconciler.reconcile(request, context.call))
  }
}

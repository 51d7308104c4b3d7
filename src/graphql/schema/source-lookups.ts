import { Arg, Args, ArgsType, Ctx, Extensions, Field, Int, ObjectType, Query, Resolver } from 'type-graphql'
import type { ContactReason, EscalationDepartment, TransferQueue } from '../../sources/source.ts'
import type { GraphContext } from '../context.ts'
import { requireAbility, requireSource } from './lookup.ts'
import { toPageRequest } from './paging.ts'

// The lists of values that a source accepts in inputs.

@ObjectType('EscalationDepartment', {
  description: 'A department to which the tickets of a source can be escalated.',
  simpleResolvers: true,
})
export class EscalationDepartmentType implements EscalationDepartment {
  @Field(() => String, { description: 'Value for `EscalateTicketInput.department`, e.g. "partner-service".' })
  readonly key!: string

  @Field(() => String, { description: 'Display name.' })
  readonly label!: string
}

@ObjectType('TransferQueue', {
  description: 'A queue to which the tickets of a source can be transferred.',
  simpleResolvers: true,
})
export class TransferQueueType implements TransferQueue {
  @Field(() => String, { description: 'Value for `transferTicket`.' })
  readonly key!: string

  @Field(() => String, {
    description: 'Queue name. `Ticket.queue` may have its parts in another order ("chat-sg-en", "chat-eng-sg").',
  })
  readonly name!: string

  @Field(() => String, {
    nullable: true,
    description: 'Language of the agents, as the source writes it; null when the source does not tell.',
  })
  readonly language!: string | null
}

@ObjectType('ContactReason', { description: "A contact reason in a source's tree of reasons.", simpleResolvers: true })
export class ContactReasonType implements ContactReason {
  @Field(() => String, { description: 'Code for `UpdateTicketInput.contactReasonCode`, e.g. "1A.1".' })
  readonly code!: string

  @Field(() => String, { description: 'Display name.' })
  readonly label!: string

  @Field(() => String, {
    nullable: true,
    description: 'Language of the display name, as the source writes it; null when the source does not tell.',
  })
  readonly language!: string | null

  @Field(() => Int, { description: 'Depth in the tree; 1 is the root level.' })
  readonly level!: number

  @Field(() => [ContactReasonType], { description: 'Parent reasons, from the root to the nearest; [] at level 1.' })
  readonly parents!: readonly ContactReasonType[]
}

const sourceKey = 'Key of the source. UPSTREAM_NOT_SUPPORTED when the source does not offer this list.'

@ArgsType()
export class ContactReasonArgs {
  @Field(() => String, { description: sourceKey })
  source!: string

  @Field(() => String, { nullable: true, description: 'Only reasons that match this text; null: all.' })
  search?: string | null

  @Field(() => String, { nullable: true, description: 'Only reasons in this language, e.g. "en"; null: all.' })
  language?: string | null

  @Field(() => Int, { nullable: true, defaultValue: 50, description: 'Maximum number of reasons: 0 to 100.' })
  first?: number | null
}

@Resolver()
export class SourceLookupQueries {
  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { calls: 1 } })
  @Query(() => [EscalationDepartmentType], { description: 'The departments to which the tickets of a source can be escalated.' })
  escalationDepartments(@Arg('source', () => String, { description: sourceKey }) key: string, @Ctx() context: GraphContext) {
    const list = lookUpOf(context, key, 'escalationDepartments')
    return context.once(`departments ${key}`, () => list(context.call))
  }

  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { calls: 1 } })
  @Query(() => [TransferQueueType], { description: 'The queues to which the tickets of a source can be transferred.' })
  transferQueues(@Arg('source', () => String, { description: sourceKey }) key: string, @Ctx() context: GraphContext) {
    const list = lookUpOf(context, key, 'transferQueues')
    return context.once(`queues ${key}`, () => list(context.call))
  }

  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { calls: 1 } })
  @Query(() => [String], { description: 'The values that a source accepts in `CloseTicketInput.resolutionStatus`.' })
  resolutionStatuses(@Arg('source', () => String, { description: sourceKey }) key: string, @Ctx() context: GraphContext) {
    const list = lookUpOf(context, key, 'resolutionStatuses')
    return context.once(`statuses ${key}`, () => list(context.call))
  }

  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { calls: 1 } })
  @Query(() => [ContactReasonType], { description: 'The contact reasons of a source: its tree as a flat list.' })
  contactReasons(@Args(() => ContactReasonArgs) args: ContactReasonArgs, @Ctx() context: GraphContext) {
    return listContactReasons(context, args)
  }
}

type LookUp = 'escalationDepartments' | 'transferQueues' | 'resolutionStatuses' | 'contactReasons'

function lookUpOf<Name extends LookUp>(context: GraphContext, key: string, name: Name) {
  // Counted before anything can fail: a response with a failed look-up must not be cached (`keepSeconds`).
  context.lookUps += 1
  return requireAbility(requireSource(context.sources, key), name)
}

function listContactReasons(context: GraphContext, args: ContactReasonArgs) {
  const list = lookUpOf(context, args.source, 'contactReasons')
  const { first } = toPageRequest({ first: args.first ?? null }, context.services.maxPageSize, 50)
  const request = { search: args.search ?? null, language: args.language ?? null, first }
  if (first === 0) return []
  return context.once(`reasons ${args.source} ${JSON.stringify(request)}`, () => list(request, context.call))
}

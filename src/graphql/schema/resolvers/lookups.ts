import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql'
import type { GraphContext } from '../../context.ts'
import { toPageRequest } from '../paging.ts'
import { requireAbility, requireSource } from '../required-sources.ts'
import { ContactReasonType, EscalationDepartmentType, TransferQueueType } from '../types/lookups.ts'

const sourceKey = 'Key of the source; one that does not offer this is UPSTREAM_NOT_SUPPORTED.'

@Resolver()
export class LookupResolver {
  @Query(() => [EscalationDepartmentType], { description: 'Where the tickets of a source can be escalated to.' })
  escalationDepartments(@Arg('source', () => String, { description: sourceKey }) key: string, @Ctx() context: GraphContext) {
    const ask = lookUpOf(context, key, 'escalationDepartments')
    return context.once(`departments ${key}`, () => ask(context.call))
  }

  @Query(() => [TransferQueueType], { description: 'Where the tickets of a source can be transferred to.' })
  transferQueues(@Arg('source', () => String, { description: sourceKey }) key: string, @Ctx() context: GraphContext) {
    const ask = lookUpOf(context, key, 'transferQueues')
    return context.once(`queues ${key}`, () => ask(context.call))
  }

  @Query(() => [String], { description: 'The words that `CloseTicketInput.resolutionStatus` may have in a source.' })
  resolutionStatuses(@Arg('source', () => String, { description: sourceKey }) key: string, @Ctx() context: GraphContext) {
    const ask = lookUpOf(context, key, 'resolutionStatuses')
    return context.once(`statuses ${key}`, () => ask(context.call))
  }

  @Query(() => [ContactReasonType], { description: 'The contact reasons of a source, as a flat list of its tree.' })
  contactReasons(
    @Arg('source', () => String, { description: sourceKey }) key: string,
    @Arg('search', () => String, { nullable: true, description: 'Only reasons that match this text; null: all.' })
    search: string | null | undefined,
    @Arg('language', () => String, { nullable: true, description: 'Only labels in this language, e.g. "en"; null: all.' })
    language: string | null | undefined,
    @Arg('first', () => Int, { nullable: true, defaultValue: 50, description: 'How many at most: 0 to 100.' })
    first: number | null | undefined,
    @Ctx() context: GraphContext,
  ) {
    const ask = lookUpOf(context, key, 'contactReasons')
    const limit = toPageRequest({ first }, context.services.maxPageSize, 50).first
    const request = { search: search ?? null, language: language ?? null, first: limit }
    return limit === 0 ? [] : context.once(`reasons ${key} ${JSON.stringify(request)}`, () => ask(request, context.call))
  }
}

type LookUp = 'escalationDepartments' | 'transferQueues' | 'resolutionStatuses' | 'contactReasons'

function lookUpOf<Name extends LookUp>(context: GraphContext, key: string, name: Name) {
  // Before anything can fail: what was asked for and not answered keeps the answer from being kept.
  context.lookUps += 1
  return requireAbility(requireSource(context.sources, key), name)
}

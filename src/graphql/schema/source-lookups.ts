import { Args, ArgsType, Ctx, Extensions, Field, FieldResolver, Int, ObjectType, Resolver, Root } from 'type-graphql'
import type { ContactReason, EscalationDepartment, ResolutionOption, SourceInfo, TransferQueue } from '../../sources/source.ts'
import type { GraphContext } from '../context.ts'
import { AgentType } from './agent.ts'
import { GroupType } from './group.ts'
import { readLookup } from './lookup.ts'
import { toPageRequest } from './paging.ts'
import { SourceType } from './source.ts'

// The lists of values that a source accepts in inputs. Those for forms are in `source-forms.ts`.

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

@ObjectType('ResolutionOption', { description: 'A resolution that a closed ticket can have in a source.', simpleResolvers: true })
export class ResolutionOptionType implements ResolutionOption {
  @Field(() => String, { description: 'Value for `CloseTicketInput.resolutionStatus`, e.g. "REFUNDED".' })
  readonly key!: string

  @Field(() => String, { description: 'Display name; the key when the source has no other text.' })
  readonly label!: string
}

const first = 'The most that are returned: 0 to 100 (the operator may set another maximum).'

@ArgsType()
export class ContactReasonArgs {
  @Field(() => String, { nullable: true, description: 'Only reasons that match this text; null: all.' })
  search?: string | null

  @Field(() => String, { nullable: true, description: 'Only reasons in this language, e.g. "en"; null: all.' })
  language?: string | null

  @Field(() => Int, { nullable: true, defaultValue: 50, description: first })
  first?: number | null
}

@ArgsType()
export class AgentArgs {
  @Field(() => String, { nullable: true, description: 'Only agents whose name or e-mail address has this text; null: all.' })
  search?: string | null

  @Field(() => Int, { nullable: true, defaultValue: 50, description: first })
  first?: number | null
}

@ArgsType()
export class GroupArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: first })
  first?: number | null
}

const lookUp = { cost: { calls: 1 } }
const notOffered = 'null when the source does not offer it.'

@Resolver(() => SourceType)
export class SourceLookupsResolver {
  @Extensions(lookUp)
  @FieldResolver(() => [EscalationDepartmentType], {
    nullable: true,
    description: `The departments to which tickets can be escalated. ${notOffered}`,
  })
  escalationDepartments(@Root() source: SourceInfo, @Ctx() context: GraphContext) {
    return readLookup(context, source, 'escalationDepartments', null, (list) => list(context.call))
  }

  @Extensions(lookUp)
  @FieldResolver(() => [TransferQueueType], {
    nullable: true,
    description: `The queues to which tickets can be transferred. ${notOffered}`,
  })
  transferQueues(@Root() source: SourceInfo, @Ctx() context: GraphContext) {
    return readLookup(context, source, 'transferQueues', null, (list) => list(context.call))
  }

  @Extensions(lookUp)
  @FieldResolver(() => [ResolutionOptionType], {
    nullable: true,
    description: `The resolutions that closing a ticket accepts. ${notOffered}`,
  })
  resolutionStatuses(@Root() source: SourceInfo, @Ctx() context: GraphContext) {
    return readLookup(context, source, 'resolutionStatuses', null, (list) => list(context.call))
  }

  @Extensions(lookUp)
  @FieldResolver(() => [ContactReasonType], {
    nullable: true,
    description: `The contact reasons: a tree as a flat list. ${notOffered}`,
  })
  contactReasons(
    @Root() source: SourceInfo,
    @Args(() => ContactReasonArgs) args: ContactReasonArgs,
    @Ctx() context: GraphContext,
  ) {
    const request = { search: args.search ?? null, language: args.language ?? null, first: toFirst(context, args) }
    return readLookup(context, source, 'contactReasons', request, (list) => list(request, context.call))
  }

  @Extensions(lookUp)
  @FieldResolver(() => [AgentType], { nullable: true, description: `The agents to whom tickets can be assigned. ${notOffered}` })
  agents(@Root() source: SourceInfo, @Args(() => AgentArgs) args: AgentArgs, @Ctx() context: GraphContext) {
    const request = { search: args.search ?? null, first: toFirst(context, args) }
    return readLookup(context, source, 'agents', request, (list) => list(request, context.call))
  }

  @Extensions(lookUp)
  @FieldResolver(() => [GroupType], { nullable: true, description: `The teams to which tickets can be assigned. ${notOffered}` })
  groups(@Root() source: SourceInfo, @Args(() => GroupArgs) args: GroupArgs, @Ctx() context: GraphContext) {
    const request = { first: toFirst(context, args) }
    return readLookup(context, source, 'groups', request, (list) => list(request, context.call))
  }
}

function toFirst(context: GraphContext, { first }: GroupArgs): number {
  return toPageRequest({ first: first ?? null }, context.services.maxPageSize, 50).first
}

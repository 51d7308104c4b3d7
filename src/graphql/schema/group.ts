import { Field, ID, ObjectType } from 'type-graphql'
import type { Group, Organization } from '../../domain/ticket.ts'
import { sourceOfPart } from './source-of-part.ts'

@ObjectType('Group', { description: 'A team of agents in one source.', simpleResolvers: true })
export class GroupType implements Group {
  @Field(() => ID, { description: 'Global id, for client caches. `node` cannot read it.' })
  readonly id!: string

  @Field(() => String, { description: 'The id in the source, for `ReassignTicketInput.group`.' })
  readonly externalId!: string

  @Field(() => String, { nullable: true, description: 'Display name; null when the source gives only an id.' })
  readonly name!: string | null
}

@ObjectType('Organization', { description: 'The company of a customer, as one source knows it.', simpleResolvers: true })
export class OrganizationType implements Organization {
  @Field(() => ID, { description: 'Global id, for client caches. `node` cannot read it.' })
  readonly id!: string

  @Field(() => String, { description: 'The id in the source.' })
  readonly externalId!: string

  @Field(() => String, { nullable: true, description: 'Display name; null when the source gives only an id.' })
  readonly name!: string | null
}

export const GroupSourceResolver = sourceOfPart(GroupType, 'The source that knows this group.')
export const OrganizationSourceResolver = sourceOfPart(OrganizationType, 'The source that knows this organization.')

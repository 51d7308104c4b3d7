import { Field, ID, ObjectType } from 'type-graphql'
import type { Agent } from '../../domain/ticket.ts'
import { EmailAddress } from './scalars.ts'
import { sourceOfPart } from './source-of-part.ts'

@ObjectType('Agent', {
  description: 'A support agent, as a source refers to them. Not a Node, because no source offers agents on their own.',
  simpleResolvers: true,
})
export class AgentType implements Agent {
  @Field(() => ID, { description: 'Global id, for client caches. `node` cannot read it.' })
  readonly id!: string

  @Field(() => String, { description: 'How the source refers to the agent: an id, a name or an e-mail address.' })
  readonly externalId!: string

  @Field(() => String, { nullable: true, description: 'Name; null when the source gives no name in addition to the id.' })
  readonly name!: string | null

  @Field(() => EmailAddress, { nullable: true, description: 'E-mail address; null when the source does not tell.' })
  readonly email!: string | null
}

export const AgentSourceResolver = sourceOfPart(AgentType, 'The source that knows this agent.')

import { Extensions, Field, ObjectType, registerEnumType } from 'type-graphql'
import type { Actor, ActorKind } from '../../domain/ticket.ts'
import { enumOf } from './enum-of.ts'

const kindValues: Record<ActorKind, { description: string }> = {
  CUSTOMER: { description: 'The customer or guest.' },
  AGENT: { description: 'A support agent.' },
  SYSTEM: { description: 'Software, without a person.' },
  PARTNER: { description: 'A support partner that receives routed tickets.' },
  UNKNOWN: { description: 'The source does not tell.' },
}
const ActorKindEnum = enumOf(kindValues)
registerEnumType(ActorKindEnum, { name: 'ActorKind', description: 'The kind of an actor.', valuesConfig: kindValues })

@ObjectType('Actor', { description: 'The person, program or partner that did something.', simpleResolvers: true })
export class ActorType implements Actor {
  @Field(() => ActorKindEnum, { description: 'Whether it is a customer, an agent, a program or a partner.' })
  readonly kind!: ActorKind

  @Field(() => String, {
    nullable: true,
    description:
      'The id in the source: for an agent `Agent.externalId`, for a customer `Customer.externalId`. For a write through the gateway, the `Viewer.key`. null when the source gives none.',
  })
  readonly externalId!: string | null

  @Extensions({ permission: { scopes: ['customers:pii'], otherwise: 'hide', onlyForKind: 'CUSTOMER' } })
  @Field(() => String, {
    nullable: true,
    description:
      'Name; null when the source gives only an id. The name of a customer needs the scope `customers:pii`: without it null.',
  })
  readonly name!: string | null
}

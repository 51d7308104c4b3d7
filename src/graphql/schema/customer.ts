import { Extensions, Field, ID, ObjectType } from 'type-graphql'
import type { Customer } from '../../domain/ticket.ts'
import { NodeType } from './node.ts'
import { EmailAddress } from './scalars.ts'
import { sourceOfPart } from './source-of-part.ts'

const pii = 'Needs the scope `customers:pii`: without it null, and the response has `extensions.redacted`.'

/** `Customer.tickets` is in `ticket-lists.ts`. */
@ObjectType('Customer', {
  description: 'The customer or guest who needs help, as one source knows them. The same person in two sources is two customers.',
  implements: NodeType,
  simpleResolvers: true,
})
export class CustomerType implements Customer {
  @Field(() => ID, { description: 'Global id of this customer in this source.' })
  readonly id!: string

  @Field(() => String, {
    description: 'The id in the source, e.g. "12345678". Unique only among the customers of that source.',
  })
  readonly externalId!: string

  @Extensions({ permission: { scopes: ['customers:pii'], otherwise: 'hide' } })
  @Field(() => String, {
    nullable: true,
    description: `Full name as the source writes it; null when the source does not tell. ${pii}`,
  })
  readonly name!: string | null

  @Extensions({ permission: { scopes: ['customers:pii'], otherwise: 'hide' } })
  @Field(() => String, { nullable: true, description: `First name; null when the source does not store it separately. ${pii}` })
  readonly firstName!: string | null

  @Extensions({ permission: { scopes: ['customers:pii'], otherwise: 'hide' } })
  @Field(() => String, { nullable: true, description: `Last name; null when the source does not store it separately. ${pii}` })
  readonly lastName!: string | null

  @Extensions({ permission: { scopes: ['customers:pii'], otherwise: 'hide' } })
  @Field(() => EmailAddress, { nullable: true, description: `E-mail address; null when the source gives no valid one. ${pii}` })
  readonly email!: string | null

  @Extensions({ permission: { scopes: ['customers:pii'], otherwise: 'hide' } })
  @Field(() => String, {
    nullable: true,
    description: `Phone number as the source writes it, in any format; null when the source does not tell. ${pii}`,
  })
  readonly phone!: string | null
}

export const CustomerSourceResolver = sourceOfPart(CustomerType, 'The source that knows this customer.')

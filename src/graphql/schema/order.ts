import { Field, ID, ObjectType } from 'type-graphql'
import type { Order } from '../../domain/ticket.ts'
import { DateTime } from './scalars.ts'
import { sourceOfPart } from './source-of-part.ts'

@ObjectType('Order', {
  description: 'A reference to an order that a ticket is about. The gateway does not read the order itself.',
  simpleResolvers: true,
})
export class OrderType implements Order {
  @Field(() => ID, { description: 'Global id, for client caches. `node` cannot read it.' })
  readonly id!: string

  @Field(() => String, { description: 'The id in the order system.' })
  readonly externalId!: string

  @Field(() => String, {
    nullable: true,
    description: 'Market entity of the order, e.g. "FP_SG"; null when the source does not tell.',
  })
  readonly entityId!: string | null

  @Field(() => DateTime, { nullable: true, description: 'When the order was placed; null when the source does not tell.' })
  readonly placedAt!: string | null
}

export const OrderSourceResolver = sourceOfPart(OrderType, 'The source whose tickets name this order.')

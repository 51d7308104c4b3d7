import { Field, InterfaceType, ObjectType } from 'type-graphql'
import type { TicketReason } from '../../domain/ticket.ts'
import { OrderType } from './order.ts'

const code = "The source's code. Where a source has only labels, the label."

const typeNames: Record<TicketReason['kind'], string> = {
  ORDER: 'OrderReason',
  CANCELLATION: 'CancellationReason',
  SUBJECT_ACCESS_REQUEST: 'SubjectAccessRequestReason',
  GENERAL: 'GeneralReason',
}

@InterfaceType('TicketReason', {
  description: 'Contact reason: why the customer contacted support. Each type adds the fields of its kind.',
  resolveType: (reason: TicketReason) => typeNames[reason.kind],
})
export abstract class TicketReasonType {
  @Field(() => String, { description: code })
  readonly code!: string

  @Field(() => String, { nullable: true, description: 'Display name; null when the source has none.' })
  readonly label!: string | null
}

@ObjectType('OrderReason', {
  description: 'A problem with orders: wrong product, late or missed delivery, refund and so on.',
  implements: TicketReasonType,
  simpleResolvers: true,
})
export class OrderReasonType {
  @Field(() => String, { description: code })
  readonly code!: string

  @Field(() => String, { nullable: true, description: 'Display name, e.g. "Late delivery"; null when the source has none.' })
  readonly label!: string | null

  @Field(() => [OrderType], { description: 'The orders in question; [] when the source names none.' })
  readonly orders!: readonly OrderType[]
}

@ObjectType('CancellationReason', {
  description: 'The customer wants to cancel subscriptions.',
  implements: TicketReasonType,
  simpleResolvers: true,
})
export class CancellationReasonType {
  @Field(() => String, { description: code })
  readonly code!: string

  @Field(() => String, { nullable: true, description: 'Display name, e.g. "Cancellation"; null when the source has none.' })
  readonly label!: string | null

  @Field(() => [String], { description: 'Ids of the contracts to cancel; [] when the source names none.' })
  readonly subscriptionContractIds!: readonly string[]
}

@ObjectType('SubjectAccessRequestReason', {
  description: 'Data protection request: the customer asks for their personal data or for its deletion.',
  implements: TicketReasonType,
  simpleResolvers: true,
})
export class SubjectAccessRequestReasonType {
  @Field(() => String, { description: code })
  readonly code!: string

  @Field(() => String, {
    nullable: true,
    description: 'Display name, e.g. "Subject access request"; null when the source has none.',
  })
  readonly label!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'The right that the customer uses, as the source writes it; null when the source does not tell.',
  })
  readonly subtype!: string | null
}

@ObjectType('GeneralReason', {
  description: 'Any other contact reason, including one of a kind that this graph does not know.',
  implements: TicketReasonType,
  simpleResolvers: true,
})
export class GeneralReasonType {
  @Field(() => String, { description: code })
  readonly code!: string

  @Field(() => String, { nullable: true, description: 'Display name; null when the source has none.' })
  readonly label!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Display name in the language of the market (OneView: localCcr); null when there is none.',
  })
  readonly localLabel!: string | null
}

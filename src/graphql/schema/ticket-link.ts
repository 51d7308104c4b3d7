import { Field, ObjectType, registerEnumType } from 'type-graphql'
import type { TicketLink, TicketLinkKind } from '../../domain/ticket.ts'
import { enumOf } from './enum-of.ts'
import { DateTime, UrlText } from './scalars.ts'

const kindValues: Record<TicketLinkKind, { description: string }> = {
  CHILD: { description: 'The linked ticket was created from this one.' },
  PARENT: { description: 'This ticket was created from the linked one.' },
  RELATED: { description: 'Both are about the same subject.' },
  DUPLICATE: { description: 'This ticket repeats the request of the linked one.' },
  DUPLICATED_BY: { description: 'The linked ticket repeats the request of this one.' },
  BLOCKS: { description: 'The linked ticket waits for this one.' },
  BLOCKED_BY: { description: 'This ticket waits for the linked one.' },
  PRECEDES: { description: 'This ticket comes before the linked one in a plan.' },
  FOLLOWS: { description: 'This ticket comes after the linked one in a plan.' },
  MERGED_INTO: { description: 'This ticket was merged into the linked one.' },
  MIRROR: { description: 'Both are the same ticket in two systems.' },
  UNKNOWN: { description: 'The source does not tell.' },
}
const TicketLinkKindEnum = enumOf(kindValues)
registerEnumType(TicketLinkKindEnum, {
  name: 'TicketLinkKind',
  description: 'How two tickets are linked.',
  valuesConfig: kindValues,
})

/** `TicketLink.ticket` is in `ticket-queries.ts`. */
@ObjectType('TicketLink', {
  description: 'A link from a ticket to another one, which may be in a system that the gateway cannot read.',
  simpleResolvers: true,
})
export class TicketLinkType implements TicketLink {
  @Field(() => TicketLinkKindEnum, { description: 'How the two are linked, seen from this ticket.' })
  readonly kind!: TicketLinkKind

  @Field(() => String, { description: 'The system of the linked ticket: "ONEVIEW", "SALESFORCE", "PANDACARE" and so on.' })
  readonly system!: string

  @Field(() => String, { description: 'The id of the linked ticket in its system.' })
  readonly externalId!: string

  @Field(() => String, {
    nullable: true,
    description: 'Result of the link as the source writes it: ESCALATED, REFUNDED, REFUND_PARTIAL; null when it does not tell.',
  })
  readonly category!: string | null

  @Field(() => String, { nullable: true, description: 'Why it was linked; null when the source does not tell.' })
  readonly reason!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'The author of the link, as the source refers to them; null when it does not tell.',
  })
  readonly creator!: string | null

  @Field(() => DateTime, { nullable: true, description: 'When it was linked; null when the source does not tell.' })
  readonly createdAt!: string | null

  @Field(() => UrlText, {
    nullable: true,
    description: 'Address of the linked ticket for agents; null when the source gives none.',
  })
  readonly url!: string | null

  /** Not in the graph. `TicketLink.ticket` reads the ticket by it. */
  readonly ticketId!: string | null

  /** Not in the graph either, and in place of it. */
  readonly numberIn?: string
}

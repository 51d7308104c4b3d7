import { ArgsType, Field, ID, Int } from 'type-graphql'
import type { TicketChannel, TicketPriority, TicketStatus } from '../../../domain/ticket.ts'
import type { TicketOrder } from '../../../sources/source.ts'
import { Always, GraphInput, Maybe } from '../describe.ts'
import { OrderDirectionEnum, TicketOrderFieldEnum } from '../enums/list-enums.ts'
import { TicketChannelEnum, TicketPriorityEnum, TicketStatusEnum } from '../enums/ticket-enums.ts'
import { DateTime } from '../scalars.ts'

@GraphInput(
  'TicketFilter',
  'Which tickets are meant. Every field narrows; a list means "any of", and an empty list is no condition, like null.',
)
export class TicketFilterInput {
  @Maybe(() => [String], 'Keys of the sources to ask, e.g. ["oneview", "rbi"]. An unknown key is BAD_USER_INPUT.')
  sources?: string[] | null

  @Maybe(() => [TicketStatusEnum], 'Any of these statuses.')
  status?: TicketStatus[] | null

  @Maybe(() => [TicketPriorityEnum], 'Any of these priorities. Tickets without one do not match.')
  priority?: TicketPriority[] | null

  @Maybe(() => [TicketChannelEnum], 'Any of these channels.')
  channel?: TicketChannel[] | null

  @Maybe(() => [String], 'Any of these category codes: `TicketCategory.code`.')
  category?: string[] | null

  @Maybe(() => String, "The assignee's id, name or e-mail address, as the source gives it; case does not matter.")
  assignee?: string | null

  @Maybe(() => ID, 'Global id of a customer: only its source can match.')
  customerId?: string | null

  @Maybe(() => String, "The customer's e-mail address, over all sources. Needs the scope `customers:pii`.")
  customerEmail?: string | null

  @Maybe(() => ID, 'Global id of a vendor: only its source can match.')
  vendorId?: string | null

  @Maybe(() => String, "An order's id in its own system.")
  orderId?: string | null

  @Maybe(() => [String], 'Any of these tags.')
  tags?: string[] | null

  @Maybe(() => String, 'Looked for in title, description, number and external id; case does not matter.')
  text?: string | null

  @Maybe(() => DateTime, 'Raised after this moment.')
  createdAfter?: string | null

  @Maybe(() => DateTime, 'Raised before this moment.')
  createdBefore?: string | null

  @Maybe(() => DateTime, 'Last changed after this moment.')
  updatedAfter?: string | null

  @Maybe(() => DateTime, 'Last changed before this moment.')
  updatedBefore?: string | null
}

@GraphInput('TicketOrder', 'How a list is sorted. Ties are broken by id, so that every walk is the same.')
export class TicketOrderInput implements TicketOrder {
  @Always(() => TicketOrderFieldEnum, 'By what.')
  field!: TicketOrder['field']

  @Always(() => OrderDirectionEnum, 'Which end first.')
  direction!: TicketOrder['direction']
}

const first = 'How many at most: 0 to 100 (the operator may set another limit). 0 gives an empty page.'
const after = '`pageInfo.endCursor` of the page before; null begins at the start.'

/** Pages of 25: lists of their own. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, defaultValue: 25, description: first })
  first?: number | null

  @Maybe(() => String, after)
  after?: string | null
}

/** Pages of 50: parts of a ticket. */
@ArgsType()
export class PartPageArgs {
  @Field(() => Int, { nullable: true, defaultValue: 50, description: first })
  first?: number | null

  @Maybe(() => String, after)
  after?: string | null
}

@ArgsType()
export class TicketListArgs extends PageArgs {
  @Maybe(() => TicketFilterInput, 'Which tickets; null: all.')
  filter?: TicketFilterInput | null

  @Maybe(() => TicketOrderInput, 'How they are sorted; null: the latest change first. A cursor belongs to one filter and order.')
  orderBy?: TicketOrderInput | null
}

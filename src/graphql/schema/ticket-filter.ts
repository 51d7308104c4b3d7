import { Field, ID, InputType, registerEnumType } from 'type-graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import type { TicketChannel, TicketPriority, TicketStatus } from '../../domain/ticket.ts'
import { claimAsLogin, loginsOf } from '../../sources/identity-map.ts'
import type { TicketFilter, TicketOrder } from '../../sources/source.ts'
import type { GraphContext } from '../context.ts'
import { enumOf } from './enum-of.ts'
import { requireExternalId, requireRef, requireSource } from './lookup.ts'
import { requireScopes } from './permissions.ts'
import { DateTime } from './scalars.ts'
import { TicketChannelEnum, TicketPriorityEnum, TicketStatusEnum } from './ticket-enums.ts'

@InputType('TicketFilter', {
  description:
    'Conditions on tickets. A ticket must match every given field. A list means "any of"; null and [] are no condition, except `ids: []`, which matches nothing. An empty text is BAD_USER_INPUT.',
})
export class TicketFilterInput {
  @Field(() => [ID], {
    nullable: true,
    description:
      'Global ids of tickets, at most as many as the largest page size (100 by default). [] matches nothing. The tickets are read by their ids, so that sources without filters answer at once.',
  })
  ids?: string[] | null

  @Field(() => [String], {
    nullable: true,
    description: 'Keys of the sources to read, e.g. ["oneview", "rbi"]. An unknown key is BAD_USER_INPUT.',
  })
  sources?: string[] | null

  @Field(() => [TicketStatusEnum], { nullable: true, description: 'Any of these statuses.' })
  status?: TicketStatus[] | null

  @Field(() => [TicketPriorityEnum], {
    nullable: true,
    description: 'Any of these priorities. Tickets without a priority do not match.',
  })
  priority?: TicketPriority[] | null

  @Field(() => [TicketChannelEnum], { nullable: true, description: 'Any of these channels.' })
  channel?: TicketChannel[] | null

  @Field(() => [String], { nullable: true, description: 'Any of these category codes: `TicketCategory.code`.' })
  category?: string[] | null

  @Field(() => String, {
    nullable: true,
    description: 'Id, name or e-mail address of the assignee, as the source gives it. Case-insensitive.',
  })
  assignee?: string | null

  @Field(() => Boolean, {
    nullable: true,
    description:
      'true: tickets assigned to the viewer: at each source by the login that the operator maps, else by the identity in the token (`Viewer.email`). A source where the viewer has no login is not read. BAD_USER_INPUT when the token has no identity. null and false are no condition.',
  })
  assignedToMe?: boolean | null

  @Field(() => Boolean, {
    nullable: true,
    description:
      'true: tickets that no agent has. A source without assignees has only such tickets. null and false are no condition.',
  })
  unassigned?: boolean | null

  @Field(() => ID, { nullable: true, description: "Global id of a customer. Only tickets of the customer's source match." })
  customerId?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'E-mail address of the customer, in all sources. Needs the scope `customers:pii`; without it FORBIDDEN.',
  })
  customerEmail?: string | null

  @Field(() => ID, { nullable: true, description: "Global id of a vendor. Only tickets of the vendor's source match." })
  vendorId?: string | null

  @Field(() => String, { nullable: true, description: 'Id of an order in the order system: `Order.externalId`.' })
  orderId?: string | null

  @Field(() => [String], { nullable: true, description: 'Any of these tags.' })
  tags?: string[] | null

  @Field(() => String, {
    nullable: true,
    description: 'Text to find in the title, description, number or external id. Case-insensitive.',
  })
  text?: string | null

  @Field(() => DateTime, { nullable: true, description: 'Created after this time.' })
  createdAfter?: string | null

  @Field(() => DateTime, { nullable: true, description: 'Created before this time.' })
  createdBefore?: string | null

  @Field(() => DateTime, { nullable: true, description: 'Last changed after this time.' })
  updatedAfter?: string | null

  @Field(() => DateTime, { nullable: true, description: 'Last changed before this time.' })
  updatedBefore?: string | null
}

const orderFieldValues: Record<TicketOrder['field'], { description: string }> = {
  UPDATED_AT: { description: 'Time of the last change. Tickets without it come last.' },
  CREATED_AT: { description: 'Time of creation. Tickets without it come last.' },
  PRIORITY: { description: 'Priority, from LOW to URGENT when ascending. Tickets without a priority come last.' },
}
const TicketOrderFieldEnum = enumOf(orderFieldValues)
registerEnumType(TicketOrderFieldEnum, {
  name: 'TicketOrderField',
  description: 'The sort key of a list of tickets.',
  valuesConfig: orderFieldValues,
})

const directionValues: Record<TicketOrder['direction'], { description: string }> = {
  ASC: { description: 'Ascending: oldest or lowest first.' },
  DESC: { description: 'Descending: newest or highest first.' },
}
const OrderDirectionEnum = enumOf(directionValues)
registerEnumType(OrderDirectionEnum, {
  name: 'OrderDirection',
  description: 'The direction of a sort.',
  valuesConfig: directionValues,
})

@InputType('TicketOrder', {
  description: 'Sort order of a list of tickets. Tickets with the same sort key are sorted by id, so that paging is stable.',
})
export class TicketOrderInput implements TicketOrder {
  @Field(() => TicketOrderFieldEnum, { description: 'The sort key.' })
  field!: TicketOrder['field']

  @Field(() => OrderDirectionEnum, { description: 'Ascending or descending.' })
  direction!: TicketOrder['direction']
}

export interface SourcesAndFilter {
  /** Keys of the sources to read; null: all that the viewer sees. */
  readonly sources: readonly string[] | null
  readonly filter: TicketFilter
}

/**
 * The filter in terms of the domain. Throws BAD_USER_INPUT, which names the argument, for an unknown source or an invalid
 * id, and FORBIDDEN for a search by e-mail address without the scope `customers:pii`.
 */
export function toTicketFilter(context: GraphContext, input: TicketFilterInput): SourcesAndFilter {
  const { sources: keys, ids, customerId, vendorId, assignedToMe, unassigned, ...conditions } = input
  const sources = keys?.length ? keys : null
  // Without this check, a viewer who may not read e-mail addresses could guess them by filtering.
  if (conditions.customerEmail != null) requireScopes(context, ['customers:pii'])
  for (const key of sources ?? []) requireSource(context.sources, key)
  const customer = customerId == null ? null : requireRef(customerId, 'customer', 'filter.customerId')
  const vendor = vendorId == null ? null : requireRef(vendorId, 'vendor', 'filter.vendorId')
  const filter: TicketFilter = {
    ...conditions,
    ids: ids == null ? null : requireTicketIds(context, ids),
    assignedTo: assignedToMe ? requireLogins(context) : null,
    unassigned: unassigned || null,
    customer,
    vendor,
  }
  return { sources, filter }
}

function requireTicketIds(context: GraphContext, ids: readonly string[]): readonly string[] {
  const { maxPageSize } = context.services
  if (ids.length > maxPageSize) throw new DeskgraphError('BAD_USER_INPUT', `"filter.ids" may hold at most ${maxPageSize}.`)
  for (const id of ids) requireExternalId(context, requireRef(id, 'ticket', 'filter.ids'))
  return ids
}

/** Who the viewer is as an assignee, at each source that the viewer sees. */
function requireLogins({ viewer, sources, services }: GraphContext): Readonly<Record<string, string>> {
  const keys = sources.all.map(({ info }) => info.key)
  const logins = loginsOf(services.identity ?? { loginOf: (_, one) => claimAsLogin(one) }, keys, viewer)
  if (viewer.email !== null) return logins
  throw new DeskgraphError(
    'BAD_USER_INPUT',
    '"filter.assignedToMe" needs a token that names the viewer to the sources: `viewer.email` is null.',
  )
}

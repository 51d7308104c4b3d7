import { Field, ID, InterfaceType } from 'type-graphql'
import { decodeId, type EntityKind } from '../../domain/ids.ts'
import { DateTime } from './scalars.ts'

/** The kinds of ids that `node` reads, and their types. */
const typeNames: Partial<Record<EntityKind, string>> = {
  ticket: 'Ticket',
  customer: 'Customer',
  vendor: 'Vendor',
  source: 'Source',
  message: 'ThreadMessage',
  delivery: 'Delivery',
  deadLetter: 'QuarantinedEvent',
  event: 'TicketEvent',
}

const kinds = new Map(Object.entries(typeNames).map(([kind, name]) => [name, kind as EntityKind]))

/** The kind of the ids of a type that `node` reads; undefined for any other name. */
export function kindOfType(name: string): EntityKind | undefined {
  return kinds.get(name)
}

/** The type of an object that `node` reads, by its global id. */
export function toTypeName(value: { readonly id: string }): string | undefined {
  return typeNames[decodeId(value.id)?.kind ?? 'agent']
}

@InterfaceType('Node', {
  description: 'An object with a global id, which `node` and `nodes` read again (Relay global object identification).',
  resolveType: toTypeName,
})
export abstract class NodeType {
  @Field(() => ID, { description: 'Global id: opaque, stable and unique over all sources. Never take it apart.' })
  readonly id!: string
}

@InterfaceType('TimelineEntry', {
  description: 'Something that was written or that happened on a ticket: a message, an event, or a delivery to a partner.',
  resolveType: toTypeName,
})
export abstract class TimelineEntryType {
  @Field(() => ID, { description: 'Global id of the entry.' })
  readonly id!: string

  @Field(() => DateTime, { nullable: true, description: 'When it happened; null when the source does not tell.' })
  readonly at!: string | null
}

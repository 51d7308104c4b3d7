import { Field, ID, InterfaceType } from 'type-graphql'
import { decodeId, type EntityKind } from '../../domain/ids.ts'

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

@InterfaceType('Node', {
  description: 'An object with a global id, which `node` and `nodes` read again (Relay global object identification).',
  resolveType: (value: { readonly id: string }) => typeNames[decodeId(value.id)?.kind ?? 'agent'],
})
export abstract class NodeType {
  @Field(() => ID, { description: 'Global id: opaque, stable and unique over all sources. Never take it apart.' })
  readonly id!: string
}

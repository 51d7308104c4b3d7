import { type GraphQLSchema, isObjectType } from 'graphql'
import type { Ticket } from '../../domain/ticket.ts'
import type { TicketSource } from '../../sources/source.ts'
import { hasLazyField } from '../../sources/wanted-fields.ts'
import type { GraphContext } from '../context.ts'
import { extensionsOf, type Resolve } from './fields.ts'

/**
 * Makes the lazy fields of the configured sources read the full ticket when an operation selects one on a summary.
 * All lazy fields of a ticket share that one call; a costly field has calls of its own. The other fields stay
 * plain properties. Throws an Error for a lazy field that `Ticket` does not have.
 */
export function applyLazyFields(schema: GraphQLSchema, sources: readonly TicketSource[]): void {
  const costly = new Set<string>(sources.flatMap((source) => source.costlyFields ?? []))
  const lazy = new Set<string>(sources.flatMap((source) => source.lazyFields))
  const known = new Set<string>()
  const ticketType = schema.getType('Ticket')
  for (const field of isObjectType(ticketType) ? Object.values(ticketType.getFields()) : []) {
    const { ticketProperty, cost } = extensionsOf(field)
    const property = ticketProperty ?? field.name
    if (!lazy.has(property)) continue
    known.add(property)
    const sharedCall = costly.has(property) ? property : 'full ticket'
    field.extensions = { ...field.extensions, cost: { ...cost, calls: 1, sharedCall } }
    // A field that names another property has a resolver of its own, which calls `withFullTicket`.
    if (ticketProperty === undefined) field.resolve = lazyProperty(field.name as keyof Ticket) as Resolve
  }
  const unknown = [...lazy].filter((property) => !known.has(property))
  if (unknown.length > 0) throw new Error(`Ticket has no field for the lazy fields ${unknown.join(', ')}`)
}

function lazyProperty(name: keyof Ticket) {
  return (ticket: Ticket, _args: unknown, context: GraphContext) => withFullTicket(context, ticket, name, (value) => value)
}

/** Applies `use` to a property of the ticket: at once when the ticket has it, else when the full ticket is read. */
export function withFullTicket<K extends keyof Ticket, R>(
  context: GraphContext,
  ticket: Ticket,
  name: K,
  use: (value: Ticket[K]) => R,
): R | Promise<R> {
  const source = context.sources.get(ticket.source.key)
  const isMissing = !hasLazyField(ticket, name) && source?.lazyFields.includes(name)
  if (!isMissing) return use(ticket[name])
  return context.reads.full(ticket, name).then((full) => use(full[name]))
}

import type { GraphQLSchema } from 'graphql'
import type { Ticket } from '../../domain/ticket.ts'
import type { TicketSource } from '../../sources/source.ts'
import type { GraphContext } from '../context.ts'
import { fieldOf, type Resolve } from './fields.ts'

/**
 * Makes the fields that some source's lists leave out read the whole ticket when one is selected.
 * Other fields stay plain properties, and a whole ticket answers without a promise.
 */
export function attachDetailFields(schema: GraphQLSchema, sources: readonly TicketSource[]): void {
  const names = new Set(sources.flatMap((source) => source.lazyFields))
  // `threads` is the graph's page over `messages`: its own resolver asks `withDetail`.
  names.delete('messages')
  for (const name of names) {
    const resolve = ((ticket: Ticket, _args: unknown, context: GraphContext) =>
      withDetail(context, ticket, name, (value) => value)) as Resolve
    const field = fieldOf(schema, 'Ticket', name)
    field.resolve = resolve
    // At once from the ticket, or a promise.
  }
}

/** Applies `use` to a field of the ticket: at once when it is here, else when the whole ticket has been read. */
export function withDetail<K extends keyof Ticket, R>(
  context: GraphContext,
  ticket: Ticket,
  name: K,
  use: (value: Ticket[K]) => R,
): R | Promise<R> {
  if (!ticket.isSummary || !leavesOut(context, ticket, name)) return use(ticket[name])
  return context.reads.full(ticket).then((whole) => use(whole[name]))
}

function leavesOut(context: GraphContext, ticket: Ticket, name: keyof Ticket): boolean {
  return context.sources.get(ticket.source.key)?.lazyFields.includes(name) ?? false
}

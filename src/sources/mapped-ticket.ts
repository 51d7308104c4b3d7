import type { Ticket } from '../domain/ticket.ts'
import { toUnknownTicket } from './event-fed-ticket.ts'
import type { Origin } from './source.ts'
import type { SourceTable } from './source-table.ts'

// A mapping is a table from the fields of the model to how each is read from a vendor's record. Which fields it has is said in one place,
// the source's table (`SourceTable`), and the compiler keeps both equal.

/** The fields of a ticket that a mapping reads from a vendor's record: those that the source's table names, and the status. */
export type MappedFields<Table extends Pick<SourceTable, 'fields'>> = Pick<Ticket, 'status' | FieldOf<Table['fields'][number]>>
type FieldOf<Name> = Name extends 'threads' ? 'messages' : Extract<Name, keyof Ticket>

/**
 * A ticket of these fields. All others are null: the compiler compares the fields with the source's table. `isSummary`: it comes from a
 * list that omits the source's `lazyFields`.
 */
export function createTicket<Table extends Pick<SourceTable, 'fields'>>(
  externalId: string,
  origin: Origin,
  raw: unknown,
  fields: MappedFields<Table>,
  isSummary = false,
): Ticket {
  return Object.assign(toUnknownTicket(externalId, origin, raw), fields, { isSummary })
}

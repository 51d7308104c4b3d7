import { isDeepStrictEqual } from 'node:util'
import { encodeId } from '../domain/ids.ts'
import type { PlainTicket, Ticket } from '../domain/ticket.ts'
import { toPlainTicket, unknownFields } from '../domain/ticket-view.ts'
import type { Origin } from './source.ts'
import type { SourceTable } from './source-table.ts'

// Tickets as plain data, which are stored, and what a mapping has to read. Which fields a source has is said in one place, its table
// (`SourceTable`), and the compiler compares every mapping with it.

/** The fields of a ticket that a mapping reads from a vendor's record: those that the source's table names, and the status. */
export type MappedFields<Table extends Pick<SourceTable, 'fields'>> = Pick<Ticket, 'status' | FieldOf<Table['fields'][number]>>
type FieldOf<Name> = Name extends 'threads' ? 'messages' : Extract<Name, keyof Ticket>

/** A ticket of these fields, of an event: it is stored. All others are null: the compiler compares the fields with the source's table. */
export function createTicket<Table extends Pick<SourceTable, 'fields'>>(
  externalId: string,
  origin: Origin,
  raw: unknown,
  fields: MappedFields<Table>,
): PlainTicket {
  return Object.assign(toUnknownTicket(externalId, origin, raw), fields)
}

/** A ticket with an id, an origin and no other known field. A mapping fills in what it knows. */
export function toUnknownTicket(externalId: string, { source, tenant, observedAt }: Origin, raw: unknown): PlainTicket {
  return {
    ...unknownFields,
    id: encodeId('ticket', source.key, tenant, externalId),
    source,
    tenant,
    externalId,
    freshness: { mode: source.mode === 'PULL' ? 'LIVE' : 'EVENT_FED', observedAt },
    raw,
  }
}

/** True when both tickets have the same fields. The order of keys, the time of observation and the `ignored` fields do not count. */
export function isSameTicket(before: Ticket, after: Ticket, ignored: Partial<Ticket> = {}): boolean {
  const toComparable = (ticket: Ticket) => ({
    ...toPlainTicket(ticket),
    source: null,
    freshness: null,
    ...ignored,
  })
  return isDeepStrictEqual(toComparable(before), toComparable(after))
}

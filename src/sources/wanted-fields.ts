import type { Ticket } from '../domain/ticket.ts'
import { withFields } from '../domain/ticket-view.ts'
import type { TicketSource } from './source.ts'

// Some fields of a ticket cost calls of their own, such as its messages. They are read only where an operation selects them.

/** Fields of `Ticket` that a caller reads. */
export type WantedFields = ReadonlySet<keyof Ticket>

type Fields = Pick<TicketSource, 'lazyFields' | 'costlyFields'>

/** What to ask a source for, by what an operation selects; undefined: all. */
export function toWanted({ costlyFields = [] }: Fields, selected: WantedFields | null): WantedFields | undefined {
  if (selected === null) return undefined
  const wanted = costlyFields.filter((field) => selected.has(field))
  return wanted.length === costlyFields.length ? undefined : new Set(wanted)
}

/** What `loadTickets` returns of a ticket: as it is, or a summary without the `costlyFields` that were not wanted. */
export function toPartialTicket(
  ticket: Ticket,
  { lazyFields, costlyFields = [] }: Fields,
  wanted: WantedFields | undefined,
): Ticket {
  const missing = wanted ? costlyFields.filter((field) => !wanted.has(field)) : []
  return missing.length === 0 ? ticket : toSummaryWith(ticket, lazyFields, (field) => !missing.includes(field))
}

/** A ticket of a list that has some of the `lazyFields` all the same. */
export function toSummaryWith(
  ticket: Ticket,
  lazyFields: readonly (keyof Ticket)[],
  isRead: (field: keyof Ticket) => boolean,
): Ticket {
  const nothing = Object.fromEntries(lazyFields.filter((field) => !isRead(field)).map((field) => [field, null]))
  return withFields(ticket, { ...nothing, isSummary: true, lazyFieldsRead: lazyFields.filter(isRead) })
}

/** Whether a ticket has the value of a lazy field. */
export function hasLazyField({ isSummary, lazyFieldsRead }: Ticket, field: keyof Ticket): boolean {
  return !isSummary || lazyFieldsRead?.includes(field) === true
}

import type { Ticket } from '../../domain/ticket.ts'
import type { SourceInfo } from '../../sources/source.ts'

/** A configured source's info; null: the source is not configured (any more). */
export type FindSource = (key: string) => SourceInfo | null

/** A ticket as JSON text without its SourceInfo, which is configuration and not part of the ticket. */
export function toTicketJson(ticket: Ticket): string {
  const { source: _, customer, vendor, ...rest } = ticket
  return JSON.stringify({ ...rest, customer: withoutSource(customer), vendor: withoutSource(vendor) })
}

function withoutSource<T extends { readonly source: SourceInfo }>(party: T | null): Omit<T, 'source'> | null {
  if (party === null) return null
  const { source: _, ...rest } = party
  return rest
}

/** The ticket that `toTicketJson` wrote, with the source as it is configured now. */
export function fromTicketJson(json: string, source: SourceInfo): Ticket {
  const ticket = JSON.parse(json)
  ticket.source = source
  if (ticket.customer) ticket.customer.source = source
  if (ticket.vendor) ticket.vendor.source = source
  return ticket
}

import type { Ticket } from '../../domain/ticket.ts'
import type { SourceInfo } from '../../sources/source.ts'

/** Finds a configured source's info; null when it is not configured (any more). */
export type FindSource = (key: string) => SourceInfo | null

/** A ticket as JSON text without its SourceInfo, which is configuration and not the ticket's. */
export function toTicketJson(ticket: Ticket): string {
  const { source: _, customer, vendor, ...rest } = ticket
  return JSON.stringify({ ...rest, customer: withoutSource(customer), vendor: withoutSource(vendor) })
}

function withoutSource<T extends { readonly source: SourceInfo }>(party: T | null): Omit<T, 'source'> | null {
  if (party === null) return null
  const { source: _, ...rest } = party
  return rest
}

/** The ticket of `toTicketJson`'s text, under the source as it is configured now. */
export function fromTicketJson(json: string, source: SourceInfo): Ticket {
  const kept = JSON.parse(json)
  kept.source = source
  if (kept.customer) kept.customer.source = source
  if (kept.vendor) kept.vendor.source = source
  return kept
}

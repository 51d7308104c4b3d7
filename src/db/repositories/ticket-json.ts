import type { Ticket } from '../../domain/ticket.ts'
import type { SourceInfo } from '../../sources/source.ts'

/** A configured source's info; null: the source is not configured (any more). */
export type FindSource = (key: string) => SourceInfo | null

/** A ticket as JSON text without its SourceInfo, which is configuration and not part of the ticket. */
export function toTicketJson({ source: _, ...ticket }: Ticket): string {
  return JSON.stringify(ticket)
}

/** The ticket that `toTicketJson` wrote, with the source as it is configured now. */
export function fromTicketJson(json: string, source: SourceInfo): Ticket {
  return { ...JSON.parse(json), source }
}

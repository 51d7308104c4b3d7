import { createHash } from 'node:crypto'
import type { RbiTicket } from './decode.ts'

/**
 * The id of a ticket whose sender gave none: made of what it says, so that the same ticket sent again is the same ticket.
 * The event's id, where there is one, tells two equal tickets apart.
 */
export function toExternalId(ticket: RbiTicket, eventId: string | null): string {
  if (ticket.id !== null) return ticket.id
  const { type, category, subcategory, comments, store, order, customer, createdAt } = ticket
  const parts = [type, category, subcategory, comments, store?.id, order?.id, customer?.id, customer?.email, createdAt, eventId]
  return `x-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`
}

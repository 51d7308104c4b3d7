import { isDeepStrictEqual } from 'node:util'
import type { Ticket } from '../domain/ticket.ts'

/** The same for a reader, whatever the order of its keys: when it was seen, and the given fields, do not count. */
export function isSameTicket(before: Ticket, after: Ticket, ignored: Partial<Ticket> = {}): boolean {
  const plain = (ticket: Ticket) => ({
    ...ticket,
    source: null,
    freshness: null,
    customer: ticket.customer && { ...ticket.customer, source: null },
    vendor: ticket.vendor && { ...ticket.vendor, source: null },
    ...ignored,
  })
  return isDeepStrictEqual(plain(before), plain(after))
}

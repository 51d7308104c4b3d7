import { LRUCache } from 'lru-cache'
import type { Call } from '../domain/call.ts'
import { type Instant, toEpochMs, toInstant } from '../domain/instant.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { TicketSource } from '../sources/source.ts'
import { diffTickets } from '../tickets/ticket-diff.ts'

/** So many tickets of a source are remembered, and so many pages are looked through at a time. */
const mostRemembered = 5_000
const mostPages = 10
const latestFirst = { field: 'UPDATED_AT', direction: 'DESC' } as const

/** What was last seen of one source, and what is news against it. */
export interface PollSnapshot {
  /** Sees the first page as it is: what it shows is no news. */
  begin(call: Call): Promise<void>
  /** Reads the list from its front until it shows what is known. The news, oldest first. */
  look(call: Call): Promise<readonly Ticket[]>
  isNews(ticket: Ticket): boolean
  /** Was it created since the last look? */
  isNew(ticket: Ticket): boolean
  /** As last seen; null when it was not. */
  known(ticketId: string): Ticket | null
  /** Somebody knows the ticket like this: it is no news any more. */
  learn(ticket: Ticket): void
  /** All that the last look found is dealt with. */
  settle(): void
}

/** `marginMs`: how far before what others have learned this watch still looks, when it takes over from them. */
export function createPollSnapshot(source: TicketSource, marginMs: number): PollSnapshot {
  const seen = new LRUCache<string, Ticket>({ max: mostRemembered })
  // Every ticket updated before this has been seen, or is not news.
  let watermark: Instant = ''
  let newest: Instant = ''

  function readPage(position: string | null, call: Call) {
    return source.listTickets({ filter: {}, order: latestFirst, position, limit: source.maxPageSize }, call)
  }

  function isNews(ticket: Ticket): boolean {
    const before = seen.get(ticket.id)
    return before ? hasChanged(before, ticket, source) : ticket.updatedAt !== null && ticket.updatedAt >= watermark
  }

  return {
    isNews,
    isNew: (ticket) => !seen.has(ticket.id) && ticket.createdAt !== null && ticket.createdAt >= watermark,
    async begin(call) {
      for (const ticket of (await readPage(null, call)).tickets) {
        seen.set(ticket.id, ticket)
        watermark = later(watermark, ticket.updatedAt)
      }
    },
    async look(call) {
      const news = new Map<string, Ticket>()
      let position: string | null = null
      newest = watermark
      for (let page = 0; page < mostPages; page++) {
        const { tickets, positions, end } = await readPage(position, call)
        for (const ticket of tickets) {
          if (isNews(ticket)) news.set(ticket.id, ticket)
          newest = later(newest, ticket.updatedAt)
        }
        const last = tickets.at(-1)
        if (end || !last || (last.updatedAt ?? '') < watermark) break
        position = positions.at(-1) ?? null
      }
      return [...news.values()].sort((a, b) => ((a.updatedAt ?? '') < (b.updatedAt ?? '') ? -1 : 1))
    },
    known: (ticketId) => seen.get(ticketId) ?? null,
    learn(ticket) {
      const before = seen.get(ticket.id)
      if (before && (ticket.updatedAt ?? '') < (before.updatedAt ?? '')) return
      seen.set(ticket.id, ticket)
      if (ticket.updatedAt) watermark = later(watermark, toInstant(Math.max(0, toEpochMs(ticket.updatedAt) - marginMs)))
    },
    settle() {
      watermark = later(watermark, newest)
    },
  }
}

function later(a: Instant, b: Instant | null): Instant {
  return b !== null && b > a ? b : a
}

/** A list leaves fields out that a write's answer has: those tell nothing. An older sight of a ticket is no change of it. */
function hasChanged(before: Ticket, after: Ticket, source: TicketSource): boolean {
  if (after.updatedAt !== before.updatedAt) return (after.updatedAt ?? '') > (before.updatedAt ?? '')
  const leftOut: ReadonlySet<string> = new Set(source.lazyFields)
  return diffTickets(before, after).some((change) => !leftOut.has(change.field))
}

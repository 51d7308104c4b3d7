import { LRUCache } from 'lru-cache'
import type { Call } from '../domain/call.ts'
import { type Instant, toEpochMs, toInstant } from '../domain/instant.ts'
import type { Ticket } from '../domain/ticket.ts'
import { diffTickets } from '../domain/ticket-diff.ts'
import type { TicketSource } from '../sources/source.ts'

/** Tickets remembered for each source. A ticket beyond them counts as changed when its update is late enough. */
const maxTickets = 5_000
/** Pages read by one scan at most. */
const maxPages = 10
const latestFirst = { field: 'UPDATED_AT', direction: 'DESC' } as const

/** What is known of one source's tickets, and which of them have changed since. */
export class PollSnapshot {
  readonly #source: TicketSource
  readonly #overlapMs: number
  readonly #known = new LRUCache<string, Ticket>({ max: maxTickets })
  /** Updates before this time are known, or happened before the first poll. */
  #watermark: Instant = ''
  /** The latest update that the current scan has seen. */
  #latestSeen: Instant = ''

  /** `overlapMs`: how far before the latest change recorded by another replica a scan still looks, because that one may have missed some. */
  constructor(source: TicketSource, overlapMs: number) {
    this.#source = source
    this.#overlapMs = overlapMs
  }

  /** Reads the first page. Its tickets are known as they are now: they are not changes. */
  async initialize(call: Call): Promise<void> {
    const { tickets } = await this.#readPage(null, call)
    for (const ticket of tickets) {
      this.#known.set(ticket.id, ticket)
      this.#watermark = laterOf(this.#watermark, ticket.updatedAt)
    }
  }

  /** Reads the list, latest update first, until it reaches known updates. Returns the changed tickets, oldest update first. */
  async scan(call: Call): Promise<readonly Ticket[]> {
    const changed = new Map<string, Ticket>()
    let position: string | null = null
    this.#latestSeen = this.#watermark
    for (let page = 0; page < maxPages; page++) {
      const { tickets, positions, end } = await this.#readPage(position, call)
      for (const ticket of tickets) {
        if (this.isChanged(ticket)) changed.set(ticket.id, ticket)
        this.#latestSeen = laterOf(this.#latestSeen, ticket.updatedAt)
      }
      const last = tickets.at(-1)
      if (end || !last || (last.updatedAt ?? '') < this.#watermark) break
      position = positions.at(-1) ?? null
    }
    return [...changed.values()].sort((a, b) => ((a.updatedAt ?? '') < (b.updatedAt ?? '') ? -1 : 1))
  }

  /** Everything that the last scan returned is recorded: the next scan stops there. */
  finishScan(): void {
    this.#watermark = laterOf(this.#watermark, this.#latestSeen)
  }

  /** True when the ticket differs from what is known of it, or when it is not known and was updated since. */
  isChanged(ticket: Ticket): boolean {
    const before = this.before(ticket)
    if (before) return hasChanged(before, ticket)
    return ticket.updatedAt !== null && ticket.updatedAt >= this.#watermark
  }

  /** True when the ticket was created since the last scan. */
  isNew(ticket: Ticket): boolean {
    return !this.#known.has(ticket.id) && ticket.createdAt !== null && ticket.createdAt >= this.#watermark
  }

  /** The known state to compare this ticket of the list with: without the fields that the list omits. null: the ticket is not known. */
  before(ticket: Ticket): Ticket | null {
    const known = this.#known.get(ticket.id)
    if (!known) return null
    const omitted = Object.fromEntries(this.#source.lazyFields.map((field) => [field, ticket[field]]))
    return { ...known, ...omitted, isSummary: ticket.isSummary }
  }

  /** The ticket is known in this state: by us, by another replica, or by our own write. An older state is ignored. */
  record(ticket: Ticket): void {
    const known = this.#known.get(ticket.id)
    if (known && (ticket.updatedAt ?? '') < (known.updatedAt ?? '')) return
    this.#known.set(ticket.id, ticket)
    if (ticket.updatedAt === null) return
    const overlapStart = toInstant(Math.max(0, toEpochMs(ticket.updatedAt) - this.#overlapMs))
    this.#watermark = laterOf(this.#watermark, overlapStart)
  }

  #readPage(position: string | null, call: Call) {
    return this.#source.listTickets({ filter: {}, order: latestFirst, position, limit: this.#source.maxPageSize }, call)
  }
}

function laterOf(a: Instant, b: Instant | null): Instant {
  return b !== null && b > a ? b : a
}

/** A state that is older than the known one is no change. */
function hasChanged(before: Ticket, after: Ticket): boolean {
  if (after.updatedAt !== before.updatedAt) return (after.updatedAt ?? '') > (before.updatedAt ?? '')
  return diffTickets(before, after).length > 0
}

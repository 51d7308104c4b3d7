import type { EntityRef } from '../../../src/domain/ids.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { ListRequest, ListSlice, SourceHealth, SourceInfo, TicketSource } from '../../../src/sources/source.ts'

/** How often a source was asked, and for what. */
export interface Asked {
  lists: number
  /** The external ids of each call of `loadTickets`. */
  readonly loads: string[][]
}

export interface MemorySource extends TicketSource {
  readonly asked: Asked
}

interface Options {
  /** Left out of lists, whose tickets are then partial. */
  readonly lazyFields?: readonly (keyof Ticket)[]
  readonly health?: SourceHealth
  /** Thrown by lists. */
  readonly fault?: Error
  readonly abilities?: Partial<TicketSource>
}

const up: SourceHealth = { state: 'UP', checkedAt: null, latencyP50Ms: 5, latencyP99Ms: 9, errorRate: 0, lastError: null }

/** A source over tickets in memory: sorts by any order, filters nothing, and counts what it is asked. */
export function createMemorySource(info: SourceInfo, tickets: readonly Ticket[], options: Options = {}): MemorySource {
  const asked: Asked = { lists: 0, loads: [] }
  const lazyFields = options.lazyFields ?? []
  return {
    asked,
    info,
    paginationStyle: 'keyset',
    lazyFields,
    maxPageSize: 100,
    tenant: '',
    isExternalId: (id) => /^[\w.~-]{1,128}$/.test(id),
    async loadTickets(refs: readonly EntityRef[]) {
      asked.loads.push(refs.map((ref) => ref.externalId))
      return refs.map(
        (ref) => tickets.find((ticket) => ticket.externalId === ref.externalId && ticket.tenant === ref.tenant) ?? null,
      )
    },
    async listTickets(request) {
      asked.lists += 1
      if (options.fault) throw options.fault
      return sliceOf(tickets, request, lazyFields)
    },
    health: () => options.health ?? up,
    ...options.abilities,
  }
}

function sliceOf(tickets: readonly Ticket[], request: ListRequest, lazyFields: readonly (keyof Ticket)[]): ListSlice {
  const sorted = tickets.filter((ticket) => ticket.deletedAt === null).sort((a, b) => compare(a, b, request))
  const start = Number(request.position ?? 0)
  const part = sorted.slice(start, start + request.limit)
  return {
    tickets: part.map((ticket) => toListed(ticket, lazyFields)),
    positions: part.map((_, index) => String(start + index + 1)),
    end: start + part.length >= sorted.length,
    totalCount: sorted.length,
    dropped: 0,
  }
}

function compare(a: Ticket, b: Ticket, { order }: ListRequest): number {
  const time = (ticket: Ticket) => (order.field === 'CREATED_AT' ? ticket.createdAt : ticket.updatedAt) ?? ''
  const sign = order.direction === 'ASC' ? 1 : -1
  if (time(a) !== time(b)) return time(a) < time(b) ? -sign : sign
  return a.externalId < b.externalId ? -1 : 1
}

function toListed(ticket: Ticket, lazyFields: readonly (keyof Ticket)[]): Ticket {
  if (lazyFields.length === 0) return ticket
  const kept = Object.entries(ticket).filter(([field]) => !lazyFields.includes(field as keyof Ticket))
  return { ...(Object.fromEntries(kept) as unknown as Ticket), isSummary: true }
}

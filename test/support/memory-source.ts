import type { Call } from '../../src/domain/call.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { type EntityRef, encodeId } from '../../src/domain/ids.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { applied, rejected, type WriteResult } from '../../src/domain/writes.ts'
import type { ListRequest, ListSlice, PaginationStyle, SourceInfo, TicketOrder, TicketSource } from '../../src/sources/source.ts'
import { matchesFilter } from '../../src/tickets/ticket-filter.ts'
import { toSourceInfo, toTicket } from './memory-ticket.ts'

export interface MemorySourceOptions {
  readonly info?: Partial<SourceInfo>
  readonly paginationStyle?: PaginationStyle
  readonly maxPageSize?: number
  readonly tenant?: string | null
  /** Fields that lists leave out and a single read has. */
  readonly lazyFields?: readonly (keyof Ticket)[]
  /** Offset lists only. `latest`: the latest update first, of equal times the last change first. `scrambled`: unrelated to any time. */
  readonly listOrder?: 'latest' | 'scrambled'
  /** Offset lists only. false: `totalCount` is null. Default: true. */
  readonly saysTotal?: boolean
  /** The largest slice, even when more was asked for, as of a source with fixed pages. */
  readonly shortSlices?: number
  /** Milliseconds since 1970. The clock advances by a second with every change. */
  readonly startAt?: number
}

/** What a call meets instead of an answer: an error, or no answer at all (`hang` ignores the signal too). */
export type Failure = Error | 'hang'

/** A source with its tickets in memory, which records its calls and fails on demand. */
export interface MemorySource extends TicketSource {
  readonly calls: {
    readonly list: ListRequest[]
    readonly load: (readonly EntityRef[])[]
    /** The method's name and its arguments without the call. */
    readonly write: (readonly [method: string, ...args: unknown[]])[]
  }
  /** The failures of the next list, load and write calls, one each, in turn; null: that call succeeds. */
  readonly nextFailures: (Failure | null)[]
  /** The failure of every call, until it is null again. */
  broken: Failure | null
  /** Runs before each list call is answered, to change tickets in the middle of a page. */
  beforeList: (() => void) | null
  tickets(): readonly Ticket[]
  put(externalId: string, known?: Partial<Ticket>): Ticket
  /** Changes a ticket now, so that its update is the latest. */
  touch(externalId: string, change?: Partial<Ticket>): void
  remove(externalId: string): void
}

export function createMemorySource(key: string, options: MemorySourceOptions = {}): MemorySource {
  const info = toSourceInfo(key, options.info)
  const paginationStyle = options.paginationStyle ?? 'keyset'
  const tickets = new Map<string, Ticket>()
  let time = options.startAt ?? Date.UTC(2024, 0, 1)

  const tick = () => {
    time += 1000
    return new Date(time).toISOString()
  }

  async function failOnDemand(call: Call): Promise<void> {
    const failure = memory.nextFailures.shift() ?? memory.broken
    if (call.signal.aborted) throw new DeskgraphError('UPSTREAM_TIMEOUT', 'The caller has disconnected.', { source: key })
    if (failure === 'hang') await new Promise(() => {})
    if (failure instanceof Error) throw failure
  }

  function find(ref: EntityRef): Ticket | null {
    const ticket = ref.sourceKey === key ? tickets.get(ref.externalId) : undefined
    return ticket?.tenant === ref.tenant ? ticket : null
  }

  function write(method: string, change: (ticket: Ticket) => Partial<Ticket>) {
    return async (ref: EntityRef, ...args: unknown[]): Promise<WriteResult> => {
      memory.calls.write.push([method, ref, ...args.slice(0, -1)])
      await failOnDemand(args.at(-1) as Call)
      const ticket = find(ref)
      if (!ticket) return rejected('NOT_FOUND', 'There is no such ticket.', ['input', 'id'])
      memory.touch(ref.externalId, change(ticket))
      return applied(tickets.get(ref.externalId)!)
    }
  }

  const memory: MemorySource = {
    info,
    paginationStyle,
    lazyFields: options.lazyFields ?? [],
    maxPageSize: options.maxPageSize ?? 100,
    tenant: options.tenant === undefined ? '' : options.tenant,
    calls: { list: [], load: [], write: [] },
    nextFailures: [],
    broken: null,
    beforeList: null,
    isExternalId: (externalId) => /^[a-z0-9-]{1,40}$/.test(externalId),
    async loadTickets(refs, call) {
      memory.calls.load.push(refs)
      try {
        await failOnDemand(call)
      } catch (error) {
        if (error instanceof DeskgraphError) return refs.map(() => error)
        throw error
      }
      return refs.map(find)
    },
    async listTickets(asked, call) {
      memory.calls.list.push(asked)
      await failOnDemand(call)
      memory.beforeList?.()
      const request = { ...asked, limit: Math.min(asked.limit, memory.maxPageSize) }
      const slice =
        paginationStyle === 'keyset' ? keysetSlice([...tickets.values()], request) : offsetSlice(inOwnOrder(), request)
      return { ...slice, tickets: slice.tickets.map(toListed) }
    },
    async createTicket(input, call) {
      memory.calls.write.push(['createTicket', input])
      await failOnDemand(call)
      return applied(memory.put(`new-${tickets.size + 1}`, { title: input.title ?? null }))
    },
    updateTicket: write('updateTicket', () => ({})),
    replyToTicket: write('replyToTicket', () => ({})),
    escalateTicket: write('escalateTicket', () => ({ status: 'ESCALATED' })),
    closeTicket: write('closeTicket', () => ({ status: 'CLOSED' })),
    reassignTicket: write('reassignTicket', () => ({})),
    transferTicket: write('transferTicket', () => ({})),
    health: () => ({ state: 'UP', checkedAt: null, latencyP50Ms: null, latencyP99Ms: null, errorRate: null, lastError: null }),
    tickets: () => [...tickets.values()],
    put(externalId, known = {}) {
      const at = tick()
      const ticket = toTicket(info, externalId, { createdAt: at, updatedAt: at, ...known })
      tickets.set(externalId, ticket)
      return ticket
    },
    touch(externalId, change = {}) {
      const ticket = tickets.get(externalId)
      if (!ticket) throw new Error(`no ticket ${externalId}`)
      // Deleted first, so that among equal times the last change comes first.
      tickets.delete(externalId)
      tickets.set(externalId, { ...ticket, updatedAt: tick(), ...change })
    },
    remove: (externalId) => void tickets.delete(externalId),
  }
  return memory

  function toListed(ticket: Ticket): Ticket {
    if (memory.lazyFields.length === 0) return ticket
    return { ...ticket, isSummary: true, ...Object.fromEntries(memory.lazyFields.map((field) => [field, null])) }
  }

  function inOwnOrder(): Ticket[] {
    const all = [...tickets.values()].reverse()
    if (options.listOrder === 'scrambled') return all.sort((a, b) => (scrambled(a) < scrambled(b) ? -1 : 1))
    return all.sort((a, b) =>
      (a.updatedAt ?? '') < (b.updatedAt ?? '') ? 1 : (a.updatedAt ?? '') > (b.updatedAt ?? '') ? -1 : 0,
    )
  }

  function keysetSlice(all: Ticket[], { filter, order, position, limit }: ListRequest): ListSlice {
    const matching = all
      .filter((ticket) => matchesFilter(ticket, filter))
      .sort((a, b) => compare(keyOf(a, order), keyOf(b, order), order))
    const after = position === null ? null : (JSON.parse(position) as Key)
    const rest = after ? matching.filter((ticket) => compare(keyOf(ticket, order), after, order) > 0) : matching
    const page = rest.slice(0, Math.min(limit, options.shortSlices ?? limit))
    return {
      tickets: page,
      positions: page.map((ticket) => JSON.stringify(keyOf(ticket, order))),
      end: page.length === rest.length,
      totalCount: matching.length,
      dropped: 0,
    }
  }

  function offsetSlice(all: Ticket[], { filter, position, limit }: ListRequest): ListSlice {
    const matching = all.filter((ticket) => matchesFilter(ticket, filter))
    const from = position === null ? 0 : Number(position)
    if (!Number.isInteger(from) || from < 0) throw new DeskgraphError('BAD_USER_INPUT', 'not a position')
    const page = matching.slice(from, from + Math.min(limit, options.shortSlices ?? limit))
    return {
      tickets: page,
      positions: page.map((_, index) => String(from + index + 1)),
      end: from + page.length >= matching.length,
      totalCount: options.saysTotal === false ? null : matching.length,
      dropped: 0,
    }
  }
}

type Key = readonly [value: string | null, tenant: string, externalId: string]

const priorities = ['LOW', 'MEDIUM', 'HIGH', 'URGENT']

function keyOf(ticket: Ticket, order: TicketOrder): Key {
  const rank = priorities.indexOf(ticket.priority ?? 'UNKNOWN')
  const priority = rank < 0 ? null : String(rank)
  const value = order.field === 'PRIORITY' ? priority : order.field === 'CREATED_AT' ? ticket.createdAt : ticket.updatedAt
  return [value, ticket.tenant, ticket.externalId]
}

/** Nulls last, ties by tenant and id. */
function compare(a: Key, b: Key, order: TicketOrder): number {
  if (a[0] !== b[0]) {
    if (a[0] === null) return 1
    if (b[0] === null) return -1
    return a[0] < b[0] === (order.direction === 'ASC') ? -1 : 1
  }
  const [left, right] = [`${a[1]}\0${a[2]}`, `${b[1]}\0${b[2]}`]
  return left === right ? 0 : left < right ? -1 : 1
}

/** An order that has nothing to do with time, and that a change of the ticket leaves as it is. */
function scrambled(ticket: Ticket): string {
  return encodeId('ticket', '', '', [...ticket.externalId].reverse().join(''))
}

import type { Call } from '../../src/domain/call.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { type EntityRef, encodeId } from '../../src/domain/ids.ts'
import type { PlainTicket, Ticket } from '../../src/domain/ticket.ts'
import { withFields } from '../../src/domain/ticket-view.ts'
import { applied, rejected, type UpdateTicket, type WriteResult } from '../../src/domain/writes.ts'
import { readCursorSlice } from '../../src/sources/pagination/cursor-list.ts'
import type { ToPosition } from '../../src/sources/pagination/list-point.ts'
import type {
  CountRequest,
  ListRequest,
  ListSlice,
  PaginationStyle,
  SourceHealth,
  SourceInfo,
  TallyGroup,
  TicketOrder,
  TicketSource,
} from '../../src/sources/source.ts'
import { methodOfAction } from '../../src/sources/source-table.ts'
import { toPartialTicket, toSummaryWith } from '../../src/sources/wanted-fields.ts'
import { matchesFilter } from '../../src/tickets/ticket-filter.ts'
import { toSourceInfo, toTicket } from './memory-ticket.ts'
import { changes, created } from './memory-writes.ts'

export interface MemorySourceOptions {
  /** Differences from an info with every action. */
  readonly info?: Partial<SourceInfo>
  readonly tickets?: readonly PlainTicket[]
  /** In place of the fake's own methods, or beside them. */
  readonly methods?: Partial<TicketSource>
  readonly health?: SourceHealth
  readonly paginationStyle?: PaginationStyle
  readonly maxPageSize?: number
  readonly tenant?: string | null
  /** The fields that lists omit. */
  readonly lazyFields?: readonly (keyof Ticket)[]
  /** Those of them that lists can have. */
  readonly listedFields?: readonly (keyof Ticket)[]
  /** Those of them that are read only where they are wanted. */
  readonly costlyFields?: readonly (keyof Ticket)[]
  /** For offset lists. `latest`: the latest update first. `scrambled`: an order that no field explains. */
  readonly listOrder?: 'latest' | 'scrambled'
  /** For offset and cursor lists: true, and they have every order, in place of `listOrder`. Of equal tickets the latest change comes first. */
  readonly sorts?: boolean
  /** For offset lists: false, and `totalCount` is null. */
  readonly saysTotal?: boolean
  /** The size of slices, for every request, as of a vendor with fixed pages. */
  readonly shortSlices?: number
  /** The time before the first change, in milliseconds since 1970. Each change moves it on by a second. */
  readonly startAt?: number
}

/** What a call meets instead of an answer: an error, or no answer at all, not even when its signal aborts. */
export type Failure = Error | 'hang'

/** A source with its tickets in memory. Tests see its calls, and make calls fail. It passes the source contract. */
export interface MemorySource extends TicketSource {
  readonly calls: {
    readonly list: ListRequest[]
    readonly count: CountRequest[]
    readonly load: (readonly EntityRef[])[]
    /** The fields that each `loadTickets` call wanted; null: all. */
    readonly wanted: (readonly string[] | null)[]
    /** The method's name and its arguments. */
    readonly write: (readonly [method: string, ...args: unknown[]])[]
  }
  /** The external ids of each `loadTickets` call. */
  loadedIds(): readonly (readonly string[])[]
  /** What the next calls meet, one each, in order. null: that call succeeds. */
  readonly nextFailures: (Failure | null)[]
  /** What every call meets, as long as it is set. */
  broken: Failure | null
  /** Runs before each list call is answered, so that tests can change tickets between pages. */
  beforeList: (() => void) | null
  tickets(): readonly PlainTicket[]
  put(externalId: string, known?: Partial<PlainTicket>): PlainTicket
  /** Changes a ticket now, so that its update is the latest. */
  touch(externalId: string, change?: Partial<PlainTicket>): void
  remove(externalId: string): void
}

const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }

const up: SourceHealth = {
  state: 'UP',
  checkedAt: null,
  latencyP50Ms: 5,
  latencyP99Ms: 9,
  errorRate: 0,
  lastError: null,
}

/** `source` is the source's info, or its key for an info with every action. */
export function createMemorySource(source: SourceInfo | string, options: MemorySourceOptions = {}): MemorySource {
  const info = typeof source === 'string' ? toSourceInfo(source, options.info) : source
  const paginationStyle = options.paginationStyle ?? 'keyset'
  const tickets = new Map((options.tickets ?? []).map((ticket) => [ticket.externalId, ticket]))
  let time = options.startAt ?? Date.UTC(2024, 0, 1)

  const tick = () => {
    time += 1000
    return new Date(time).toISOString()
  }

  async function fail({ signal }: Call): Promise<void> {
    const failure = memory.nextFailures.shift() ?? memory.broken
    if (signal.aborted) throw new DeskgraphError('UPSTREAM_TIMEOUT', 'The caller has gone.', { source: info.key })
    if (failure === 'hang') await new Promise(() => {})
    if (failure instanceof Error) throw failure
  }

  function find(ref: EntityRef): Ticket | null {
    const ticket = ref.sourceKey === info.key ? tickets.get(ref.externalId) : undefined
    return ticket?.tenant === ref.tenant ? ticket : null
  }

  function write(method: keyof typeof changes) {
    return async (ref: EntityRef, ...args: unknown[]): Promise<WriteResult> => {
      memory.calls.write.push([method, ref, ...args.slice(0, -1)])
      await fail(args.at(-1) as Call)
      const ticket = find(ref)
      if (!ticket) return rejected('NOT_FOUND', 'There is no such ticket.', ['input', 'id'])
      const { ifUpdatedAt } = args[0] as UpdateTicket
      if (ifUpdatedAt && ticket.updatedAt && ticket.updatedAt > ifUpdatedAt)
        return rejected('CONFLICT', 'It has changed.', ['input', 'ifUpdatedAt'])
      memory.touch(ref.externalId, (changes[method] as (ticket: Ticket, input: unknown) => Partial<Ticket>)(ticket, args[0]))
      return applied(tickets.get(ref.externalId)!)
    }
  }

  const memory: MemorySource = {
    info,
    paginationStyle,
    lazyFields: options.lazyFields ?? [],
    ...(options.costlyFields && { costlyFields: options.costlyFields }),
    ...(options.listedFields && { listedFields: options.listedFields }),
    maxPageSize: options.maxPageSize ?? 100,
    tenant: options.tenant === undefined ? '' : options.tenant,
    calls: { list: [], count: [], load: [], wanted: [], write: [] },
    loadedIds: () => memory.calls.load.map((refs) => refs.map(({ externalId }) => externalId)),
    nextFailures: [],
    broken: null,
    beforeList: null,
    ...(options.sorts && { sorts: () => options.listOrder !== 'scrambled' }),
    isExternalId: (externalId) => /^[\w.~-]{1,128}$/.test(externalId),
    async loadTickets(refs, call, wanted) {
      memory.calls.load.push(refs)
      memory.calls.wanted.push(wanted ? [...wanted] : null)
      try {
        await fail(call)
      } catch (error) {
        if (error instanceof DeskgraphError) return refs.map(() => error)
        throw error
      }
      return refs.map(find).map((ticket) => ticket && toPartialTicket(ticket, memory, wanted))
    },
    async listTickets(requested, call) {
      memory.calls.list.push(requested)
      await fail(call)
      memory.beforeList?.()
      const limit = Math.min(requested.limit, memory.maxPageSize, options.shortSlices ?? Number.POSITIVE_INFINITY)
      const matching = [...tickets.values()].filter(
        (ticket) => ticket.deletedAt === null && matchesFilter(ticket, requested.filter),
      )
      const slice = await { keyset: keysetSlice, cursor: cursorSlice, offset: offsetSlice }[paginationStyle](matching, {
        ...requested,
        limit,
      })
      return { ...slice, tickets: slice.tickets.map((ticket) => toSummary(ticket, requested)) }
    },
    ...(paginationStyle === 'keyset' && { toPosition }),
    ...(info.capabilities.counts && {
      async countTickets(requested, call) {
        memory.calls.count.push(requested)
        await fail(call)
        const matching = [...tickets.values()].filter(
          (ticket) => ticket.deletedAt === null && matchesFilter(ticket, requested.filter),
        )
        return { total: matching.length, groups: countBy(matching, requested.by), complete: true }
      },
    }),
    ...(info.canCreate && {
      async createTicket(input, call) {
        memory.calls.write.push(['createTicket', input])
        await fail(call)
        const externalId = `new-${tickets.size + 1}`
        return applied(memory.put(externalId, created(info, externalId, input)))
      },
    }),
    ...Object.fromEntries(
      info.actions.map((action) => {
        const method = methodOfAction[action]
        return [method, write(method)]
      }),
    ),
    health: () => options.health ?? up,
    tickets: () => [...tickets.values()],
    put(externalId, known = {}) {
      const at = tick()
      const ticket = toTicket(info, externalId, { createdAt: at, updatedAt: at, ...known })
      tickets.set(externalId, ticket)
      return ticket
    },
    touch(externalId, change: Partial<PlainTicket> = {}) {
      const ticket = tickets.get(externalId)
      if (!ticket) throw new Error(`no ticket ${externalId}`)
      // Of equal times the latest change comes first: insert the ticket again.
      tickets.delete(externalId)
      tickets.set(externalId, { ...ticket, updatedAt: tick(), ...change })
    },
    remove: (externalId) => void tickets.delete(externalId),
    ...options.methods,
  }
  return memory

  function toSummary(ticket: Ticket, { wanted = [] }: ListRequest): Ticket {
    if (memory.lazyFields.length === 0) return ticket
    const summary = toSummaryWith(ticket, memory.lazyFields, (field) => wanted.includes(field))
    return wanted.length > 0 ? summary : withFields(summary, { lazyFieldsRead: undefined })
  }

  function keysetSlice(matching: Ticket[], { order, position, limit }: ListRequest): ListSlice {
    matching.sort((a, b) => compare(keyOf(a, order), keyOf(b, order), order))
    const after = position === null ? null : (JSON.parse(position) as Key | readonly [Key[0]])
    const rest = after ? matching.filter((ticket) => isAfter(keyOf(ticket, order), after, order)) : matching
    const page = rest.slice(0, limit)
    return {
      tickets: page,
      positions: page.map((ticket) => JSON.stringify(keyOf(ticket, order))),
      end: page.length === rest.length,
      totalCount: matching.length,
      dropped: 0,
    }
  }

  /** The cursor behind a page is the key of its last ticket. */
  function cursorSlice(matching: Ticket[], request: ListRequest): Promise<ListSlice> {
    const { order } = request
    const listed = memory.sorts?.(order) ? order : latestFirst
    return readCursorSlice({ ...request, order: listed }, { info, maxPageSize: memory.maxPageSize }, async (cursor, pageSize) => {
      const {
        tickets: records,
        positions,
        end,
      } = keysetSlice(matching, { ...request, order: listed, position: cursor, limit: pageSize })
      return { records, next: end ? null : (positions.at(-1) ?? null) }
    })
  }

  function offsetSlice(matching: Ticket[], { order, position, limit }: ListRequest): ListSlice {
    const from = position === null ? 0 : Number(position)
    if (!Number.isInteger(from) || from < 0) throw new DeskgraphError('BAD_USER_INPUT', 'not a position')
    const page = (memory.sorts?.(order) ? sortBy(matching, order) : sortByOwnOrder(matching)).slice(from, from + limit)
    return {
      tickets: page,
      positions: page.map((_, index) => String(from + index + 1)),
      end: from + page.length >= matching.length,
      totalCount: options.saysTotal === false ? null : matching.length,
      dropped: 0,
    }
  }

  function sortBy(matching: Ticket[], order: TicketOrder): Ticket[] {
    return matching.reverse().sort((a, b) => compare([keyOf(a, order)[0], '', ''], [keyOf(b, order)[0], '', ''], order))
  }

  function sortByOwnOrder(matching: Ticket[]): Ticket[] {
    const latestInsertFirst = matching.reverse()
    const timeOf = (ticket: Ticket) => ticket.updatedAt ?? ''
    if (options.listOrder === 'scrambled') return latestInsertFirst.sort((a, b) => (toScrambled(a) < toScrambled(b) ? -1 : 1))
    return latestInsertFirst.sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : timeOf(a) > timeOf(b) ? -1 : 0))
  }
}

function countBy(matching: readonly Ticket[], by: CountRequest['by']): readonly TallyGroup[] {
  const fields = { STATUS: 'status', PRIORITY: 'priority', CHANNEL: 'channel' } as const
  if (by === 'SOURCE') return []
  const keys = matching.map((ticket) => {
    if (by === 'ASSIGNEE') return ticket.assignee?.externalId ?? null
    return by === 'QUEUE' ? (ticket.queueKey ?? ticket.queue) : ticket[fields[by]]
  })
  return [...new Set(keys)].map((key) => ({ key, label: null, count: keys.filter((one) => one === key).length, exact: true }))
}

const toPosition: ToPosition = ({ value, passed }, { field }) => {
  const known = field === 'PRIORITY' && value !== null ? String(Number(value) - 1) : value
  if (passed === 'ALL') return JSON.stringify([known])
  return JSON.stringify(passed === 'NONE' ? [known, '', ''] : [known, passed.tenant, passed.externalId])
}

type Key = readonly [value: string | null, tenant: string, externalId: string]

const priorities = ['LOW', 'MEDIUM', 'HIGH', 'URGENT']

function keyOf(ticket: Ticket, order: TicketOrder): Key {
  const rank = priorities.indexOf(ticket.priority ?? 'UNKNOWN')
  const priority = rank < 0 ? null : String(rank)
  const value = order.field === 'PRIORITY' ? priority : order.field === 'CREATED_AT' ? ticket.createdAt : ticket.updatedAt
  return [value, ticket.tenant, ticket.externalId]
}

/** A position without a ticket is behind all tickets with its value. */
function isAfter(key: Key, position: Key | readonly [Key[0]], order: TicketOrder): boolean {
  if (position.length === 3) return compare(key, position, order) > 0
  return key[0] !== position[0] && compare(key, [position[0], '', ''], order) > 0
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

/** A sort key that depends on no time, and that a change of the ticket leaves as it is. */
function toScrambled(ticket: Ticket): string {
  return encodeId('ticket', '', '', [...ticket.externalId].reverse().join(''))
}

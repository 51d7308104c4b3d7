import type { Call } from '../domain/call.ts'
import type { DeskgraphError } from '../domain/errors.ts'
import { fingerprint } from '../domain/fingerprint.ts'
import { decodeId, type EntityRef } from '../domain/ids.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { WriteResult } from '../domain/writes.ts'
import type { ListRequest, ListSlice, TicketSource } from '../sources/source.ts'
import type { Kept } from './cache-store.ts'
import { type CacheEntryKey, createScopedCache, type ScopedCache, type ScopedCacheDeps } from './scoped-cache.ts'

/** A source whose answers may be a little old: how old, each ticket's freshness says. */
export interface CachedSource extends TicketSource {
  /** The ticket has changed: neither it, nor any list, nor what is kept of its customer and vendor holds any more. */
  invalidate(ticketId: string, ticket: Ticket | null): Promise<void>
}

/** The source with its answers kept, per kind and identity. What it could not do before it cannot do now. */
export function createCachedSource(source: TicketSource, deps: ScopedCacheDeps): CachedSource {
  const { key } = source.info
  const memory = createScopedCache(key, deps)

  async function forget(ref: EntityRef | null, ticket: Ticket | null): Promise<void> {
    const groups = [listGroup(key)]
    if (ref) groups.push(ticketGroup(ref))
    for (const owner of [ticket?.customer, ticket?.vendor]) {
      const ownerRef = owner && decodeId(owner.id)
      if (ownerRef) groups.push(ownerGroup(ownerRef))
    }
    await memory.drop(groups)
  }

  return {
    ...source,
    ...(memory.keeps('ticket') && { loadTickets: (refs, call) => loadTickets(source, memory, refs, call) }),
    listTickets: (request, call) => listTickets(source, memory, request, call),
    ...cachedLookups(source, memory),
    ...forgettingWrites(source, forget),
    async invalidate(ticketId, ticket) {
      const ref = decodeId(ticketId)
      if (ref?.sourceKey === key) await forget(ref, ticket)
    },
  }
}

function ticketGroup(ref: EntityRef): string {
  return `${ref.sourceKey}:ticket:${ref.tenant}:${ref.externalId}`
}
function listGroup(sourceKey: string): string {
  return `${sourceKey}:list`
}
function ownerGroup(ref: EntityRef): string {
  return `${ref.sourceKey}:${ref.kind}:${ref.tenant}:${ref.externalId}`
}

async function loadTickets(source: TicketSource, memory: ScopedCache, refs: readonly EntityRef[], call: Call) {
  const slots = refs.map((ref): CacheEntryKey => ({ kind: 'ticket', group: ticketGroup(ref), question: '' }))
  const kept = await Promise.all(slots.map((slot) => memory.look(slot, call.viewer)))
  const tickets = kept.map((one) => one?.answer as Ticket | DeskgraphError | null | undefined)
  const missing = refs.flatMap((_, index) => (tickets[index] === undefined ? [index] : []))
  if (missing.length === 0) return tickets as Ticket[]
  const loaded = await source.loadTickets(
    missing.map((index) => refs[index]!),
    call,
  )
  missing.forEach((index, at) => {
    const ticket = loaded[at] ?? null
    tickets[index] = ticket
    if (ticket && !(ticket instanceof Error)) memory.keep(slots[index]!, call.viewer, kept[index]!, toCached(ticket), 1)
  })
  return tickets as (Ticket | DeskgraphError | null)[]
}

async function listTickets(source: TicketSource, memory: ScopedCache, request: ListRequest, call: Call): Promise<ListSlice> {
  const slot = toListSlot(source.info.key, request)
  if (!memory.keeps(slot.kind)) return source.listTickets(request, call)
  const kept = await memory.look(slot, call.viewer)
  if (kept?.answer !== undefined) return kept.answer as ListSlice
  const slice = await source.listTickets(request, call)
  const cached: ListSlice = { ...slice, tickets: slice.tickets.map(toCached) }
  memory.keep(slot, call.viewer, kept, cached, Math.max(1, slice.tickets.length))
  return slice
}

/** The latest ticket of one customer or vendor is how that one is looked up; every other list is a list. */
function toListSlot(sourceKey: string, request: ListRequest): CacheEntryKey {
  const { filter, position, limit } = request
  const owner = filter.customer ?? filter.vendor
  const isLookUp = owner && limit === 1 && position === null && Object.keys(filter).length === 1
  if (isLookUp) return { kind: 'customer', group: ownerGroup(owner), question: '' }
  return { kind: 'list', group: listGroup(sourceKey), question: fingerprint(request) }
}

function toCached(ticket: Ticket): Ticket {
  return { ...ticket, freshness: { mode: 'CACHED', observedAt: ticket.freshness.observedAt } }
}

const lookups = ['escalationDepartments', 'transferQueues', 'resolutionStatuses'] as const

/** Lists of words that change seldom: no change of a ticket makes them untrue. */
function cachedLookups(source: TicketSource, memory: ScopedCache): Partial<TicketSource> {
  if (!memory.keeps('lookup')) return {}
  const { key } = source.info
  const cached: Record<string, unknown> = {}
  for (const name of lookups) {
    const load = source[name]
    if (load)
      cached[name] = (call: Call) =>
        through(memory, { kind: 'lookup', group: `${key}:lookup`, question: name }, call, () => load(call))
  }
  const { contactReasons } = source
  if (contactReasons) {
    cached.contactReasons = (request: object, call: Call) => {
      const question = `contactReasons:${fingerprint(request)}`
      return through(memory, { kind: 'lookup', group: `${key}:lookup`, question }, call, () =>
        contactReasons(request as never, call),
      )
    }
  }
  return cached
}

async function through(memory: ScopedCache, slot: CacheEntryKey, call: Call, load: () => Promise<unknown>): Promise<unknown> {
  const kept: Kept | null = await memory.look(slot, call.viewer)
  if (kept?.answer !== undefined) {
    note(call, kept.leftMs)
    return kept.answer
  }
  const answer = await load()
  memory.keep(slot, call.viewer, kept, answer, 1)
  note(call, memory.ttlMs(slot.kind))
  return answer
}

function note({ tally }: Call, leftMs: number): void {
  if (!tally) return
  const { count, leftMs: others } = tally.keptLookUps ?? { count: 0, leftMs }
  tally.keptLookUps = { count: count + 1, leftMs: Math.min(others, leftMs) }
}

const changes = [
  ...([
    'updateTicket',
    'replyToTicket',
    'escalateTicket',
    'closeTicket',
    'reassignTicket',
    'transferTicket',
    'routeTicket',
  ] as const),
]

/** Whatever became of a write, what was known before it is not trusted after it. */
function forgettingWrites(
  source: TicketSource,
  forget: (ref: EntityRef | null, ticket: Ticket | null) => Promise<void>,
): Partial<TicketSource> {
  const wrapped: Record<string, unknown> = {}
  const wrap = (write: (...args: never[]) => Promise<WriteResult>, refOf: (args: unknown[]) => EntityRef | null) => {
    return async (...args: unknown[]) => {
      let ticket: Ticket | null = null
      try {
        const result = await write(...(args as never[]))
        ticket = result.ticket
        return result
      } finally {
        await forget(refOf(args), ticket)
      }
    }
  }
  for (const name of changes) if (source[name]) wrapped[name] = wrap(source[name], (args) => args[0] as EntityRef)
  if (source.createTicket) wrapped.createTicket = wrap(source.createTicket, () => null)
  return wrapped
}

import type { ChangeLog } from '../changes/change-log.ts'
import { ChangeLogTailer } from '../changes/change-log-tailer.ts'
import type { Call } from '../domain/call.ts'
import type { DeskgraphError } from '../domain/errors.ts'
import { fingerprint } from '../domain/fingerprint.ts'
import { decodeId, type EntityRef, encodeId } from '../domain/ids.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import { withFields } from '../domain/ticket-view.ts'
import type { WriteResult } from '../domain/writes.ts'
import {
  type CountRequest,
  type ListRequest,
  type ListSlice,
  type LookupName,
  lookupNames,
  type TicketSource,
  type TicketTally,
} from '../sources/source.ts'
import { hasLazyField, type WantedFields } from '../sources/wanted-fields.ts'
import { type CacheEntryKey, createScopedCache, type ScopedCache, type ScopedCacheDeps } from './scoped-cache.ts'

/** A source whose answers may be out of date by at most their time to live. Each ticket's `freshness` says since when. */
export interface CachedSource extends TicketSource {
  /** Removes a changed ticket from the cache, with all lists and the latest tickets of its customer and vendor. */
  invalidate(ticketId: string, ticket: Ticket | null): Promise<void>
}

/** The source behind a cache. It has the optional methods that the source has, and no others. */
export function createCachedSource(source: TicketSource, deps: ScopedCacheDeps): CachedSource {
  const { key } = source.info
  const cache = createScopedCache(key, deps)

  async function invalidate(ref: EntityRef | null, ticket: Ticket | null): Promise<void> {
    const groups = [listGroup(key)]
    if (ref) groups.push(groupOf(ref))
    for (const party of [ticket?.customer, ticket?.vendor]) {
      const partyRef = party && decodeId(party.id)
      if (partyRef) groups.push(groupOf(partyRef))
    }
    await cache.invalidate(groups)
  }

  return {
    ...source,
    ...(cache.isEnabled('ticket') && {
      loadTickets: (refs, call, wanted) => loadTickets(source, cache, refs, call, wanted),
    }),
    listTickets: (request, call) => listTickets(source, cache, request, call),
    ...(source.countTickets &&
      cache.isEnabled('list') && { countTickets: (request, call) => countTickets(source, cache, request, call) }),
    ...cachedLookups(source, cache),
    ...invalidatingWrites(source, invalidate),
    async invalidate(ticketId, ticket) {
      const ref = decodeId(ticketId)
      if (ref?.sourceKey === key) await invalidate(ref, ticket)
    },
  }
}

export interface InvalidationDeps {
  readonly changeLog: ChangeLog
  readonly sources: readonly CachedSource[]
  readonly logger: Logger
  /** How often the changes of other replicas are read, in milliseconds. */
  readonly pollMs?: number
}

/** Invalidates every ticket that the change log reports as changed: by an event, by a write of any replica, or by the poller. */
export async function invalidateOnChanges({
  changeLog,
  sources,
  logger,
  pollMs = 1_000,
}: InvalidationDeps): Promise<{ stop(): Promise<void> }> {
  const byKey = new Map(sources.map((source) => [source.info.key, source]))
  const running = new Set<Promise<void>>()
  const tailer = new ChangeLogTailer({ changeLog, logger, pollMs })
  await tailer.listen(({ change: { ticket } }) => {
    const invalidation = byKey.get(ticket.source.key)?.invalidate(ticket.id, ticket)
    if (!invalidation) return
    running.add(invalidation)
    void invalidation.finally(() => running.delete(invalidation))
  })
  return {
    async stop() {
      tailer.close()
      await Promise.all(running)
    },
  }
}

function listGroup(sourceKey: string): string {
  return `${sourceKey}:list`
}
/** By the global id: tenants and external ids may hold the colon that the parts of a key are joined by. */
function groupOf({ kind, sourceKey, tenant, externalId }: EntityRef): string {
  return `${sourceKey}:${kind}:${encodeId(kind, sourceKey, tenant, externalId)}`
}

/**
 * Asks the source for the missing tickets only, in one call; for all of them where the call is `fresh`. Errors and absent tickets are not
 * cached. A ticket that lacks a wanted field is read again, with the fields that it had.
 */
async function loadTickets(
  source: TicketSource,
  cache: ScopedCache,
  refs: readonly EntityRef[],
  call: Call,
  wanted: WantedFields | undefined,
) {
  const keys = refs.map((ref): CacheEntryKey => ({ kind: 'ticket', group: groupOf(ref), request: '' }))
  const entries = await Promise.all(keys.map((key) => cache.get(key, call.viewer)))
  const isEnough = (ticket: Ticket) => !ticket.isSummary || (wanted && [...wanted].every((field) => hasLazyField(ticket, field)))
  const tickets = entries.map((entry): Ticket | DeskgraphError | null | undefined => {
    const known = entry?.value as Ticket | undefined
    return known && !call.fresh && isEnough(known) ? known : undefined
  })
  const missing = refs.flatMap((_, index) => (tickets[index] === undefined ? [index] : []))
  if (missing.length === 0) return tickets as Ticket[]
  const had = missing.flatMap((index) => (entries[index]?.value as Ticket | undefined)?.lazyFieldsRead ?? [])
  const loaded = await source.loadTickets(
    missing.map((index) => refs[index]!),
    call,
    wanted && new Set([...wanted, ...had]),
  )
  missing.forEach((index, position) => {
    const ticket = loaded[position] ?? null
    tickets[index] = ticket
    if (ticket && !(ticket instanceof Error)) cache.set(keys[index]!, call.viewer, entries[index]!, asCached(ticket), 1)
  })
  return tickets as (Ticket | DeskgraphError | null)[]
}

async function listTickets(source: TicketSource, cache: ScopedCache, request: ListRequest, call: Call): Promise<ListSlice> {
  const key = listKey(source.info.key, request)
  if (!cache.isEnabled(key.kind)) return source.listTickets(request, call)
  const entry = await cache.get(key, call.viewer)
  if (entry?.value !== undefined) return entry.value as ListSlice
  const slice = await source.listTickets(request, call)
  const cached: ListSlice = { ...slice, tickets: slice.tickets.map(asCached) }
  cache.set(key, call.viewer, entry, cached, Math.max(1, slice.tickets.length))
  return slice
}

/** A count is invalidated as lists are: any changed ticket may change it. */
async function countTickets(source: TicketSource, cache: ScopedCache, request: CountRequest, call: Call) {
  const key: CacheEntryKey = { kind: 'list', group: listGroup(source.info.key), request: `count:${fingerprint(request)}` }
  const entry = await cache.get(key, call.viewer)
  if (entry?.value !== undefined) return entry.value as TicketTally
  const tally = (await source.countTickets?.(request, call)) ?? null
  if (tally) cache.set(key, call.viewer, entry, tally, Math.max(1, tally.groups.length))
  return tally
}

/** A list of one ticket by customer or vendor alone is how that customer or vendor is looked up; it has a kind of its own. */
function listKey(sourceKey: string, request: ListRequest): CacheEntryKey {
  const { filter, position, limit } = request
  const party = filter.customer ?? filter.vendor
  const isPartyLookup = party && limit === 1 && position === null && Object.keys(filter).length === 1
  if (isPartyLookup) return { kind: 'customer', group: groupOf(party), request: '' }
  return { kind: 'list', group: listGroup(sourceKey), request: fingerprint(request) }
}

function asCached(ticket: Ticket): Ticket {
  return withFields(ticket, { freshness: { mode: 'CACHED', observedAt: ticket.freshness.observedAt } })
}

type Lookup = (...args: unknown[]) => Promise<unknown>

/** The lists for inputs, such as departments and queues. No change of a ticket invalidates them. */
function cachedLookups(source: TicketSource, cache: ScopedCache): Partial<TicketSource> {
  if (!cache.isEnabled('lookup')) return {}
  const group = `${source.info.key}:lookup`
  const through =
    (name: LookupName, list: Lookup): Lookup =>
    (...args) => {
      // The last argument is the call; what comes before it says what was asked.
      const call = args.at(-1) as Call
      const request = args.length === 1 ? name : `${name}:${fingerprint(args.slice(0, -1))}`
      return loadThrough(cache, { kind: 'lookup', group, request }, call, () => list(...args))
    }
  return Object.fromEntries(
    lookupNames.flatMap((name) => {
      const list = source[name] as Lookup | undefined
      return list ? [[name, through(name, list)]] : []
    }),
  )
}

async function loadThrough<T>(cache: ScopedCache, key: CacheEntryKey, call: Call, load: () => Promise<T>): Promise<T> {
  const entry = await cache.get(key, call.viewer)
  if (entry?.value !== undefined) {
    reportLookup(call, entry.remainingMs)
    return entry.value as T
  }
  const value = await load()
  cache.set(key, call.viewer, entry, value, 1)
  reportLookup(call, cache.ttlMs(key.kind))
  return value
}

/** Counts the look-up for the HTTP cache headers of the response, with the shortest remaining time. */
function reportLookup({ stats }: Call, leftMs: number): void {
  if (!stats) return
  const { count, leftMs: others } = stats.cachedLookups ?? { count: 0, leftMs }
  stats.cachedLookups = { count: count + 1, leftMs: Math.min(others, leftMs) }
}

const ticketWrites = [
  'updateTicket',
  'replyToTicket',
  'escalateTicket',
  'closeTicket',
  'reopenTicket',
  'reassignTicket',
  'transferTicket',
  'routeTicket',
] as const

type Write = (...args: unknown[]) => Promise<WriteResult>

/** Writes invalidate also when they fail: what reached the source is not known. */
function invalidatingWrites(
  source: TicketSource,
  invalidate: (ref: EntityRef | null, ticket: Ticket | null) => Promise<void>,
): Partial<TicketSource> {
  const wrap =
    (write: Write, refOf: (args: unknown[]) => EntityRef | null): Write =>
    async (...args) => {
      let ticket: Ticket | null = null
      try {
        const result = await write(...args)
        ticket = result.ticket
        return result
      } finally {
        await invalidate(refOf(args), ticket)
      }
    }
  const wrapped: Record<string, Write> = {}
  for (const name of ticketWrites) {
    const write = source[name] as Write | undefined
    if (write) wrapped[name] = wrap(write, ([ref]) => ref as EntityRef)
  }
  if (source.createTicket) wrapped.createTicket = wrap(source.createTicket as Write, () => null)
  return wrapped
}

import type { Call } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { type EntityRef, isExternalId as isAnyExternalId } from '../domain/ids.ts'
import { type Instant, toEpochMs } from '../domain/instant.ts'
import type { Metrics } from '../domain/telemetry.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { ToPosition } from './pagination/list-point.ts'
import {
  type CountRequest,
  countKeys,
  filterFields,
  type ListRequest,
  type ListSlice,
  type SourceHealth,
  type SourceInfo,
  type TicketSource,
  type TicketTally,
} from './source.ts'
import type { SourceTable } from './source-table.ts'

/** The stored tickets of event-fed sources, for reading. They are written in the transactions of `src/db`. */
export interface TicketStore {
  /** In the order of the references; null where there is none. A deleted ticket is found and has `deletedAt`. */
  find(refs: readonly EntityRef[]): Promise<readonly (Ticket | null)[]>
  /** The latest events of one source. */
  findActivity(sourceKey: string): Promise<SourceActivity>
  /** One source's tickets in exactly the requested order. The store applies every filter field, and leaves out deleted tickets. */
  list(sourceKey: string, request: ListRequest): Promise<ListSlice>
  /** The position in `list` at a point of the order. */
  readonly toPosition: ToPosition
  /** Counts the tickets that `list` would give over all pages, by any key. */
  count(sourceKey: string, request: CountRequest): Promise<TicketTally>
}

/** What came from an event-fed source. Every replica finds the same, and a restart loses none of it. */
export interface SourceActivity {
  /** When its last event arrived; null: none ever did. */
  readonly lastEventAt: Instant | null
  /** When the last of its dead letters that are still held arrived; null: none is held. */
  readonly lastHeldAt: Instant | null
  /** How many of its latest 128 events are known. */
  readonly events: number
  /** How many of them are held as dead letters. */
  readonly held: number
}

/** What every event-fed source has in its table: it takes no write, and the store applies all filters and counts. */
export const storedSourceTable = {
  operations: [],
  takes: {},
  filters: filterFields.filter((field) => field !== 'SOURCES' && field !== 'IDS'),
  notes: 'NONE',
  attachments: 'NONE',
  counts: { by: countKeys, callsPerCount: 0 },
  live: 'WEBHOOK',
} as const satisfies Omit<SourceTable, 'fields'>

export interface StoredSourceDeps {
  readonly info: SourceInfo
  /** null: the source has tickets of several tenants. */
  readonly tenant: string | null
  readonly tickets: TicketStore
  /** A narrower rule than `isExternalId` of the domain, where the vendor documents the form of its ids. */
  readonly isExternalId?: (externalId: string) => boolean
  readonly clock: Clock
  readonly metrics: Metrics
}

const maxPageSize = 100

/** For so long after a dead letter arrived, dead letters count as growing. */
const growthMs = 15 * 60_000
/** As for a pulled source, whose latest 128 calls count. */
const degradedErrorRate = 0.1

/**
 * UNKNOWN before the first event. DEGRADED while dead letters grow: one that is held arrived within 15 minutes, or a tenth of the latest
 * 128 events is held. Otherwise UP: that no event comes is no fault, because nothing may have happened.
 */
function toHealth({ lastEventAt, lastHeldAt, events, held }: SourceActivity, nowMs: number): SourceHealth {
  const errorRate = events === 0 ? null : held / events
  const grows = lastHeldAt !== null && nowMs - toEpochMs(lastHeldAt) < growthMs
  const isDegraded = grows || (errorRate ?? 0) >= degradedErrorRate
  return {
    state: lastEventAt === null ? 'UNKNOWN' : isDegraded ? 'DEGRADED' : 'UP',
    checkedAt: lastEventAt,
    latencyP50Ms: null,
    latencyP99Ms: null,
    errorRate,
    lastError: held > 0 ? 'EVENT_QUARANTINED' : null,
  }
}

/** Without the store, no event of the source can be received and no ticket be read. */
function toFailedHealth({ code }: DeskgraphError): SourceHealth {
  return { state: 'DOWN', checkedAt: null, latencyP50Ms: null, latencyP99Ms: null, errorRate: null, lastError: code }
}

/**
 * A source whose tickets came by events: it reads them from the store. When its caller's signal aborts, a read fails with
 * UPSTREAM_TIMEOUT at once and the query ends in the background. A fault of the store names this source.
 */
export function createStoredSource({
  info,
  tenant,
  tickets,
  isExternalId = isAnyExternalId,
  clock,
  metrics,
}: StoredSourceDeps): TicketSource {
  return {
    info,
    tenant,
    isExternalId,
    paginationStyle: 'keyset',
    lazyFields: [],
    maxPageSize,
    loadTickets: (refs, call) => loadTickets(tickets, info, refs, call),
    async listTickets(request, call) {
      const limit = Math.min(request.limit, maxPageSize)
      const list = (position: string | null) => read(() => tickets.list(info.key, { ...request, limit, position }), info, call)
      const slice = await listAccepted(list, request.position, isExternalId)
      if (slice.dropped > 0) metrics.count('dropped_records_total', { source: info.key }, slice.dropped)
      return slice
    },
    toPosition: tickets.toPosition,
    countTickets: (request, call) => read(() => tickets.count(info.key, request), info, call),
    async health() {
      try {
        return toHealth(await tickets.findActivity(info.key), clock())
      } catch (error) {
        if (error instanceof DeskgraphError) return toFailedHealth(error)
        throw error
      }
    },
  }
}

/**
 * The first slice behind the position that has a ticket, or the last one. Version 0.1 stored tickets whose id is refused now: they are
 * left out and counted, as those of a pulled source are.
 */
async function listAccepted(
  list: (position: string | null) => Promise<ListSlice>,
  position: string | null,
  isExternalId: (externalId: string) => boolean,
): Promise<ListSlice> {
  let dropped = 0
  for (let after = position; ; ) {
    const slice = await list(after)
    const accepted = slice.tickets.map(({ externalId }) => isExternalId(externalId))
    if (dropped === 0 && !accepted.includes(false)) return slice
    const tickets = slice.tickets.filter((_, index) => accepted[index])
    dropped += slice.tickets.length - tickets.length
    after = slice.positions.at(-1) ?? after
    if (tickets.length > 0 || slice.end)
      return { ...slice, tickets, positions: slice.positions.filter((_, index) => accepted[index]), dropped }
  }
}

async function loadTickets(
  tickets: TicketStore,
  info: SourceInfo,
  refs: readonly EntityRef[],
  call: Call,
): Promise<readonly (Ticket | DeskgraphError | null)[]> {
  const own = refs.filter((ref) => ref.sourceKey === info.key)
  try {
    const found = await read(() => tickets.find(own), info, call)
    const byRef = new Map(own.map((ref, index) => [ref, found[index]!]))
    return refs.map((ref) => byRef.get(ref) ?? null)
  } catch (error) {
    if (error instanceof DeskgraphError) return refs.map((ref) => (ref.sourceKey === info.key ? error : null))
    throw error
  }
}

/** Rejects when the caller's signal aborts, without waiting for the database. */
async function read<T>(query: () => Promise<T>, { key, label }: SourceInfo, { signal }: Call): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = () =>
    aborted.reject(new DeskgraphError('UPSTREAM_TIMEOUT', `${label} was no longer waited for.`, { source: key }))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race(signal.aborted ? [aborted.promise] : [query(), aborted.promise])
  } catch (error) {
    if (!(error instanceof DeskgraphError) || error.source !== undefined) throw error
    const { code, message, retryAfter } = error
    throw new DeskgraphError(code, message, { source: key, retryAfter, cause: error })
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

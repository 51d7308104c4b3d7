import type { Call } from '../domain/call.ts'
import { type Instant, toEpochMs, toInstant } from '../domain/instant.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { ListSlice, TicketSource } from '../sources/source.ts'

/** What one reading of the beginning of a source's list has found. */
export interface PollScan {
  /** The tickets that `isChanged` accepted, the oldest update first. */
  readonly changed: readonly Ticket[]
  /** All tickets that were read. */
  readonly read: readonly Ticket[]
  /** The latest update that was seen, and never one in the future: a ticket with a wrong time would hide all others. null: there was none. */
  readonly latest: Instant | null
  /** False: the list has more updates since that time than one poll reads. */
  readonly complete: boolean
}

export interface PollScanOptions {
  /** Updates before this time are known. null: the list is read for the first time. */
  readonly knownBefore: Instant | null
  /** How long before that time a change may have been made that the list shows only now. */
  readonly lagMs: number
  /** The tickets of a page that differ from what is known. */
  readonly selectChanged: (tickets: readonly Ticket[]) => Promise<readonly Ticket[]>
  readonly now: Instant
}

/** Pages read by one poll at most: after a break of hours there are many. */
const maxPages = 100
const latestFirst = { field: 'UPDATED_AT', direction: 'DESC' } as const
/** `updatedAfter` is exclusive, and some sources keep whole seconds. */
const secondMs = 1_000

/** So far back a list is read. */
export function startOf({ knownBefore, lagMs }: Pick<PollScanOptions, 'lagMs'> & { readonly knownBefore: Instant }): Instant {
  return toInstant(Math.max(0, toEpochMs(knownBefore) - lagMs))
}

/** Reads a list, latest update first, back to a time; for the first time, back to its latest update. A ticket that changes meanwhile moves to the front, where the next poll finds it. */
export async function scanList(source: TicketSource, options: PollScanOptions, call: Call): Promise<PollScan> {
  const { selectChanged, now, lagMs } = options
  let { knownBefore } = options
  const filter = knownBefore === null ? {} : toFilter(source, startOf({ knownBefore, lagMs }))
  const read = new Map<string, Ticket>()
  const changed = new Map<string, Ticket>()
  let position: string | null = null
  for (let page = 0; page < maxPages; page++) {
    const request = { filter, order: latestFirst, position, limit: source.maxPageSize, counted: false }
    const { tickets, positions, end }: ListSlice = await source.listTickets(request, call)
    for (const ticket of tickets) read.set(ticket.id, ticket)
    for (const ticket of await selectChanged(tickets)) changed.set(ticket.id, ticket)
    knownBefore ??= toScan(read, changed, now, true).latest ?? now
    const last = tickets.at(-1)
    if (end || !last || (last.updatedAt ?? '') < startOf({ knownBefore, lagMs })) return toScan(read, changed, now, true)
    position = positions.at(-1) ?? null
  }
  return toScan(read, changed, now, false)
}

/** Where the source applies it: the time back to which the list is wanted. */
function toFilter(source: TicketSource, since: Instant) {
  const filter = { updatedAfter: toInstant(Math.max(0, toEpochMs(since) - secondMs)) }
  const applied = source.pushdownFilters?.(filter) ?? source.info.filters
  return applied.includes('UPDATED') ? filter : {}
}

function toScan(
  read: ReadonlyMap<string, Ticket>,
  changed: ReadonlyMap<string, Ticket>,
  now: Instant,
  complete: boolean,
): PollScan {
  const times = [...read.values()].flatMap(({ updatedAt }) => (updatedAt !== null && updatedAt <= now ? [updatedAt] : []))
  const byUpdate = (a: Ticket, b: Ticket) => ((a.updatedAt ?? '') < (b.updatedAt ?? '') ? -1 : 1)
  return {
    changed: [...changed.values()].sort(byUpdate),
    read: [...read.values()],
    latest: times.sort().at(-1) ?? null,
    complete,
  }
}

import * as z from 'zod'
import { type Instant, toEpochMs, toInstant } from '../../domain/instant.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { badResponse } from '../http-client/upstream-error.ts'
import type { CursorPage } from '../pagination/cursor-list.ts'
import { compareKeys, orderKey } from '../pagination/ticket-order.ts'
import type { SourceInfo, TicketFilter, TicketOrder } from '../source.ts'

// How a list goes on. Freshdesk gives 300 pages of one list at most (FRESHDESK-02), and takes a lower bound of the update alone. Behind these pages the
// list goes on by windows of time, each read upwards from its lower bound; a list with the oldest update first goes on from the last time that it gave.

const maxPages = 300
/** Earlier than any ticket. Without a time a list has only the tickets of the last 30 days (FRESHDESK-01). */
const firstSecond = Date.UTC(2000, 0, 1) / 1000
/** Seconds of the first window, where no page tells how far apart tickets are. */
const firstWindow = 86_400

/** By pages: so many records lie before, and the last of them has this time. By windows: up to this time, behind this ticket. Upwards: from this time on. */
const cursorSchema = z.union([
  z.strictObject({ offset: z.int().min(1), time: z.iso.datetime() }),
  z.strictObject({ until: z.iso.datetime(), id: z.string().nullable(), seconds: z.int().min(1) }),
  z.strictObject({ from: z.iso.datetime(), page: z.int().min(1) }),
])
type Cursor = z.infer<typeof cursorSchema>
type Window = Extract<Cursor, { until: string }>

export interface Page {
  /** null: no ticket. */
  readonly records: readonly (Ticket | null)[]
  /** False: it is the last one. */
  readonly isFull: boolean
}

export interface Asked {
  readonly order: 'asc' | 'desc'
  /** Counted from 1. */
  readonly page: number
  readonly perPage: number
  /** Seconds since 1970. */
  readonly since: number
}

export type ReadPage = (asked: Asked) => Promise<Page>

export interface Bounds {
  /** Exclusive; null: none. */
  readonly after: Instant | null
  readonly before: Instant | null
}

export function toBounds({ updatedAfter, createdAfter, updatedBefore }: TicketFilter): Bounds {
  const [after = null] = [updatedAfter, createdAfter]
    .filter((time) => time != null)
    .toSorted()
    .toReversed()
  return { after, before: updatedBefore ?? null }
}

export interface Walk {
  readonly readPage: ReadPage
  readonly bounds: Bounds
  readonly order: TicketOrder
  /** How many records are wanted. */
  readonly wanted: number
  readonly maxPageSize: number
  readonly info: SourceInfo
}

interface Part {
  readonly records: readonly (Ticket | null)[]
  readonly next: Cursor | null
}

export const secondOf = (time: Instant) => Math.floor(toEpochMs(time) / 1000)
export const timeOf = (second: number) => toInstant(second * 1000)
const earliest = ({ after }: Bounds) => (after === null ? firstSecond : secondOf(after))

/** The page behind a cursor, which is text of this function; null: the first page. Throws RangeError for another text. */
export async function readCursorPage(walk: Walk, text: string | null): Promise<CursorPage> {
  const { records, next } = await readPart(walk, text === null ? toStart(walk) : parseCursor(text))
  return { records, next: next && JSON.stringify(next) }
}

function readPart(walk: Walk, cursor: Cursor | null): Promise<Part> {
  if (cursor === null) return readFromTop(walk, { offset: 0, time: '' })
  if ('offset' in cursor) return readFromTop(walk, cursor)
  return 'until' in cursor ? readWindow(walk, cursor) : readUpwards(walk, cursor)
}

/** null: the first page. */
function toStart({ bounds, order }: Walk): Cursor | null {
  if (order.direction === 'ASC') return { from: timeOf(earliest(bounds)), page: 1 }
  if (bounds.before === null) return null
  return { until: bounds.before, id: null, seconds: firstWindow }
}

function parseCursor(text: string): Cursor {
  try {
    return cursorSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new RangeError('not a position of this source', { cause })
  }
}

function isWithin({ after, before }: Bounds, ticket: Ticket | null): boolean {
  const time = ticket?.updatedAt ?? ''
  return ticket !== null && (after === null || time > after) && (before === null || time < before)
}

/**
 * A page of the latest tickets. It begins at or before the last record that was given: where tickets were deleted meanwhile, the records behind them
 * have moved forward, and the page before is read. Records that were given are left out by `readCursorSlice`.
 */
async function readFromTop(walk: Walk, { offset, time }: { readonly offset: number; readonly time: string }): Promise<Part> {
  const { readPage, bounds, wanted, maxPageSize } = walk
  for (let behind = offset; ; ) {
    const perPage = choosePageSize(behind, wanted, maxPageSize)
    if (perPage === null) return readWindow(walk, { until: time, id: null, seconds: firstWindow })
    const page = Math.floor(Math.max(0, behind - 1) / perPage)
    const { records, isFull } = await readPage({ order: 'desc', page: page + 1, perPage, since: earliest(bounds) })
    const times = records.flatMap((ticket) => ticket?.updatedAt ?? [])
    const [first, last] = [times[0], times.at(-1)]
    if (page > 0 && (first === undefined || first < time)) {
      behind = page * perPage
      continue
    }
    const end = records.findIndex((ticket) => ticket !== null && !isWithin(bounds, ticket))
    if (end >= 0) return { records: records.slice(0, end), next: null }
    if (!isFull || first === undefined || last === undefined) return { records, next: null }
    const next = page * perPage + records.length
    const seconds = Math.max(1, secondOf(first) - secondOf(last))
    const isEnd = choosePageSize(next, 1, maxPageSize) === null
    return { records, next: isEnd ? { until: last, id: null, seconds } : { offset: next, time: last } }
  }
}

/** The page size whose page has the record before the offset, and most of those wanted behind it; null: Freshdesk has no such page. */
function choosePageSize(offset: number, wanted: number, maxPageSize: number): number | null {
  const sizes = Array.from({ length: maxPageSize }, (_, index) => {
    const perPage = index + 1
    const page = Math.floor(Math.max(0, offset - 1) / perPage)
    return { perPage, page, gain: Math.min(wanted, (page + 1) * perPage - offset) }
  })
  const best = sizes.filter(({ page, gain }) => page < maxPages && gain > 0).sort((one, other) => other.gain - one.gain)[0]
  return best?.perPage ?? null
}

/** A window with more pages is not read as a whole, unless it is of one second. */
const maxWindowPages = 3
/** Windows that are not whole are made smaller, and empty ones larger, by these factors. */
const [smaller, larger] = [4, 8]

/**
 * The latest tickets up to a time: those of the window of time before it, which is read as a whole. One that is not whole is made smaller; behind one
 * that is empty, a larger one follows.
 */
async function readWindow(walk: Walk, window: Window): Promise<Part> {
  const floor = earliest(walk.bounds)
  for (let { until, id, seconds } = window; ; ) {
    const since = Math.max(floor, secondOf(until) - seconds)
    const found = await readWhole(walk, { until, id }, since, seconds > 1 ? maxWindowPages : maxPages)
    if (found === null) {
      seconds = Math.max(1, Math.floor(seconds / smaller))
      continue
    }
    if (found.length === 0 && since > floor) {
      ;[until, id, seconds] = [timeOf(since), null, seconds * larger]
      continue
    }
    // A little less than a page is a window that is often whole at the first call.
    const fitting = Math.max(1, Math.round((seconds * 0.9 * walk.maxPageSize) / Math.max(1, found.length)))
    const records = found.slice(0, walk.wanted)
    const last = records.at(-1)
    const toNext = (time: string, behind: string | null) => ({ records, next: { until: time, id: behind, seconds: fitting } })
    if (last && found.length > records.length) return toNext(last.updatedAt!, last.externalId)
    const start = timeOf(since)
    return since > floor ? toNext(start, last?.updatedAt === start ? last.externalId : null) : { records, next: null }
  }
}

const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }
const keyOf = (ticket: Ticket) => orderKey(ticket, latestFirst)

/** The tickets of a window behind its upper bound, the latest first; null: it has more than so many pages. */
async function readWhole(
  { readPage, bounds, maxPageSize: perPage, info }: Walk,
  { until, id }: Pick<Window, 'until' | 'id'>,
  since: number,
  pages: number,
): Promise<readonly Ticket[] | null> {
  const isBehind = (ticket: Ticket | null): ticket is Ticket => {
    if (ticket === null || !isWithin(bounds, ticket)) return false
    if (id === null) return (ticket.updatedAt ?? '') <= until
    return compareKeys(keyOf(ticket), [until, ticket.tenant, id], 'DESC') > 0
  }
  const found = new Map<string, Ticket>()
  for (let page = 1; page <= pages; page++) {
    const { records, isFull } = await readPage({ order: 'asc', page, perPage, since })
    for (const ticket of records.filter(isBehind)) found.set(ticket.id, ticket)
    const last = records.findLast((ticket) => ticket !== null)?.updatedAt ?? ''
    if (!isFull || last > until) return [...found.values()].sort((one, other) => compareKeys(keyOf(one), keyOf(other), 'DESC'))
  }
  if (pages === maxPages) throw badResponse(info)
  return null
}

/** The oldest update first: the page from the last time on, again from the first page (FRESHDESK-02). A second with more than a page has further ones. */
async function readUpwards(walk: Walk, { from, page }: { readonly from: string; readonly page: number }): Promise<Part> {
  const { readPage, bounds, maxPageSize: perPage } = walk
  if (page > maxPages) throw badResponse(walk.info)
  const { records, isFull } = await readPage({ order: 'asc', page, perPage, since: secondOf(from) })
  const last = records.findLast((ticket) => ticket !== null)?.updatedAt
  const kept = records.filter((ticket) => ticket === null || isWithin(bounds, ticket))
  const isPast = bounds.before !== null && last != null && last >= bounds.before
  if (!isFull || last == null || isPast) return { records: kept, next: null }
  return { records: kept, next: secondOf(last) > secondOf(from) ? { from: last, page: 1 } : { from, page: page + 1 } }
}

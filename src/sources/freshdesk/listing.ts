import * as z from 'zod'
import type { Call } from '../../domain/call.ts'
import { type Instant, toEpochMs, toInstant } from '../../domain/instant.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { type CursorPage, readCursorSlice } from '../pagination/cursor-list.ts'
import { compareKeys, orderKey } from '../pagination/ticket-order.ts'
import type { ChangesRequest, ChangesSlice, FilterField, ListRequest, ListSlice, TicketFilter, TicketOrder } from '../source.ts'
import { toSummaryWith } from '../wanted-fields.ts'
import { isFreshdeskId, toFreshdeskRecord } from './decode.ts'
import type { Freshdesk } from './index.ts'
import { toCost } from './limits.ts'
import { readTables } from './lookups.ts'
import { lazyFields, toIncludes } from './mapping.ts'

// Lists. Freshdesk gives 300 pages of one list at most (FRESHDESK-02), and takes a lower bound of the update alone. Behind these pages the list goes
// on by windows of time, each read from its lower bound upwards, and a list with the oldest update first goes on from the last time on.

const maxPages = 300
/** Earlier than any ticket. Without a time a list has only the tickets of the last 30 days (FRESHDESK-01). */
const firstSecond = Date.UTC(2000, 0, 1) / 1000
/** Seconds of the first window, where no page tells how far apart tickets are. */
const firstWindow = 86_400

/** The conditions that Freshdesk applies: a lower bound, and one customer. An upper bound is where the first window begins. */
export function toPushdownFilters(filter: TicketFilter): readonly FilterField[] {
  const isCustomer = filter.customer && isFreshdeskId(filter.customer.externalId)
  return [
    ...(filter.updatedAfter || filter.updatedBefore ? ['UPDATED' as const] : []),
    ...(isCustomer ? ['CUSTOMER' as const] : []),
  ]
}

/** A ticket is updated when it is opened, or later. An address may be the second one of a contact, whose tickets show the first. */
export function toNarrowingFilters({ createdAfter, customer, customerEmail }: TicketFilter): readonly FilterField[] {
  return [...(createdAfter ? ['CREATED' as const] : []), ...(customerEmail && !customer ? ['CUSTOMER_EMAIL' as const] : [])]
}

/** The latest update first, as every list, and the oldest one first. */
export function sorts({ field }: TicketOrder): boolean {
  return field === 'UPDATED_AT'
}

/** By pages: so many records lie before, and the last of them has this time. By windows: up to this time, behind this ticket. Upwards: from this time on. */
const cursorSchema = z.union([
  z.strictObject({ offset: z.int().min(1), time: z.iso.datetime() }),
  z.strictObject({ until: z.iso.datetime(), id: z.string().nullable(), seconds: z.int().min(1) }),
  z.strictObject({ from: z.iso.datetime(), page: z.int().min(1) }),
])
type Cursor = z.infer<typeof cursorSchema>
type Window = Extract<Cursor, { until: string }>

interface Page {
  /** null: no ticket. */
  readonly records: readonly (Ticket | null)[]
  /** False: it is the last one. */
  readonly isFull: boolean
}

interface Asked {
  readonly order: 'asc' | 'desc'
  /** Counted from 1. */
  readonly page: number
  readonly perPage: number
  /** Seconds since 1970. */
  readonly since: number
}

type ReadPage = (asked: Asked) => Promise<Page>

export async function listTickets(freshdesk: Freshdesk, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config } = freshdesk
  const { filter, order, limit } = request
  const bounds = toBounds(filter)
  const readPage = toReader(freshdesk, request, call)
  const slice = await readCursorSlice(
    request,
    { info, maxPageSize: config.pageSize },
    async (text, wanted): Promise<CursorPage> => {
      const walk = { readPage, bounds, wanted, maxPageSize: config.pageSize, order, broken: () => badResponse(info) }
      const cursor = text === null ? toStart(walk) : parseCursor(text)
      const { records, next } =
        cursor === null
          ? await readFromTop(walk, { offset: 0, time: '' })
          : 'offset' in cursor
            ? await readFromTop(walk, cursor)
            : 'until' in cursor
              ? await readWindow(walk, cursor)
              : await readUpwards(walk, cursor)
      return { records, next: next && JSON.stringify(next) }
    },
  )
  const { tickets, positions } = slice
  // A page that overlaps what was given may have more than the caller wants.
  if (tickets.length <= Math.max(1, limit)) return slice
  return { ...slice, tickets: tickets.slice(0, limit), positions: positions.slice(0, limit), end: false }
}

interface Bounds {
  /** Exclusive; null: none. */
  readonly after: Instant | null
  readonly before: Instant | null
}

function toBounds({ updatedAfter, createdAfter, updatedBefore }: TicketFilter): Bounds {
  const [after = null] = [updatedAfter, createdAfter]
    .filter((time) => time != null)
    .toSorted()
    .toReversed()
  return { after, before: updatedBefore ?? null }
}

interface Walk {
  readonly readPage: ReadPage
  readonly bounds: Bounds
  readonly order: TicketOrder
  /** How many records are wanted. */
  readonly wanted: number
  readonly maxPageSize: number
  readonly broken: () => Error
}

interface Part {
  readonly records: readonly (Ticket | null)[]
  readonly next: Cursor | null
}

const secondOf = (time: Instant) => Math.floor(toEpochMs(time) / 1000)
const timeOf = (second: number) => toInstant(second * 1000)
const earliest = ({ after }: Bounds) => (after === null ? firstSecond : secondOf(after))

/** null: the first page. */
function toStart({ bounds, order }: Walk): Cursor | null {
  if (order.direction === 'ASC') return { from: timeOf(earliest(bounds)), page: 1 }
  if (bounds.before === null) return null
  return { until: toInstant(toEpochMs(bounds.before) - 1), id: null, seconds: firstWindow }
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

/** Windows that are not whole are made smaller, and empty ones larger, by these factors. */
const [smaller, larger] = [4, 8]

/** The latest tickets up to a time: those of the window of time before it, which is read as a whole. */
async function readWindow(walk: Walk, window: Window): Promise<Part> {
  const { readPage, bounds, wanted, maxPageSize: perPage } = walk
  const floor = earliest(bounds)
  const latestFirst = { field: 'UPDATED_AT', direction: 'DESC' } as const
  const keyOf = (ticket: Ticket) => orderKey(ticket, latestFirst)
  const isBehind = (ticket: Ticket | null): ticket is Ticket =>
    ticket !== null &&
    isWithin(bounds, ticket) &&
    (window.id === null
      ? (ticket.updatedAt ?? '') <= window.until
      : compareKeys(keyOf(ticket), [window.until, ticket.tenant, window.id], 'DESC') > 0)
  for (let { seconds } = window; ; ) {
    const since = Math.max(floor, secondOf(window.until) - seconds)
    const found: Ticket[] = []
    let isWhole = false
    for (let page = 1; !isWhole && (page === 1 || seconds === 1); page++) {
      if (page > maxPages) throw walk.broken()
      const { records, isFull } = await readPage({ order: 'asc', page, perPage, since })
      found.push(...records.filter(isBehind))
      isWhole = !isFull || (records.findLast((ticket) => ticket !== null)?.updatedAt ?? '') > window.until
    }
    if (!isWhole) seconds = Math.max(1, Math.floor(seconds / smaller))
    else if (found.length === 0 && since > floor) seconds *= larger
    else {
      const unique = [...new Map(found.map((ticket) => [ticket.id, ticket])).values()]
      const records = unique.sort((one, other) => compareKeys(keyOf(one), keyOf(other), 'DESC')).slice(0, wanted)
      // Half a page is a window that is whole at the first try.
      const fitting = Math.max(1, Math.round((seconds * Math.max(1, perPage / 2)) / Math.max(1, unique.length)))
      const last = records.at(-1)
      if (last && unique.length > wanted)
        return { records, next: { until: last.updatedAt!, id: last.externalId, seconds: fitting } }
      return {
        records,
        next:
          since > floor
            ? { until: timeOf(since), id: last?.updatedAt === timeOf(since) ? last.externalId : null, seconds: fitting }
            : null,
      }
    }
  }
}

/** The oldest update first: the page from the last time on, again from the first page (FRESHDESK-02). A second with more than a page has further ones. */
async function readUpwards(walk: Walk, { from, page }: { readonly from: string; readonly page: number }): Promise<Part> {
  const { readPage, bounds, maxPageSize: perPage } = walk
  if (page > maxPages) throw walk.broken()
  const { records, isFull } = await readPage({ order: 'asc', page, perPage, since: secondOf(from) })
  const last = records.findLast((ticket) => ticket !== null)?.updatedAt
  const kept = records.filter((ticket) => ticket === null || isWithin(bounds, ticket))
  const isPast = bounds.before !== null && last != null && last >= bounds.before
  if (!isFull || last == null || isPast) return { records: kept, next: null }
  return { records: kept, next: secondOf(last) > secondOf(from) ? { from: last, page: 1 } : { from, page: page + 1 } }
}

/** `GET /tickets`. What costs more is included where it is wanted, or where the gateway tests it. */
function toReader(freshdesk: Freshdesk, { filter, wanted = [] }: Pick<ListRequest, 'filter' | 'wanted'>, call: Call): ReadPage {
  const { customer, customerEmail } = filter
  const isWanted = (field: keyof Ticket) => wanted.includes(field) || (field === 'customer' && customerEmail != null)
  const includes = toIncludes(isWanted, 'list')
  const ofCustomer: Readonly<Record<string, string>> = customer
    ? { requester_id: customer.externalId }
    : customerEmail
      ? { email: customerEmail }
      : {}
  const given = { ...ofCustomer, ...(includes.length > 0 && { include: includes.join(',') }) }
  return async (asked) => {
    const page = await readList(freshdesk, asked, given, toCost(includes, 2), call)
    // The account has no such contact.
    if (page === null) return { records: [], isFull: false }
    const isRead = (field: keyof Ticket) => includes.length > 0 && isWanted(field)
    return {
      ...page,
      records: page.records.map((ticket) => ticket && (includes.length > 0 ? toSummaryWith(ticket, lazyFields, isRead) : ticket)),
    }
  }
}

async function readList(
  freshdesk: Freshdesk,
  { order, page, perPage, since }: Asked,
  given: Readonly<Record<string, string>>,
  cost: { readonly cost: number },
  call: Call,
): Promise<Page | null> {
  const { info, metrics } = freshdesk
  const query = new URLSearchParams({
    ...{ updated_since: timeOf(since).replace('.000', ''), order_by: 'updated_at', order_type: order },
    ...{ per_page: String(perPage), page: String(page), ...given },
  })
  const toResult = ({ status, body }: Answer) => {
    // Freshdesk refuses a contact that it does not know.
    if (status === 400 && ('email' in given || 'requester_id' in given)) return null
    if (status >= 400) throw readRefused(info, status)
    if (!Array.isArray(body)) throw badResponse(info)
    return body.map(toFreshdeskRecord)
  }
  const [list, tables] = await Promise.all([
    freshdesk.upstream.read({ operation: 'list', path: `/api/v2/tickets?${query}`, ...cost, toResult }, call),
    readTables(freshdesk, call),
  ])
  if (list === null) return null
  const dropped = list.filter((record) => record === null).length
  if (dropped > 0) metrics.count('dropped_records_total', { source: info.key }, dropped)
  const origin = freshdesk.origin()
  const flags = { isDeleted: given.filter === 'deleted', isSpam: given.filter === 'spam' }
  const rest = { tables, conversations: null, associatedIds: null, isArchived: false }
  const records = list.map((record) => record && freshdesk.toTicket({ ...record, ...flags, ...rest }, origin, true))
  return { records, isFull: list.length >= perPage }
}

/** The tickets that have gone to the trash or to spam: other lists leave them out without a word (FRESHDESK-06). */
export async function changesSince(
  freshdesk: Freshdesk,
  { since, cursor, limit }: ChangesRequest,
  call: Call,
): Promise<ChangesSlice> {
  const perPage = Math.max(1, Math.min(limit, freshdesk.config.pageSize))
  const from = cursor ?? since
  const asked = { order: 'asc', perPage, since: secondOf(from), page: 1 } as const
  const lists = await Promise.all(
    ['deleted', 'spam'].map((filter) => readList(freshdesk, asked, { filter }, toCost([], 2), call)),
  )
  const found = lists.map((list) => ({
    isFull: list?.isFull === true,
    tickets: list?.records.filter((ticket) => ticket !== null) ?? [],
  }))
  const lastOf = ({ tickets }: (typeof found)[number]) => tickets.at(-1)?.updatedAt ?? from
  const full = found
    .filter(({ isFull }) => isFull)
    .map(lastOf)
    .toSorted()
  const next = full[0] ?? found.map(lastOf).toSorted().at(-1) ?? from
  return { tickets: found.flatMap(({ tickets }) => tickets), removed: [], cursor: next, end: full.length === 0 || next === from }
}

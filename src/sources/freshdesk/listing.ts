import type { Call } from '../../domain/call.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { readCursorSlice } from '../pagination/cursor-list.ts'
import type { ChangesRequest, ChangesSlice, FilterField, ListRequest, ListSlice, TicketFilter, TicketOrder } from '../source.ts'
import { toSummaryWith } from '../wanted-fields.ts'
import { isFreshdeskId, toFreshdeskRecord } from './decode.ts'
import type { Freshdesk } from './index.ts'
import { toCost } from './limits.ts'
import { readTables } from './lookups.ts'
import { lazyFields, toIncludes } from './mapping.ts'
import { type Asked, type Page, type ReadPage, readCursorPage, secondOf, timeOf, toBounds } from './walk.ts'

/** The conditions that Freshdesk applies: a lower bound, and one customer. An upper bound is where the first window begins. */
export function toPushdownFilters(filter: TicketFilter): readonly FilterField[] {
  const isCustomer = filter.customer && isFreshdeskId(filter.customer.externalId)
  return [
    ...(filter.updatedAfter || filter.updatedBefore ? ['UPDATED' as const] : []),
    ...(isCustomer ? ['CUSTOMER' as const] : []),
  ]
}

/** A ticket is updated when it is opened, or later. An address may be the second one of a contact, whose tickets show the first. */
export function toNarrowingFilters({ createdAfter, customerEmail }: TicketFilter): readonly FilterField[] {
  return [...(createdAfter ? ['CREATED' as const] : []), ...(customerEmail ? ['CUSTOMER_EMAIL' as const] : [])]
}

/** The latest update first, as every list, and the oldest one first. */
export function sorts({ field }: TicketOrder): boolean {
  return field === 'UPDATED_AT'
}

export async function listTickets(freshdesk: Freshdesk, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config } = freshdesk
  const { filter, order, limit } = request
  const { pageSize: maxPageSize } = config
  const list = { info, order, maxPageSize, bounds: toBounds(filter), readPage: toReader(freshdesk, request, call) }
  const slice = await readCursorSlice(request, { info, maxPageSize }, (cursor, wanted) =>
    readCursorPage({ ...list, wanted }, cursor),
  )
  const { tickets, positions } = slice
  // A page that overlaps what was given may have more than the caller wants.
  if (tickets.length <= Math.max(1, limit)) return slice
  return { ...slice, tickets: tickets.slice(0, limit), positions: positions.slice(0, limit), end: false }
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
    if (includes.length === 0) return page
    return { ...page, records: page.records.map((ticket) => ticket && toSummaryWith(ticket, lazyFields, isWanted)) }
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
  const rest = { tables, conversations: null, associatedIds: [], isArchived: false }
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

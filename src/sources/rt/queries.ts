import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { ticketPriorities, ticketStatuses } from '../../domain/ticket.ts'
import { toRecord, toText } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { type LoadResult, loadEach } from '../pagination/load-each.ts'
import type { CountRequest, ListRequest, ListSlice, TicketFilter, TicketOrder, TicketTally, TransferQueue } from '../source.ts'
import {
  isTicketId,
  messageTypes,
  type RtMessage,
  type RtPage,
  type RtPart,
  type RtTicket,
  toMergedTicket,
  toName,
  toPage,
  toPart,
  toRtTicket,
  toTransaction,
} from './decode.ts'
import type { Rt } from './index.ts'
import { isText } from './mapping.ts'
import {
  isExact,
  readPosition,
  type ToLocalTime,
  toConditions,
  toLocalText,
  toOrderParameters,
  toPosition,
  toPositionCondition,
  toPushdownFilters,
} from './ticket-sql.ts'

/** RT returns 100 records at most; another `per_page` than a number becomes 20 (RT-07). */
const maxRecords = 100
// A row has the fields that are asked for, and no others (RT-05).
const user = 'Name,RealName,EmailAddress'
const subfields = `fields[Queue]=Name&fields[Owner]=${user}&fields[Requestor]=${user}&fields[Cc]=${user}&fields[AdminCc]=${user}`
const columns = 'Subject,Status,Type,Queue,Priority,Owner,Requestor,Created,LastUpdated,Resolved,Due,CustomFields'
const listFields = `fields=${columns}&${subfields}`
const detailFields = `fields=${columns},Cc,AdminCc,_hyperlinks&${subfields}`

/** Every ticket by one search, and then what was said in each: its transactions, their parts, and the texts of those. */
export function loadTickets(rt: Rt, refs: readonly EntityRef[], call: Call): Promise<readonly LoadResult[]> {
  const { info, config } = rt
  const isOwn = (ref: EntityRef) => ref.sourceKey === info.key && ref.tenant === config.tenant && isTicketId(ref.externalId)
  const found = readWires(rt, [...new Set(refs.filter(isOwn).map(({ externalId }) => externalId))], call)
  // Each load below reports it.
  found.catch(() => undefined)
  return loadEach(refs, {
    concurrency: config.upstream.concurrentReads,
    isOwn,
    async load(id) {
      const wire = (await found).get(id) ?? (await readUnlisted(rt, id, call))
      if (wire === null) return null
      const messages = wire.mergedInto === null ? await readMessages(rt, id, call) : null
      return rt.toTicket({ ...wire, messages }, rt.origin(), false)
    },
  })
}

async function readWires(rt: Rt, ids: readonly string[], call: Call): Promise<ReadonlyMap<string, RtTicket>> {
  const pages = await Promise.all(
    toChunks(ids, maxRecords).map((chunk) => {
      const query = encodeURIComponent(chunk.map((id) => `id = ${id}`).join(' OR '))
      return readPage(rt, `/tickets?query=${query}&per_page=${maxRecords}&${detailFields}`, toRtTicket, 'ticket', call)
    }),
  )
  return new Map(pages.flatMap(({ list }) => list.flatMap((wire) => (wire ? [[wire.id, wire] as const] : []))))
}

/** A search leaves out merged and deleted tickets, and those that are reminders and approvals. */
function readUnlisted(rt: Rt, id: string, call: Call): Promise<RtTicket | null> {
  const toResult = ({ status, body }: Answer) => {
    if (status === 404 || status === 403) return null
    if (status >= 400) throw readRefused(rt.info, status)
    const wire = toRtTicket(body)
    if (wire === null) throw badResponse(rt.info)
    if (wire.id !== id) return toMergedTicket(id, wire.id)
    return wire.type === 'ticket' ? wire : null
  }
  const path = `/REST/2.0/ticket/${id}?fields[Queue]=Name&fields[Owner]=${user}`
  return rt.upstream.read({ operation: 'ticket', path, toResult }, call)
}

async function readMessages(rt: Rt, id: string, call: Call): Promise<readonly RtMessage[]> {
  const types = toFilter('Type', messageTypes)
  const fields = `orderby=id&fields=Type,Creator,Created&fields[Creator]=${user}`
  const transactions = await readAll(
    rt,
    `/ticket/${id}/history?query=${types}&${fields}`,
    toTransaction,
    'thread',
    call,
    (list) =>
      // RT leaves hidden comments out of a page. Who sees one comment of a ticket sees all.
      list.length > 20 && !list.some((one) => one?.type === 'Comment'),
  )
  const partFields = 'orderby=id&fields=TransactionId,Filename,ContentType,ContentLength'
  const parts = await readByKeys(
    rt,
    'TransactionId',
    transactions.map((one) => one.id),
    partFields,
    call,
  )
  const texts = parts.filter((part) => isText(part) && (part.size ?? 0) <= maxTextBytes)
  const read = await readByKeys(
    rt,
    'id',
    texts.map((part) => part.id),
    'fields=TransactionId,Content',
    call,
  )
  const contents = new Map(read.map((part) => [part.id, part.content]))
  return transactions.map((transaction) => ({
    ...transaction,
    parts: parts
      .filter(({ transactionId }) => transactionId === transaction.id)
      .map((part) => ({ ...part, content: contents.get(part.id) ?? null })),
  }))
}

/** A longer text of a message is left out: a page of attachments would be more than is accepted. */
const maxTextBytes = 256 * 1024
/** So that an address stays below 8 kB. */
const maxKeys = 40

async function readByKeys(
  rt: Rt,
  key: string,
  values: readonly string[],
  fields: string,
  call: Call,
): Promise<readonly RtPart[]> {
  const chunks = toChunks(values, maxKeys).map((chunk) =>
    readAll(rt, `/attachments?query=${toFilter(key, chunk)}&${fields}`, toPart, 'thread', call),
  )
  return (await Promise.all(chunks)).flat()
}

/** A search of records that are no tickets: any of these values. */
function toFilter(field: string, values: readonly string[]): string {
  return encodeURIComponent(JSON.stringify(values.map((value) => ({ field, value, entry_aggregator: 'OR' }))))
}

function toChunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}

async function readPage<T>(
  { info, upstream }: Rt,
  path: string,
  decode: (item: unknown) => T | null,
  operation: string,
  call: Call,
): Promise<RtPage<T>> {
  const toResult = ({ status, body }: Answer) => {
    if (status >= 400) throw readRefused(info, status)
    const page = toPage(body, decode)
    if (page === null) throw badResponse(info)
    return page
  }
  // RT's own `next_page` is not followed: it begins with the host that the request named (RT-04).
  return upstream.read({ operation, path: `/REST/2.0${path}`, toResult }, call)
}

/** All pages. `mayHide`: whether a page that is not full may be followed by others, because the account does not see all records. */
export async function readAll<T>(
  rt: Rt,
  path: string,
  decode: (item: unknown) => T | null,
  operation: string,
  call: Call,
  mayHide: (list: readonly (T | null)[]) => boolean = () => false,
): Promise<readonly T[]> {
  const all: T[] = []
  for (let page = 1; ; page++) {
    const { list, total } = await readPage(rt, `${path}&per_page=${maxRecords}&page=${page}`, decode, operation, call)
    all.push(...list.filter((item) => item !== null))
    const isLast = total === null ? list.length < maxRecords && !mayHide(list) : page * maxRecords >= total
    if (isLast || list.length === 0) return all
  }
}

/** `GET /tickets` from a ticket on, in exactly the asked order. */
export async function listTickets(rt: Rt, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config, metrics } = rt
  const { filter, order } = request
  const start = request.position === null ? null : readPosition(request.position)
  const asksTime = toPushdownFilters(filter).some((field) => field === 'CREATED' || field === 'UPDATED')
  const toLocalTime = asksTime || (start && order.field !== 'PRIORITY') ? await readLocalTime(rt, call) : () => ''
  const conditions = toConditions(filter, info.key, config.dialect, toLocalTime)
  if (conditions === null) return { tickets: [], positions: [], end: true, totalCount: 0, dropped: 0 }
  const after = start ? [toPositionCondition(start, order, toLocalTime)] : []
  const limit = Math.max(1, Math.min(request.limit, config.pageSize))
  const query = encodeURIComponent([...conditions, ...after].join(' AND ') || 'id > 0')
  const path = `/tickets?query=${query}&${toOrderParameters(order)}&per_page=${limit}&${listFields}`
  const { list, total } = await readPage(rt, path, toRtTicket, 'list', call)
  // RT answers an order that it does not know with an empty list and a total (RT-13).
  if (list.length === 0 && (total ?? 0) > 0) throw badResponse(info)
  const before = start?.count ?? 0
  const read = list.flatMap((wire, index) => (wire ? [{ wire, position: toPosition(wire, order, before + index + 1) }] : []))
  const dropped = list.length - read.length
  if (dropped > 0) metrics.count('dropped_records_total', { source: info.key }, dropped)
  if (dropped > 0 && read.length === 0) throw badResponse(info)
  const origin = rt.origin()
  return {
    tickets: read.map(({ wire }) => rt.toTicket(wire, origin, true)),
    positions: read.map(({ position }) => position),
    end: list.length === 0 || (total !== null && list.length >= total),
    totalCount: total === null ? null : before + total,
    dropped,
  }
}

/** RT reads a time of a search in the time zone of the account, also with a `Z` behind it (RT-16). */
async function readLocalTime(rt: Rt, call: Call): Promise<ToLocalTime> {
  const { info } = rt
  const zone = await readTimeZone(rt, call)
  return (epochSeconds) => {
    const text = toLocalText(epochSeconds, zone)
    if (text !== null) return text
    const message = `${info.label} cannot search for this time in the time zone of its account: set that to UTC.`
    throw new DeskgraphError('UPSTREAM_NOT_SUPPORTED', message, { source: info.key })
  }
}

const zoneLifetimeMs = 3_600_000

async function readTimeZone(rt: Rt, call: Call): Promise<string> {
  const token = rt.tokenOf(call.viewer)
  // "1-27-…" is a token of the user with the id 27.
  const userId = /^\d+-(\d+)-/.exec(token)?.[1]
  const at = Date.parse(rt.origin().observedAt)
  const known = rt.timeZones.get(token)
  if (known && at - known.readAt < zoneLifetimeMs) return known.zone
  if (userId === undefined) return rt.config.timeZone
  const toResult = ({ status, body }: Answer) => {
    if (status >= 400 && status !== 403 && status !== 404) throw readRefused(rt.info, status)
    return toText(toRecord(body)?.Timezone) ?? rt.config.timeZone
  }
  const zone = await rt.upstream.read({ operation: 'account', path: `/REST/2.0/user/${userId}`, toResult }, call)
  rt.timeZones.set(token, { zone, readAt: at })
  return zone
}

const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }

/** The totals of pages of one ticket; null where the filter has a condition that RT does not apply exactly. */
export async function countTickets(rt: Rt, { filter, by }: CountRequest, call: Call): Promise<TicketTally | null> {
  if (!isExact(filter)) return null
  const count = async (more: TicketFilter) =>
    (await listTickets(rt, { filter: { ...filter, ...more }, order: latestFirst, position: null, limit: 1 }, call)).totalCount
  if (by === 'SOURCE') return { total: await count({}), groups: [], complete: true }
  const field = by === 'STATUS' ? 'status' : 'priority'
  const wanted: readonly string[] = filter[field] ?? (by === 'STATUS' ? ticketStatuses : ticketPriorities)
  const counts = await Promise.all(wanted.map(async (key) => ({ key, count: await count({ [field]: [key] }) })))
  const groups = counts.flatMap(({ key, count: found }) =>
    found === null ? [] : [{ key, label: null, count: found, exact: true }],
  )
  if (groups.length < counts.length) return { total: null, groups: [], complete: false }
  return { total: groups.reduce((sum, group) => sum + group.count, 0), groups, complete: true }
}

/** The queues that the account sees: where a ticket can be moved to. */
export async function transferQueues(rt: Rt, call: Call): Promise<readonly TransferQueue[]> {
  const queues = await readAll(rt, '/queues/all?fields=Name', toName, 'lookup', call, (list) => list.length > 0)
  return queues.map(({ id, name }) => ({ key: id, name: name ?? id, language: null }))
}

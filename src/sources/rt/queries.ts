import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { countByTotals } from '../counts.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { type LoadResult, loadEach, loadListed, toChunks } from '../pagination/load-each.ts'
import type { CountRequest, ListRequest, ListSlice, TicketOrder, TicketTally } from '../source.ts'
import { toPartialTicket, type WantedFields } from '../wanted-fields.ts'
import {
  isTicketId,
  messageTypes,
  type RtMessage,
  type RtPart,
  type RtTicket,
  toMergedTicket,
  toPart,
  toRtTicket,
  toTransaction,
} from './decode.ts'
import type { Rt } from './index.ts'
import { costlyFields, isText, lazyFields, toTicketPriority } from './mapping.ts'
import { maxRecords, readAll, readLocalTime, readPage, toFilter, userFields } from './rest.ts'
import {
  isExact,
  parsePosition,
  priorityNumbers,
  type RtPosition,
  toConditions,
  toOrderParameters,
  toPositionAt,
  toPositionCondition,
  toPositionOf,
  toPushdownFilters,
  writePosition,
} from './ticket-sql.ts'

// A row has the fields that are asked for, and no others (RT-05).
const user = userFields
const subfields = `fields[Queue]=Name&fields[Owner]=${user}&fields[Requestor]=${user}&fields[Cc]=${user}&fields[AdminCc]=${user}`
const columns = 'Subject,Status,Type,Queue,Priority,Owner,Requestor,Created,LastUpdated,Resolved,Due,CustomFields'
const listFields = `fields=${columns}&${subfields}`
const singleFields = `fields=${columns},Cc,AdminCc,_hyperlinks&${subfields}`

/** Every ticket by one search, and then what was said in each, unless none of it is wanted: transactions, their parts, and the texts of those. */
export function loadTickets(
  rt: Rt,
  refs: readonly EntityRef[],
  call: Call,
  wanted?: WantedFields,
): Promise<readonly LoadResult[]> {
  const { config } = rt
  const isOwn = (ref: EntityRef) => isOwnOf(rt, ref)
  const found = readWires(rt, toIds(rt, refs), singleFields, call)
  // Each load below reports it.
  found.catch(() => undefined)
  return loadEach(refs, {
    concurrency: config.upstream.concurrentReads,
    isOwn,
    async load(id) {
      const wire = (await found).get(id) ?? (await readUnlisted(rt, id, call))
      if (wire === null) return null
      const isRead = wanted === undefined || wanted.size > 0
      const messages = isRead && wire.mergedInto === null ? await readMessages(rt, id, call) : null
      const ticket = rt.toTicket({ ...wire, messages }, rt.origin(), false)
      return isRead ? ticket : toPartialTicket(ticket, { lazyFields, costlyFields }, wanted)
    },
  })
}

/** The rows of tickets, by one search for each hundred. null: no search finds it. */
export function loadSummaries(rt: Rt, refs: readonly EntityRef[], call: Call): Promise<readonly (Ticket | null)[]> {
  const list = async (ids: readonly string[]) => {
    const found = await readWires(rt, ids, listFields, call)
    return [...found.values()].map((wire) => rt.toTicket(wire, rt.origin(), true))
  }
  return loadListed(refs, { size: maxRecords, isOwn: (ref) => isOwnOf(rt, ref), list })
}

function isOwnOf({ info, config }: Rt, { sourceKey, tenant, externalId }: EntityRef): boolean {
  return sourceKey === info.key && tenant === config.tenant && isTicketId(externalId)
}

function toIds(rt: Rt, refs: readonly EntityRef[]): readonly string[] {
  return [...new Set(refs.filter((ref) => isOwnOf(rt, ref)).map(({ externalId }) => externalId))]
}

/** The untranslated ticket, without what was said; null where there is none or the account may not see it. */
export async function readWire(rt: Rt, id: string, call: Call): Promise<RtTicket | null> {
  if (!isTicketId(id)) return null
  return (await readWires(rt, [id], singleFields, call)).get(id) ?? readUnlisted(rt, id, call)
}

async function readWires(rt: Rt, ids: readonly string[], fields: string, call: Call): Promise<ReadonlyMap<string, RtTicket>> {
  const pages = await Promise.all(
    toChunks(ids, maxRecords).map((chunk) => {
      const query = encodeURIComponent(chunk.map((id) => `id = ${id}`).join(' OR '))
      return readPage(rt, `/tickets?query=${query}&per_page=${maxRecords}&${fields}`, toRtTicket, 'ticket', call)
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

export async function readMessages(rt: Rt, id: string, call: Call): Promise<readonly RtMessage[]> {
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
  const parts = await readParts(
    rt,
    transactions.map(({ id }) => id),
    call,
  )
  const texts = parts.filter(isText)
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

/** The parts of messages, without their texts. */
export function readParts(rt: Rt, transactionIds: readonly string[], call: Call): Promise<readonly RtPart[]> {
  const fields = 'orderby=id&fields=TransactionId,Filename,ContentType,ContentLength'
  return readByKeys(rt, 'TransactionId', transactionIds, fields, call)
}

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

/** `GET /tickets` from a position on, in exactly the asked order. */
export async function listTickets(rt: Rt, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config, metrics } = rt
  const { filter, order, counted = true } = request
  const start = request.position === null ? null : await readPosition(rt, request.position, order, call)
  const asksTime = toPushdownFilters(filter).some((field) => field === 'CREATED' || field === 'UPDATED')
  const toLocalTime = asksTime || (start && order.field !== 'PRIORITY') ? await readLocalTime(rt, call) : () => ''
  const conditions = toConditions(filter, info.key, config.dialect, toLocalTime)
  if (conditions === null) return { tickets: [], positions: [], end: true, totalCount: 0, dropped: 0 }
  const search = (more: readonly string[], limit: number, fields: string) => {
    const query = encodeURIComponent([...conditions, ...more].join(' AND ') || 'id > 0')
    return readPage(
      rt,
      `/tickets?query=${query}&${toOrderParameters(order)}&per_page=${limit}${fields}`,
      toRtTicket,
      'list',
      call,
    )
  }
  const limit = Math.max(1, Math.min(request.limit, config.pageSize))
  const [{ list, total }, all] = await Promise.all([
    search(start ? [toPositionCondition(start, order, toLocalTime)] : [], limit, `&${listFields}`),
    // What comes before a point of a list is counted by RT.
    start?.count === null && counted ? search([], 1, '') : null,
  ])
  // RT answers an order that it does not know with an empty list and a total (RT-13).
  if (list.length === 0 && (total ?? 0) > 0) throw badResponse(info)
  const before = start ? (start.count ?? (all && total !== null && all.total !== null ? all.total - total : null)) : 0
  const read = list.flatMap((wire, index) => {
    const toText = (one: RtTicket) => writePosition(toPositionOf(one, order, before === null ? null : before + index + 1))
    return wire ? [{ wire, position: toText(wire) }] : []
  })
  const dropped = list.length - read.length
  if (dropped > 0) metrics.count('dropped_records_total', { source: info.key }, dropped)
  if (dropped > 0 && read.length === 0) throw badResponse(info)
  const origin = rt.origin()
  return {
    tickets: read.map(({ wire }) => rt.toTicket(wire, origin, true)),
    positions: read.map(({ position }) => position),
    end: list.length === 0 || (total !== null && list.length >= total),
    totalCount: total === null || before === null ? null : before + total,
    dropped,
  }
}

/** A point in the order of priorities names its ticket alone. Where that has another priority now, its former one begins anew. */
async function readPosition(
  rt: Rt,
  text: string,
  order: TicketOrder,
  call: Call,
): Promise<RtPosition & { readonly value: number }> {
  const { value, id, count } = parsePosition(text)
  if (typeof value === 'number') return { value, id, count }
  const ticket = (await readWires(rt, [String(id)], listFields, call)).get(String(id))
  const { dialect } = rt.config
  const isSame =
    ticket?.priority != null && priorityNumbers[Number(value.slice(1))] === toTicketPriority(ticket.priority, dialect)
  if (isSame) return toPositionOf(ticket, order, null)
  return readPosition(rt, writePosition(toPositionAt({ value: value.slice(1), passed: 'NONE' }, order, dialect)), order, call)
}

/** The totals of pages of one ticket; null where the filter has a condition that RT does not apply exactly. */
export async function countTickets(rt: Rt, request: CountRequest, call: Call): Promise<TicketTally | null> {
  if (!isExact(request.filter)) return null
  const order: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }
  return countByTotals(request, {
    concurrency: rt.config.upstream.concurrentReads,
    count: async (filter) => (await listTickets(rt, { filter, order, position: null, limit: 1 }, call)).totalCount,
  })
}

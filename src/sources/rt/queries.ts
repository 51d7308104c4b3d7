import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { Base64Decoder } from '../base64-stream.ts'
import { countByTotals } from '../counts.ts'
import { isExact, toTerms } from '../filter-table.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { type LoadResult, loadEach, loadListed, toChunks } from '../pagination/load-each.ts'
import type { CountRequest, ListRequest, ListSlice, OpenedFile, TicketOrder, TicketTally } from '../source.ts'
import { toPartialTicket, toSummaryWith, type WantedFields } from '../wanted-fields.ts'
import { isTicketId, type RtTicket, toMergedTicket, toRtTicket } from './decode.ts'
import type { Rt } from './index.ts'
import { costlyFields, lazyFields, listedFields, toTicketPriority } from './mapping.ts'
import { maxRecords, readLocalTime, readMessages, readPage, userFields } from './records.ts'
import {
  parsePosition,
  priorityNumbers,
  type RtPosition,
  toOrderParameters,
  toPositionAt,
  toPositionCondition,
  toPositionOf,
  writePosition,
} from './ticket-sql.ts'

// A row has the fields that are asked for, and no others (RT-05).
const user = userFields
const subfields = `fields[Queue]=Name&fields[Owner]=${user}&fields[Requestor]=${user}&fields[Cc]=${user}&fields[AdminCc]=${user}`
const columns = 'Subject,Status,Type,Queue,Priority,Owner,Requestor,Created,LastUpdated,Resolved,Due,CustomFields'
const listFields = `fields=${columns}&${subfields}`
const singleFields = `fields=${columns},Cc,AdminCc,_hyperlinks&${subfields}`

/** Every ticket by one search, and then what was said in them, unless none of it is wanted. */
export function loadTickets(
  rt: Rt,
  refs: readonly EntityRef[],
  call: Call,
  wanted?: WantedFields,
): Promise<readonly LoadResult[]> {
  const isOwn = (ref: EntityRef) => isOwnOf(rt, ref)
  const ids = [...new Set(refs.filter(isOwn).map(({ externalId }) => externalId))]
  const isRead = wanted === undefined || wanted.size > 0
  const wires = readWires(rt, ids, singleFields, call)
  const messages = isRead ? wires.then((found) => readMessages(rt, [...found.keys()], call)) : Promise.resolve(null)
  // Each load below reports it.
  for (const read of [wires, messages]) read.catch(() => undefined)
  return loadEach(refs, {
    concurrency: rt.config.upstream.concurrentReads,
    isOwn,
    async load(id) {
      const listed = (await wires).get(id)
      const wire = listed ?? (await readUnlisted(rt, id, call))
      if (wire === null) return null
      if (!isRead) return toPartialTicket(rt.toTicket(wire, rt.origin(), false), { lazyFields, costlyFields }, wanted)
      const said = listed ? await messages : wire.mergedInto === null ? await readMessages(rt, [id], call) : null
      return rt.toTicket({ ...wire, messages: said?.get(id) ?? null }, rt.origin(), false)
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
async function readUnlisted(rt: Rt, id: string, call: Call): Promise<RtTicket | null> {
  return (await readVersion(rt, id, call))?.wire ?? null
}

interface Version {
  readonly wire: RtTicket
  readonly etag: string | null
}

/** The record of a ticket with its version for `If-Match` (RT-03). It has no names and addresses of requestors. */
export function readVersion(rt: Rt, id: string, call: Call): Promise<Version | null> {
  const toResult = ({ status, body, etag }: Answer): Version | null => {
    if (status === 404 || status === 403) return null
    if (status >= 400) throw readRefused(rt.info, status)
    const wire = toRtTicket(body)
    if (wire === null) throw badResponse(rt.info)
    if (wire.id !== id) return { wire: toMergedTicket(id, wire.id), etag: null }
    return wire.type === 'ticket' ? { wire, etag: etag ?? null } : null
  }
  const path = `/REST/2.0/ticket/${id}?fields[Queue]=Name&fields[Owner]=${user}`
  return rt.upstream.read({ operation: 'ticket', path, toResult }, call)
}

const listed: ReadonlySet<keyof Ticket> = new Set(listedFields)

/** `GET /tickets` from a position on, in exactly the asked order. */
export async function listTickets(rt: Rt, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config, metrics } = rt
  const { filter, order, counted = true } = request
  const start = request.position === null ? null : await readPosition(rt, request.position, order, call)
  const asksTime = [filter.createdAfter, filter.createdBefore, filter.updatedAfter, filter.updatedBefore].some(
    (time) => time != null,
  )
  const toLocalTime = asksTime || (start && order.field !== 'PRIORITY') ? await readLocalTime(rt, call) : () => ''
  const conditions = toTerms(rt.filters, filter, { sourceKey: info.key, toLocalTime })
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
  const withDetails = (request.wanted?.length ?? 0) > 0
  const [{ list, total }, all] = await Promise.all([
    search(start ? [toPositionCondition(start, order, toLocalTime)] : [], limit, `&${withDetails ? singleFields : listFields}`),
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
    tickets: read.map(({ wire }) =>
      withDetails
        ? toSummaryWith(rt.toTicket(wire, origin, false), lazyFields, (field) => listed.has(field))
        : rt.toTicket(wire, origin, true),
    ),
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
  if (!isExact(rt.filters, request.filter)) return null
  const order: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }
  return countByTotals(request, {
    concurrency: rt.config.upstream.concurrentReads,
    count: async (filter) => (await listTickets(rt, { filter, order, position: null, limit: 1 }, call)).totalCount,
  })
}

/**
 * `GET /attachment/{id}`, which RT allows to those who may see the message. The web page of a file is no way to it: RT leads
 * those who may not see it to another page by a 302 (RT-21).
 */
export async function openFile({ info, upstream }: Rt, { externalId }: EntityRef, call: Call): Promise<OpenedFile | null> {
  const [, id = ''] = externalId.split('#')
  if (!isTicketId(id)) return null
  const answer = await upstream.download({ operation: 'file', path: `/REST/2.0/attachment/${id}` }, call)
  if (answer === null) return null
  const content = new Base64Decoder(info, 'Content')
  answer.body.once('error', (error) => content.destroy(error))
  content.once('close', () => answer.body.destroy())
  return { size: null, body: answer.body.pipe(content) }
}

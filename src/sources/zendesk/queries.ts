import type { Call } from '../../domain/call.ts'
import { encodeUrlPart } from '../../domain/formats.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { UploadedFile } from '../../domain/writes.ts'
import { toId, toList, toRecord, toText } from '../decode.ts'
import { sendFile } from '../file-upload.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { lookUpIfAny } from '../installation-tables.ts'
import { type CursorPage, readCursorSlice } from '../pagination/cursor-list.ts'
import { type LoadResult, loadEach, toChunks } from '../pagination/load-each.ts'
import type { FilterField, ListRequest, ListSlice, OpenedFile, TicketFilter } from '../source.ts'
import { toPartialTicket, type WantedFields } from '../wanted-fields.ts'
import {
  isZendeskId,
  type SideLoads,
  toAttachment,
  toComment,
  toNextCursor,
  toSideLoads,
  toZendeskRecord,
  type ZendeskComment,
  type ZendeskRecord,
  type ZendeskTables,
  type ZendeskTicket,
} from './decode.ts'
import type { Zendesk } from './index.ts'
import { readAll, readTables } from './lookups.ts'
import { costlyFields, isMerged, lazyFields } from './mapping.ts'

/** Names of people, groups and organizations come beside the tickets. */
export const include = 'include=users,groups,organizations'
/** The most records of one answer. */
const maxRecords = 100

function isOwn({ info, config }: Zendesk, ref: EntityRef): boolean {
  return ref.sourceKey === info.key && ref.tenant === config.tenant && isZendeskId(ref.externalId)
}

/** The conditions that a list applies exactly: it is sorted by the update, so that it ends where older tickets begin. */
export function toPushdownFilters({ updatedAfter, updatedBefore }: TicketFilter): readonly FilterField[] {
  return updatedAfter && !updatedBefore ? ['UPDATED'] : []
}

/** `GET /tickets`, latest update first. It has no archived tickets, and those alone that the account may see (ZENDESK-02). */
export function listTickets(zendesk: Zendesk, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config } = zendesk
  const { updatedAfter } = toPushdownFilters(request.filter).length > 0 ? request.filter : {}
  return readCursorSlice(request, { info, maxPageSize: config.pageSize }, async (cursor, pageSize): Promise<CursorPage> => {
    const after = cursor === null ? '' : `&page[after]=${encodeUrlPart(cursor)}`
    const path = `/api/v2/tickets?sort=-updated_at&page[size]=${pageSize}${after}&${include}`
    const toResult = ({ status, body }: Answer) => {
      if (status === 400 && cursor !== null) throw new RangeError('not a position of this source')
      if (status >= 400) throw readRefused(info, status)
      return toPage(zendesk, body)
    }
    const [page, tables] = await Promise.all([
      zendesk.upstream.read({ operation: 'list', path, toResult }, call),
      readTables(zendesk, call),
      zendesk.account.check(),
    ])
    const records = toTickets(zendesk, page, tables)
    const end = updatedAfter ? records.findIndex((ticket) => ticket?.updatedAt != null && ticket.updatedAt <= updatedAfter) : -1
    return end < 0 ? { records, next: page.next } : { records: records.slice(0, end), next: null }
  })
}

interface TicketPage {
  readonly list: readonly (ZendeskRecord | null)[]
  readonly sideLoads: SideLoads
  readonly next: string | null
}

export function toPage({ info }: Zendesk, body: unknown): TicketPage {
  const { tickets } = toRecord(body) ?? {}
  if (!Array.isArray(tickets)) throw badResponse(info)
  return { list: tickets.map(toZendeskRecord), sideLoads: toSideLoads(body), next: toNextCursor(body) }
}

export function toTickets(zendesk: Zendesk, { list, sideLoads }: TicketPage, tables: ZendeskTables): readonly (Ticket | null)[] {
  const { info, metrics } = zendesk
  const origin = zendesk.origin()
  const dropped = list.filter((record) => record === null).length
  if (dropped > 0) metrics.count('dropped_records_total', { source: info.key }, dropped)
  return list.map(
    (record) => record && zendesk.toTicket({ ...record, ...sideLoads, ...tables, comments: null, incidentIds: [] }, origin, true),
  )
}

/** The tickets as lists have them: `GET /tickets/show_many?ids=` for each hundred. */
export async function loadSummaries(
  zendesk: Zendesk,
  refs: readonly EntityRef[],
  call: Call,
): Promise<readonly (Ticket | null)[]> {
  const found = await readMany(zendesk, refs, include, call)
  const origin = zendesk.origin()
  return refs.map((ref) => {
    const ticket = isOwn(zendesk, ref) ? found.get(ref.externalId) : undefined
    return ticket ? zendesk.toTicket(ticket, origin, true) : null
  })
}

/** All tickets by few calls, and the thread of each, unless none of it is wanted. */
export function loadTickets(
  zendesk: Zendesk,
  refs: readonly EntityRef[],
  call: Call,
  wanted?: WantedFields,
): Promise<readonly LoadResult[]> {
  const hasThread = wanted === undefined || wanted.size > 0
  const found = readMany(zendesk, refs, `${include},slas`, call)
  // Each load below reports it.
  found.catch(() => undefined)
  return loadEach(refs, {
    concurrency: zendesk.config.concurrency,
    isOwn: (ref) => isOwn(zendesk, ref),
    async load(id) {
      const [listed, early] = await Promise.all([found, hasThread ? readThread(zendesk, id, call) : null])
      // A list of ids leaves out what it does not find without a word.
      const wire = listed.get(id) ?? (await readTicket(zendesk, id, call))
      if (wire === null) return null
      const thread = early ?? (isMerged(wire) ? await readThread(zendesk, id, call) : null)
      const incidentIds = wire.hasIncidents ? await readIncidentIds(zendesk, id, call) : []
      const ticket = zendesk.toTicket(withThread({ ...wire, incidentIds }, thread), zendesk.origin(), false)
      return hasThread ? ticket : toPartialTicket(ticket, { lazyFields, costlyFields }, wanted)
    },
  })
}

async function readMany(zendesk: Zendesk, refs: readonly EntityRef[], parameters: string, call: Call) {
  const ids = [...new Set(refs.filter((ref) => isOwn(zendesk, ref)).map(({ externalId }) => externalId))]
  const toResult = ({ status, body }: Answer) => {
    if (status >= 400) throw readRefused(zendesk.info, status)
    return toPage(zendesk, body)
  }
  const read = async (chunk: readonly string[]) => {
    const path = `/api/v2/tickets/show_many?ids=${chunk.join(',')}&${parameters}`
    return zendesk.upstream.read({ operation: 'tickets', path, toResult }, call)
  }
  const found = new Map<string, ZendeskTicket>()
  if (ids.length === 0) return found
  const [tables, pages] = await Promise.all([
    readTables(zendesk, call),
    Promise.all(toChunks(ids, maxRecords).map(read)),
    zendesk.account.check(),
  ])
  for (const { list, sideLoads } of pages) {
    for (const record of list)
      if (record) found.set(record.id, { ...record, ...sideLoads, ...tables, comments: null, incidentIds: [] })
  }
  return found
}

/** `GET /tickets/{id}`; null where there is none or the account may not see it. */
export async function readTicket(zendesk: Zendesk, id: string, call: Call): Promise<ZendeskTicket | null> {
  const { info } = zendesk
  const decode = (body: unknown) => {
    const record = toZendeskRecord(toRecord(body)?.ticket)
    // Another ticket than the requested one is never shown in its place.
    return record?.id === id ? { ...record, ...toSideLoads(body) } : null
  }
  if (!isZendeskId(id)) return null
  const toResult = ({ status, body }: Answer) => {
    if (status === 404 || status === 403) return null
    if (status >= 400) throw readRefused(info, status)
    const decoded = decode(body)
    if (decoded === null) throw badResponse(info)
    return decoded
  }
  const path = `/api/v2/tickets/${id}?${include}`
  const [read, tables] = await Promise.all([
    zendesk.upstream.read({ operation: 'ticket', path, toResult }, call),
    readTables(zendesk, call),
    zendesk.account.check(),
  ])
  return read && { ...read, ...tables, comments: null, incidentIds: [] }
}

interface Thread {
  readonly comments: readonly ZendeskComment[]
  readonly users: SideLoads['users']
}

/** All comments, oldest first; null where there is no such ticket or the account may not see it. */
export async function readThread(zendesk: Zendesk, id: string, call: Call): Promise<Thread | null> {
  const decode = (body: unknown) => {
    const comments = toList(toRecord(body)?.comments, toComment)
    return comments && [{ comments, users: toSideLoads(body).users }]
  }
  const pages = await readAll(zendesk, `/api/v2/tickets/${id}/comments?include=users`, decode, call)
  return (
    pages && { comments: pages.flatMap(({ comments }) => comments), users: new Map(pages.flatMap(({ users }) => [...users])) }
  )
}

export function withThread(ticket: ZendeskTicket, thread: Thread | null): ZendeskTicket {
  return thread ? { ...ticket, comments: thread.comments, users: new Map([...ticket.users, ...thread.users]) } : ticket
}

async function readIncidentIds(zendesk: Zendesk, id: string, call: Call): Promise<readonly string[]> {
  const decode = (body: unknown) => toList(toRecord(body)?.tickets, (one) => toId(toRecord(one)?.id))
  return (await readAll(zendesk, `/api/v2/tickets/${id}/incidents`, decode, call)) ?? []
}

/** `GET /attachments/{id}`, which the account may see, and then the file at its address (ZENDESK-16). */
export async function openFile(zendesk: Zendesk, { externalId }: EntityRef, call: Call): Promise<OpenedFile | null> {
  const [, id = ''] = externalId.split('#')
  if (!isZendeskId(id)) return null
  const decode = (body: unknown) => [toAttachment(toRecord(body)?.attachment)]
  const [file] = (await lookUpIfAny(zendesk, `/api/v2/attachments/${id}`, decode, call)) ?? []
  return file?.url ? zendesk.upstream.download({ operation: 'file', path: file.url }, call) : null
}

/** `POST /uploads`. The token that it gives works for an hour. */
export function uploadFile(zendesk: Zendesk, file: UploadedFile, call: Call): Promise<string> {
  const path = `/api/v2/uploads?${new URLSearchParams({ filename: file.filename })}`
  const toId = (body: unknown) => toText(toRecord(toRecord(body)?.upload)?.token)
  return sendFile(zendesk, { path, file, toId }, call)
}

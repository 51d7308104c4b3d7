import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { toNumber, toRecord, toText } from '../decode.ts'
import { isExact } from '../filter-table.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { type CursorPage, readCursorSlice } from '../pagination/cursor-list.ts'
import { type LoadResult, loadEach } from '../pagination/load-each.ts'
import type { CountRequest, ListRequest, ListSlice, OpenedFile, TicketTally } from '../source.ts'
import { toRequestedTicket } from '../vendor-api.ts'
import { toPartialTicket, type WantedFields } from '../wanted-fields.ts'
import { type IntercomContact, type IntercomRecord, type IntercomTicket, isIntercomId, toIntercomRecord } from './decode.ts'
import type { Intercom } from './index.ts'
import { readCompany, readContact, readTables, readTypes, searchContacts } from './lookups.ts'
import { costlyFields, filesOf, lazyFields } from './mapping.ts'
import { createFilters, toQuery, toSort } from './search.ts'

function isOwn({ info, config }: Intercom, { sourceKey, tenant, externalId }: EntityRef): boolean {
  return sourceKey === info.key && tenant === config.tenant && isIntercomId(externalId)
}

interface SearchPage {
  readonly list: readonly (IntercomRecord | null)[]
  readonly total: number | null
  readonly next: string | null
}

/** `POST /tickets/search`, the only list. It changes nothing. */
function search({ info, upstream }: Intercom, operation: 'list' | 'count', body: object, call: Call): Promise<SearchPage> {
  const toResult = ({ status, body: answer }: Answer): SearchPage => {
    const isResumed = toRecord(toRecord(body)?.pagination)?.starting_after !== undefined
    if (status === 400 && isResumed) throw new RangeError('not a position of this source')
    if (status >= 400) throw readRefused(info, status)
    const record = toRecord(answer)
    if (!record || !Array.isArray(record.tickets)) throw badResponse(info)
    const next = toText(toRecord(toRecord(record.pages)?.next)?.starting_after)
    // A page without tickets is the last one, also where it names a next one (INTERCOM-05).
    return {
      list: record.tickets.map(toIntercomRecord),
      total: toNumber(record.total_count),
      next: record.tickets.length === 0 ? null : next,
    }
  }
  return upstream.read({ operation, path: '/tickets/search', body, toResult }, call)
}

/** A search, newest change first or in another order of times. Names of contacts are one call more for each page. */
export async function listTickets(intercom: Intercom, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, config } = intercom
  const tables = await readTables(intercom, call)
  const query = toQuery(request.filter, { tables, sourceKey: info.key }, config)
  if (query === null) return { tickets: [], positions: [], end: true, totalCount: 0, dropped: 0 }
  let totalCount: number | null = null
  const readPage = async (cursor: string | null, pageSize: number): Promise<CursorPage> => {
    const pagination = { per_page: pageSize, ...(cursor !== null && { starting_after: cursor }) }
    const page = await search(intercom, 'list', { query, pagination, sort: toSort(request.order) }, call)
    totalCount = page.total
    const contactIds = [...new Set(page.list.flatMap((ticket) => ticket?.contactIds ?? []))]
    const contacts = await searchContacts(intercom, contactIds, call)
    const contactsById = new Map(contacts.map((contact) => [contact.id, contact]))
    const origin = intercom.origin()
    const dropped = page.list.filter((ticket) => ticket === null).length
    if (dropped > 0) intercom.metrics.count('dropped_records_total', { source: info.key }, dropped)
    const records = page.list.map(
      (ticket) => ticket && intercom.toTicket({ ...ticket, ...tables, contactsById, company: null }, origin, true),
    )
    // The last page has been seen to name itself as the next one (INTERCOM-05).
    const isLast = page.next === cursor && page.list.length < pageSize
    return { records, next: isLast ? null : page.next }
  }
  const slice = await readCursorSlice(request, { info, maxPageSize: config.pageSize }, readPage)
  return { ...slice, totalCount }
}

/** By the total of a search. null where the filter has a condition that a search does not apply exactly. */
export async function countTickets(intercom: Intercom, { filter }: CountRequest, call: Call): Promise<TicketTally | null> {
  const { info, config } = intercom
  if (!isExact(createFilters(config), filter)) return null
  const query = toQuery(filter, { tables: await readTables(intercom, call), sourceKey: info.key }, config)
  const total = query === null ? 0 : (await search(intercom, 'count', { query, pagination: { per_page: 1 } }, call)).total
  return { total, groups: [], complete: true }
}

/** `GET /tickets/{id}` and its contacts for each; its company where it is wanted. */
export function loadTickets(
  intercom: Intercom,
  refs: readonly EntityRef[],
  call: Call,
  wanted?: WantedFields,
): Promise<readonly LoadResult[]> {
  const hasCompany = wanted === undefined || wanted.has('organization')
  return loadEach(refs, {
    concurrency: intercom.config.concurrency,
    isOwn: (ref) => isOwn(intercom, ref),
    async load(id) {
      const wire = await readTicket(intercom, id, call, hasCompany)
      if (wire === null) return null
      const ticket = intercom.toTicket(wire, intercom.origin(), false)
      return hasCompany ? ticket : toPartialTicket(ticket, { lazyFields, costlyFields }, wanted)
    },
  })
}

/** The ticket with its people; null where there is none or the token may not see it. */
export async function readTicket(
  intercom: Intercom,
  id: string,
  call: Call,
  hasCompany: boolean,
): Promise<IntercomTicket | null> {
  const [ticket, tables] = await Promise.all([readRecord(intercom, id, call), readTables(intercom, call)])
  if (ticket === null) return null
  const found = await Promise.all(ticket.contactIds.map((one) => readContact(intercom, one, call)))
  const contacts = found.filter((one) => one !== null)
  const contactsById = new Map(contacts.map((contact) => [contact.id, contact]))
  const company = hasCompany ? await readCompanyOf(intercom, contactsById.get(ticket.contactIds[0] ?? ''), call) : null
  return { ...ticket, ...tables, contactsById, company }
}

async function readRecord(intercom: Intercom, id: string, call: Call): Promise<IntercomRecord | null> {
  if (!isIntercomId(id)) return null
  const toResult = (answer: Answer) => toRequestedTicket(intercom.info, id, answer, toIntercomRecord)
  return intercom.upstream.read({ operation: 'ticket', path: `/tickets/${id}`, toResult }, call)
}

/** A customer with several companies does not tell which of them the ticket is about. */
function readCompanyOf(intercom: Intercom, customer: IntercomContact | undefined, call: Call) {
  const [id, ...others] = customer?.companyIds ?? []
  return id === undefined || others.length > 0 ? null : readCompany(intercom, id, call)
}

/** The file at the address that the ticket has for it now: the address of an earlier read may have ended (INTERCOM-11). */
export async function openFile(intercom: Intercom, { externalId }: EntityRef, call: Call): Promise<OpenedFile | null> {
  const [ticketId = '', fileId] = externalId.split('#')
  const [ticket, types] = await Promise.all([readRecord(intercom, ticketId, call), readTypes(intercom, call)])
  const file = ticket && filesOf({ ...ticket, types }).find(({ id }) => id === fileId)
  return file ? intercom.upstream.download({ operation: 'file', path: file.url }, call) : null
}

import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { toEpochMs } from '../../domain/instant.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { AttachmentDraft, UploadedFile } from '../../domain/writes.ts'
import { countByTotals } from '../counts.ts'
import { toRecord, toText } from '../decode.ts'
import { sendFile } from '../file-upload.ts'
import { type FilterTable, isExact, toTerms } from '../filter-table.ts'
import type { Answer } from '../http-client/types.ts'
import { readRefused } from '../http-client/upstream-error.ts'
import { type LoadResult, loadEach, loadListed } from '../pagination/load-each.ts'
import { toOffset, toOffsetSlice } from '../pagination/paged-list.ts'
import type { CountRequest, ListRequest, ListSlice, OpenedFile, TicketFilter, TicketOrder, TicketTally } from '../source.ts'
import { toRequestedTicket, toVendorPage } from '../vendor-api.ts'
import type { Change } from '../verified-write.ts'
import type { RedmineDialect } from './config.ts'
import { isIssueId, type RedmineIssue, type RedmineName, type RedmineStatus, toIssueOfBody, toIssuePage } from './decode.ts'
import type { Redmine } from './index.ts'
import { readPriorities, readStatuses } from './lookups.ts'
import { toTicketPriority, toTicketStatus } from './mapping.ts'

const detailIncludes = 'journals,attachments,relations,watchers,children,allowed_statuses'
/** What Redmine adds to the issues of a list (REDMINE-08). */
const listIncludes = 'attachments,relations'
/** Redmine returns 100 records at most, also where more are asked for. */
const maxRecords = 100

function isOwn({ info, config }: Redmine, ref: EntityRef): boolean {
  return ref.sourceKey === info.key && ref.tenant === config.tenant && isIssueId(ref.externalId)
}

/** `GET /issues/{id}.json` for each distinct ticket. */
export async function loadTickets(redmine: Redmine, refs: readonly EntityRef[], call: Call): Promise<readonly LoadResult[]> {
  return loadEach(refs, {
    concurrency: redmine.config.concurrency,
    isOwn: (ref) => isOwn(redmine, ref),
    load: (id) => readIssue(redmine, id, (issue) => redmine.toTicket(issue, redmine.origin(), false), call),
  })
}

/** The untranslated issue; null where there is none or the account may not see it. */
export function readWireIssue(redmine: Redmine, id: string, call: Call): Promise<RedmineIssue | null> {
  return readIssue(redmine, id, (issue) => issue, call, 'issueState')
}

function readIssue<T>(
  { info, upstream }: Redmine,
  id: string,
  translate: (issue: RedmineIssue) => T,
  call: Call,
  operation = 'ticket',
): Promise<T | null> {
  const toResult = (answer: Answer) => {
    const issue = toRequestedTicket(info, id, answer, toIssueOfBody)
    return issue && translate(issue)
  }
  return upstream.read({ operation, path: `/issues/${encodeURIComponent(id)}.json?include=${detailIncludes}`, toResult }, call)
}

/** `GET /issues.json?issue_id=1,2,…` for each hundred. */
export function loadSummaries(redmine: Redmine, refs: readonly EntityRef[], call: Call): Promise<readonly (Ticket | null)[]> {
  const list = async (ids: readonly string[]) =>
    (await readPage(redmine, `status_id=*&issue_id=${ids.join(',')}`, { offset: 0, limit: maxRecords }, call)).tickets
  return loadListed(refs, { size: maxRecords, isOwn: (ref) => isOwn(redmine, ref), list })
}

/**
 * `GET /issues.json` by offset. Redmine orders by microseconds and prints seconds, so tickets of one second are in an order that their
 * times do not show (REDMINE-10).
 */
export async function listTickets(redmine: Redmine, request: ListRequest, call: Call): Promise<ListSlice> {
  const offset = toOffset(request.position)
  const conditions = await toConditions(redmine, request.filter, call)
  // No status or priority of the installation has the wanted value.
  if (conditions === null) return { tickets: [], positions: [], end: true, totalCount: 0, dropped: 0 }
  const limit = Math.max(1, Math.min(request.limit, maxRecords, redmine.config.pageSize))
  return readPage(redmine, [...conditions, `sort=${toSort(request.order)}`].join('&'), { offset, limit }, call)
}

function readPage(redmine: Redmine, query: string, { offset, limit }: { offset: number; limit: number }, call: Call) {
  const toResult = ({ status, body }: Answer) => {
    if (status >= 400) throw readRefused(redmine.info, status)
    const page = toIssuePage(body)
    const decoded = page && { ...page, page: null, pageSize: null }
    return toOffsetSlice(toVendorPage(redmine, decoded, { page: 0, pageSize: limit }), offset)
  }
  const path = `/issues.json?${query}&limit=${limit}&offset=${offset}&include=${listIncludes}`
  return redmine.upstream.read({ operation: 'list', path, toResult }, call)
}

/** The orders of Redmine. It sorts priorities by a position that an administrator chooses, so that the gateway sorts by them. */
export function sorts({ field }: TicketOrder): boolean {
  return field !== 'PRIORITY'
}

function toSort({ field, direction }: TicketOrder): string {
  const [column, way] = [field === 'CREATED_AT' ? 'created_on' : 'updated_on', direction === 'ASC' ? 'asc' : 'desc']
  return `${column}:${way},id:${way}`
}

/** By the totals of pages of one ticket; null where the filter has a condition that Redmine does not apply exactly. */
export async function countTickets(redmine: Redmine, request: CountRequest, call: Call): Promise<TicketTally | null> {
  if (!isExact(createFilters(redmine.config.dialect), request.filter)) return null
  const { concurrency, dialect } = redmine.config
  const order: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }
  return countByTotals(request, {
    concurrency,
    count: async (filter) => (await listTickets(redmine, { filter, order, position: null, limit: 1 }, call)).totalCount,
    valuesOf: async (by) =>
      by === 'STATUS'
        ? (await readStatuses(redmine, call)).map((one) => toTicketStatus(one, dialect))
        : (await readPriorities(redmine, call)).map((one) => toTicketPriority(one, dialect)),
  })
}

interface Tables {
  readonly statuses: readonly RedmineStatus[]
  readonly priorities: readonly RedmineName[]
}

const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).join('%7C')

/**
 * How Redmine applies each condition. It ignores a parameter that it does not know, so that no other one is sent. It compares microseconds that
 * it does not print, and an assignee may be a group.
 */
export function createFilters(dialect: RedmineDialect): FilterTable<Tables> {
  const toParameter = (name: string, ids: string) => [ids && `${name}=${ids}`]
  return {
    STATUS: {
      applied: 'EXACT',
      toTerms: ({ status }, { statuses }) =>
        toParameter('status_id', idsOf(statuses.filter((one) => status?.includes(toTicketStatus(one, dialect))))),
    },
    PRIORITY: {
      applied: 'EXACT',
      toTerms: ({ priority }, { priorities }) =>
        toParameter('priority_id', idsOf(priorities.filter((one) => priority?.includes(toTicketPriority(one, dialect))))),
    },
    CUSTOMER: {
      applied: 'EXACT',
      toTerms: ({ customer }) =>
        toParameter('author_id', isIssueId(customer?.externalId ?? '') ? (customer?.externalId ?? '') : ''),
    },
    CREATED: {
      applied: 'NARROWED',
      toTerms: ({ createdAfter, createdBefore }) => toTimeCondition('created_on', createdAfter, createdBefore),
    },
    UPDATED: {
      applied: 'NARROWED',
      toTerms: ({ updatedAfter, updatedBefore }) => toTimeCondition('updated_on', updatedAfter, updatedBefore),
    },
    ASSIGNEE: {
      applied: 'NARROWED',
      suits: ({ assignee }) => isIssueId(assignee ?? ''),
      toTerms: ({ assignee }) => [`assigned_to_id=${assignee}`],
    },
  }
}

/** The query parameters of a filter; null: no issue can match. */
async function toConditions(redmine: Redmine, filter: TicketFilter, call: Call): Promise<readonly string[] | null> {
  const statuses = filter.status ? await readStatuses(redmine, call) : []
  const priorities = filter.priority ? await readPriorities(redmine, call) : []
  const terms = toTerms(createFilters(redmine.config.dialect), filter, { statuses, priorities })
  // Without a condition on the status, Redmine leaves out closed issues (REDMINE-11).
  return terms && [...(filter.status ? [] : ['status_id=*']), ...terms]
}

/** Whole seconds, wider than asked: an issue of 12:00:00.9 is printed as 12:00:00. */
function toTimeCondition(field: string, after?: string | null, before?: string | null): readonly string[] {
  const toSecond = (instant: string, addMs: number) => `${new Date(toEpochMs(instant) + addMs).toISOString().slice(0, 19)}Z`
  const [from, to] = [after && toSecond(after, 0), before && toSecond(before, 2000)]
  if (from && to) return [`${field}=%3E%3C${from}%7C${to}`]
  return from ? [`${field}=%3E%3D${from}`] : to ? [`${field}=%3C%3D${to}`] : []
}

/** `GET /attachments/download/{id}`, which Redmine allows to each account that may see the issue. */
export async function openFile({ upstream }: Redmine, { externalId }: EntityRef, call: Call): Promise<OpenedFile | null> {
  const [, id = ''] = externalId.split('#')
  return isIssueId(id) ? upstream.download({ operation: 'file', path: `/attachments/download/${id}` }, call) : null
}

/** `POST /uploads.json`. Redmine refuses every other content type with 406 (REDMINE-06). */
export function uploadFile(redmine: Redmine, file: UploadedFile, call: Call): Promise<string> {
  const query = new URLSearchParams({ filename: file.filename, ...(file.contentType && { content_type: file.contentType }) })
  const toId = (body: unknown) => toText(toRecord(toRecord(body)?.upload)?.token)
  return sendFile(
    redmine,
    { path: `/uploads.json?${query}`, file: { ...file, contentType: 'application/octet-stream' }, toId },
    call,
  )
}

/** Files by the tokens of their uploads. A token begins with the id that the file keeps. */
export function toUploads(
  drafts: readonly AttachmentDraft[] | null | undefined,
): Change<RedmineIssue, Readonly<Record<string, unknown>>> {
  if (!drafts?.length) return { body: {}, wishes: [] }
  const uploads = drafts.map(({ uploadId, filename, contentType }) => ({ token: uploadId, filename, content_type: contentType }))
  const wishes = drafts.map(({ uploadId = '' }, index) => ({
    field: ['input', 'attachments', String(index)],
    isMet: ({ attachments }: RedmineIssue) => attachments.some(({ id }) => uploadId?.startsWith(`${id}.`)),
  }))
  return { body: { uploads }, wishes }
}

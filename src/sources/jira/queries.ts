import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { countByTotals } from '../counts.ts'
import { toList, toNumber, toRecord, toText } from '../decode.ts'
import { isExact } from '../filter-table.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { toChunks } from '../pagination/load-each.ts'
import type { CountRequest, ListRequest, ListSlice, TicketFilter, TicketOrder, TicketTally } from '../source.ts'
import { toRequestedTicket } from '../vendor-api.ts'
import { isIssueId, type JiraField, type JiraIssue, type JiraSite, toIssue } from './decode.ts'
import type { Jira } from './index.ts'
import {
  comparePlaces,
  createFilters,
  isSameSecond,
  type JiraPosition,
  type JqlTables,
  needsTables,
  parsePosition,
  timeOf,
  toConditions,
  toJql,
  toPositionOf,
  toRankCondition,
  toRanks,
  writePosition,
} from './jql.ts'
import { deskFields, isPlainField } from './mapping.ts'
import { readPriorities, readSite, readStatuses, readUser } from './site.ts'

// Issues: the search, and single ones. A search has the fields that it names and no others (JIRA-02).

const columns = [
  ...['summary', 'description', 'status', 'statuscategorychangedate', 'resolution', 'resolutiondate', 'priority', 'issuetype'],
  ...[
    'project',
    'labels',
    'assignee',
    'reporter',
    'created',
    'updated',
    'duedate',
    'attachment',
    'issuelinks',
    'parent',
    'subtasks',
  ],
]

function toFieldNames({ config }: Jira, { fields }: JiraSite): readonly string[] {
  const kinds: readonly (string | null)[] = Object.values(deskFields)
  const isRead = (field: JiraField) =>
    isPlainField(field) || kinds.includes(field.custom) || field.name === config.dialect.channelField
  return [...columns, ...fields.filter(isRead).map(({ id }) => id)]
}

/** An issue of a project without customers is no ticket. */
function isTicket({ projectId, site }: JiraIssue): boolean {
  return site.desks.some((desk) => desk.projectId === projectId)
}

export function isOwn({ info, config }: Jira, { sourceKey, tenant, externalId }: EntityRef): boolean {
  return sourceKey === info.key && tenant === config.tenant && isIssueId(externalId)
}

export function toIds(jira: Jira, refs: readonly EntityRef[]): readonly string[] {
  return [...new Set(refs.filter((ref) => isOwn(jira, ref)).map(({ externalId }) => externalId))]
}

/** `POST /issue/bulkfetch` for each hundred. */
export async function loadSummaries(jira: Jira, refs: readonly EntityRef[], call: Call): Promise<readonly (Ticket | null)[]> {
  const found = await readIssues(jira, toIds(jira, refs), call)
  const origin = jira.origin()
  return refs.map((ref) => {
    const issue = isOwn(jira, ref) ? (found.get(ref.externalId) ?? null) : null
    return issue === null || issue instanceof DeskgraphError ? null : jira.toTicket(issue, origin, true)
  })
}

/** Jira returns 100 issues at most. */
export const maxFetched = 100

type Found = ReadonlyMap<string, JiraIssue | DeskgraphError | null>

export async function readIssues(jira: Jira, ids: readonly string[], call: Call): Promise<Found> {
  const site = ids.length > 1 ? await readSite(jira, call) : null
  const lists = site ? await Promise.all(toChunks(ids, maxFetched).map((chunk) => fetchIssues(jira, chunk, site, call))) : []
  const fetched = new Map(lists.flatMap(({ issues }) => issues.map((issue) => [issue.id, issue])))
  const single = site ? lists.flatMap(({ failed }) => failed) : ids
  const read = await Promise.all(single.map((id) => readIssue(jira, id, call).catch(orFault)))
  return new Map<string, JiraIssue | DeskgraphError | null>([
    ...fetched,
    ...single.map((id, index) => [id, read[index]!] as const),
  ])
}

function orFault(error: unknown): DeskgraphError {
  if (error instanceof DeskgraphError) return error
  throw error
}

/** Jira lists what it could not read now, and leaves out what is not there or may not be seen. */
function fetchIssues(jira: Jira, ids: readonly string[], site: JiraSite, call: Call) {
  const { info, upstream } = jira
  const toResult = ({ status, body }: Answer) => {
    if (status >= 400) throw readRefused(info, status)
    const record = toRecord(body)
    const issues = toList(record?.issues, (one) => toIssue(one, site))
    if (!record || !issues) throw badResponse(info)
    const failed = (toList(record.issueErrors, toRecord) ?? []).flatMap(({ id }) => toText(id) ?? [])
    return { issues: issues.filter(isTicket), failed: failed.filter((id) => ids.includes(id)) }
  }
  const body = { issueIdsOrKeys: ids, fields: toFieldNames(jira, site) }
  return upstream.read({ operation: 'tickets', path: '/rest/api/3/issue/bulkfetch', body, toResult }, call)
}

/** A longer list of fields is not sent: an address has 8 kB. */
const maxFieldNames = 6000

/** The untranslated issue; null where there is none or the account may not see it: Jira answers both with 404. */
export async function readIssue(jira: Jira, id: string, call: Call): Promise<JiraIssue | null> {
  if (!isIssueId(id)) return null
  const site = await readSite(jira, call)
  const names = toFieldNames(jira, site).join(',')
  const fields = names.length > maxFieldNames ? '*all,-comment,-worklog' : names
  // By its id: a key leads to the issue that has it now (JIRA-16).
  const toResult = (answer: Answer) => toRequestedTicket(jira.info, id, answer, (body) => toIssue(body, site))
  const issue = await jira.upstream.read(
    { operation: 'ticket', path: `/rest/api/3/issue/${id}?fields=${fields}`, toResult },
    call,
  )
  return issue && isTicket(issue) ? issue : null
}

const nothing: ListSlice = { tickets: [], positions: [], end: true, totalCount: null, dropped: 0 }

interface Search {
  readonly conditions: readonly string[]
  readonly tables: JqlTables
  readonly site: JiraSite
}

/** null: no issue can match. */
async function toSearch(jira: Jira, filter: TicketFilter, order: TicketOrder, call: Call): Promise<Search | null> {
  const needed = needsTables(filter, order)
  const [site, statuses, priorities, customer] = await Promise.all([
    readSite(jira, call),
    needed.statuses ? readStatuses(jira, call) : [],
    needed.priorities ? readPriorities(jira, call) : [],
    filter.customer ? readUser(jira, filter.customer.externalId, call) : undefined,
  ])
  const tables = { desks: site.desks, statuses, priorities }
  const conditions = customer === null ? null : toConditions(filter, tables, jira.config.dialect)
  return conditions && { conditions, tables, site }
}

/** A list by positions: what lies behind one is a condition of the search, so that no token of Jira is kept. */
export async function listTickets(jira: Jira, request: ListRequest, call: Call): Promise<ListSlice> {
  const { config, metrics, info } = jira
  const { filter, order } = request
  const search = await toSearch(jira, filter, order, call)
  if (search === null) return nothing
  const limit = Math.max(1, Math.min(request.limit, config.pageSize - 1))
  const ranks = toRanks(order)
  const start = request.position === null ? null : await readPosition(jira, request.position, order, call)
  const first = start ? ranks.indexOf(start.rank) : 0
  const placed: { readonly issue: JiraIssue; readonly rank: number }[] = []
  let [dropped, isEnd] = [0, true]
  for (const rank of first < 0 ? [] : ranks.slice(first)) {
    isEnd = false
    if (placed.length >= limit) break
    isEnd = rank === ranks.at(-1)
    const condition = toRankCondition(rank, order, search.tables.priorities, config.dialect)
    if (condition === '') continue
    const conditions = condition === null ? search.conditions : [...search.conditions, condition]
    const asked = { order, limit: limit - placed.length }
    const found = await readRank(jira, { ...search, conditions }, start?.rank === rank ? start : null, asked, call)
    placed.push(...found.issues.slice(0, asked.limit).map((issue) => ({ issue, rank })))
    dropped += found.dropped
    isEnd &&= found.isEnd && found.issues.length <= asked.limit
  }
  if (dropped > 0) metrics.count('dropped_records_total', { source: info.key }, dropped)
  const origin = jira.origin()
  return {
    tickets: placed.map(({ issue }) => jira.toTicket(issue, origin, true)),
    positions: placed.map(({ issue, rank }) => writePosition(toPositionOf(issue, rank, order))),
    ...{ end: isEnd, totalCount: null, dropped },
  }
}

/** A point in the order of priorities names its issue alone. */
async function readPosition(jira: Jira, text: string, order: TicketOrder, call: Call): Promise<JiraPosition> {
  const position = parsePosition(text)
  if (position.time !== 'unread') return position
  const issue = await readIssue(jira, String(position.id), call)
  // Without it the rank begins anew: a ticket may come twice, and none is missed.
  return issue ? toPositionOf(issue, position.rank, order) : { ...position, time: null, id: 0 }
}

/** More pages than these are no list: 5,000 issues that were changed within a minute. */
const maxPages = 50

interface Asked {
  readonly order: TicketOrder
  readonly limit: number
}

/** Issues behind a position, more than `limit` where there are more. Those with the second of the last one are complete, because Jira need not sort them. */
async function readRank(jira: Jira, search: Search, start: JiraPosition | null, { order, limit }: Asked, call: Call) {
  const from = start && typeof start.time === 'number' ? { time: start.time, id: start.id } : null
  const jql = toJql(search.conditions, from?.time ?? null, order)
  const placeOf = (issue: JiraIssue) => ({ time: timeOf(issue, order), id: Number(issue.id) })
  const isComplete = (issues: readonly JiraIssue[]) => {
    const [last, next] = [issues[limit - 1], issues.at(-1)]
    return last !== undefined && next !== undefined && !isSameSecond(timeOf(last, order), timeOf(next, order))
  }
  const reconcileIssues = jira.writtenIds()
  const maxResults = Math.min(jira.config.pageSize, limit + 1 + (from ? 10 : 0))
  const tokens = new Set<string>()
  const issues: JiraIssue[] = []
  let dropped = 0
  let nextPageToken: string | null = null
  for (let page = 0; page < maxPages; page++) {
    const body = {
      jql,
      fields: toFieldNames(jira, search.site),
      maxResults,
      ...(nextPageToken && { nextPageToken }),
      reconcileIssues,
    }
    const read: Awaited<ReturnType<typeof readPage>> = await readPage(jira, body, search.site, call)
    const decoded = read.list.filter((issue) => issue !== null)
    dropped += read.list.length - decoded.length
    issues.push(...decoded.filter((issue) => from === null || comparePlaces(placeOf(issue), from, order) > 0))
    issues.sort((one, other) => comparePlaces(placeOf(one), placeOf(other), order))
    nextPageToken = read.nextPageToken
    // A short page is not the last one: only a page without a token is (JIRA-03).
    if (nextPageToken === null || isComplete(issues))
      return { issues: uniqueById(issues), dropped, isEnd: nextPageToken === null }
    if (tokens.has(nextPageToken)) break
    tokens.add(nextPageToken)
  }
  throw badResponse(jira.info)
}

function uniqueById(issues: readonly JiraIssue[]): readonly JiraIssue[] {
  return [...new Map(issues.map((issue) => [issue.id, issue])).values()]
}

function readPage({ info, upstream }: Jira, body: object, site: JiraSite, call: Call) {
  const toResult = ({ status, body: answer }: Answer) => {
    if (status >= 400) throw readRefused(info, status)
    const record = toRecord(answer)
    if (!record || !Array.isArray(record.issues)) throw badResponse(info)
    return { list: record.issues.map((issue) => toIssue(issue, site)), nextPageToken: toText(record.nextPageToken) }
  }
  return upstream.read({ operation: 'list', path: '/rest/api/3/search/jql', body, toResult }, call)
}

/** Estimates of Jira, which see a change late. null where the filter has a condition that JQL does not apply exactly. */
export async function countTickets(jira: Jira, request: CountRequest, call: Call): Promise<TicketTally | null> {
  if (!isExact(createFilters(jira.config.dialect), request.filter)) return null
  const order: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }
  const count = async (filter: TicketFilter) => {
    const search = await toSearch(jira, filter, order, call)
    return search === null ? 0 : readCount(jira, search.conditions.join(' AND '), call)
  }
  const tally = await countByTotals(request, { count, concurrency: jira.config.concurrency })
  return { ...tally, groups: tally.groups.map((group) => ({ ...group, exact: false })) }
}

function readCount({ info, upstream }: Jira, jql: string, call: Call): Promise<number> {
  const toResult = ({ status, body }: Answer) => {
    if (status >= 400) throw readRefused(info, status)
    const count = toNumber(toRecord(body)?.count)
    if (count === null) throw badResponse(info)
    return count
  }
  return upstream.read({ operation: 'count', path: '/rest/api/3/search/approximate-count', body: { jql }, toResult }, call)
}

import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { toEpochMs } from '../../domain/instant.ts'
import type { TicketPriority, TicketStatus } from '../../domain/ticket.ts'
import { type JsonRecord, toList, toRecord, toTexts } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse, readRefused } from '../http-client/upstream-error.ts'
import { type LoadResult, loadEach } from '../pagination/load-each.ts'
import type {
  CountRequest,
  FilterField,
  ListRequest,
  ListSlice,
  TicketFilter,
  TicketOrder,
  TicketTally,
  TransferQueue,
} from '../source.ts'
import { toRequestedTicket } from '../vendor-api.ts'
import { isIssueId, type RedmineIssue, type RedmineName, toIssueOfBody, toIssuePage, toName, toStatus } from './decode.ts'
import type { Redmine } from './index.ts'
import { toTicketPriority, toTicketStatus } from './mapping.ts'

const includes = 'journals,attachments,relations,watchers,children,allowed_statuses'

/** `GET /issues/{id}.json` for each distinct ticket. */
export async function loadTickets(redmine: Redmine, refs: readonly EntityRef[], call: Call): Promise<readonly LoadResult[]> {
  const { info, config } = redmine
  return loadEach(refs, {
    concurrency: config.concurrency,
    isOwn: (ref) => ref.sourceKey === info.key && ref.tenant === config.tenant && isIssueId(ref.externalId),
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
  return upstream.read({ operation, path: `/issues/${encodeURIComponent(id)}.json?include=${includes}`, toResult }, call)
}

/** Redmine returns 100 records at most, also where more are asked for. */
const maxRecords = 100

/**
 * `GET /issues.json` by offset, the latest update first. Redmine orders by microseconds and prints seconds, so tickets of one second
 * are in an order that their times do not show (REDMINE-10).
 */
export async function listTickets(redmine: Redmine, request: ListRequest, call: Call): Promise<ListSlice> {
  const { info, upstream, metrics, config } = redmine
  const offset = Number(request.position ?? 0)
  if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError('not a position of this source')
  const conditions = await toConditions(redmine, request.filter, call)
  // No status or priority of the installation has the wanted value.
  if (conditions === null) return { tickets: [], positions: [], end: true, totalCount: 0, dropped: 0 }
  const limit = Math.max(1, Math.min(request.limit, maxRecords, config.pageSize))
  const query = [...conditions, `sort=updated_on:desc,id:desc&limit=${limit}&offset=${offset}`].join('&')
  return upstream.read(
    {
      operation: 'list',
      path: `/issues.json?${query}`,
      toResult(answer) {
        if (answer.status >= 400) throw readRefused(info, answer.status)
        const page = toIssuePage(answer.body)
        if (page === null) throw badResponse(info)
        const origin = redmine.origin()
        const read = page.list.map((issue, index) => ({ issue, position: String(offset + index + 1) }))
        const decoded = read.flatMap(({ issue, position }) => (issue ? [{ issue, position }] : []))
        const dropped = read.length - decoded.length
        if (dropped > 0) metrics.count('dropped_records_total', { source: info.key }, dropped)
        return {
          tickets: decoded.map(({ issue }) => redmine.toTicket(issue, origin, true)),
          positions: decoded.map(({ position }) => position),
          end: read.length === 0 || offset + read.length >= page.total,
          totalCount: page.total,
          dropped,
        }
      },
    },
    call,
  )
}

const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }

/** The total of a page of one ticket; null where the filter has a condition that Redmine does not apply exactly. */
export async function countTickets(redmine: Redmine, { filter }: CountRequest, call: Call): Promise<TicketTally | null> {
  if (Object.keys(filter).length > toPushdownFilters(filter).length) return null
  const { totalCount } = await listTickets(redmine, { filter, order: latestFirst, position: null, limit: 1 }, call)
  return { total: totalCount, groups: [], complete: true }
}

/** The conditions that Redmine applies exactly. It ignores a parameter that it does not know, so that no other one is sent. */
export function toPushdownFilters({ status, priority, customer }: TicketFilter): readonly FilterField[] {
  return [
    ...(status ? ['STATUS' as const] : []),
    ...(priority ? ['PRIORITY' as const] : []),
    ...(customer ? ['CUSTOMER' as const] : []),
  ]
}

/**
 * The conditions of which Redmine leaves out tickets that certainly do not match. It compares microseconds that it does not print, and
 * an assignee may be a group.
 */
export function toNarrowingFilters(filter: TicketFilter): readonly FilterField[] {
  const { createdAfter, createdBefore, updatedAfter, updatedBefore } = filter
  return [
    ...(createdAfter || createdBefore ? ['CREATED' as const] : []),
    ...(updatedAfter || updatedBefore ? ['UPDATED' as const] : []),
    ...(isIssueId(filter.assignee ?? '') ? ['ASSIGNEE' as const] : []),
  ]
}

/** The query parameters of a filter; null: no issue can match. */
async function toConditions(redmine: Redmine, filter: TicketFilter, call: Call): Promise<readonly string[] | null> {
  const { status, priority, customer, assignee } = filter
  // Without a condition on the status, Redmine leaves out closed issues (REDMINE-11).
  const statusIds = status && (await findStatuses(redmine, status, call))
  const priorityIds = priority && (await findPriorities(redmine, priority, call))
  if (statusIds?.length === 0 || priorityIds?.length === 0) return null
  if (customer && !isIssueId(customer.externalId)) return null
  return [
    `status_id=${statusIds ? statusIds.join('%7C') : '*'}`,
    ...(priorityIds ? [`priority_id=${priorityIds.join('%7C')}`] : []),
    ...(customer ? [`author_id=${customer.externalId}`] : []),
    ...(assignee && isIssueId(assignee) ? [`assigned_to_id=${assignee}`] : []),
    ...toTimeCondition('created_on', filter.createdAfter, filter.createdBefore),
    ...toTimeCondition('updated_on', filter.updatedAfter, filter.updatedBefore),
  ]
}

/** Whole seconds, wider than asked: an issue of 12:00:00.9 is printed as 12:00:00. */
function toTimeCondition(field: string, after?: string | null, before?: string | null): readonly string[] {
  const toSecond = (instant: string, addMs: number) => `${new Date(toEpochMs(instant) + addMs).toISOString().slice(0, 19)}Z`
  const [from, to] = [after && toSecond(after, 0), before && toSecond(before, 2000)]
  if (from && to) return [`${field}=%3E%3C${from}%7C${to}`]
  return from ? [`${field}=%3E%3D${from}`] : to ? [`${field}=%3C%3D${to}`] : []
}

/** The ids of the installation's statuses that have one of these values. They are read for each list: administrators change them. */
async function findStatuses(redmine: Redmine, wanted: readonly TicketStatus[], call: Call): Promise<readonly string[]> {
  const statuses = await readList(redmine, '/issue_statuses.json', 'issue_statuses', toStatus, call)
  return statuses.filter((one) => wanted.includes(toTicketStatus(one, redmine.config.dialect))).map(({ id }) => id)
}

async function findPriorities(redmine: Redmine, wanted: readonly TicketPriority[], call: Call): Promise<readonly string[]> {
  const priorities = await readPriorities(redmine, call)
  return priorities.filter((one) => wanted.includes(toTicketPriority(one, redmine.config.dialect))).map(({ id }) => id)
}

export function readPriorities(redmine: Redmine, call: Call): Promise<readonly RedmineName[]> {
  return readList(redmine, '/enumerations/issue_priorities.json', 'issue_priorities', toName, call)
}

/** A list of the installation, such as its statuses. */
export function readList<T>(
  { info, upstream }: Redmine,
  path: string,
  key: string,
  decode: (value: unknown) => T | null,
  call: Call,
): Promise<readonly T[]> {
  const toResult = (answer: Answer) => {
    if (answer.status >= 400) throw readRefused(info, answer.status)
    const list = toList(toRecord(answer.body)?.[key], decode)
    if (list === null) throw badResponse(info)
    return list
  }
  return upstream.read({ operation: 'lookup', path, toResult }, call)
}

/** The projects that the account sees: where a ticket can be moved to. */
export async function transferQueues(redmine: Redmine, call: Call): Promise<readonly TransferQueue[]> {
  const queues: TransferQueue[] = []
  for (;;) {
    const path = `/projects.json?limit=${maxRecords}&offset=${queues.length}`
    const projects = await readList(redmine, path, 'projects', toName, call)
    queues.push(...projects.map(({ id, name }) => ({ key: id, name: name ?? id, language: null })))
    if (projects.length < maxRecords) return queues
  }
}

export function readTrackers(redmine: Redmine, call: Call): Promise<readonly RedmineName[]> {
  return readList(redmine, '/trackers.json', 'trackers', toName, call)
}

/** The users or the groups that are members of a project. */
export async function readMembers(
  redmine: Redmine,
  projectId: string,
  kind: 'user' | 'group',
  call: Call,
): Promise<readonly RedmineName[]> {
  const members: (RedmineName | undefined)[] = []
  for (;;) {
    const path = `/projects/${encodeURIComponent(projectId)}/memberships.json?limit=${maxRecords}&offset=${members.length}`
    const page = await readList(redmine, path, 'memberships', (one) => [toName(toRecord(one)?.[kind])], call)
    members.push(...page.map(([member]) => member ?? undefined))
    if (page.length < maxRecords) return members.filter((member) => member !== undefined)
  }
}

/** Whether the account may write private notes in a project: by its roles there, or as an administrator. */
export async function mayWritePrivateNotes(redmine: Redmine, project: RedmineName | null, call: Call): Promise<boolean> {
  const user = await readObject(redmine, '/users/current.json?include=memberships', 'user', call)
  if (user.admin === true) return true
  const roles = (toList(user.memberships, toRecord) ?? [])
    .filter((membership) => project !== null && toName(membership.project)?.id === project.id)
    .flatMap((membership) => toList(membership.roles, toName) ?? [])
  for (const { id } of roles) {
    const role = await readObject(redmine, `/roles/${encodeURIComponent(id)}.json`, 'role', call)
    if (toTexts(role.permissions)?.includes('set_notes_private')) return true
  }
  return false
}

function readObject({ info, upstream }: Redmine, path: string, key: string, call: Call): Promise<JsonRecord> {
  const toResult = (answer: Answer) => {
    if (answer.status >= 400) throw readRefused(info, answer.status)
    const record = toRecord(toRecord(answer.body)?.[key])
    if (record === null) throw badResponse(info)
    return record
  }
  return upstream.read({ operation: 'rights', path, toResult }, call)
}

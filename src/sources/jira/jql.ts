import { type Instant, toEpochMs } from '../../domain/instant.ts'
import type { TicketPriority, TicketStatus } from '../../domain/ticket.ts'
import { type FilterTable, toTerms } from '../filter-table.ts'
import type { ListPoint } from '../pagination/list-point.ts'
import type { TicketFilter, TicketOrder } from '../source.ts'
import type { JiraDialect } from './config.ts'
import type { JiraDesk, JiraIssue, JiraName, JiraStatus } from './decode.ts'
import { toTicketPriority, toTicketStatus } from './mapping.ts'

// JQL, Jira's language for searches. A value that a site does not have is an error 400, so that statuses, priorities and people are named by ids that
// the site has. Pure.

/** The lists of a site that conditions name values of. */
export interface JqlTables {
  readonly desks: readonly JiraDesk[]
  readonly statuses: readonly JiraStatus[]
  readonly priorities: readonly JiraName[]
}

export function needsTables({ status, priority }: TicketFilter, { field }: TicketOrder) {
  return { statuses: status != null, priorities: priority != null || field === 'PRIORITY' }
}

/** How JQL applies each condition. Times are cut to minutes (JIRA-04), and labels are compared in any casing. */
export function createFilters(dialect: JiraDialect): FilterTable<JqlTables> {
  return {
    STATUS: { applied: 'EXACT', toTerms: ({ status }, { statuses }) => [toStatusCondition(status ?? [], statuses, dialect)] },
    PRIORITY: {
      applied: 'EXACT',
      toTerms: ({ priority }, { priorities }) => [toPriorityCondition(priority ?? [], priorities, dialect)],
    },
    CUSTOMER: { applied: 'EXACT', toTerms: ({ customer }) => [`reporter = ${quote(customer?.externalId ?? '')}`] },
    ASSIGNEE: {
      applied: 'EXACT',
      suits: ({ unassigned }) => unassigned === true,
      // No ticket without an assignee has this one.
      toTerms: ({ assignee, assignedTo }) => [assignee == null && assignedTo == null ? 'assignee is EMPTY' : ''],
    },
    CREATED: {
      applied: 'NARROWED',
      toTerms: ({ createdAfter, createdBefore }) => toTimeConditions('created', createdAfter, createdBefore),
    },
    UPDATED: {
      applied: 'NARROWED',
      toTerms: ({ updatedAfter, updatedBefore }) => toTimeConditions('updated', updatedAfter, updatedBefore),
    },
    TAGS: {
      applied: 'NARROWED',
      suits: ({ tags }) => tags?.every((tag) => !/[\p{Cc}]/u.test(tag)) === true,
      toTerms: ({ tags }) => [inList('labels', (tags ?? []).map(quote))],
    },
  }
}

/** The conditions of a filter; null: no issue can match. The first one bounds the search, which Jira requires (JIRA-02). */
export function toConditions(filter: TicketFilter, tables: JqlTables, dialect: JiraDialect): readonly string[] | null {
  const ids = tables.desks.map(({ projectId }) => projectId)
  const terms = ids.length === 0 ? null : toTerms(createFilters(dialect), filter, tables)
  return terms && [inList('project', ids), ...terms]
}

/** '': nothing. */
function inList(field: string, values: readonly string[]): string {
  return values.length === 0 ? '' : `${field} in (${values.join(', ')})`
}

function anyOf(conditions: readonly string[]): string {
  const possible = conditions.filter((condition) => condition !== '')
  return possible.length > 1 ? `(${possible.join(' OR ')})` : (possible[0] ?? '')
}

export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}

/** A status of the category "done" without a name of the dialect is told by the resolution. */
function toStatusCondition(wanted: readonly TicketStatus[], statuses: readonly JiraStatus[], dialect: JiraDialect): string {
  const some = { id: '1', name: null }
  const idsWhere = (test: (unresolved: boolean, resolved: boolean) => boolean) =>
    statuses
      .filter((one) =>
        test(wanted.includes(toTicketStatus(one, null, dialect)), wanted.includes(toTicketStatus(one, some, dialect))),
      )
      .map(({ id }) => id)
  const both = (ids: string, resolution: string) => (ids === '' ? '' : `(${ids} AND resolution is ${resolution})`)
  return anyOf([
    inList(
      'status',
      idsWhere((unresolved, resolved) => unresolved && resolved),
    ),
    both(
      inList(
        'status',
        idsWhere((unresolved, resolved) => unresolved && !resolved),
      ),
      'EMPTY',
    ),
    both(
      inList(
        'status',
        idsWhere((unresolved, resolved) => !unresolved && resolved),
      ),
      'not EMPTY',
    ),
  ])
}

/** UNKNOWN: also without a priority is no condition of the graph, where such a ticket has null. */
function toPriorityCondition(wanted: readonly TicketPriority[], priorities: readonly JiraName[], dialect: JiraDialect): string {
  return inList(
    'priority',
    priorities.filter((one) => wanted.includes(toTicketPriority(one, dialect))).map(({ id }) => id),
  )
}

const minuteMs = 60_000

/**
 * Milliseconds since 1970, because a text is read in the account's time zone. Wider than asked, at whole minutes: Jira documents no finer grain
 * (JIRA-04).
 */
function toTimeConditions(
  field: string,
  after: Instant | null | undefined,
  before: Instant | null | undefined,
): readonly string[] {
  return [
    ...(after ? [`${field} >= ${floorMinute(toEpochMs(after))}`] : []),
    ...(before ? [`${field} <= ${ceilMinute(toEpochMs(before))}`] : []),
  ]
}

const floorMinute = (ms: number) => Math.floor(ms / minuteMs) * minuteMs
const ceilMinute = (ms: number) => Math.ceil(ms / minuteMs) * minuteMs

/** '4' is URGENT. With another order than by priority, all issues have the rank 0. An issue without a known priority has it too, and comes last. */
const ranks = { URGENT: 4, HIGH: 3, MEDIUM: 2, LOW: 1, UNKNOWN: 0 } as const satisfies Record<TicketPriority, number>

/** The ranks of a list in its order, each of which is a search. */
export function toRanks({ field, direction }: TicketOrder): readonly number[] {
  if (field !== 'PRIORITY') return [0]
  return direction === 'ASC' ? [1, 2, 3, 4, 0] : [4, 3, 2, 1, 0]
}

/** null: all. '': no issue has the rank. */
export function toRankCondition(
  rank: number,
  { field }: TicketOrder,
  priorities: readonly JiraName[],
  dialect: JiraDialect,
): string | null {
  if (field !== 'PRIORITY') return null
  const idsOf = (test: (rank: number) => boolean) =>
    priorities.filter((one) => test(ranks[toTicketPriority(one, dialect)])).map(({ id }) => id)
  if (rank > 0)
    return inList(
      'priority',
      idsOf((one) => one === rank),
    )
  const known = inList(
    'priority',
    idsOf((one) => one > 0),
  ).replace('priority in', 'priority not in')
  return known === '' ? null : `(priority is EMPTY OR ${known})`
}

/** A place in a list: behind an issue with this rank, time and id, which need not be there. */
export interface JiraPosition {
  readonly rank: number
  /** Milliseconds since 1970; null: before all issues of the rank. `unread`: the time of the issue with this id, which is to be read. */
  readonly time: number | 'unread' | null
  /** 0 is before all ids of a time, and `lastId` behind them. */
  readonly id: number
}
const lastId = Number.MAX_SAFE_INTEGER
/** The rank behind all others. */
const endRank = 5

export function writePosition({ rank, time, id }: JiraPosition): string {
  return [rank, time ?? 'x', id].join('_')
}

/** Throws RangeError for text that is no position. */
export function parsePosition(text: string): JiraPosition {
  const [, rank, time, id] = /^([0-5])_(\d{1,15}|x|unread)_(\d{1,16})$/.exec(text) ?? []
  if (time === undefined) throw new RangeError('not a position of this source')
  return { rank: Number(rank), time: time === 'x' ? null : time === 'unread' ? time : Number(time), id: Number(id) }
}

/** What an issue is sorted by: within a rank the latest issue comes first. */
export function timeOf({ updated, created }: Pick<JiraIssue, 'updated' | 'created'>, { field }: TicketOrder): number {
  const time = field === 'UPDATED_AT' ? updated : created
  return time === null ? 0 : toEpochMs(time)
}

export function toPositionOf(issue: JiraIssue, rank: number, order: TicketOrder): JiraPosition & { readonly time: number } {
  return { rank, time: timeOf(issue, order), id: Number(issue.id) }
}

/** The position at a point of the list. */
export function toPositionAt({ value, passed }: ListPoint, order: TicketOrder): JiraPosition {
  const startOf = (rank: number) => ({ rank, time: null, id: 0 })
  if (order.field === 'PRIORITY') {
    const ranksInOrder = toRanks(order)
    const rank = Number(value ?? 0)
    if (passed === 'NONE') return startOf(rank)
    if (passed === 'ALL') return startOf(ranksInOrder[ranksInOrder.indexOf(rank) + 1] ?? endRank)
    return { rank, time: 'unread', id: Number(passed.externalId) }
  }
  // Every issue has both times.
  if (value === null) return startOf(endRank)
  const id = passed === 'ALL' ? lastId : passed === 'NONE' ? 0 : Number(passed.externalId)
  return { rank: 0, time: toEpochMs(value), id }
}

export function isRising({ field, direction }: TicketOrder): boolean {
  return field !== 'PRIORITY' && direction === 'ASC'
}

interface Placed {
  readonly time: number
  readonly id: number
}

/** By time, and then by id. Jira promises no order of issues with the same time. */
export function comparePlaces(one: Placed, other: Placed, order: TicketOrder): number {
  return (isRising(order) ? one.time - other.time : other.time - one.time) || one.id - other.id
}

/** Issues with one second are in an order that their times need not show. */
export function isSameSecond(one: number, other: number): boolean {
  return Math.floor(one / 1000) === Math.floor(other / 1000)
}

/** The search from a position on. It begins a minute early, and what lies before the position is left out by `comparePlaces`. */
export function toJql(conditions: readonly string[], start: number | null, order: TicketOrder): string {
  const field = order.field === 'UPDATED_AT' ? 'updated' : 'created'
  const bound = isRising(order) ? `${field} >= ${floorMinute(start ?? 0)}` : `${field} <= ${ceilMinute(start ?? 0)}`
  const all = start === null ? conditions : [...conditions, bound]
  return `${all.join(' AND ')} ORDER BY ${field} ${isRising(order) ? 'ASC' : 'DESC'}, key ASC`
}

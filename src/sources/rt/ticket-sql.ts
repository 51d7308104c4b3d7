import { type Instant, toEpochMs } from '../../domain/instant.ts'
import type { TicketPriority, TicketStatus } from '../../domain/ticket.ts'
import { usualChannels } from '../dialect.ts'
import type { FilterTable } from '../filter-table.ts'
import type { ListPoint } from '../pagination/list-point.ts'
import type { TicketFilter, TicketOrder } from '../source.ts'
import type { RtDialect } from './config.ts'
import { isTicketId, type RtTicket } from './decode.ts'
import { toPrioritySteps, toTicketStatus } from './mapping.ts'

// TicketSQL, RT's language for searches. It has no IN, and `=` with a time means the whole day (RT-15).

/** In seconds since 1970; the text is the time in the account's time zone, in which RT reads it (RT-16). */
export type ToLocalTime = (epochSeconds: number) => string

/** What a search needs beside the filter. */
export interface RtSearch {
  readonly sourceKey: string
  readonly toLocalTime: ToLocalTime
}

/** How RT applies each condition. What it narrows, it compares in any casing, and it looks at all requestors and at all values of a field. */
export function createFilters(dialect: RtDialect): FilterTable<RtSearch> {
  const { tagsField, channelField } = dialect
  return {
    STATUS: { applied: 'EXACT', toTerms: ({ status }) => [toStatusCondition(status ?? [], dialect)] },
    PRIORITY: { applied: 'EXACT', toTerms: ({ priority }) => [anyOf(toPriorityRanges(priority ?? [], dialect))] },
    CATEGORY: {
      applied: 'EXACT',
      toTerms: ({ category }) => [anyOf((category ?? []).filter(isTicketId).map((code) => `Queue = ${code}`))],
    },
    ASSIGNEE: { applied: 'EXACT', suits: hasPlainAssignee, toTerms: toAssigneeConditions },
    CREATED: {
      applied: 'EXACT',
      toTerms: (filter, { toLocalTime }) => toTimeConditions('Created', filter.createdAfter, filter.createdBefore, toLocalTime),
    },
    UPDATED: {
      applied: 'EXACT',
      toTerms: (filter, { toLocalTime }) =>
        toTimeConditions('LastUpdated', filter.updatedAfter, filter.updatedBefore, toLocalTime),
    },
    CUSTOMER: {
      applied: 'NARROWED',
      suits: ({ customer }) => isQuotable(customer?.externalId ?? ''),
      toTerms: ({ customer }) => [`Requestor.Name = ${quote(customer?.externalId ?? '')}`],
    },
    CUSTOMER_EMAIL: {
      applied: 'NARROWED',
      suits: ({ customerEmail }) => isPlain(customerEmail ?? ''),
      toTerms: ({ customerEmail }) => [`Requestor.EmailAddress = ${quote(customerEmail ?? '')}`],
    },
    ...(tagsField !== undefined && {
      TAGS: {
        applied: 'NARROWED',
        suits: ({ tags }) => tags?.every(isQuotable) === true,
        toTerms: ({ tags }) => [anyOf((tags ?? []).map((tag) => `CF.{${tagsField}} = ${quote(tag)}`))],
      },
    }),
    ...(channelField !== undefined && {
      CHANNEL: {
        applied: 'NARROWED',
        suits: ({ channel }) => channel?.includes('UNKNOWN') === false,
        toTerms: ({ channel }) => [
          anyOf(usualChannels.wordsOf(channel ?? []).map((word) => `CF.{${channelField}} = ${quote(word)}`)),
        ],
      },
    }),
    TEXT: {
      applied: 'NARROWED',
      suits: ({ text }) => isInTitle(text ?? ''),
      toTerms: ({ text }) => [`Subject LIKE ${quote(text ?? '')}`],
    },
  }
}

/** Databases disagree on the lower case of other letters. */
function hasPlainAssignee({ assignee, assignedTo, unassigned }: TicketFilter): boolean {
  const names = [assignee ?? [], Object.values(assignedTo ?? {})].flat()
  return (names.length > 0 || unassigned === true) && names.every(isPlain)
}

function toAssigneeConditions({ assignee, assignedTo, unassigned }: TicketFilter, { sourceKey }: RtSearch): readonly string[] {
  const logins = [assignee ?? [], assignedTo?.[sourceKey] ?? []].flat()
  return [...logins.map(toOwnerCondition), ...(unassigned ? ["Owner = 'Nobody'"] : [])]
}

/** A number of a ticket has no letter, so the text is in the title. */
function isInTitle(text: string): boolean {
  return isPlain(text) && /[^\d\\]/.test(text) && !text.includes('\\')
}

/** ASCII, without blanks around it. */
function isPlain(text: string): boolean {
  return isQuotable(text) && /^[!-~](?:[ -~]*[!-~])?$/.test(text)
}

/** RT reads 'CF.name' as the field of this name, also in quotes; a longer value is stored elsewhere. */
function isQuotable(text: string): boolean {
  return text.length <= 200 && !/^cf\.|\p{Cc}/iu.test(text)
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}

/** '': nothing. */
function anyOf(conditions: readonly string[]): string {
  return conditions.length > 1 ? `(${conditions.join(' OR ')})` : (conditions[0] ?? '')
}

function toOwnerCondition(name: string): string {
  const texts = ['Name', 'EmailAddress', 'RealName'].map((field) => `Owner.${field} = ${quote(name)}`)
  return `Owner.Name != 'Nobody' AND ${anyOf(texts)}`
}

/** A search finds deleted tickets only where it asks for them, so this never does. */
function toStatusCondition(wanted: readonly TicketStatus[], dialect: RtDialect): string {
  const words = Object.keys(dialect.statuses).filter((word) => word !== 'deleted')
  const unknown = words.map((word) => `Status != ${quote(word)}`).join(' AND ')
  return anyOf([
    ...words.filter((word) => wanted.includes(toTicketStatus(word, dialect))).map((word) => `Status = ${quote(word)}`),
    ...(wanted.includes('UNKNOWN') ? [`(${unknown || 'id > 0'})`] : []),
  ])
}

function toPriorityRanges(wanted: readonly TicketPriority[], dialect: RtDialect): readonly string[] {
  const steps = toPrioritySteps(dialect)
  return steps.flatMap(([priority, lowest], index) => {
    const next = steps[index + 1]?.[1] ?? null
    const bounds = [lowest === null ? null : `Priority >= ${lowest}`, next === null ? null : `Priority < ${next}`]
    const range = bounds.filter((bound) => bound !== null).join(' AND ')
    return wanted.includes(priority) ? [`(${range || 'id > 0'})`] : []
  })
}

/** RT has whole seconds, so that both bounds are exact. */
function toTimeConditions(
  field: string,
  after: Instant | null | undefined,
  before: Instant | null | undefined,
  toLocalTime: ToLocalTime,
): readonly string[] {
  return [
    ...(after ? [`${field} > ${quote(toLocalTime(Math.floor(toEpochMs(after) / 1000)))}`] : []),
    ...(before ? [`${field} < ${quote(toLocalTime(Math.ceil(toEpochMs(before) / 1000)))}`] : []),
  ]
}

/** A place in a list: behind a ticket with this value and id, which need not be there. */
export interface RtPosition {
  /** Seconds since 1970, or RT's number of a priority. `x3`: the number of the ticket with this id, which was HIGH, is to be read. */
  readonly value: number | UnreadPriority
  readonly id: number
  /** How many tickets come before and with it; null: not known. */
  readonly count: number | null
}
type UnreadPriority = `x${string}`
const columns = { UPDATED_AT: 'LastUpdated', CREATED_AT: 'Created', PRIORITY: 'Priority' } as const
/** The bounds of RT's ids, priorities and times. */
const [beforeAll, behindAll] = [-(2 ** 31), 2 ** 31 - 1]

export function writePosition({ value, id, count }: RtPosition): string {
  return [value, id, count ?? 'x'].join('_')
}

/** Throws RangeError for text that is no position. */
export function parsePosition(text: string): RtPosition {
  const [, value, id, count] = /^(-?\d{1,10}|x\d)_(-?\d{1,10})_(\d{1,10}|x)$/.exec(text) ?? []
  if (value === undefined) throw new RangeError('not a position of this source')
  const isUnread = (text: string): text is UnreadPriority => text.startsWith('x')
  return { value: isUnread(value) ? value : Number(value), id: Number(id), count: count === 'x' ? null : Number(count) }
}

/** The position behind a ticket. */
export function toPositionOf(
  ticket: RtTicket,
  { field }: TicketOrder,
  count: number | null,
): RtPosition & { readonly value: number } {
  const { lastUpdated, created, priority } = ticket
  const time = field === 'UPDATED_AT' ? lastUpdated : created
  const value = field === 'PRIORITY' ? (priority ?? 0) : Math.floor(time === null ? 0 : toEpochMs(time) / 1000)
  return { value, id: Number(ticket.id), count }
}

/** The position at a point. Of a priority the point has the unified one, which is a range of RT's numbers. */
export function toPositionAt({ value, passed }: ListPoint, { field, direction }: TicketOrder, dialect: RtDialect): RtPosition {
  const isRising = direction === 'ASC'
  const [first, last] = isRising ? [beforeAll, behindAll] : [behindAll, beforeAll]
  if (value === null) return { value: last, id: last, count: null }
  if (typeof passed === 'object') {
    const seconds = Math.floor(toEpochMs(value) / 1000)
    return { value: field === 'PRIORITY' ? `x${value}` : seconds, id: Number(passed.externalId), count: null }
  }
  if (field !== 'PRIORITY') {
    return { value: Math.floor(toEpochMs(value) / 1000), id: passed === 'ALL' ? last : first, count: null }
  }
  const steps = toPrioritySteps(dialect)
  const lowestOf = (number: number) =>
    steps.find(([priority]) => priorityNumbers.indexOf(priority) >= number)?.[1] ?? (number > 1 ? behindAll : beforeAll)
  const bound = lowestOf(Number(value) + ((passed === 'ALL') === isRising ? 1 : 0))
  return { value: bound, id: isRising ? first : last, count: null }
}

/** '1' is LOW. */
export const priorityNumbers: readonly string[] = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'URGENT']

/** Orders by the id last, so that tickets of one second have a place (RT-17). */
export function toOrderParameters({ field, direction }: TicketOrder): string {
  return `orderby=${columns[field]}&order=${direction}&orderby=id&order=${direction}`
}

/** What comes after a position. */
export function toPositionCondition(
  { value, id }: { readonly value: number; readonly id: number },
  { field, direction }: TicketOrder,
  toLocalTime: ToLocalTime,
): string {
  const beyond = direction === 'ASC' ? '>' : '<'
  const column = columns[field]
  const wanted = field === 'PRIORITY' ? String(value) : quote(toLocalTime(value))
  const equal = field === 'PRIORITY' ? `${column} = ${wanted}` : `${column} >= ${wanted} AND ${column} <= ${wanted}`
  return `(${column} ${beyond} ${wanted} OR (${equal} AND id ${beyond} ${id}))`
}

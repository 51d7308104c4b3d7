import { type Kysely, type RawBuilder, sql } from 'kysely'
import { DeskgraphError } from '../../domain/errors.ts'
import { decodeId, encodeId } from '../../domain/ids.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import type { ToPosition } from '../../sources/pagination/list-point.ts'
import type {
  CountKey,
  CountRequest,
  ListRequest,
  ListSlice,
  TicketFilter,
  TicketOrder,
  TicketTally,
} from '../../sources/source.ts'
import type { Database } from '../schema.ts'
import { type FindSource, fromTicketJson } from './ticket-json.ts'

/** The count of tickets stops here: counting millions of rows takes longer than a client waits, and every page pays for it. */
export const countLimit = 10_000

interface Row {
  readonly body: string
  readonly key: SortKey
  readonly tenant: string
  readonly external_id: string
}

/**
 * One source's tickets in exactly the order asked for: by time or priority, nulls last, ties by tenant and external id (in
 * code-unit order). Deleted tickets are left out. Throws BAD_USER_INPUT for a position of another order.
 */
export async function listTicketRows(
  db: Kysely<Database>,
  sourceKey: string,
  request: ListRequest,
  findSource: FindSource,
): Promise<ListSlice> {
  const source = findSource(sourceKey)
  if (source === null) return { tickets: [], positions: [], end: true, totalCount: 0, dropped: 0 }
  const { field, direction } = request.order
  const key = sql.raw(sortKeys[field][direction])
  const matching = sql.join(toConditions(sourceKey, request.filter), sql` and `)
  const position = request.position === null ? null : decodePosition(request.position, request.order)
  const remaining = position === null ? matching : sql`${matching} and ${isAfter(key, position, direction === 'DESC')}`
  const order = sql`${key} ${sql.raw(direction)}, tenant, external_id`
  const { rows } = await sql<Row>`select body, ${key} as key, tenant, external_id from tickets where ${remaining}
    order by ${order} limit ${request.limit + 1}`.execute(db)
  const totalCount = request.counted === false ? null : await countTickets(db, matching, order)
  const page = rows.slice(0, request.limit)
  return {
    tickets: page.map((row) => fromTicketJson(row.body, source)),
    positions: page.map((row) => encodePosition([row.key, row.tenant, row.external_id])),
    end: rows.length <= request.limit,
    totalCount,
    dropped: 0,
  }
}

/**
 * How many tickets match; null: more than `countLimit`. The rows are read in the order of the list: without an order, a database
 * without statistics (the embedded one) collects every matching row before it counts the first.
 */
async function countTickets(
  db: Kysely<Database>,
  matching: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
): Promise<number | null> {
  const { rows } = await sql<{ total: number }>`select count(*) as total from (
    select 1 from tickets where ${matching} order by ${order} limit ${countLimit + 1}) as counted`.execute(db)
  const total = rows[0]?.total ?? 0
  return total > countLimit ? null : total
}

/** A count lists so many groups at most, the largest first: an answer has fewer, and the number of queues or agents has no limit. */
export const groupLimit = 1_000

/** The columns of a group's key and of its name for people. */
const columnsOf: Readonly<Record<CountKey, readonly [key: string, label: string]>> = {
  STATUS: ['status', 'null'],
  SOURCE: ['null', 'null'],
  PRIORITY: ['priority', 'null'],
  CHANNEL: ['channel', 'null'],
  ASSIGNEE: ['assignee_id', 'assignee_name'],
  QUEUE: ['queue_key', 'queue_name'],
}

interface CountRow {
  readonly key: string | null
  readonly label: string | null
  readonly count: number
  readonly total: number
}

/** Counts one source's tickets in one statement, which reads no document. Deleted tickets are left out. */
export async function countTicketRows(
  db: Kysely<Database>,
  sourceKey: string,
  { filter, by }: CountRequest,
): Promise<TicketTally> {
  const [key, label] = columnsOf[by].map((column) => sql.raw(`${column}::text`)) as [RawBuilder<unknown>, RawBuilder<unknown>]
  const matching = sql.join(toConditions(sourceKey, filter), sql` and `)
  const { rows } = await sql<CountRow>`select ${key} as key, min(${label}) as label, count(*) as count,
    (sum(count(*)) over ())::bigint as total from tickets where ${matching}
    group by 1 order by count(*) desc, 1 limit ${groupLimit + 1}`.execute(db)
  const groups = rows.slice(0, groupLimit).map(({ key, label, count }) => ({ key, label, count, exact: true }))
  return {
    total: rows[0]?.total ?? 0,
    groups: by === 'SOURCE' ? [] : groups,
    complete: rows.length <= groupLimit,
  }
}

/** One expression per order, the same as in its index. Null becomes the value that sorts last in that direction. */
const sortKeys = {
  UPDATED_AT: { DESC: `coalesce(updated_at, '')`, ASC: `coalesce(updated_at, '~')` },
  CREATED_AT: { DESC: `coalesce(created_at, '')`, ASC: `coalesce(created_at, '~')` },
  PRIORITY: { DESC: 'coalesce(priority_order, 0)', ASC: 'coalesce(priority_order, 9)' },
} as const

type SortKey = string | number
/** Where a ticket stands in the order. A key alone: behind all tickets that have it. */
type Position = readonly [key: SortKey, tenant: string, externalId: string] | readonly [key: SortKey]

/** The position at a point. The priorities of a point are the numbers of `priority_order`. */
export const toPosition: ToPosition = ({ value, passed }, order) => {
  const key = toSortKey(value, order)
  if (passed === 'ALL') return encodePosition([key])
  // No external id is empty.
  return encodePosition(passed === 'NONE' ? [key, '', ''] : [key, passed.tenant, passed.externalId])
}

function toSortKey(value: string | null, { field, direction }: TicketOrder): SortKey {
  const descends = direction === 'DESC'
  if (field === 'PRIORITY') return value === null ? (descends ? 0 : 9) : Number(value)
  return value ?? (descends ? '' : '~')
}

function encodePosition(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

function decodePosition(encoded: string, order: TicketOrder): Position {
  try {
    const parts: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))
    const keyType = order.field === 'PRIORITY' ? 'number' : 'string'
    if (!Array.isArray(parts) || typeof parts[0] !== keyType) throw new TypeError('not a position')
    const [key, tenant, externalId] = parts
    if (parts.length === 1) return [key]
    if (parts.length !== 3 || typeof tenant !== 'string' || typeof externalId !== 'string') throw new TypeError('not a position')
    return [key, tenant, externalId]
  } catch (error) {
    throw new DeskgraphError('BAD_USER_INPUT', 'The cursor does not belong to this list.', { cause: error })
  }
}

/** A later key, or the same key and a later id. The first condition alone is what the index can use. */
function isAfter(key: RawBuilder<unknown>, [value, tenant, externalId]: Position, descending: boolean): RawBuilder<boolean> {
  const later = sql.raw(descending ? '<' : '>')
  const typed = typeof value === 'number' ? sql`${value}::int` : sql`${value}::text`
  if (tenant === undefined) return sql<boolean>`${key} ${later} ${typed}`
  return sql<boolean>`(${key} ${later}= ${typed} and (${key} ${later} ${typed} or (tenant, external_id) > (${tenant}::text, ${externalId}::text)))`
}

type Condition = RawBuilder<unknown>

/** The characters with a meaning in LIKE are matched as themselves. */
function likePattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
}

const isOneOf =
  (column: string) =>
  (values: readonly string[]): Condition =>
    sql`${sql.ref(column)} in (select json_array_elements_text(${JSON.stringify(values.map(sanitizeForPostgres))}::json))`

const sharesOneOf =
  (column: string) =>
  (values: readonly string[]): Condition =>
    sql`${sql.ref(column)} && array(select json_array_elements_text(${JSON.stringify(values.map(sanitizeForPostgres))}::json))`

type ConditionBuilders = {
  readonly [Field in keyof TicketFilter]-?: (value: NonNullable<TicketFilter[Field]>, sourceKey: string) => Condition
}
const conditionOf: ConditionBuilders = {
  status: isOneOf('status'),
  priority: isOneOf('priority'),
  channel: isOneOf('channel'),
  category: isOneOf('category'),
  assignee: (value) => sql`${sanitizeForPostgres(value).toLowerCase()} = any(assignees)`,
  assignedTo: (logins, sourceKey) =>
    logins[sourceKey] === undefined ? sql`false` : conditionOf.assignee(logins[sourceKey], sourceKey),
  unassigned: () => sql`cardinality(assignees) = 0`,
  ids: (ids) => {
    const keys = ids.map((id) => decodeId(id)).map((ref) => [ref?.tenant, ref?.externalId])
    return sql`(tenant, external_id) in (select key->>0, key->>1 from json_array_elements(${JSON.stringify(keys)}::json) as named(key))`
  },
  customer: (ref) => sql`customer_id = ${encodeId('customer', ref.sourceKey, ref.tenant, ref.externalId)}`,
  customerEmail: (value) => sql`customer_email = ${sanitizeForPostgres(value).toLowerCase()}`,
  vendor: (ref) => sql`vendor_id = ${encodeId('vendor', ref.sourceKey, ref.tenant, ref.externalId)}`,
  orderId: (value) => sql`${sanitizeForPostgres(value)} = any(order_ids)`,
  tags: sharesOneOf('tags'),
  text: (value) => sql`search like ${likePattern(sanitizeForPostgres(value).toLowerCase())}`,
  createdAfter: (at) => sql`created_at > ${at}`,
  createdBefore: (at) => sql`created_at < ${at}`,
  updatedAfter: (at) => sql`updated_at > ${at}`,
  updatedBefore: (at) => sql`updated_at < ${at}`,
}

/** A filter as conditions with bound values. An absent or null field is no condition. */
function toConditions(sourceKey: string, filter: TicketFilter): readonly Condition[] {
  const conditions: Condition[] = [sql`source_key = ${sourceKey}`, sql`deleted_at is null`]
  for (const [field, value] of Object.entries(filter)) {
    const toCondition = conditionOf[field as keyof TicketFilter] as ((value: unknown, key: string) => Condition) | undefined
    if (toCondition && value != null) conditions.push(toCondition(value, sourceKey))
  }
  return conditions
}

import { type Kysely, type RawBuilder, sql } from 'kysely'
import { DeskgraphError } from '../../domain/errors.ts'
import type { ListRequest, ListSlice, TicketOrder } from '../../sources/source.ts'
import type { Database } from '../schema.ts'
import { toConditions } from './ticket-conditions.ts'
import { type FindSource, fromTicketJson } from './ticket-json.ts'

// One expression per order, the same as in the index behind it; null as it sorts last in that direction.
const orderKeys = {
  UPDATED_AT: { DESC: `coalesce(updated_at, '')`, ASC: `coalesce(updated_at, '~')` },
  CREATED_AT: { DESC: `coalesce(created_at, '')`, ASC: `coalesce(created_at, '~')` },
  PRIORITY: { DESC: 'coalesce(priority_order, 0)', ASC: 'coalesce(priority_order, 9)' },
} as const

type OrderKey = string | number
type Position = readonly [key: OrderKey, tenant: string, externalId: string]

function toPosition(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

function fromPosition(text: string, order: TicketOrder): Position {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    const kind = order.field === 'PRIORITY' ? 'number' : 'string'
    if (!Array.isArray(parts) || parts.length !== 3) throw new TypeError('not a position')
    const [key, tenant, externalId] = parts
    if (typeof key !== kind || typeof tenant !== 'string' || typeof externalId !== 'string') throw new TypeError('not a position')
    return [key, tenant, externalId]
  } catch (error) {
    throw new DeskgraphError('BAD_USER_INPUT', 'The cursor does not belong to this list.', { cause: error })
  }
}

/** What lies behind a position: a later key, or the same key and a later id. The first condition is what the index needs. */
function behind(key: RawBuilder<unknown>, [value, tenant, externalId]: Position, descending: boolean): RawBuilder<boolean> {
  const later = sql.raw(descending ? '<' : '>')
  const typed = typeof value === 'number' ? sql`${value}::int` : sql`${value}::text`
  return sql<boolean>`(${key} ${later}= ${typed} and (${key} ${later} ${typed} or (tenant, external_id) > (${tenant}::text, ${externalId}::text)))`
}

interface Row {
  readonly body: string
  readonly key: OrderKey
  readonly tenant: string
  readonly external_id: string
}

/** Tickets are counted this far: on millions of rows a whole count takes longer than anybody waits, and each page would pay for it. */
export const countLimit = 10_000

/**
 * How many tickets match; null: more than are counted. In the order of the list, because a database that was never analysed
 * (the embedded one never is) else gathers every row that matches before the first is counted.
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

/**
 * One source's tickets in exactly the asked order: by time or priority, nulls last, ties by tenant and id (plain
 * code-unit order). Deleted ones are left out.
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
  const key = sql.raw(orderKeys[field][direction])
  const conditions = toConditions(sourceKey, request.filter)
  const matching = sql.join(conditions, sql` and `)
  const position = request.position === null ? null : fromPosition(request.position, request.order)
  const rest = position === null ? matching : sql`${matching} and ${behind(key, position, direction === 'DESC')}`
  const order = sql`${key} ${sql.raw(direction)}, tenant, external_id`
  const { rows } = await sql<Row>`select body, ${key} as key, tenant, external_id from tickets where ${rest}
    order by ${order} limit ${request.limit + 1}`.execute(db)
  const totalCount = request.counted === false ? null : await countTickets(db, matching, order)
  const page = rows.slice(0, request.limit)
  return {
    tickets: page.map((row) => fromTicketJson(row.body, source)),
    positions: page.map((row) => toPosition([row.key, row.tenant, row.external_id])),
    end: rows.length <= request.limit,
    totalCount,
    dropped: 0,
  }
}

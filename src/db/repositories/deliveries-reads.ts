import type { Kysely } from 'kysely'
import type { DeliveryRecord, EndpointRef } from '../../delivery/delivery-store.ts'
import type { DeliveryFilter } from '../../domain/delivery.ts'
import type { Instant } from '../../domain/instant.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Database } from '../schema.ts'
import { toEndpointKey, toRecord } from './deliveries-rows.ts'

type Db = Kysely<Database>

const open = ['PENDING', 'FAILED'] as const

/** Newest first; the cursor is the place in the order in which they were made. A cursor that is not ours: an empty page. */
export async function listDeliveries(
  db: Db,
  { first, after, states, sourceKeys }: PageRequest & DeliveryFilter,
): Promise<Page<DeliveryRecord>> {
  const from = after === null ? null : Number(after)
  if (states?.length === 0 || sourceKeys?.length === 0 || first === 0 || Number.isNaN(from))
    return { items: [], hasNextPage: false }
  let query = db
    .selectFrom('deliveries')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(first + 1)
  if (from !== null) query = query.where('seq', '<', from)
  if (states !== null) query = query.where('state', 'in', states)
  if (sourceKeys !== null) query = query.where('source_key', 'in', sourceKeys)
  const rows = await query.execute()
  const items = rows.slice(0, first).map((row) => ({ cursor: String(row.seq), node: toRecord(row) }))
  return { items, hasNextPage: rows.length > first }
}

/** In the order of the ids; null where there is none. */
export async function findDeliveries(db: Db, ids: readonly string[]): Promise<readonly (DeliveryRecord | null)[]> {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('deliveries').selectAll().where('id', 'in', ids).execute()
  const found = new Map(rows.map((row) => [row.id, toRecord(row)]))
  return ids.map((id) => found.get(id) ?? null)
}

/** Of each ticket, oldest first. */
export async function findDeliveriesOfTickets(
  db: Db,
  ticketIds: readonly string[],
): Promise<readonly (readonly DeliveryRecord[])[]> {
  if (ticketIds.length === 0) return []
  const rows = await db.selectFrom('deliveries').selectAll().where('ticket_id', 'in', ticketIds).orderBy('seq').execute()
  const byTicket = Map.groupBy(rows.map(toRecord), (record) => record.ticketId)
  return ticketIds.map((ticketId) => byTicket.get(ticketId) ?? [])
}

export async function isEndpointDisabled(db: Db, endpoint: EndpointRef): Promise<boolean> {
  const row = await db
    .selectFrom('disabled_endpoints')
    .select('disabled_at')
    .where((e) => e.and(toEndpointKey(endpoint)))
    .executeTakeFirst()
  return row !== undefined
}

/** What is neither delivered nor dead: how many, and the earliest time at which one of them was due. */
export async function countBacklog(db: Db): Promise<{ depth: number; earliest: Instant | null }> {
  const row = await db
    .selectFrom('deliveries')
    .select((e) => [e.fn.countAll<number>().as('depth'), e.fn.min('next_attempt_at').as('earliest')])
    .where('state', 'in', open)
    .executeTakeFirstOrThrow()
  return { depth: row.depth, earliest: row.earliest }
}

/** Deliveries that were due before this time and still are not made, the most overdue first. */
export async function findOverdue(db: Db, before: Instant, limit: number): Promise<readonly DeliveryRecord[]> {
  const rows = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('state', 'in', open)
    .where('next_attempt_at', '<', before)
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute()
  return rows.map(toRecord)
}

/** Removes deliveries that were made or given up and are older than this; how many. */
export async function removeDoneDeliveries(db: Db, before: Instant): Promise<number> {
  const result = await db
    .deleteFrom('deliveries')
    .where('state', 'in', ['DELIVERED', 'DEAD'])
    .where('created_at', '<', before)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

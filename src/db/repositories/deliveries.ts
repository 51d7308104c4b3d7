import { createHash } from 'node:crypto'
import type { Insertable, Kysely, Selectable } from 'kysely'
import type { DeliveryProgress, DeliveryRecord, DeliveryStore, EndpointRef, NewDelivery } from '../../delivery/delivery-store.ts'
import type { DeliveryFilter } from '../../domain/delivery.ts'
import type { Instant } from '../../domain/instant.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Database, DeliveriesTable, DisabledEndpointsTable } from '../schema.ts'
import { kyselyOf } from '../transaction.ts'

type Db = Kysely<Database>

/** The states in which a delivery is still to be made. */
const openStates = ['PENDING', 'FAILED'] as const

/** The deliveries in this database. Writes join the caller's transaction; `db` runs the reads. */
export function createDeliveryStore(db: Db): DeliveryStore {
  return {
    ...writes,
    list: (page) => listDeliveries(db, page),
    find: (ids) => findDeliveries(db, ids),
    ofTickets: (ticketIds) => findDeliveriesOfTickets(db, ticketIds),
    isDisabled: (endpoint) => isEndpointDisabled(db, endpoint),
    backlog: () => measureBacklog(db),
    overdue: (before, limit) => findOverdue(db, before, limit),
    removeDone: (before) => removeDone(db, before),
  }
}

const writes: Pick<DeliveryStore, 'add' | 'lock' | 'update' | 'disableEndpoint' | 'enableEndpoint' | 'erase'> = {
  async add(tx, deliveries) {
    if (deliveries.length === 0) return []
    const rows = await kyselyOf(tx)
      .insertInto('deliveries')
      .values(deliveries.map(toNewRow))
      .onConflict((conflict) => conflict.columns(['ticket_id', 'partner', 'event']).doNothing())
      .returningAll()
      .execute()
    return rows.map(toRecord)
  },
  async lock(tx, id) {
    const row = await kyselyOf(tx).selectFrom('deliveries').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
    return row ? toRecord(row) : null
  },
  async update(tx, id, progress) {
    await kyselyOf(tx).updateTable('deliveries').set(toProgressRow(progress)).where('id', '=', id).execute()
  },
  async disableEndpoint(tx, endpoint, at) {
    await kyselyOf(tx)
      .insertInto('disabled_endpoints')
      .values({ ...toEndpointKey(endpoint), disabled_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  },
  async enableEndpoint(tx, endpoint) {
    await kyselyOf(tx)
      .deleteFrom('disabled_endpoints')
      .where((e) => e.and(toEndpointKey(endpoint)))
      .execute()
  },
  async erase(tx, ticketIds) {
    if (ticketIds.length === 0) return 0
    const removed = await kyselyOf(tx).deleteFrom('deliveries').where('ticket_id', 'in', ticketIds).returning('id').execute()
    return removed.length
  },
}

/** Newest first. The cursor is the row's `seq`; another text as cursor gives an empty page. */
async function listDeliveries(
  db: Db,
  { first, after, states, partner = null, sourceKeys }: PageRequest & DeliveryFilter,
): Promise<Page<DeliveryRecord>> {
  const afterSeq = after === null ? null : Number(after)
  if (states?.length === 0 || sourceKeys?.length === 0 || first === 0 || Number.isNaN(afterSeq))
    return { items: [], hasNextPage: false }
  let query = db
    .selectFrom('deliveries')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(first + 1)
  if (afterSeq !== null) query = query.where('seq', '<', afterSeq)
  if (states !== null) query = query.where('state', 'in', states)
  if (partner !== null) query = query.where('partner', '=', partner)
  if (sourceKeys !== null) query = query.where('source_key', 'in', sourceKeys)
  const rows = await query.execute()
  const items = rows.slice(0, first).map((row) => ({ cursor: String(row.seq), node: toRecord(row) }))
  return { items, hasNextPage: rows.length > first }
}

async function findDeliveries(db: Db, ids: readonly string[]): Promise<readonly (DeliveryRecord | null)[]> {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('deliveries').selectAll().where('id', 'in', ids).execute()
  const found = new Map(rows.map((row) => [row.id, toRecord(row)]))
  return ids.map((id) => found.get(id) ?? null)
}

async function findDeliveriesOfTickets(db: Db, ticketIds: readonly string[]): Promise<readonly (readonly DeliveryRecord[])[]> {
  if (ticketIds.length === 0) return []
  const rows = await db.selectFrom('deliveries').selectAll().where('ticket_id', 'in', ticketIds).orderBy('seq').execute()
  const byTicket = Map.groupBy(rows.map(toRecord), (record) => record.ticketId)
  return ticketIds.map((ticketId) => byTicket.get(ticketId) ?? [])
}

async function isEndpointDisabled(db: Db, endpoint: EndpointRef): Promise<boolean> {
  const row = await db
    .selectFrom('disabled_endpoints')
    .select('disabled_at')
    .where((e) => e.and(toEndpointKey(endpoint)))
    .executeTakeFirst()
  return row !== undefined
}

async function measureBacklog(db: Db): Promise<{ depth: number; earliest: Instant | null }> {
  return db
    .selectFrom('deliveries')
    .select((e) => [e.fn.countAll<number>().as('depth'), e.fn.min('next_attempt_at').as('earliest')])
    .where('state', 'in', openStates)
    .executeTakeFirstOrThrow()
}

async function findOverdue(db: Db, before: Instant, limit: number): Promise<readonly DeliveryRecord[]> {
  const rows = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('state', 'in', openStates)
    .where('next_attempt_at', '<', before)
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute()
  return rows.map(toRecord)
}

async function removeDone(db: Db, before: Instant): Promise<number> {
  const result = await db
    .deleteFrom('deliveries')
    .where('state', 'in', ['DELIVERED', 'DEAD'])
    .where('created_at', '<', before)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

function toNewRow(delivery: NewDelivery): Insertable<DeliveriesTable> {
  return {
    id: delivery.id,
    source_key: delivery.sourceKey,
    market: delivery.market,
    ticket_id: delivery.ticketId,
    partner: delivery.partner,
    event: delivery.event,
    body: delivery.body,
    state: 'PENDING',
    attempts: 0,
    run: 0,
    next_attempt_at: delivery.createdAt,
    created_at: delivery.createdAt,
  }
}

function toProgressRow(progress: DeliveryProgress) {
  return {
    state: progress.state,
    attempts: progress.attempts,
    run: progress.run,
    last_status: progress.lastStatus,
    last_error: progress.lastError,
    next_attempt_at: progress.nextAttemptAt,
    delivered_at: progress.deliveredAt,
  }
}

function toRecord(row: Selectable<DeliveriesTable>): DeliveryRecord {
  return {
    id: row.id,
    sourceKey: row.source_key,
    market: row.market,
    ticketId: row.ticket_id,
    partner: row.partner,
    event: row.event,
    body: row.body,
    state: row.state,
    attempts: row.attempts,
    run: row.run,
    lastStatus: row.last_status,
    lastError: row.last_error,
    nextAttemptAt: row.next_attempt_at,
    deliveredAt: row.delivered_at,
    createdAt: row.created_at,
  }
}

function toEndpointKey({ sourceKey, market, partner, url }: EndpointRef): Omit<DisabledEndpointsTable, 'disabled_at'> {
  return { source_key: sourceKey, market, partner, url_digest: createHash('sha256').update(url).digest('hex') }
}

import { createHash } from 'node:crypto'
import { type ExpressionBuilder, type Insertable, type Kysely, type Selectable, sql, type Updateable } from 'kysely'
import type {
  DeliveryProgress,
  DeliveryRecord,
  DeliveryStore,
  EndpointRef,
  NewDelivery,
  StoppedCount,
} from '../../delivery/delivery-store.ts'
import type { DeliveryFilter, DeliveryState } from '../../domain/delivery.ts'
import type { Instant } from '../../domain/instant.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Database, DeliveriesTable, DisabledEndpointsTable } from '../schema.ts'
import { kyselyOf } from '../transaction.ts'

type Db = Kysely<Database>

/** The columns of a delivery whose schedule starts again. */
const restarted = {
  state: 'PENDING',
  held_run: null,
  attempts: 0,
  last_status: null,
  last_error: null,
  delivered_at: null,
} as const

/** The states in which a delivery is still to be made. */
const openStates = ['PENDING', 'FAILED'] as const

/** The deliveries in this database. Writes join the caller's transaction; `db` runs the reads. */
export function createDeliveryStore(db: Db): DeliveryStore {
  return {
    ...writes,
    list: (page) => listDeliveries(db, page),
    find: (ids) => findDeliveries(db, ids),
    ofTickets: (ticketIds) => findDeliveriesOfTickets(db, ticketIds),
    findDisabled: (endpoints) => findDisabled(db, endpoints),
    countStopped: () => countStopped(db),
    backlog: () => measureBacklog(db),
    overdue: (before, limit) => findOverdue(db, before, limit),
    removeDone: (before) => removeDone(db, before),
  }
}

const writes: Pick<DeliveryStore, 'add' | 'lock' | 'update' | 'restart' | 'disableEndpoint' | 'enableEndpoint' | 'erase'> = {
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
  async restart(tx, { partner: { sourceKey, market, partner }, states, limit }, at) {
    const db = kyselyOf(tx)
    const chosen = db
      .selectFrom('deliveries')
      .select('id')
      .where('source_key', '=', sourceKey)
      .where('market', '=', market)
      .where('partner', '=', partner)
      // As the index has it.
      .where('state', 'in', [sql.lit('FAILED' as const), sql.lit('DEAD' as const)])
      .where(inStates(states))
      .orderBy('seq')
      .limit(limit)
      .forUpdate()
      .skipLocked()
    const rows = await db
      .updateTable('deliveries')
      .set((e) => ({ ...restarted, run: e('run', '+', 1), next_attempt_at: at }))
      .where('id', 'in', chosen)
      .returningAll()
      .execute()
    return rows.map(toRecord).toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
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
  if (states !== null) query = query.where(inStates(states))
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

async function findDisabled<T extends EndpointRef>(db: Db, endpoints: readonly T[]): Promise<readonly T[]> {
  if (endpoints.length === 0) return []
  const keys = endpoints.map(toEndpointKey)
  const digests = keys.map((key) => key.url_digest)
  const rows = await db.selectFrom('disabled_endpoints').selectAll().where('url_digest', 'in', digests).execute()
  const nameOf = (key: Omit<DisabledEndpointsTable, 'disabled_at'>) =>
    JSON.stringify([key.source_key, key.market, key.partner, key.url_digest])
  const disabled = new Set(rows.map(nameOf))
  return endpoints.filter((_, index) => disabled.has(nameOf(keys[index]!)))
}

async function countStopped(db: Db): Promise<readonly StoppedCount[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select((e) => ['source_key', 'market', 'partner', isHeld(e).as('held'), e.fn.countAll<number | string>().as('count')])
    .where('state', '=', 'DEAD')
    .groupBy(['source_key', 'market', 'partner', 'held'])
    .execute()
  return rows.map(({ source_key, market, partner, held, count }) => ({
    sourceKey: source_key,
    market,
    partner,
    state: held ? 'HELD' : 'DEAD',
    count: Number(count),
  }))
}

/** Never null: a comparison with null would be. */
function isHeld(e: ExpressionBuilder<Database, 'deliveries'>) {
  return e(e.fn.coalesce('held_run', e.lit(-1)), '=', e.ref('run'))
}

/** The condition for deliveries in any of these states. */
function inStates(states: readonly DeliveryState[]) {
  return (e: ExpressionBuilder<Database, 'deliveries'>) => {
    const plain = states.filter((state) => state !== 'HELD' && state !== 'DEAD')
    const dead = e('state', '=', 'DEAD')
    return e.or([
      ...(plain.length > 0 ? [e('state', 'in', plain)] : []),
      ...(states.includes('DEAD') ? [e.and([dead, e.not(isHeld(e))])] : []),
      ...(states.includes('HELD') ? [e.and([dead, isHeld(e)])] : []),
    ])
  }
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
    .where((e) => e.not(isHeld(e)))
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

function toProgressRow(progress: DeliveryProgress): Updateable<DeliveriesTable> {
  return {
    state: progress.state === 'HELD' ? 'DEAD' : progress.state,
    held_run: progress.state === 'HELD' ? progress.run : null,
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
    state: row.state === 'DEAD' && row.held_run === row.run ? 'HELD' : row.state,
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

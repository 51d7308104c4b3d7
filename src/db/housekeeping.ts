import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Clock } from '../domain/clock.ts'
import { type Instant, toEpochMs } from '../domain/instant.ts'
import type { GaugeName, Metrics } from '../domain/telemetry.ts'
import { savePrunedThrough } from './repositories/change-log.ts'
import { saveLastEvents } from './repositories/source-activity.ts'
import type { Database } from './schema.ts'

/** The tables that grow with use. */
export type PrunableTable =
  | 'tickets'
  | 'inbox'
  | 'journal'
  | 'quarantine'
  | 'idempotency'
  | 'checkpoints'
  | 'uploads'
  | 'hints'
  | 'observed'

/** Rows per statement: the embedded database answers no other statement meanwhile. */
const batchSize = 1_000

/** For each table, one batch. Events not yet applied, open dead letters, and tickets that are not closed are never removed. */
const removals: Readonly<Record<PrunableTable, (olderThan: Instant) => RawBuilder<{ removed: number }>>> = {
  tickets: (at) =>
    removal(
      'tickets',
      'ctid',
      sql`kept_at < ${at} and (deleted_at is not null or status in ('RESOLVED', 'CLOSED', 'CANCELLED'))`,
    ),
  inbox: (at) => removal('inbox', 'id', sql`received_at < ${at} and state <> 'PENDING'`),
  journal: (at) => removal('journal', 'seq', sql`recorded_at < ${at}`),
  quarantine: (at) => removal('quarantine', 'id', sql`received_at < ${at} and state <> 'HELD'`),
  idempotency: (at) => removal('idempotency', 'ctid', sql`created_at < ${at}`),
  uploads: (at) => removal('uploads', 'ctid', sql`created_at < ${at}`),
  hints: (at) => removal('hint_deliveries', 'ctid', sql`received_at < ${at}`),
  observed: (at) => removal('observed_tickets', 'ctid', sql`observed_at < ${at}`),
  checkpoints: (at) => removal('checkpoints', 'ctid', sql`updated_at < ${at}`),
}

function removal(table: keyof Database, key: string, condition: RawBuilder<unknown>): RawBuilder<{ removed: number }> {
  const [name, column] = [sql.table(table), sql.raw(key)]
  return sql`with removed as (
    delete from ${name} where ${column} in (select ${column} from ${name} where ${condition} order by ${column} limit ${batchSize}) returning 1
  ) select count(*) as removed from removed`
}

/** Removes rows that are older than this and no longer needed, in batches. Returns how many rows were removed. */
export async function prune(db: Kysely<Database>, table: PrunableTable, olderThan: Instant): Promise<number> {
  // Before the rows are removed: a reader behind the new beginning then reports the gap.
  if (table === 'journal') await savePrunedThrough(db, olderThan)
  // The health of an event-fed source has the time of its last event, which may be older than the inbox.
  if (table === 'inbox' || table === 'quarantine') await saveLastEvents(db, table, olderThan)
  let total = 0
  for (;;) {
    const { rows } = await removals[table](olderThan).execute(db)
    const removed = rows[0]?.removed ?? 0
    total += removed
    if (removed < batchSize) return total
  }
}

/**
 * Vacuums the tables that have changed enough, by PostgreSQL's own thresholds, and returns their names. The embedded database
 * has no autovacuum: without this, every change of a row takes space for good. The database answers no other statement
 * meanwhile (half a second for 100,000 tickets).
 */
export async function vacuum(db: Kysely<Database>): Promise<readonly string[]> {
  const { rows: changed } = await sql<{ name: string }>`
    select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
    where n_dead_tup > 50 + 0.2 * n_live_tup or n_mod_since_analyze > 50 + 0.1 * n_live_tup`.execute(db)
  for (const { name } of changed) await sql`vacuum (analyze) ${sql.raw(name)}`.execute(db)
  return changed.map(({ name }) => name)
}

interface Backlog {
  readonly depth: number
  readonly oldest: string | null
}

/** Sets the gauges of the inbox and of the dead letters: how many rows are open, and the age of the oldest in seconds. */
export async function measureStore(db: Kysely<Database>, metrics: Metrics, clock: Clock): Promise<void> {
  const report = (backlog: Backlog | undefined, depthGauge: GaugeName, ageGauge: GaugeName): void => {
    if (!backlog) return
    const { depth, oldest } = backlog
    metrics.set(depthGauge, depth)
    metrics.set(ageGauge, oldest === null ? 0 : Math.max(0, (clock() - toEpochMs(oldest)) / 1000))
  }
  const pending = sql<Backlog>`select count(*) as depth, min(received_at) as oldest from inbox where state = 'PENDING'`
  const deadLetters = sql<Backlog>`select count(*) as depth, min(received_at) as oldest from quarantine where state = 'HELD'`
  report((await pending.execute(db)).rows[0], 'inbox_depth', 'inbox_oldest_seconds')
  report((await deadLetters.execute(db)).rows[0], 'quarantine_depth', 'quarantine_oldest_seconds')
}

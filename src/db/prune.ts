import { type Kysely, sql } from 'kysely'
import type { Instant } from '../domain/instant.ts'
import { prunedMark } from './repositories/change-log.ts'
import type { Database } from './schema.ts'

/** The tables that grow, each with the time that says how old a row is. */
export const prunableTables = ['tickets', 'inbox', 'journal', 'quarantine', 'idempotency', 'checkpoints'] as const
export type PrunableTable = (typeof prunableTables)[number]

/** Rows per statement: the embedded database answers nobody else meanwhile. */
const batchSize = 1_000

// What is still wanted stays: events not yet applied, quarantined events not yet decided, tickets that are not closed.
const batches: Readonly<Record<PrunableTable, (olderThan: Instant) => ReturnType<typeof sql<{ removed: number }>>>> = {
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
  checkpoints: (at) => removal('checkpoints', 'ctid', sql`updated_at < ${at}`),
}

function removal(table: PrunableTable, key: string, condition: ReturnType<typeof sql>) {
  const [name, column] = [sql.table(table), sql.raw(key)]
  return sql<{ removed: number }>`with removed as (
    delete from ${name} where ${column} in (select ${column} from ${name} where ${condition} order by ${column} limit ${batchSize}) returning 1
  ) select count(*) as removed from removed`
}

/** Remembers where the journal now begins, before rows go: a reader behind it is told of the gap. */
async function markJournal(db: Kysely<Database>, olderThan: Instant): Promise<void> {
  await sql`insert into marks (name, value)
    select ${prunedMark}::text, max(seq) from journal where recorded_at < ${olderThan} having max(seq) is not null
    on conflict (name) do update set value = greatest(marks.value, excluded.value)`.execute(db)
}

/** Removes what is older than that and no longer wanted, in small steps. Returns how many rows went. */
export async function prune(db: Kysely<Database>, table: PrunableTable, olderThan: Instant): Promise<number> {
  if (table === 'journal') await markJournal(db, olderThan)
  let total = 0
  for (;;) {
    const { rows } = await batches[table](olderThan).execute(db)
    const removed = rows[0]?.removed ?? 0
    total += removed
    if (removed < batchSize) return total
  }
}

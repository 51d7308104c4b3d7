import { type Kysely, sql } from 'kysely'
import type { Database } from './schema.ts'

/**
 * Makes room in the tables of which enough has changed, by PostgreSQL's own thresholds: the embedded database has no autovacuum, and
 * without it every change of a row takes space for good. It answers nobody else meanwhile: half a second for 100,000 tickets. Returns
 * the tables.
 */
export async function vacuumWorn(db: Kysely<Database>): Promise<readonly string[]> {
  const { rows: worn } = await sql<{ name: string }>`
    select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
    where n_dead_tup > 50 + 0.2 * n_live_tup or n_mod_since_analyze > 50 + 0.1 * n_live_tup`.execute(db)
  for (const { name } of worn) await sql`vacuum (analyze) ${sql.raw(name)}`.execute(db)
  return worn.map(({ name }) => name)
}

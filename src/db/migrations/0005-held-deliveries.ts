import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // A held delivery stays DEAD in the column `state`: version 0.1 knows no other word for it, and can replay it.
  'alter table deliveries add column held_run integer',
  `create index deliveries_stopped on deliveries (source_key, market, partner, seq) where state in ('FAILED', 'DEAD')`,
  `create index quarantine_held on quarantine (source_key, coalesce(decided_at, ''), id) where state = 'HELD'`,
]

/** Which deliveries wait for their partner's endpoint, and what a bulk replay reads. */
export const heldDeliveries: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

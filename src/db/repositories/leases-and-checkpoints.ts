import { type Kysely, sql } from 'kysely'
import type { Clock } from '../../domain/clock.ts'
import { type Instant, toInstant } from '../../domain/instant.ts'
import type { Leases } from '../../domain/transaction.ts'
import type { Database } from '../schema.ts'

/** Leases by this process's clock. Replicas' clocks have to differ by less than a lease lasts. */
export function createLeases(db: Kysely<Database>, clock: Clock): Leases {
  return {
    async acquire(name, holder, ttlMs) {
      const expiresAt = toInstant(clock() + ttlMs)
      const { rows } = await sql`insert into leases (name, holder, expires_at) values (${name}, ${holder}, ${expiresAt})
        on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
        where leases.holder = excluded.holder or leases.expires_at <= ${toInstant(clock())}
        returning name`.execute(db)
      return rows.length === 1
    },
    async release(name, holder) {
      await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute()
    },
  }
}

/** Saves how far a named long task has come, as JSON. */
export async function saveCheckpoint(db: Kysely<Database>, name: string, body: unknown, at: Instant): Promise<void> {
  const row = { name, body: JSON.stringify(body), updated_at: at }
  await db
    .insertInto('checkpoints')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ body: row.body, updated_at: at }))
    .execute()
}

/** null: no checkpoint was saved under this name. */
export async function findCheckpoint(db: Kysely<Database>, name: string): Promise<unknown> {
  const row = await db.selectFrom('checkpoints').select('body').where('name', '=', name).executeTakeFirst()
  return row ? JSON.parse(row.body) : null
}

import { type Kysely, sql } from 'kysely'
import type { Clock } from '../../domain/clock.ts'
import { toInstant } from '../../domain/instant.ts'
import type { Leases } from '../../domain/transaction.ts'
import type { Database } from '../schema.ts'

/** Leases in the database, by this process's clock: replicas' clocks may differ by less than a lease lasts. */
export function createLeases(db: Kysely<Database>, clock: Clock): Leases {
  return {
    async acquire(name, holder, ttlMs) {
      const until = toInstant(clock() + ttlMs)
      const { rows } = await sql`insert into leases (name, holder, expires_at) values (${name}, ${holder}, ${until})
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

import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Which events were held in quarantine before they came to the inbox. */
export const lateEvents: Migration = {
  async up(db: Kysely<unknown>) {
    await sql.raw('alter table inbox add column late boolean not null default false').execute(db)
  },
}

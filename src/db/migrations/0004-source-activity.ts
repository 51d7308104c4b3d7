import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Finds the latest events of one source, for its health. */
export const sourceActivity: Migration = {
  async up(db: Kysely<unknown>) {
    await sql.raw('create index inbox_source on inbox (source_key, received_at)').execute(db)
  },
}

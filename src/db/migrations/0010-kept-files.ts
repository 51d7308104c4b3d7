import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The bytes of files that the gateway keeps until a write attaches them. They go with what is known of the upload. */
export const keptFiles: Migration = {
  async up(db: Kysely<unknown>) {
    await sql
      .raw(
        `create table upload_parts (
          upload_id text collate "C" not null references uploads (id) on delete cascade,
          number integer not null,
          bytes bytea not null,
          primary key (upload_id, number)
        )`,
      )
      .execute(db)
  },
}

import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  `create table uploads (
    id text collate "C" primary key,
    secret_digest text not null,
    viewer text not null,
    viewer_id text not null,
    source_key text not null,
    ticket_id text collate "C",
    filename text not null,
    content_type text,
    size bigint,
    state text not null,
    source_ref text,
    expires_at text collate "C" not null,
    created_at text collate "C" not null
  )`,
  'create index uploads_created on uploads (created_at)',
  'create index uploads_ticket on uploads (ticket_id) where ticket_id is not null',
]

/** Files on their way to a source: who may send them, and what the source calls them. */
export const uploads: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** `claimed_until` is compared with the clock of the database, which is one for all replicas. */
const statement = `create table source_tokens (
  source_key text primary key,
  version bigint not null,
  state text not null,
  sealed bytea not null,
  key_id text not null,
  access_expires_at text,
  refresh_expires_at text,
  obtained_at text not null,
  claim bigint not null,
  claimed_by text,
  claimed_at text,
  claimed_until timestamptz,
  uncertain_since text
)`

/** The tokens by which the gateway signs in at sources, encrypted. */
export const sourceTokens: Migration = {
  async up(db: Kysely<unknown>) {
    await sql.raw(statement).execute(db)
  },
}

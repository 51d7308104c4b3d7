import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  `create table deliveries (
    seq bigint generated always as identity primary key,
    id text collate "C" not null unique,
    source_key text not null,
    market text not null,
    ticket_id text collate "C" not null,
    partner text not null,
    event text not null,
    body text not null,
    state text not null,
    attempts integer not null default 0,
    run integer not null default 0,
    last_status integer,
    last_error text,
    next_attempt_at text collate "C",
    delivered_at text collate "C",
    created_at text collate "C" not null
  )`,
  // A ticket that is routed twice at the same moment is still delivered once.
  'create unique index deliveries_once on deliveries (ticket_id, partner, event)',
  'create index deliveries_state on deliveries (state, seq)',
  `create index deliveries_due on deliveries (next_attempt_at) where state in ('PENDING', 'FAILED')`,
  `create index deliveries_done on deliveries (created_at) where state in ('DELIVERED', 'DEAD')`,
  `create table disabled_endpoints (
    source_key text not null,
    market text not null,
    partner text not null,
    url_digest text not null,
    disabled_at text collate "C" not null,
    primary key (source_key, market, partner, url_digest)
  )`,
]

/** Deliveries to partners, and the endpoints that asked for no more. */
export const deliveries: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

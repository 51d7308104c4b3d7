import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  // One row for each ticket: hints that arrive before it is read join it.
  `create table hints (
    source_key text collate "C" not null,
    tenant text collate "C" not null,
    external_id text collate "C" not null,
    removed boolean not null,
    version integer not null,
    attempts integer not null,
    received_at text collate "C" not null,
    request_id text not null,
    due_at text collate "C" not null,
    primary key (source_key, tenant, external_id)
  )`,
  'create index hints_due on hints (source_key, due_at)',
  `create table hint_deliveries (
    source_key text not null,
    delivery_id text not null,
    received_at text collate "C" not null,
    primary key (source_key, delivery_id)
  )`,
  'create index hint_deliveries_received on hint_deliveries (received_at)',
  `create table observed_tickets (
    source_key text collate "C" not null,
    tenant text collate "C" not null,
    external_id text collate "C" not null,
    body text not null,
    updated_at text collate "C",
    deleted_at text collate "C",
    recorded boolean not null,
    observed_at text collate "C" not null,
    primary key (source_key, tenant, external_id)
  )`,
  'create index observed_tickets_at on observed_tickets (observed_at)',
]

/** Webhooks of pulled sources, and the state in which the tickets of those sources were last seen. */
export const changeHints: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
}

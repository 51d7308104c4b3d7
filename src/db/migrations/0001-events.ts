import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const ticketTable = `
create table tickets (
  source_key text collate "C" not null,
  tenant text collate "C" not null,
  external_id text collate "C" not null,
  body text not null,
  state text,
  submission text,
  status text not null,
  priority text,
  priority_order smallint,
  channel text,
  category text,
  assignees text[] not null,
  customer_id text,
  customer_external_id text,
  customer_email text,
  vendor_id text,
  order_ids text[] not null,
  tags text[] not null,
  search text not null,
  created_at text collate "C",
  updated_at text collate "C",
  deleted_at text collate "C",
  kept_at text collate "C" not null,
  primary key (source_key, tenant, external_id)
)`

// Nulls come last in either direction: '' lies below and '~' above every instant.
const ticketIndexes = [
  `create index tickets_updated_desc on tickets (source_key, coalesce(updated_at, '') desc, tenant, external_id) where deleted_at is null`,
  `create index tickets_updated_asc on tickets (source_key, coalesce(updated_at, '~'), tenant, external_id) where deleted_at is null`,
  `create index tickets_created_desc on tickets (source_key, coalesce(created_at, '') desc, tenant, external_id) where deleted_at is null`,
  `create index tickets_created_asc on tickets (source_key, coalesce(created_at, '~'), tenant, external_id) where deleted_at is null`,
  `create index tickets_priority_desc on tickets (source_key, coalesce(priority_order, 0) desc, tenant, external_id) where deleted_at is null`,
  `create index tickets_priority_asc on tickets (source_key, coalesce(priority_order, 9), tenant, external_id) where deleted_at is null`,
  'create index tickets_customer on tickets (source_key, customer_id) where customer_id is not null',
  'create index tickets_email on tickets (customer_email) where customer_email is not null',
  'create index tickets_vendor on tickets (source_key, vendor_id) where vendor_id is not null',
  'create index tickets_submission on tickets (source_key, submission) where submission is not null',
  'create index tickets_kept on tickets (kept_at)',
]

const inbox = [
  `create table inbox (
    id bigint generated always as identity primary key,
    source_key text collate "C" not null,
    tenant text collate "C" not null,
    external_id text collate "C" not null,
    event_id text,
    digest text not null,
    raw bytea not null,
    received_at text collate "C" not null,
    state text not null default 'PENDING'
  )`,
  `create index inbox_pending on inbox (id) where state = 'PENDING'`,
  'create index inbox_ticket on inbox (source_key, tenant, external_id, digest)',
  'create index inbox_event on inbox (source_key, event_id) where event_id is not null',
  'create index inbox_received on inbox (received_at)',
]

const journal = [
  'create sequence journal_seq',
  `create table journal (
    seq bigint primary key,
    source_key text not null,
    ticket_id text collate "C" not null,
    kind text not null,
    at text collate "C" not null,
    actor text,
    summary text not null,
    changes text not null,
    before text,
    ticket text not null,
    recorded_at text collate "C" not null
  )`,
  'create index journal_ticket on journal (ticket_id, seq)',
  'create index journal_recorded on journal (recorded_at)',
]

const others = [
  `create table quarantine (
    id bigint generated always as identity primary key,
    source_key text not null,
    event_id text,
    raw bytea not null,
    problem text not null,
    received_at text collate "C" not null,
    state text not null default 'HELD',
    reason text,
    decided_at text collate "C"
  )`,
  'create index quarantine_source on quarantine (source_key, id)',
  'create index quarantine_received on quarantine (received_at)',
  `create table idempotency (
    viewer_id text not null,
    key text not null,
    mutation text not null,
    fingerprint text not null,
    answer text,
    created_at text collate "C" not null,
    primary key (viewer_id, key)
  )`,
  'create index idempotency_created on idempotency (created_at)',
  'create table leases (name text primary key, holder text not null, expires_at text collate "C" not null)',
  'create table checkpoints (name text primary key, body text not null, updated_at text collate "C" not null)',
  'create table marks (name text primary key, value bigint not null)',
]

/** Tickets of event-fed sources, inbox, journal, quarantine, idempotency answers, leases and checkpoints. */
export const events: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of [ticketTable, ...ticketIndexes, ...inbox, ...journal, ...others]) await sql.raw(statement).execute(db)
  },
}

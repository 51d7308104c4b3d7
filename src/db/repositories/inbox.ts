import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../domain/instant.ts'
import type {
  ClaimedEvent,
  EventStore,
  NewInboxEvent,
  ProcessedState,
  ReduceEffects,
  TicketKey,
} from '../../ingestion/event-store.ts'
import type { Database } from '../schema.ts'
import type { RunTransaction } from '../transaction.ts'
import { findDeadLetters, findHeldDeadLetters, listDeadLetters } from './dead-letters.ts'
import { findCheckpoint } from './leases-and-checkpoints.ts'
import type { FindSource } from './ticket-json.ts'
import { toStoredTicket, tryLockTickets } from './tickets.ts'

/** Inbox, dead letters and checkpoints of this database. */
export function createEventStore(db: Kysely<Database>, transaction: RunTransaction): EventStore {
  return {
    transaction,
    insert(events, deadLetters) {
      // One statement commits by itself; only both kinds together need a transaction.
      if (deadLetters.length === 0) return insertEvents(db, events)
      return transaction(async (tx) => {
        await tx.insertDeadLetters(deadLetters)
        return tx.insertEvents(events)
      })
    },
    findPendingTickets: (sourceKeys, before, limit) => findPendingTickets(db, sourceKeys, before, limit),
    findOutcomes: (ids) => findOutcomes(db, ids),
    listDeadLetters: (request) => listDeadLetters(db, request),
    findHeldDeadLetters: (sourceKey, limit) => findHeldDeadLetters(db, sourceKey, limit),
    findDeadLetters: (ids) => findDeadLetters(db, ids),
    findCheckpoint: (name) => findCheckpoint(db, name),
    saveCheckpoint: (name, body) => transaction((tx) => tx.saveCheckpoint(name, body)),
  }
}

/** Many in one statement. Returns the ids in the order of the events. Bytes travel as base64: JSON text cannot hold every byte. */
export async function insertEvents(db: Kysely<Database>, events: readonly NewInboxEvent[]): Promise<readonly number[]> {
  if (events.length === 0) return []
  const rows = JSON.stringify(events.map((event) => ({ ...event, raw: event.raw.toString('base64') })))
  const { rows: inserted } = await sql<{ id: number }>`
    insert into inbox (source_key, tenant, external_id, event_id, digest, raw, received_at, late)
    select e->>'sourceKey', e->>'tenant', e->>'externalId', e->>'eventId', e->>'digest', decode(e->>'raw', 'base64'), e->>'receivedAt',
      coalesce((e->>'late')::boolean, false)
    from json_array_elements(${rows}::json) with ordinality as list(e, position) order by position
    returning id`.execute(db)
  return inserted.map((row) => row.id).sort((a, b) => a - b)
}

interface PendingRow {
  readonly id: number
  readonly source_key: string
  readonly tenant: string
  readonly external_id: string
  readonly event_id: string | null
  readonly digest: string
  readonly raw: Uint8Array
  readonly received_at: Instant
  readonly late: boolean
  readonly repeated_at: Instant | null
  readonly first_digest: string | null
  readonly ticket: string | null
  readonly ticket_state: string | null
  readonly submission: string | null
}

/**
 * Locks the tickets that no other transaction has locked, and reads them with at most `limit` of their pending events, in order
 * of arrival. The other tickets are returned as `busy`.
 */
export async function claimPending(
  db: Kysely<Database>,
  keys: readonly TicketKey[],
  limit: number,
  findSource: FindSource,
): Promise<{ readonly events: readonly ClaimedEvent[]; readonly busy: readonly TicketKey[] }> {
  const locked = await tryLockTickets(db, keys)
  const busy = keys.filter((key) => !locked.includes(key))
  if (locked.length === 0) return { events: [], busy }
  const lockedKeys = JSON.stringify(locked.map(({ sourceKey, tenant, externalId }) => [sourceKey, tenant, externalId]))
  const { rows } = await sql<PendingRow>`
    select i.id, i.source_key, i.tenant, i.external_id, i.event_id, i.digest, i.raw, i.received_at, i.late,
      (select max(p.received_at) from inbox p where p.source_key = i.source_key and p.tenant = i.tenant
        and p.external_id = i.external_id and p.digest = i.digest and p.id < i.id and p.state <> 'QUARANTINED') as repeated_at,
      (select p.digest from inbox p where i.event_id is not null and p.source_key = i.source_key and p.event_id = i.event_id
        and p.id < i.id and p.state <> 'QUARANTINED' order by p.id limit 1) as first_digest,
      t.body as ticket, t.state as ticket_state, t.submission
    from inbox i
    left join lateral (select body, state, submission from tickets
      where source_key = i.source_key and tenant = i.tenant and external_id = i.external_id limit 1) as t on true
    where i.state = 'PENDING'
      and (i.source_key, i.tenant, i.external_id) in (select k->>0, k->>1, k->>2 from json_array_elements(${lockedKeys}::json) as l(k))
    order by i.id limit ${limit}`.execute(db)
  return { events: rows.map((row) => toClaimedEvent(row, findSource)), busy }
}

function toClaimedEvent(row: PendingRow, findSource: FindSource): ClaimedEvent {
  const { source_key, ticket: body, ticket_state: state, submission } = row
  return {
    id: row.id,
    sourceKey: source_key,
    tenant: row.tenant,
    externalId: row.external_id,
    eventId: row.event_id,
    digest: row.digest,
    raw: Buffer.from(row.raw),
    receivedAt: row.received_at,
    late: row.late,
    repeatedAt: row.repeated_at,
    firstDigest: row.first_digest,
    stored: body === null ? null : toStoredTicket({ source_key, body, state, submission }, findSource),
  }
}

/**
 * The statement that gives events their final states. It finds them by id alone: the planner does not know the length of a JSON
 * list, and reads the whole inbox when it is joined with one.
 */
export function markingProcessed(results: ReduceEffects['processed']): RawBuilder<unknown> {
  const [ids, states] = [results.map(({ id }) => id), results.map(({ state }) => state)]
  return sql`update inbox set state = (${states}::text[])[array_position(${ids}::bigint[], id)] where id = any(${ids}::bigint[])`
}

async function findPendingTickets(
  db: Kysely<Database>,
  sourceKeys: readonly string[],
  before: Instant,
  limit: number,
): Promise<readonly TicketKey[]> {
  if (sourceKeys.length === 0) return []
  const rows = await db
    .selectFrom('inbox')
    .select(['source_key as sourceKey', 'tenant', 'external_id as externalId'])
    .where('state', '=', 'PENDING')
    .where('source_key', 'in', sourceKeys)
    .where('received_at', '<=', before)
    .orderBy('id')
    .limit(limit)
    .execute()
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]
}

async function findOutcomes(db: Kysely<Database>, ids: readonly number[]): Promise<ReadonlyMap<number, ProcessedState>> {
  const { rows } = await sql<{ id: number; state: ProcessedState }>`select id, state from inbox
    where state <> 'PENDING' and id = any(${[...ids]}::bigint[])`.execute(db)
  return new Map(rows.map((row) => [row.id, row.state]))
}

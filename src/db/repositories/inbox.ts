import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Instant } from '../../domain/instant.ts'
import type { ClaimedEvent, NewInboxEvent, ProcessedState, ReduceEffects, TicketKey } from '../../ingestion/event-store.ts'
import type { EchoMark } from '../../sources/webhook-handler.ts'
import type { Database } from '../schema.ts'
import type { FindSource } from './ticket-json.ts'
import { tryLockTicketKeys } from './ticket-locks.ts'
import { toKept } from './tickets.ts'

const keyList = (keys: readonly TicketKey[]): string =>
  JSON.stringify(keys.map(({ sourceKey, tenant, externalId }) => [sourceKey, tenant, externalId]))

/** Writes events, many in one statement. Bytes travel as base64: a parameter's text cannot hold every byte. */
export async function insertInbox(db: Kysely<Database>, events: readonly NewInboxEvent[]): Promise<readonly number[]> {
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

/** Takes the tickets that are free and reads them with their pending events, and with what earlier events say of each. */
export async function claimPending(
  db: Kysely<Database>,
  keys: readonly TicketKey[],
  limit: number,
  findSource: FindSource,
): Promise<{ readonly events: readonly ClaimedEvent[]; readonly busy: readonly TicketKey[] }> {
  const free = await tryLockTicketKeys(db, keys)
  const busy = keys.filter((key) => !free.includes(key))
  if (free.length === 0) return { events: [], busy }
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
      and (i.source_key, i.tenant, i.external_id) in (select k->>0, k->>1, k->>2 from json_array_elements(${keyList(free)}::json) as l(k))
    order by i.id limit ${limit}`.execute(db)
  return { events: rows.map((row) => toClaimed(row, findSource)), busy }
}

function toClaimed(row: PendingRow, findSource: FindSource): ClaimedEvent {
  const { ticket: body, ticket_state: state, submission } = row
  return {
    id: row.id,
    sourceKey: row.source_key,
    tenant: row.tenant,
    externalId: row.external_id,
    eventId: row.event_id,
    digest: row.digest,
    raw: Buffer.from(row.raw),
    receivedAt: row.received_at,
    late: row.late,
    repeatedAt: row.repeated_at,
    firstDigest: row.first_digest,
    stored: body === null ? null : toKept({ source_key: row.source_key, body, state, submission }, findSource),
  }
}

/** By the ids alone: joined with a list, whose length the planner does not know, the whole inbox would be read. */
export function settlingInbox(results: ReduceEffects['processed']): RawBuilder<unknown> {
  const [ids, states] = [results.map(({ id }) => id), results.map(({ state }) => state)]
  return sql`update inbox set state = (${states}::text[])[array_position(${ids}::bigint[], id)] where id = any(${ids}::bigint[])`
}

export async function findPendingTickets(
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

export async function findOutcomes(db: Kysely<Database>, ids: readonly number[]): Promise<ReadonlyMap<number, ProcessedState>> {
  const { rows } = await sql<{ id: number; state: ProcessedState }>`select id, state from inbox
    where state <> 'PENDING' and id = any(${[...ids]}::bigint[])`.execute(db)
  return new Map(rows.map((row) => [row.id, row.state]))
}

/** Did this gateway raise such a ticket? By id in any tenant: what comes back does not name it. */
export async function isEchoOfOurs(db: Kysely<Database>, sourceKey: string, mark: EchoMark, since: Instant): Promise<boolean> {
  const own = db.selectFrom('tickets').select('external_id').where('source_key', '=', sourceKey).limit(1)
  const found =
    mark.by === 'id'
      ? own.where('external_id', '=', mark.externalId).where('submission', 'is not', null)
      : own.where('submission', '=', mark.fingerprint).where('created_at', '>=', since)
  return (await found.executeTakeFirst()) !== undefined
}

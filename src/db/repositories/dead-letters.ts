import { type Kysely, type Selectable, sql } from 'kysely'
import type { Instant } from '../../domain/instant.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import type { NewDeadLetter, StoredDeadLetter } from '../../ingestion/event-store.ts'
import type { Database, QuarantineTable } from '../schema.ts'

const columns = ['id', 'source_key', 'event_id', 'raw', 'problem', 'received_at', 'state'] as const

function toHeld(row: Pick<Selectable<QuarantineTable>, (typeof columns)[number]>): StoredDeadLetter {
  return {
    id: row.id,
    sourceKey: row.source_key,
    eventId: row.event_id,
    raw: Buffer.from(row.raw),
    problem: row.problem,
    receivedAt: row.received_at,
    state: row.state,
  }
}

export async function insertQuarantine(db: Kysely<Database>, events: readonly NewDeadLetter[]): Promise<void> {
  if (events.length === 0) return
  const rows = JSON.stringify(
    events.map((event) => ({ ...event, problem: sanitizeForPostgres(event.problem), raw: event.raw.toString('base64') })),
  )
  await sql`insert into quarantine (source_key, event_id, raw, problem, received_at)
    select e->>'sourceKey', e->>'eventId', decode(e->>'raw', 'base64'), e->>'problem', e->>'receivedAt'
    from json_array_elements(${rows}::json) with ordinality as list(e, position) order by position`.execute(db)
}

/** Newest first. */
export async function listQuarantine(
  db: Kysely<Database>,
  request: { sourceKeys: readonly string[]; before: number | null; limit: number },
): Promise<readonly StoredDeadLetter[]> {
  if (request.sourceKeys.length === 0) return []
  const rows = await db
    .selectFrom('quarantine')
    .select(columns)
    .where('source_key', 'in', request.sourceKeys)
    .where('id', '<', request.before ?? Number.MAX_SAFE_INTEGER)
    .orderBy('id', 'desc')
    .limit(request.limit)
    .execute()
  return rows.map(toHeld)
}

export async function findQuarantined(db: Kysely<Database>, ids: readonly number[]): Promise<readonly StoredDeadLetter[]> {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('quarantine').select(columns).where('id', 'in', ids).execute()
  return rows.map(toHeld)
}

export async function lockQuarantined(db: Kysely<Database>, id: number): Promise<StoredDeadLetter | null> {
  const row = await db.selectFrom('quarantine').select(columns).where('id', '=', id).forUpdate().executeTakeFirst()
  return row ? toHeld(row) : null
}

export async function decideQuarantined(
  db: Kysely<Database>,
  id: number,
  state: StoredDeadLetter['state'],
  change: { readonly problem?: string; readonly reason?: string },
  at: Instant,
): Promise<void> {
  const problem = change.problem === undefined ? {} : { problem: sanitizeForPostgres(change.problem) }
  const reason = change.reason === undefined ? {} : { reason: sanitizeForPostgres(change.reason) }
  await db
    .updateTable('quarantine')
    .set({ state, decided_at: at, ...problem, ...reason })
    .where('id', '=', id)
    .execute()
}

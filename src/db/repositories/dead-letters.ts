import { type Kysely, type Selectable, sql } from 'kysely'
import type { Instant } from '../../domain/instant.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import type { NewDeadLetter, StoredDeadLetter } from '../../ingestion/event-store.ts'
import type { Database, DeadLettersTable } from '../schema.ts'

// Dead letters are in the table `quarantine`.

const columns = ['id', 'source_key', 'event_id', 'raw', 'problem', 'received_at', 'state'] as const

function toDeadLetter(row: Pick<Selectable<DeadLettersTable>, (typeof columns)[number]>): StoredDeadLetter {
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

/** Many in one statement. Bytes travel as base64: JSON text cannot hold every byte. */
export async function insertDeadLetters(db: Kysely<Database>, deadLetters: readonly NewDeadLetter[]): Promise<void> {
  if (deadLetters.length === 0) return
  const rows = deadLetters.map(({ problem, raw, ...rest }) => ({
    ...rest,
    problem: sanitizeForPostgres(problem),
    raw: raw.toString('base64'),
  }))
  await sql`insert into quarantine (source_key, event_id, raw, problem, received_at)
    select e->>'sourceKey', e->>'eventId', decode(e->>'raw', 'base64'), e->>'problem', e->>'receivedAt'
    from json_array_elements(${JSON.stringify(rows)}::json) with ordinality as list(e, position) order by position`.execute(db)
}

/** Those of the sources, newest first, with an id below `before`. */
export async function listDeadLetters(
  db: Kysely<Database>,
  request: { readonly sourceKeys: readonly string[]; readonly before: number | null; readonly limit: number },
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
  return rows.map(toDeadLetter)
}

/** Ids of held ones. A replay that fails sets `decided_at`, so that repeated calls come to all of them. */
export async function findHeldDeadLetters(db: Kysely<Database>, sourceKey: string, limit: number): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number | string }>`select id from quarantine
    where source_key = ${sourceKey} and state = 'HELD' order by coalesce(decided_at, ''), id limit ${limit}`.execute(db)
  return rows.map(({ id }) => Number(id))
}

/** In no order; ids without a dead letter are left out. */
export async function findDeadLetters(db: Kysely<Database>, ids: readonly number[]): Promise<readonly StoredDeadLetter[]> {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('quarantine').select(columns).where('id', 'in', ids).execute()
  return rows.map(toDeadLetter)
}

/** Locks the row until the transaction ends. null: no such dead letter. */
export async function lockDeadLetter(db: Kysely<Database>, id: number): Promise<StoredDeadLetter | null> {
  const row = await db.selectFrom('quarantine').select(columns).where('id', '=', id).forUpdate().executeTakeFirst()
  return row ? toDeadLetter(row) : null
}

/** Sets the state, and the problem and the operator's reason where they are given. */
export async function resolveDeadLetter(
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

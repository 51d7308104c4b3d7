import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import type { ChangeLog, ChangeLogCommit, ChangeLogSlice } from '../../changes/change-log.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Change, EventWindow, NewChange, NumberedEvent, TicketEvent, TicketEventKind } from '../../domain/events.ts'
import { decodeId, encodeId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import type { Range, RangePage } from '../../domain/page.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import type { Actor } from '../../domain/ticket.ts'
import type { SourceInfo } from '../../sources/source.ts'
import { diffTickets } from '../../tickets/ticket-diff.ts'
import type { ChangeLogTable, Database } from '../schema.ts'
import { type FindSource, fromTicketJson, toTicketJson } from './ticket-json.ts'

// The change log is in the table `journal`.

/** A change as a row, before it has its number. */
export type NewChangeRow = Omit<ChangeLogTable, 'seq'>

/** A row that this process has written. */
export type RecordedChange = NewChangeRow & { readonly seq: number }

/** The change log of this database. `notifyCommitted` calls this process's listeners after a commit. */
export function createChangeLog(
  db: Kysely<Database>,
  findSource: FindSource,
  { isShared }: { readonly isShared: boolean },
): { readonly changeLog: ChangeLog; notifyCommitted(changes: readonly RecordedChange[]): void } {
  const listeners = new Set<(commit: ChangeLogCommit) => void>()
  return {
    changeLog: {
      read: (after, limit) => readChanges(db, after, limit, findSource),
      bounds: () => findBounds(db),
      eventsOf: (ticketId, range) => listEventsOfTicket(db, ticketId, range),
      eventsByTime: (ticketId, window) => listEventsByTime(db, ticketId, window),
      findEvents: (ids) => findEvents(db, ids),
      parseCursor: decodeCursor,
      onCommitted(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      shared: isShared,
    },
    notifyCommitted(changes) {
      const commit = { firstSeq: changes[0]!.seq, lastSeq: changes.at(-1)!.seq, changes: () => toChanges(changes, findSource) }
      for (const listener of listeners) listener(commit)
    },
  }
}

export function toNewChangeRow(change: NewChange, recordedAt: Instant): NewChangeRow {
  return {
    source_key: change.ticket.source.key,
    ticket_id: change.ticket.id,
    kind: change.kind,
    at: change.at,
    actor: change.actor === null ? null : JSON.stringify(change.actor),
    summary: sanitizeForPostgres(change.summary),
    changes: JSON.stringify(diffTickets(change.before, change.ticket)),
    before: change.before === null ? null : toTicketJson(change.before),
    ticket: toTicketJson(change.ticket),
    recorded_at: recordedAt,
  }
}

/** The number of an advisory lock that no other code uses. */
const appendLock = 7_305_112

/**
 * The statement that appends rows and returns their numbers. Numbers are drawn under a lock that is held until the commit, so
 * they become visible in their order: a reader that has seen n never finds a new number below n.
 */
export function appendingChanges(rows: readonly NewChangeRow[]): RawBuilder<{ seq: number }> {
  return sql<{ seq: number }>`
    insert into journal (seq, source_key, ticket_id, kind, at, actor, summary, changes, before, ticket, recorded_at)
    select nextval('journal_seq'), e->>'source_key', e->>'ticket_id', e->>'kind', e->>'at', e->>'actor', e->>'summary',
      e->>'changes', e->>'before', e->>'ticket', e->>'recorded_at'
    from pg_advisory_xact_lock(${appendLock}), json_array_elements(${JSON.stringify(rows)}::json) with ordinality as list(e, position)
    order by position
    returning seq`
}

const eventColumns = ['seq', 'source_key', 'kind', 'at', 'actor', 'summary', 'changes'] as const
const changeColumns = [...eventColumns, 'before', 'ticket'] as const
type EventRow = Pick<Selectable<ChangeLogTable>, (typeof eventColumns)[number]>
type ChangeRow = Pick<Selectable<ChangeLogTable>, (typeof changeColumns)[number]>

async function readChanges(db: Kysely<Database>, after: number, limit: number, findSource: FindSource): Promise<ChangeLogSlice> {
  const rows = await db.selectFrom('journal').select(changeColumns).where('seq', '>', after).orderBy('seq').limit(limit).execute()
  return { changes: toChanges(rows, findSource), lastSeq: rows.at(-1)?.seq ?? after, hasMore: rows.length === limit }
}

/** Changes of sources that are not configured any more are left out. */
function toChanges(rows: readonly ChangeRow[], findSource: FindSource): ChangeLogSlice['changes'] {
  return rows.flatMap((row) => {
    const source = findSource(row.source_key)
    return source === null ? [] : [{ seq: row.seq, change: toChange(row, source) }]
  })
}

function toChange(row: ChangeRow, source: SourceInfo): Change {
  return {
    cursor: encodeCursor(row.seq),
    kind: row.kind as TicketEventKind,
    ticket: fromTicketJson(row.ticket, source),
    before: row.before === null ? null : fromTicketJson(row.before, source),
    event: toTicketEvent(row),
    gap: false,
  }
}

function toTicketEvent(row: EventRow): TicketEvent {
  return {
    id: idOf(row),
    kind: row.kind as TicketEventKind,
    at: row.at,
    actor: row.actor === null ? null : toActor(JSON.parse(row.actor)),
    summary: row.summary,
    changes: JSON.parse(row.changes),
  }
}

function idOf({ source_key, seq }: EventRow): string {
  return encodeId('event', source_key, '', String(seq))
}

/** An actor of version 0.1 has its external id as `id`. */
function toActor({ kind, name, externalId, id }: Actor & { readonly id?: string | null }): Actor {
  return { kind, externalId: externalId ?? id ?? null, name }
}

async function listEventsOfTicket(
  db: Kysely<Database>,
  ticketId: string,
  { from, size, after, before }: Range,
): Promise<RangePage<TicketEvent>> {
  let query = db.selectFrom('journal').select(eventColumns).where('ticket_id', '=', ticketId)
  if (after !== null) query = query.where('seq', '>', requireSeq(after))
  if (before !== null) query = query.where('seq', '<', requireSeq(before))
  const rows = await query
    .orderBy('seq', from === 'start' ? 'asc' : 'desc')
    .limit(size + 1)
    .execute()
  const hasMore = rows.length > size
  const page = from === 'start' ? rows.slice(0, size) : rows.slice(0, size).reverse()
  return {
    items: page.map((row) => ({ cursor: encodeCursor(row.seq), node: toTicketEvent(row) })),
    hasNextPage: from === 'start' ? hasMore : before !== null,
    hasPreviousPage: from === 'end' ? hasMore : after !== null,
  }
}

function requireSeq(cursor: string): number {
  const seq = decodeCursor(cursor)
  if (seq === null) throw new DeskgraphError('BAD_USER_INPUT', 'The cursor does not belong to this list.')
  return seq
}

async function listEventsByTime(
  db: Kysely<Database>,
  ticketId: string,
  { from, limit, after, before, without }: EventWindow,
): Promise<readonly NumberedEvent[]> {
  let query = db.selectFrom('journal').select(eventColumns).where('ticket_id', '=', ticketId)
  if (after !== null) query = query.where(sql<boolean>`(at, seq) > (${after.at}::text, ${after.seq}::bigint)`)
  if (before !== null) query = query.where(sql<boolean>`(at, seq) < (${before.at}::text, ${before.seq}::bigint)`)
  if (without.length > 0) query = query.where('kind', 'not in', without)
  const direction = from === 'start' ? 'asc' : 'desc'
  const rows = await query.orderBy('at', direction).orderBy('seq', direction).limit(limit).execute()
  if (from === 'end') rows.reverse()
  return rows.map((row) => ({ seq: row.seq, event: toTicketEvent(row) }))
}

async function findEvents(db: Kysely<Database>, ids: readonly string[]): Promise<readonly (TicketEvent | null)[]> {
  const seqs = ids.map((id) => Number(decodeId(id)?.externalId)).filter(Number.isSafeInteger)
  if (seqs.length === 0) return ids.map(() => null)
  const rows = await db.selectFrom('journal').select(eventColumns).where('seq', 'in', seqs).execute()
  // By the whole id: a number with the key of another source names no event.
  const byId = new Map(rows.map((row) => [idOf(row), toTicketEvent(row)]))
  return ids.map((id) => byId.get(id) ?? null)
}

const prunedMark = 'journal_pruned_through'

async function findBounds(db: Kysely<Database>): Promise<{ head: number; prunedThrough: number }> {
  const last = await db.selectFrom('journal').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  const mark = await db.selectFrom('marks').select('value').where('name', '=', prunedMark).executeTakeFirst()
  const prunedThrough = mark?.value ?? 0
  return { head: last?.seq ?? prunedThrough, prunedThrough }
}

/** Saves the last number that pruning is about to remove, as `prunedThrough` of the bounds. */
export async function savePrunedThrough(db: Kysely<Database>, olderThan: Instant): Promise<void> {
  await sql`insert into marks (name, value)
    select ${prunedMark}::text, max(seq) from journal where recorded_at < ${olderThan} having max(seq) is not null
    on conflict (name) do update set value = greatest(marks.value, excluded.value)`.execute(db)
}

function encodeCursor(seq: number): string {
  return Buffer.from(`j${seq}`).toString('base64url')
}

/** The number of a cursor; null for every text that `encodeCursor` does not return. */
function decodeCursor(cursor: string): number | null {
  const match = /^j(0|[1-9]\d{0,14})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))
  return match !== null && encodeCursor(Number(match[1])) === cursor ? Number(match[1]) : null
}

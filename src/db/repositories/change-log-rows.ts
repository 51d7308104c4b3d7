import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { ChangeLogSlice } from '../../changes/change-log.ts'
import type { Change, NewChange, TicketEvent, TicketEventKind } from '../../domain/events.ts'
import { encodeId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import type { SourceInfo } from '../../sources/source.ts'
import { diffTickets } from '../../tickets/ticket-diff.ts'
import type { Database, JournalTable } from '../schema.ts'
import { type FindSource, fromTicketJson, toTicketJson } from './ticket-json.ts'

/** Any number that no other lock of ours uses. */
const journalLock = 7_305_112

/** A change as it is journalled, but for its number. */
export type NewJournalRow = Omit<JournalTable, 'seq'>

export function toJournalRow(change: NewChange, recordedAt: Instant): NewJournalRow {
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

/**
 * Appends rows and returns their numbers, one after the other. They are drawn under a lock held until the commit, so they
 * become visible in their order: a reader that saw n will never find a new one below it.
 */
export function appendingJournal(rows: readonly NewJournalRow[]): RawBuilder<{ seq: number }> {
  return sql<{ seq: number }>`
    insert into journal (seq, source_key, ticket_id, kind, at, actor, summary, changes, before, ticket, recorded_at)
    select nextval('journal_seq'), e->>'source_key', e->>'ticket_id', e->>'kind', e->>'at', e->>'actor', e->>'summary',
      e->>'changes', e->>'before', e->>'ticket', e->>'recorded_at'
    from pg_advisory_xact_lock(${journalLock}), json_array_elements(${JSON.stringify(rows)}::json) with ordinality as list(e, position)
    order by position
    returning seq`
}

export type JournalRow = Pick<
  JournalTable,
  'seq' | 'source_key' | 'kind' | 'at' | 'actor' | 'summary' | 'changes' | 'before' | 'ticket'
>

/** The journal entry as the graph shows it. */
export function toTicketEvent(
  row: Pick<JournalTable, 'seq' | 'source_key' | 'kind' | 'at' | 'actor' | 'summary' | 'changes'>,
): TicketEvent {
  return {
    id: encodeId('event', row.source_key, '', String(row.seq)),
    kind: row.kind as TicketEventKind,
    at: row.at,
    actor: row.actor === null ? null : JSON.parse(row.actor),
    summary: row.summary,
    changes: JSON.parse(row.changes),
  }
}

export function toCursor(seq: number): string {
  return Buffer.from(`j${seq}`).toString('base64url')
}

/** The sequence number of a cursor; null for any text that `toCursor` would not have written. */
export function fromCursor(cursor: string): number | null {
  const match = /^j(0|[1-9]\d{0,14})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))
  return match !== null && toCursor(Number(match[1])) === cursor ? Number(match[1]) : null
}

export function toChange(row: JournalRow, source: SourceInfo): Change {
  return {
    cursor: toCursor(row.seq),
    kind: row.kind as TicketEventKind,
    ticket: fromTicketJson(row.ticket, source),
    before: row.before === null ? null : fromTicketJson(row.before, source),
    event: toTicketEvent(row),
    gap: false,
  }
}

/** Those of sources that are no longer configured are left out. */
export function toChanges(rows: readonly JournalRow[], findSource: FindSource): ChangeLogSlice['changes'] {
  return rows.flatMap((row) => {
    const source = findSource(row.source_key)
    return source === null ? [] : [{ seq: row.seq, change: toChange(row, source) }]
  })
}

/** Changes behind `after`, in order; those of sources that are no longer configured are left out. */
export async function readJournal(
  db: Kysely<Database>,
  after: number,
  limit: number,
  findSource: FindSource,
): Promise<ChangeLogSlice> {
  const rows = await db
    .selectFrom('journal')
    .select(['seq', 'source_key', 'kind', 'at', 'actor', 'summary', 'changes', 'before', 'ticket'])
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return { changes: toChanges(rows, findSource), lastSeq: rows.at(-1)?.seq ?? after, hasMore: rows.length === limit }
}

import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import type { ChangeLog, ChangeLogCommit, ChangeLogSlice } from '../../changes/change-log.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import {
  type Change,
  type EventBound,
  type EventsRequest,
  type EventWindow,
  type FieldChange,
  type NewChange,
  type NumberedEvent,
  type TicketEvent,
  type TicketEventKind,
  ticketEventKinds,
} from '../../domain/events.ts'
import { decodeId, encodeId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import type { Range, RangePage } from '../../domain/page.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { changesOf } from '../../domain/ticket-diff.ts'
import type { SourceInfo } from '../../sources/source.ts'
import type { ChangeLogTable, Database } from '../schema.ts'
import { type FindSource, fromStoredActor, fromTicketJson, toStoredActor, toTicketJson } from './ticket-json.ts'

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
      eventsOf: (requests) => listEventsOfTickets(db, requests),
      eventsByTime: (requests) => listEventsByTime(db, requests),
      departmentsOf: (ticketIds) => findDepartments(db, ticketIds),
      latestCursor: async () => encodeCursor((await findBounds(db)).head),
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
    actor: change.actor === null ? null : JSON.stringify(toStoredActor(change.actor)),
    summary: sanitizeForPostgres(change.summary),
    changes: JSON.stringify(changesOf(change) ?? unknownChanges(change.ticket)),
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
    actor: row.actor === null ? null : fromStoredActor(JSON.parse(row.actor)),
    summary: row.summary,
    changes: toFieldChanges(row.changes),
  }
}

function idOf({ source_key, seq }: EventRow): string {
  return encodeId('event', source_key, '', String(seq))
}

/** A part of a ticket's history, by number or by time. */
interface EventSlice {
  readonly ticketId: string
  readonly from: Range['from']
  readonly limit: number
  /** Exclusive. null: none. */
  readonly after: EventBound | null
  readonly before: EventBound | null
  readonly kinds: readonly TicketEventKind[]
}

async function listEventsOfTickets(
  db: Kysely<Database>,
  requests: readonly EventsRequest<Range>[],
): Promise<readonly (RangePage<TicketEvent> | DeskgraphError)[]> {
  const slices = requests.map(({ ticketId, part }) => toSlice(ticketId, part))
  const valid = slices.filter((slice): slice is EventSlice => !(slice instanceof DeskgraphError))
  const found = new Map((await readSlices(db, 'seq', valid)).map((rows, index) => [valid[index], rows]))
  return slices.map((slice, index) =>
    slice instanceof DeskgraphError ? slice : toPage(found.get(slice)!, requests[index]!.part),
  )
}

/** One event more than the page tells whether another page follows. */
function toSlice(ticketId: string, { from, size, after, before }: Range): EventSlice | DeskgraphError {
  const bounds = [after, before].map((cursor) => (cursor === null ? null : decodeCursor(cursor)))
  if ((after !== null && bounds[0] === null) || (before !== null && bounds[1] === null)) {
    return new DeskgraphError('BAD_USER_INPUT', 'The cursor does not belong to this list.')
  }
  const [lower, upper] = bounds.map((seq) => (seq == null ? null : { at: '', seq }))
  return { ticketId, from, limit: size + 1, after: lower ?? null, before: upper ?? null, kinds: ticketEventKinds }
}

function toPage(rows: readonly EventRow[], { from, size, after, before }: Range): RangePage<TicketEvent> {
  const hasMore = rows.length > size
  const page = from === 'start' ? rows.slice(0, size) : rows.slice(rows.length - Math.min(size, rows.length))
  return {
    items: page.map((row) => ({ cursor: encodeCursor(row.seq), node: toTicketEvent(row) })),
    hasNextPage: from === 'start' ? hasMore : before !== null,
    hasPreviousPage: from === 'end' ? hasMore : after !== null,
  }
}

async function listEventsByTime(
  db: Kysely<Database>,
  requests: readonly EventsRequest<EventWindow>[],
): Promise<readonly (readonly NumberedEvent[])[]> {
  const slices = await readSlices(
    db,
    'at',
    requests.map(({ ticketId, part }) => ({ ticketId, ...part })),
  )
  return slices.map((rows) => rows.map((row) => ({ seq: row.seq, event: toTicketEvent(row) })))
}

/** Oldest first. One statement for all slices that begin at the same end with the same limit, as those of one list of tickets do. */
async function readSlices(
  db: Kysely<Database>,
  order: 'seq' | 'at',
  slices: readonly EventSlice[],
): Promise<readonly (readonly EventRow[])[]> {
  const found = slices.map((): EventRow[] => [])
  const groups = Map.groupBy(slices.keys(), (index) => `${slices[index]!.from} ${slices[index]!.limit}`)
  await Promise.all(
    [...groups.values()].map(async (indexes) => {
      const { rows } = await readingSlices(
        order,
        indexes.map((index) => slices[index]!),
      ).execute(db)
      for (const { slice, ...row } of rows) found[indexes[slice - 1]!]!.push(row)
    }),
  )
  return found.map((rows, index) => (slices[index]!.from === 'end' ? rows.reverse() : rows))
}

/** The statement that reads slices of one end and one limit. */
export function readingSlices(
  order: 'seq' | 'at',
  slices: readonly EventSlice[],
): RawBuilder<EventRow & { readonly slice: number }> {
  const { from, limit } = slices[0]!
  const direction = sql.raw(from === 'start' ? 'asc' : 'desc')
  const key = (at: string) => sql.raw(order === 'at' ? `(${at})` : at.replace(/^.*, /, ''))
  const bound = (name: 'after' | 'before') => key(`asked->'${name}'->>'at', (asked->'${name}'->>'seq')::bigint`)
  const position = key('at, seq')
  const sorted = order === 'at' ? sql`at ${direction}, seq ${direction}` : sql`seq ${direction}`
  return sql`
    select slice::int, ${sql.join(eventColumns.map((column) => sql.ref(`event.${column}`)))}
    from json_array_elements(${JSON.stringify(slices)}::json) with ordinality as list(asked, slice),
    lateral (
      select ${sql.join(eventColumns.map((column) => sql.ref(column)))} from journal
      where ticket_id = asked->>'ticketId'
        and (asked->>'after' is null or ${position} > ${bound('after')})
        and (asked->>'before' is null or ${position} < ${bound('before')})
        and kind = any(array(select json_array_elements_text(asked->'kinds')))
      order by ${sorted} limit ${limit}
    ) as event
    order by slice, ${order === 'at' ? sql`event.at ${direction}, event.seq ${direction}` : sql`event.seq ${direction}`}`
}

async function findEvents(db: Kysely<Database>, ids: readonly string[]): Promise<readonly (TicketEvent | null)[]> {
  const seqs = ids.map((id) => Number(decodeId(id)?.externalId)).filter(Number.isSafeInteger)
  if (seqs.length === 0) return ids.map(() => null)
  const rows = await db.selectFrom('journal').select(eventColumns).where('seq', 'in', seqs).execute()
  // By the whole id: a number with the key of another source names no event.
  const byId = new Map(rows.map((row) => [idOf(row), toTicketEvent(row)]))
  return ids.map((id) => byId.get(id) ?? null)
}

async function findDepartments(db: Kysely<Database>, ticketIds: readonly string[]): Promise<readonly (string | null)[]> {
  const rows = await db
    .selectFrom('journal')
    .distinctOn('ticket_id')
    .select(['ticket_id', 'changes'])
    .where('ticket_id', 'in', ticketIds)
    .where('kind', '=', 'ESCALATED')
    .orderBy('ticket_id')
    .orderBy('seq', 'desc')
    .execute()
  const byTicket = new Map(rows.map((row) => [row.ticket_id, toFieldChanges(row.changes)]))
  return ticketIds.map((id) => byTicket.get(id)?.find(({ field }) => field === 'escalation')?.after ?? null)
}

/**
 * How changes that are not known are stored. Version 0.1 listed every set field as changed from null, and reads nothing but lists. Every
 * ticket has a status, so a status that was null before tells both forms.
 */
function unknownChanges({ status }: Ticket): readonly FieldChange[] {
  return [{ field: 'status', before: null, after: status }]
}

function toFieldChanges(json: string): TicketEvent['changes'] {
  const changes: readonly FieldChange[] = JSON.parse(json)
  return changes.some(({ field, before }) => field === 'status' && before === null) ? null : changes
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

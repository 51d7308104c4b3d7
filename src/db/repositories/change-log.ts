import type { Kysely } from 'kysely'
import type { ChangeLog, ChangeLogCommit } from '../../changes/change-log.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { TicketEvent } from '../../domain/events.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Database } from '../schema.ts'
import type { JournalledRow } from '../transaction.ts'
import { fromCursor, readJournal, toChanges, toCursor, toTicketEvent } from './change-log-rows.ts'
import type { FindSource } from './ticket-json.ts'

export const prunedMark = 'journal_pruned_through'

async function bounds(db: Kysely<Database>): Promise<{ head: number; prunedThrough: number }> {
  const last = await db.selectFrom('journal').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
  const mark = await db.selectFrom('marks').select('value').where('name', '=', prunedMark).executeTakeFirst()
  const prunedThrough = mark?.value ?? 0
  return { head: last?.seq ?? prunedThrough, prunedThrough }
}

async function eventsOf(db: Kysely<Database>, ticketId: string, page: PageRequest): Promise<Page<TicketEvent>> {
  const after = page.after === null ? 0 : fromCursor(page.after)
  if (after === null) throw new DeskgraphError('BAD_USER_INPUT', 'The cursor does not belong to this list.')
  const rows = await db
    .selectFrom('journal')
    .select(['seq', 'source_key', 'kind', 'at', 'actor', 'summary', 'changes'])
    .where('ticket_id', '=', ticketId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(page.first + 1)
    .execute()
  const items = rows.slice(0, page.first).map((row) => ({ cursor: toCursor(row.seq), node: toTicketEvent(row) }))
  return { items, hasNextPage: rows.length > page.first }
}

/** The journal of this database. `announce` tells this process's listeners of a commit. */
export function createJournalLog(
  db: Kysely<Database>,
  findSource: FindSource,
  shared: boolean,
): { readonly log: ChangeLog; announce(rows: readonly JournalledRow[]): void } {
  const listeners = new Set<(commit: ChangeLogCommit) => void>()
  const log: ChangeLog = {
    read: (after, limit) => readJournal(db, after, limit, findSource),
    bounds: () => bounds(db),
    eventsOf: (ticketId, page) => eventsOf(db, ticketId, page),
    parseCursor: fromCursor,
    onCommitted(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    shared,
  }
  return {
    log,
    announce(rows) {
      const commit = { firstSeq: rows[0]!.seq, lastSeq: rows.at(-1)!.seq, changes: () => toChanges(rows, findSource) }
      for (const listener of listeners) listener(commit)
    },
  }
}

import { CompiledQuery, type Kysely, sql } from 'kysely'
import { type Clock, now } from '../domain/clock.ts'
import type { NewChange } from '../domain/events.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { StoredTicket, Transaction } from '../domain/transaction.ts'
import type {
  EventTransaction,
  NewDeadLetter,
  NewInboxEvent,
  ReduceEffects,
  StoredDeadLetter,
  TicketKey,
} from '../ingestion/event-store.ts'
import type { EchoMark } from '../sources/webhook-handler.ts'
import { appendingJournal, type NewJournalRow, toJournalRow } from './repositories/change-log-rows.ts'
import { saveCheckpoint } from './repositories/checkpoints.ts'
import { decideQuarantined, insertQuarantine, lockQuarantined } from './repositories/dead-letters.ts'
import { claimPending, insertInbox, isEchoOfOurs, settlingInbox } from './repositories/inbox.ts'
import type { FindSource } from './repositories/ticket-json.ts'
import { lockTicketKeys } from './repositories/ticket-locks.ts'
import { findTicketRows, savingTickets } from './repositories/tickets.ts'
import type { Database } from './schema.ts'

export type JournalledRow = NewJournalRow & { readonly seq: number }

/** A transaction as the store's own parts see it: with its Kysely. */
export class StoreTransaction implements EventTransaction {
  /** What was journalled here, in order. */
  readonly journalled: JournalledRow[] = []
  readonly db: Kysely<Database>
  readonly #findSource: FindSource
  readonly #clock: Clock

  constructor(db: Kysely<Database>, findSource: FindSource, clock: Clock) {
    this.db = db
    this.#findSource = findSource
    this.#clock = clock
  }

  async executeSql(text: string, values: unknown[] = []): Promise<{ rows: Record<string, unknown>[] }> {
    const { rows } = await this.db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, values))
    return { rows }
  }

  async lockTickets(refs: readonly EntityRef[]): Promise<void> {
    await lockTicketKeys(this.db, refs)
  }

  findTickets(refs: readonly EntityRef[]) {
    return findTicketRows(this.db, refs, this.#findSource)
  }

  saveTickets(tickets: readonly StoredTicket[]): Promise<void> {
    return this.saveEffects({ tickets, processed: [], changes: [] })
  }

  record(changes: readonly NewChange[]): Promise<void> {
    return this.saveEffects({ tickets: [], processed: [], changes })
  }

  async saveEffects({ tickets, processed, changes }: ReduceEffects): Promise<void> {
    const at = now(this.#clock)
    const rows = changes.map((change) => toJournalRow(change, at))
    const steps = [
      ...(tickets.length > 0 ? [savingTickets(tickets, at)] : []),
      ...(processed.length > 0 ? [settlingInbox(processed)] : []),
      ...(rows.length > 0 ? [appendingJournal(rows)] : []),
    ]
    const last = steps.pop()
    if (!last) return
    const others = steps.map((step, index) => sql`${sql.ref(`step${index}`)} as (${step})`)
    const beforehand = others.length > 0 ? sql`with ${sql.join(others)}` : sql``
    // What the last of them returns: the journal's numbers, or nothing.
    const { rows: numbered } = await sql<{ seq: number }>`${beforehand} ${last}`.execute(this.db)
    const numbers = numbered.map(({ seq }) => seq).sort((a, b) => a - b)
    this.journalled.push(...rows.map((row, index) => ({ ...row, seq: numbers[index]! })))
  }

  claim(keys: readonly TicketKey[], limit: number) {
    return claimPending(this.db, keys, limit, this.#findSource)
  }

  insertEvents(events: readonly NewInboxEvent[]) {
    return insertInbox(this.db, events)
  }

  insertDeadLetters(events: readonly NewDeadLetter[]) {
    return insertQuarantine(this.db, events)
  }

  isEcho(sourceKey: string, mark: EchoMark, since: Instant) {
    return isEchoOfOurs(this.db, sourceKey, mark, since)
  }

  lockDeadLetter(id: number) {
    return lockQuarantined(this.db, id)
  }

  resolveDeadLetter(
    id: number,
    state: StoredDeadLetter['state'],
    change: { readonly problem?: string; readonly reason?: string },
  ) {
    return decideQuarantined(this.db, id, state, change, now(this.#clock))
  }

  saveCheckpoint(name: string, body: unknown) {
    return saveCheckpoint(this.db, name, body, now(this.#clock))
  }
}

/** The Kysely behind a transaction of this store, for SQL that lives in src/store. */
export function kyselyOf(tx: Transaction): Kysely<Database> {
  if (!(tx instanceof StoreTransaction)) throw new TypeError('This transaction is not one of the store.')
  return tx.db
}

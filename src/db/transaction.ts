import { CompiledQuery, type Kysely, sql } from 'kysely'
import { type Clock, now } from '../domain/clock.ts'
import type { NewChange } from '../domain/events.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { ObservedTicket, StoredTicket, Transaction } from '../domain/transaction.ts'
import type {
  EventTransaction,
  NewDeadLetter,
  NewInboxEvent,
  ReduceEffects,
  StoredDeadLetter,
  TicketKey,
} from '../ingestion/event-store.ts'
import type { EchoMark } from '../sources/webhook-handler.ts'
import { appendingChanges, type RecordedChange, toNewChangeRow } from './repositories/change-log.ts'
import { insertDeadLetters, lockDeadLetter, resolveDeadLetter } from './repositories/dead-letters.ts'
import { claimPending, insertEvents, markingProcessed } from './repositories/inbox.ts'
import { saveCheckpoint } from './repositories/leases-and-checkpoints.ts'
import { findObserved, savingObserved } from './repositories/observed-tickets.ts'
import type { FindSource } from './repositories/ticket-json.ts'
import { findTicketRows, isEcho, lockTickets, savingTickets } from './repositories/tickets.ts'
import type { Database } from './schema.ts'
import { isRetryable } from './storage-errors.ts'

export interface TransactionDeps {
  readonly db: Kysely<Database>
  readonly findSource: FindSource
  readonly clock: Clock
  /** Called after a commit, with the changes that it recorded, in order. */
  readonly notifyCommitted: (changes: readonly RecordedChange[]) => void
}

export type RunTransaction = <T>(work: (tx: StoreTransaction) => Promise<T>) => Promise<T>

const maxAttempts = 4

/** Makes the store's `transaction`. It runs again after a deadlock; any other error of `work` is thrown unchanged. */
export function createTransactionRunner({ db, findSource, clock, notifyCommitted }: TransactionDeps): RunTransaction {
  const runOnce: RunTransaction = async (work) => {
    let recorded: readonly RecordedChange[] = []
    const result = await db.transaction().execute(async (trx) => {
      const tx = new StoreTransaction(trx, findSource, clock)
      const value = await work(tx)
      recorded = tx.recorded
      return value
    })
    if (recorded.length > 0) notifyCommitted(recorded)
    return result
  }
  return async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await runOnce(work)
      } catch (error) {
        if (attempt === maxAttempts || !isRetryable(error)) throw error
      }
    }
  }
}

/** A transaction of this store. The features see it through `Transaction` and `EventTransaction`. */
class StoreTransaction implements EventTransaction {
  /** The changes recorded so far, in order. */
  readonly recorded: RecordedChange[] = []
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

  lockTickets(refs: readonly EntityRef[]): Promise<void> {
    return lockTickets(this.db, refs)
  }

  findTickets(refs: readonly EntityRef[]) {
    return findTicketRows(this.db, refs, this.#findSource)
  }

  saveTickets(tickets: readonly StoredTicket[]): Promise<void> {
    return this.saveEffects({ tickets, processed: [], changes: [] })
  }

  findObserved(refs: readonly EntityRef[]): Promise<readonly (ObservedTicket | null)[]> {
    return findObserved(this.db, refs, this.#findSource)
  }

  async saveObserved(tickets: readonly Ticket[]): Promise<void> {
    if (tickets.length > 0) await savingObserved(tickets, now(this.#clock), false).execute(this.db)
  }

  record(changes: readonly NewChange[]): Promise<void> {
    return this.saveEffects({ tickets: [], processed: [], changes })
  }

  /** One statement for all tables: the last part is the query itself, the parts before it are its common table expressions. */
  async saveEffects({ tickets, processed, changes }: ReduceEffects): Promise<void> {
    const at = now(this.#clock)
    const rows = changes.map((change) => toNewChangeRow(change, at))
    const pulled = changes.flatMap(({ ticket }) => (ticket.source.mode === 'PULL' ? [ticket] : []))
    const parts = [
      ...(pulled.length > 0 ? [savingObserved(pulled, at, true)] : []),
      ...(tickets.length > 0 ? [savingTickets(tickets, at)] : []),
      ...(processed.length > 0 ? [markingProcessed(processed)] : []),
      ...(rows.length > 0 ? [appendingChanges(rows)] : []),
    ]
    const last = parts.pop()
    if (!last) return
    const others = parts.map((part, index) => sql`${sql.ref(`part${index}`)} as (${part})`)
    const withOthers = others.length > 0 ? sql`with ${sql.join(others)}` : sql``
    // Changes are always the last part, so the statement returns their numbers, or no rows when there are none.
    const { rows: numbered } = await sql<{ seq: number }>`${withOthers} ${last}`.execute(this.db)
    const numbers = numbered.map(({ seq }) => seq).sort((a, b) => a - b)
    this.recorded.push(...rows.map((row, index) => ({ ...row, seq: numbers[index]! })))
  }

  claim(keys: readonly TicketKey[], limit: number) {
    return claimPending(this.db, keys, limit, this.#findSource)
  }

  insertEvents(events: readonly NewInboxEvent[]) {
    return insertEvents(this.db, events)
  }

  insertDeadLetters(deadLetters: readonly NewDeadLetter[]) {
    return insertDeadLetters(this.db, deadLetters)
  }

  isEcho(sourceKey: string, mark: EchoMark, since: Instant) {
    return isEcho(this.db, sourceKey, mark, since)
  }

  lockDeadLetter(id: number) {
    return lockDeadLetter(this.db, id)
  }

  resolveDeadLetter(
    id: number,
    state: StoredDeadLetter['state'],
    change: { readonly problem?: string; readonly reason?: string },
  ) {
    return resolveDeadLetter(this.db, id, state, change, now(this.#clock))
  }

  saveCheckpoint(name: string, body: unknown) {
    return saveCheckpoint(this.db, name, body, now(this.#clock))
  }
}

/** The Kysely of a transaction, for SQL that joins it. Throws TypeError for a transaction that is not this store's. */
export function kyselyOf(tx: Transaction): Kysely<Database> {
  if (!(tx instanceof StoreTransaction)) throw new TypeError('This transaction does not belong to the store.')
  return tx.db
}

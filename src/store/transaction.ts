import { CompiledQuery, type Kysely } from 'kysely'
import type {
  EventTransaction,
  HeldEvent,
  NewInboxEvent,
  NewQuarantined,
  SettledState,
  TicketKey,
} from '../domain/event-store.ts'
import type { NewChange } from '../domain/events.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { EchoMark } from '../domain/intake.ts'
import type { TicketToKeep, Transaction } from '../domain/unit-of-work.ts'
import { type Clock, now } from '../lib/clock.ts'
import type { Instant } from '../lib/instant.ts'
import { saveCheckpoint } from './checkpoints.ts'
import type { Database } from './database.ts'
import { claimPending, insertInbox, isEchoOfOurs, settleInbox } from './inbox-rows.ts'
import { appendJournal } from './journal-rows.ts'
import { decideQuarantined, insertQuarantine, lockQuarantined } from './quarantine-rows.ts'
import type { FindSource } from './ticket-json.ts'
import { lockTicketKeys } from './ticket-locks.ts'
import { findTicketRows, saveTicketRows } from './ticket-rows.ts'

/** A transaction as the store's own parts see it: with its Kysely. */
export class StoreTransaction implements EventTransaction {
  /** The last journal number written here; null while there is none. */
  lastSeq: number | null = null
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

  saveTickets(tickets: readonly TicketToKeep[]): Promise<void> {
    return saveTicketRows(this.db, tickets, now(this.#clock))
  }

  async record(changes: readonly NewChange[]): Promise<void> {
    if (changes.length === 0) return
    this.lastSeq = await appendJournal(this.db, changes, now(this.#clock))
  }

  claim(keys: readonly TicketKey[], limit: number) {
    return claimPending(this.db, keys, limit)
  }

  settle(results: readonly { readonly id: number; readonly state: SettledState }[]) {
    return settleInbox(this.db, results)
  }

  keepEvents(events: readonly NewInboxEvent[]) {
    return insertInbox(this.db, events)
  }

  quarantine(events: readonly NewQuarantined[]) {
    return insertQuarantine(this.db, events)
  }

  isEcho(sourceKey: string, mark: EchoMark, since: Instant) {
    return isEchoOfOurs(this.db, sourceKey, mark, since)
  }

  lockHeld(id: number) {
    return lockQuarantined(this.db, id)
  }

  decideHeld(id: number, state: HeldEvent['state'], change: { readonly problem?: string; readonly reason?: string }) {
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

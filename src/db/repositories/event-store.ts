import type { Kysely } from 'kysely'
import type { EventStore } from '../../ingestion/event-store.ts'
import type { Database } from '../schema.ts'
import type { StoreTransaction } from '../transaction.ts'
import { findCheckpoint } from './checkpoints.ts'
import { findQuarantined, listQuarantine } from './dead-letters.ts'
import { findOutcomes, findPendingTickets, insertInbox } from './inbox.ts'

/** Inbox, quarantine and checkpoints of this database. */
export function createEventStore(
  db: Kysely<Database>,
  transaction: <T>(work: (tx: StoreTransaction) => Promise<T>) => Promise<T>,
): EventStore {
  return {
    transaction,
    insert(events, held) {
      // One statement commits by itself; only both kinds together need a transaction.
      if (held.length === 0) return insertInbox(db, events)
      return transaction(async (tx) => {
        await tx.insertDeadLetters(held)
        return tx.insertEvents(events)
      })
    },
    findPendingTickets: (sourceKeys, before, limit) => findPendingTickets(db, sourceKeys, before, limit),
    findOutcomes: (ids) => findOutcomes(db, ids),
    listDeadLetters: (request) => listQuarantine(db, request),
    findDeadLetters: (ids) => findQuarantined(db, ids),
    findCheckpoint: (name) => findCheckpoint(db, name),
    saveCheckpoint: (name, body) => transaction((tx) => tx.saveCheckpoint(name, body)),
  }
}

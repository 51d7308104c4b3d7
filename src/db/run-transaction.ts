import type { Kysely } from 'kysely'
import type { Clock } from '../domain/clock.ts'
import type { FindSource } from './repositories/ticket-json.ts'
import type { Database } from './schema.ts'
import { isRetryable } from './storage-errors.ts'
import { type JournalledRow, StoreTransaction } from './transaction.ts'

const attempts = 4

/** Makes the store's `transaction`: run again after a deadlock, and announced after a commit that journalled something. */
export function createTransactions(
  db: Kysely<Database>,
  findSource: FindSource,
  clock: Clock,
  announce: (rows: readonly JournalledRow[]) => void,
): <T>(work: (tx: StoreTransaction) => Promise<T>) => Promise<T> {
  const once = async <T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> => {
    let journalled: readonly JournalledRow[] = []
    const result = await db.transaction().execute(async (trx) => {
      const tx = new StoreTransaction(trx, findSource, clock)
      const value = await work(tx)
      journalled = tx.journalled
      return value
    })
    if (journalled.length > 0) announce(journalled)
    return result
  }
  return async (work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(work)
      } catch (error) {
        if (attempt === attempts || !isRetryable(error)) throw error
      }
    }
  }
}

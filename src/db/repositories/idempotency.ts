import type { Kysely } from 'kysely'
import { type Clock, now } from '../../domain/clock.ts'
import { toEpochMs } from '../../domain/instant.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import { outcomeUnknown } from '../../domain/writes.ts'
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from '../../tickets/idempotency-store.ts'
import type { Database } from '../schema.ts'

/** A write ends within its deadline. An older claim without an answer was left behind by a process that died. */
const abandonedAfterMs = 5 * 60_000

const abandonedAnswer: StoredAnswer = { outcome: 'UNKNOWN', ticketId: null, userErrors: outcomeUnknown(null).userErrors }

const keyOf = (claim: IdempotencyClaim) => ({
  viewer_id: sanitizeForPostgres(claim.viewerId),
  key: sanitizeForPostgres(claim.key),
})

/** Answers of writes that carried a key. A claim is one insert, so it is atomic across replicas. */
export function createIdempotencyStore(db: Kysely<Database>, clock: Clock): IdempotencyStore {
  const findRow = (claim: IdempotencyClaim) =>
    db
      .selectFrom('idempotency')
      .selectAll()
      .where((e) => e.and(keyOf(claim)))
      .executeTakeFirst()

  const insert = async (claim: IdempotencyClaim): Promise<boolean> => {
    const { mutation, fingerprint } = claim
    const inserted = await db
      .insertInto('idempotency')
      .values({ ...keyOf(claim), mutation, fingerprint, answer: null, created_at: now(clock) })
      .onConflict((conflict) => conflict.doNothing())
      .returning('key')
      .execute()
    return inserted.length === 1
  }

  const finish = async (claim: IdempotencyClaim, answer: StoredAnswer): Promise<void> => {
    await db
      .updateTable('idempotency')
      .set({ answer: JSON.stringify(answer) })
      .where((e) => e.and({ ...keyOf(claim), fingerprint: claim.fingerprint }))
      .execute()
  }

  return {
    async begin(claim) {
      if (await insert(claim)) return { state: 'fresh' }
      const row = await findRow(claim)
      // The first use gave its key back between the two statements.
      if (!row) return { state: 'running' }
      if (row.mutation !== claim.mutation || row.fingerprint !== claim.fingerprint) return { state: 'mismatch' }
      if (row.answer !== null) return { state: 'done', answer: JSON.parse(row.answer) }
      if (clock() - toEpochMs(row.created_at) < abandonedAfterMs) return { state: 'running' }
      await finish(claim, abandonedAnswer)
      return { state: 'done', answer: abandonedAnswer }
    },
    finish,
    async release(claim) {
      await db
        .deleteFrom('idempotency')
        .where((e) => e.and(keyOf(claim)))
        .where('answer', 'is', null)
        .execute()
    },
  }
}

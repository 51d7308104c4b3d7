import type { Kysely } from 'kysely'
import { type Clock, now } from '../../domain/clock.ts'
import { toEpochMs } from '../../domain/instant.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import { outcomeUnknown } from '../../domain/writes.ts'
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from '../../tickets/idempotency-store.ts'
import type { Database } from '../schema.ts'

/** A write ends within its deadline: a claim older than this was left by a process that died in the middle. */
const abandonedMs = 5 * 60_000

const abandoned: StoredAnswer = { outcome: 'UNKNOWN', ticketId: null, userErrors: outcomeUnknown(null).userErrors }

const keyOf = (claim: IdempotencyClaim) => ({
  viewer_id: sanitizeForPostgres(claim.viewerId),
  key: sanitizeForPostgres(claim.key),
})

/** Answers of writes that carried a key. The claim is one insert, so it is atomic across replicas. */
export function createIdempotencyStore(db: Kysely<Database>, clock: Clock): IdempotencyStore {
  const rowOf = (claim: IdempotencyClaim) => {
    const { viewer_id, key } = keyOf(claim)
    return db.selectFrom('idempotency').selectAll().where('viewer_id', '=', viewer_id).where('key', '=', key).executeTakeFirst()
  }

  const insert = async (claim: IdempotencyClaim): Promise<boolean> => {
    const row = {
      ...keyOf(claim),
      mutation: claim.mutation,
      fingerprint: claim.fingerprint,
      answer: null,
      created_at: now(clock),
    }
    const inserted = await db
      .insertInto('idempotency')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .returning('key')
      .execute()
    return inserted.length === 1
  }

  const finish = async (claim: IdempotencyClaim, answer: StoredAnswer): Promise<void> => {
    const { viewer_id, key } = keyOf(claim)
    await db
      .updateTable('idempotency')
      .set({ answer: JSON.stringify(answer) })
      .where('viewer_id', '=', viewer_id)
      .where('key', '=', key)
      .where('fingerprint', '=', claim.fingerprint)
      .execute()
  }

  return {
    async begin(claim) {
      if (await insert(claim)) return { state: 'fresh' }
      const row = await rowOf(claim)
      if (!row) return { state: 'running' }
      if (row.mutation !== claim.mutation || row.fingerprint !== claim.fingerprint) return { state: 'mismatch' }
      if (row.answer !== null) return { state: 'done', answer: JSON.parse(row.answer) }
      if (clock() - toEpochMs(row.created_at) < abandonedMs) return { state: 'running' }
      await finish(claim, abandoned)
      return { state: 'done', answer: abandoned }
    },
    finish,
    async release(claim) {
      const { viewer_id, key } = keyOf(claim)
      await db
        .deleteFrom('idempotency')
        .where('viewer_id', '=', viewer_id)
        .where('key', '=', key)
        .where('answer', 'is', null)
        .execute()
    },
  }
}

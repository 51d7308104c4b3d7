import { hash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { type Clock, now } from '../../domain/clock.ts'
import { toEpochMs } from '../../domain/instant.ts'
import { outcomeUnknown } from '../../domain/writes.ts'
import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from '../../tickets/idempotency-store.ts'
import type { Database, IdempotencyTable } from '../schema.ts'

/** A write ends within its deadline. An older claim without an answer was left behind by a process that died. */
const abandonedAfterMs = 5 * 60_000

const abandonedAnswer: StoredAnswer = { outcome: 'UNKNOWN', ticketId: null, userErrors: outcomeUnknown(null).userErrors }

/** The column `answer`. A released row is free for any claim; its answer is for the requests that wait for the claim before. */
type Kept = StoredAnswer & { readonly released?: true }

/** A row of an index has at most 2,704 bytes, of which the key may take 1,020. Subjects of OpenID Connect have at most 255 characters. */
const maxViewerLength = 400

/** Texts that differ are two keys: none is changed, and a long viewer's id becomes its hash. */
const keyOf = ({ viewerId, key }: IdempotencyClaim) => ({
  viewer_id: viewerId.length > maxViewerLength ? `sha256:${hash('sha256', viewerId)}` : viewerId,
  key,
})
const toKept = ({ answer }: IdempotencyTable): Kept | null => (answer === null ? null : JSON.parse(answer))
const isOf = (row: IdempotencyTable, { mutation, fingerprint }: IdempotencyClaim) =>
  row.mutation === mutation && row.fingerprint === fingerprint

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

  /** Claims a released row. Of several claims at once one succeeds, because it changes the answer that all of them have read. */
  const claimReleased = async (claim: IdempotencyClaim, { answer }: IdempotencyTable): Promise<boolean> => {
    const { mutation, fingerprint } = claim
    const claimed = await db
      .updateTable('idempotency')
      .set({ mutation, fingerprint, answer: null, created_at: now(clock) })
      .where((e) => e.and({ ...keyOf(claim), answer }))
      .returning('key')
      .execute()
    return claimed.length === 1
  }

  const updateAnswer = (claim: IdempotencyClaim, answer: Kept) =>
    db
      .updateTable('idempotency')
      .set({ answer: JSON.stringify(answer) })
      .where((e) => e.and({ ...keyOf(claim), fingerprint: claim.fingerprint }))

  /** The answer of a claim. A claim that its process left behind gets one here; null: it may still run. */
  const settle = async (claim: IdempotencyClaim, row: IdempotencyTable): Promise<Kept | null> => {
    if (row.answer !== null || clock() - toEpochMs(row.created_at) < abandonedAfterMs) return toKept(row)
    // The write's own answer, which may arrive in this moment, is not overwritten.
    await updateAnswer(claim, abandonedAnswer).where('answer', 'is', null).execute()
    return toKept((await findRow(claim)) ?? row)
  }

  return {
    async begin(claim) {
      if (await insert(claim)) return { state: 'fresh' }
      const row = await findRow(claim)
      // Housekeeping or an erasure removed the row between the two statements.
      if (!row) return { state: 'running' }
      if (toKept(row)?.released) return { state: (await claimReleased(claim, row)) ? 'fresh' : 'running' }
      if (!isOf(row, claim)) return { state: 'mismatch' }
      const answer = await settle(claim, row)
      return answer ? { state: 'done', answer } : { state: 'running' }
    },
    async answerOf(claim) {
      const row = await findRow(claim)
      if (!row || !isOf(row, claim)) return null
      const kept = await settle(claim, row)
      if (kept === null) return null
      const { released: _, ...answer } = kept
      return answer
    },
    async finish(claim, answer) {
      await updateAnswer(claim, answer).execute()
    },
    async release(claim, answer) {
      await updateAnswer(claim, { ...answer, released: true }).execute()
    },
  }
}

import type { IdempotencyClaim, IdempotencyStore, StoredAnswer } from '../../src/tickets/idempotency-store.ts'

interface Row {
  readonly claim: IdempotencyClaim
  /** null: the claim is running. */
  readonly answer: StoredAnswer | null
  readonly released: boolean
}

export interface MemoryIdempotency extends IdempotencyStore {
  /** By viewer and key. */
  readonly rows: ReadonlyMap<string, Row>
}

/** Keeps answers as the store does, for one process. */
export function createMemoryIdempotency(): MemoryIdempotency {
  const rows = new Map<string, Row>()
  const keyOf = (claim: IdempotencyClaim) => `${claim.viewerId}\0${claim.key}`
  const isOf = ({ claim }: Row, other: IdempotencyClaim) =>
    claim.mutation === other.mutation && claim.fingerprint === other.fingerprint
  return {
    rows,
    async begin(claim) {
      const row = rows.get(keyOf(claim))
      if (!row || row.released) {
        rows.set(keyOf(claim), { claim, answer: null, released: false })
        return { state: 'fresh' }
      }
      if (!isOf(row, claim)) return { state: 'mismatch' }
      return row.answer ? { state: 'done', answer: row.answer } : { state: 'running' }
    },
    async answerOf(claim) {
      const row = rows.get(keyOf(claim))
      return row && isOf(row, claim) ? row.answer : null
    },
    async finish(claim, answer) {
      rows.set(keyOf(claim), { claim, answer, released: false })
    },
    async release(claim, answer) {
      rows.set(keyOf(claim), { claim, answer, released: true })
    },
  }
}

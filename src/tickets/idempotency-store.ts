import type { UserError, WriteOutcome } from '../domain/writes.ts'

/** Answers to writes that carried a key. Kept in the store; `begin` is atomic across replicas. */
export interface IdempotencyStore {
  /**
   * Claims the key for this viewer. `fresh`: go on and `finish`. `done`: here is the stored answer.
   * `mismatch`: the key was used with another mutation or input. `running`: the first use has not finished.
   */
  begin(
    claim: IdempotencyClaim,
  ): Promise<
    | { readonly state: 'fresh' }
    | { readonly state: 'done'; readonly answer: StoredAnswer }
    | { readonly state: 'mismatch' }
    | { readonly state: 'running' }
  >
  finish(claim: IdempotencyClaim, answer: StoredAnswer): Promise<void>
  /** Gives the key back: nothing was sent. */
  release(claim: IdempotencyClaim): Promise<void>
}
export interface IdempotencyClaim {
  readonly viewerId: string
  readonly key: string
  readonly mutation: string
  /** A hash of the input without its key. */
  readonly fingerprint: string
}
export interface StoredAnswer {
  readonly outcome: WriteOutcome
  readonly ticketId: string | null
  readonly userErrors: readonly UserError[]
}

import type { Instant } from '../domain/instant.ts'
import type { UserError, WriteOutcome } from '../domain/writes.ts'

/** Stored answers to writes that carried an idempotency key. Shared by all replicas. Rejects with STORAGE_UNAVAILABLE. */
export interface IdempotencyStore {
  /**
   * Claims the key for this viewer, atomically across replicas.
   * - `fresh`: the key is new. Send the write, then `finish` or `release`.
   * - `done`: the write was sent before; here is its stored answer.
   * - `mismatch`: the key was used with another mutation or input.
   * - `running`: the first use has not finished. `answerOf` tells when it has.
   */
  begin(
    claim: IdempotencyClaim,
  ): Promise<
    | { readonly state: 'fresh' }
    | { readonly state: 'done'; readonly answer: StoredAnswer }
    | { readonly state: 'mismatch' }
    | { readonly state: 'running' }
  >
  /** The answer of a claim that was `running`, also when its key is free again by now. null: there is none yet. */
  answerOf(claim: IdempotencyClaim): Promise<StoredAnswer | null>
  /** Stores the answer: from now on `begin` gives `done`. */
  finish(claim: IdempotencyClaim, answer: StoredAnswer): Promise<void>
  /** Frees the key, because nothing was done: the next `begin` gives `fresh`. Requests that wait for this claim get the answer. */
  release(claim: IdempotencyClaim, answer: StoredAnswer): Promise<void>
}

export interface IdempotencyClaim {
  /** A key belongs to one viewer: the same text of another viewer is another key. */
  readonly viewerId: string
  /** Storable text (`isStorable`), as the viewer's id. */
  readonly key: string
  /** The action, e.g. `CLOSE`. */
  readonly mutation: string
  /** A hash of the input without its key. */
  readonly fingerprint: string
}

/** What is kept of an answer. The ticket is not: a repeated request reads it again. */
export interface StoredAnswer {
  readonly outcome: WriteOutcome
  /** The global id; null when the write has no ticket. */
  readonly ticketId: string | null
  readonly userErrors: readonly UserError[]
  /** Of a reply: what finds its message in the thread again. */
  readonly message?: WrittenMessage
}

/** `id`: the message's global id, where the source's answer named it. */
export interface WrittenMessage {
  readonly id: string | null
  readonly sentAt: Instant
}

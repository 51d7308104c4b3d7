import type { Call } from './call.ts'
import type { BulkResult } from './writes.ts'

/** Asks for the comparison of one batch of known tickets with their source. */
export interface ReconcileRequest {
  readonly sourceKey: string
  /** How many tickets are compared at most. */
  readonly limit: number
  /** The `endCursor` of the batch before; null: the first batch. */
  readonly after: string | null
  /** true: nothing is recorded. */
  readonly dryRun: boolean
  /** true: also a batch of which most tickets are missing is recorded. */
  readonly force: boolean
}

/** The comparison of one batch. `done`: how many tickets differed; `failed`: how many could not be read. */
export interface ReconcileResult extends BulkResult {
  /** How many tickets were compared. */
  readonly checked: number
  /** Global ids of tickets that differ from what was known. */
  readonly changedIds: readonly string[]
  /** Global ids of tickets that are gone. */
  readonly removedIds: readonly string[]
  /** How many tickets of the source are known, and not known to be gone. */
  readonly total: number
  /** null: this was the last batch. */
  readonly endCursor: string | null
}

/** Finds what has changed or gone at a pulled source without a webhook or a poll that told it, and records it in the change log. */
export interface Reconciler {
  /** Reads each ticket with the account of the gateway. Rejects with BAD_USER_INPUT for a cursor that is none, and with a fault of the store. */
  reconcile(request: ReconcileRequest, call: Call): Promise<ReconcileResult>
}

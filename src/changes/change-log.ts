import type { Change, ChangeRecorder, TicketHistory } from '../domain/events.ts'
import type { UnitOfWork } from '../domain/transaction.ts'

/** One entry of the change log. */
export interface ChangeLogEntry {
  /** The sequence number. It grows in commit order; numbers may be missing. */
  readonly seq: number
  readonly change: Change
}

/** What one read of the change log returns. */
export interface ChangeLogSlice {
  /** Ordered by `seq`. Entries of sources that are no longer configured are left out. */
  readonly changes: readonly ChangeLogEntry[]
  /** The last sequence number read, also when its entry was left out. The next read begins after it. */
  readonly lastSeq: number
  /** True when the read reached its limit, so that more entries may exist. */
  readonly hasMore: boolean
}

/** What one commit of this process appended. No other commit has a number between `firstSeq` and `lastSeq`. */
export interface ChangeLogCommit {
  readonly firstSeq: number
  readonly lastSeq: number
  /** The same entries that `ChangeLog.read` would return. */
  changes(): readonly ChangeLogEntry[]
}

/**
 * The append-only log of changes. Sequence numbers become visible in commit order:
 * a reader that has read up to n never misses an entry below n.
 */
export interface ChangeLog extends TicketHistory {
  /** Entries after the sequence number `after` (exclusive), at most `limit`. */
  read(after: number, limit: number): Promise<ChangeLogSlice>
  /** `head`: the last number written. `prunedThrough`: entries up to this number are deleted. */
  bounds(): Promise<{ readonly head: number; readonly prunedThrough: number }>
  /** The sequence number in a cursor; null when the text is not a cursor of this log. */
  parseCursor(cursor: string): number | null
  /** Calls the listener after each commit of this process that appended entries. Returns a function that removes it. */
  onCommitted(listener: (commit: ChangeLogCommit) => void): () => void
  /** True when other processes append to the same log. Their commits are found by reading only. */
  readonly shared: boolean
}

/** Records our own writes. A poll or a webhook that finds the same change meanwhile waits, and then knows it. */
export function createChangeRecorder(store: UnitOfWork): ChangeRecorder {
  return {
    record: (change) =>
      store.transaction(async (tx) => {
        const { source, tenant, externalId } = change.ticket
        await tx.lockTickets([{ kind: 'ticket', sourceKey: source.key, tenant, externalId }])
        await tx.record([change])
      }),
  }
}

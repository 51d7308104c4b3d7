import type { Change, TicketEvent } from '../domain/events.ts'
import type { Page, PageRequest } from '../domain/page.ts'

export interface ChangeLogSlice {
  readonly changes: readonly { readonly seq: number; readonly change: Change }[]
  /** The last number read, also where its change was left out. */
  readonly lastSeq: number
  /** More may follow at once. */
  readonly hasMore: boolean
}

/** What one commit of this process added to the journal: the numbers from `firstSeq` to `lastSeq`, with nobody else's between. */
export interface ChangeLogCommit {
  readonly firstSeq: number
  readonly lastSeq: number
  /** As `read` would give them. */
  changes(): ChangeLogSlice['changes']
}

/** The journal of changes as a log: numbers grow in commit order, so a reader at n has missed nothing below it. */
export interface ChangeLog {
  read(after: number, limit: number): Promise<ChangeLogSlice>
  /** `head`: the last number written; `prunedThrough`: numbers up to this are no longer kept. */
  bounds(): Promise<{ readonly head: number; readonly prunedThrough: number }>
  eventsOf(ticketId: string, page: PageRequest): Promise<Page<TicketEvent>>
  /** The number that a cursor stands for; null when it is not one of ours. */
  parseCursor(cursor: string): number | null
  /** Calls back after each commit in this process that journalled something. Returns how to stop. */
  onCommitted(listener: (commit: ChangeLogCommit) => void): () => void
  /** Other processes write to the same journal: look for their changes too. */
  readonly shared: boolean
}

import type { ChangeLog, ChangeLogCommit, ChangeLogEntry } from '../../src/changes/change-log.ts'
import type { Change } from '../../src/domain/events.ts'

export interface MemoryLogOptions {
  /** Entries up to this number are deleted. */
  readonly prunedThrough?: number
  readonly shared?: boolean
}

/** A change log in memory with the entries 1 to `count`. Entry n has the cursor `cn`. */
export function createMemoryLog(count: number, { prunedThrough = 0, shared = false }: MemoryLogOptions = {}) {
  const entryOf = (seq: number): ChangeLogEntry => ({ seq, change: { cursor: `c${seq}`, gap: false } as Change })
  const entries = Array.from({ length: count }, (_, index) => entryOf(index + 1)).filter(({ seq }) => seq > prunedThrough)
  const listeners = new Set<(commit: ChangeLogCommit) => void>()
  /** The numbers that reads began after, in their order. */
  const reads: number[] = []
  const changeLog: ChangeLog = {
    async read(after, limit) {
      reads.push(after)
      const changes = entries.filter(({ seq }) => seq > after).slice(0, limit)
      return { changes, lastSeq: changes.at(-1)?.seq ?? after, hasMore: changes.length === limit }
    },
    bounds: async () => ({ head: entries.at(-1)?.seq ?? prunedThrough, prunedThrough }),
    eventsOf: async () => [],
    eventsByTime: async () => [],
    departmentsOf: async (ids) => ids.map(() => null),
    latestCursor: async () => 'c0',
    findEvents: async (ids) => ids.map(() => null),
    parseCursor: (cursor) => (/^c\d+$/.test(cursor) ? Number(cursor.slice(1)) : null),
    onCommitted(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    shared,
  }
  /** Appends as another process does: no listener is told. */
  const appendSilently = (): ChangeLogEntry => {
    const entry = entryOf((entries.at(-1)?.seq ?? prunedThrough) + 1)
    entries.push(entry)
    return entry
  }
  /** Appends as a commit of this process. */
  const append = (): void => {
    const entry = appendSilently()
    for (const listener of listeners) listener({ firstSeq: entry.seq, lastSeq: entry.seq, changes: () => [entry] })
  }
  return { changeLog, append, appendSilently, reads, listenerCount: () => listeners.size }
}

export type MemoryLog = ReturnType<typeof createMemoryLog>

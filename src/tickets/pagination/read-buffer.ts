import type { Ticket } from '../../domain/ticket.ts'
import type { SourceState } from './page-cursor.ts'

/** The records that a walk has read for a page, in the source's order, and which of them match. */
export interface ReadBuffer {
  readonly records: Ticket[]
  readonly found: Ticket[]
  ended: boolean
  totalCount: number | null
  add(tickets: readonly Ticket[]): void
  /**
   * How many records lie behind the first `taken` matching ones: up to the next that matches,
   * so that what did not match is not read again.
   */
  recordsBehind(taken: number): number
  /** The end where all is given, else what the walk makes of the records behind it. */
  stateAfter(taken: number, stateAfterRecords: (count: number) => SourceState | null): SourceState | null
}

export function createReadBuffer(test: ((ticket: Ticket) => boolean) | null): ReadBuffer {
  const records: Ticket[] = []
  const found: Ticket[] = test ? [] : records
  const foundAt: number[] = []
  const log: ReadBuffer = {
    records,
    found,
    ended: false,
    totalCount: null,
    add(tickets) {
      if (!test) records.push(...tickets)
      else
        for (const ticket of tickets) {
          records.push(ticket)
          if (!test(ticket)) continue
          foundAt.push(records.length - 1)
          found.push(ticket)
        }
    },
    recordsBehind: (taken) => (test ? (foundAt[taken] ?? records.length) : taken),
    stateAfter(taken, stateAfterRecords) {
      const behind = log.recordsBehind(taken)
      return log.ended && behind === records.length ? { e: 1, n: log.totalCount } : stateAfterRecords(behind)
    },
  }
  return log
}

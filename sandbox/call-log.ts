/** One call that a simulator was asked. */
export interface CallRecord {
  readonly operation: string
  readonly method: string
  readonly path: string
  /** The X-Agent-User-ID header, where there was one. */
  readonly agent: string | null
  readonly status: number
}

/** The simulator's own count of what it was asked. */
export interface CallLog {
  count(operation: string): void
  record(call: CallRecord): void
  counts(): Readonly<Record<string, number>>
  /** The latest calls, oldest first; at most 1,000. */
  latest(): readonly CallRecord[]
  reset(): void
}

export function createCallLog(): CallLog {
  let counts: Record<string, number> = {}
  let calls: CallRecord[] = []
  return {
    count(operation) {
      counts[operation] = (counts[operation] ?? 0) + 1
    },
    record(call) {
      calls.push(call)
      if (calls.length > 1000) calls = calls.slice(-500)
    },
    counts: () => ({ ...counts }),
    latest: () => [...calls],
    reset() {
      counts = {}
      calls = []
    },
  }
}

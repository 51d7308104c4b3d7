/** The person or service behind a request. Its identity comes from a verified token, never from input of the client. */
export interface Viewer {
  /** The subject of the token; "anonymous" when authentication is off. */
  readonly id: string
  /** Sent to sources as the agent's identity. null: none is sent. */
  readonly email: string | null
  readonly name: string | null
  readonly scopes: ReadonlySet<string>
  /** When the rights end, in seconds since 1970; null: never. */
  readonly expiresAt: number | null
}

/** The context of one operation: passed to every call that it makes. */
export interface Call {
  readonly viewer: Viewer
  /** Aborts when the client disconnects and when the operation's deadline passes. */
  readonly signal: AbortSignal
  /** When the operation is stopped, on the scale of `performance.now()`. Absent: its transport sets no time. */
  readonly endsAt?: number
  /** For logs, errors and headers to sources. */
  readonly requestId: string
  /** True: a cached answer does not count, because the reader needs the ticket as it is now. */
  readonly fresh?: boolean
  /** Absent: `user`. */
  readonly priority?: CallPriority
  /** Counters of the operation, shared by all its calls. Absent: no caller reads them. */
  readonly stats?: CallStats
}

/** For whom a call is made, the most urgent first. Where a source's budget of calls is short, people are served first. */
export const callPriorities = ['user', 'polling', 'export'] as const
export type CallPriority = (typeof callPriorities)[number]

/** The same call, for reads that no cache may answer. */
export function withoutCache({ viewer, signal, requestId, endsAt, priority, stats }: Call): Call {
  const optional = { ...(endsAt !== undefined && { endsAt }), ...(priority && { priority }), ...(stats && { stats }) }
  return { viewer, signal, requestId, fresh: true, ...optional }
}

/** Mutable: sources, caches and the operation pipeline add to it. */
export interface CallStats {
  /** Calls to sources. A read that joins one in flight counts too. */
  upstreamCalls: number
  /** What each source was asked, by its key. Absent: none was asked. */
  sources?: Record<string, SourceUse>
  /** The operations that were answered, in the order of their answers. Absent: none yet. */
  operations?: OperationRecord[]
  /** Look-ups that the answer cache answered or stored. `leftMs` is the shortest time for which one of them stays valid. */
  cachedLookups?: { count: number; leftMs: number }
}

/** What one request asked of one source. */
export interface SourceUse {
  calls: number
  /** The time of these calls together, in milliseconds. Calls side by side count each. */
  ms: number
}

/** One answered operation, for the access log. */
export interface OperationRecord {
  /** null: it has no name. */
  readonly name: string | null
  /** `query`, `mutation` or `subscription`; `refused` when it was refused before it was known. */
  readonly type: string
  readonly outcome: 'ok' | 'partial' | 'failed'
  /** The codes of its errors and of the failures that are data in its answer, each once. */
  readonly codes: readonly string[]
}

/** The person or service that asks. Identity comes from a verified token, never from what a client sends beside it. */
export interface Viewer {
  /** The token's subject; "anonymous" when identity is switched off. */
  readonly id: string
  /** What goes upstream as the agent's identity. null: nothing is sent. */
  readonly email: string | null
  readonly name: string | null
  readonly scopes: ReadonlySet<string>
  /** Seconds since 1970 at which the rights end; null: never. */
  readonly expiresAt: number | null
}

/** What every call downwards carries: for whom, until when, and how to stop. One per operation. */
export interface Call {
  readonly viewer: Viewer
  /** Aborts when the client goes away or the operation's deadline passes. */
  readonly signal: AbortSignal
  /** Goes into logs, errors and upstream headers. */
  readonly requestId: string
  /** Counts the calls to sources that were begun for it, where somebody wants to know. Shared by the calls made from this one. */
  readonly tally?: CallTally
}

export interface CallTally {
  upstreamCalls: number
  /** The lists of words that the answer cache has given or taken, and for how long the youngest to go may still be given. */
  keptLookUps?: { count: number; leftMs: number }
}

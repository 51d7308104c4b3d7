import { DeskgraphError, type ErrorCode } from '../../domain/errors.ts'

/** Why an attempt returned no answer. */
export type UpstreamErrorKind =
  | 'refused' // no connection: nothing was sent
  | 'reset' // the connection closed before the answer began
  | 'truncated' // the connection closed inside the answer
  | 'server' // 5xx
  | 'slow' // one try took too long, and the call has time for another
  | 'deadline'
  | 'notSent' // the deadline came while the call waited for its turn
  | 'cancelled' // the caller left
  | 'oversized'
  | 'unreadable' // not JSON
  | 'redirect'
  | 'unauthorised' // 401
  | 'rateLimited' // 429
  | 'circuitOpen'
  | 'budgetHeld' // the calls that its plan allows are used up, or kept for others
  | 'bulkheadFull'

interface Rule {
  readonly code: ErrorCode
  /** Follows the source's label in the client's message. */
  readonly message: string
  /** The circuit breaker counts it as a failure of the source. Default: false. */
  readonly tripsCircuit?: true
  /** A read may be sent again. Default: false. */
  readonly retryable?: true
  /** The source may have more to do than it bears. Default: false. */
  readonly showsOverload?: true
}

const rules: Readonly<Record<UpstreamErrorKind, Rule>> = {
  refused: { code: 'UPSTREAM_UNAVAILABLE', message: 'could not be reached', tripsCircuit: true, retryable: true },
  reset: {
    code: 'UPSTREAM_UNAVAILABLE',
    message: 'closed the connection without an answer',
    tripsCircuit: true,
    retryable: true,
    showsOverload: true,
  },
  truncated: {
    code: 'UPSTREAM_BAD_RESPONSE',
    message: 'broke off in the middle of its answer',
    tripsCircuit: true,
    retryable: true,
  },
  server: { code: 'UPSTREAM_UNAVAILABLE', message: 'failed on its side', tripsCircuit: true, retryable: true },
  slow: { code: 'UPSTREAM_TIMEOUT', message: 'did not answer in time', tripsCircuit: true, retryable: true, showsOverload: true },
  deadline: { code: 'UPSTREAM_TIMEOUT', message: 'did not answer in time', tripsCircuit: true, showsOverload: true },
  notSent: { code: 'UPSTREAM_TIMEOUT', message: 'had too much to do to answer in time' },
  cancelled: { code: 'UPSTREAM_TIMEOUT', message: 'was no longer waited for' },
  oversized: { code: 'UPSTREAM_BAD_RESPONSE', message: 'sent more than is accepted', tripsCircuit: true },
  unreadable: { code: 'UPSTREAM_BAD_RESPONSE', message: 'sent an answer that could not be understood', tripsCircuit: true },
  redirect: { code: 'UPSTREAM_BAD_RESPONSE', message: 'pointed elsewhere, which is not followed' },
  unauthorised: { code: 'UPSTREAM_AUTH_FAILED', message: "did not accept the gateway's own credentials" },
  rateLimited: { code: 'UPSTREAM_RATE_LIMITED', message: 'asked for fewer calls', retryable: true, showsOverload: true },
  circuitOpen: { code: 'CIRCUIT_OPEN', message: 'failed repeatedly and is left alone for a moment' },
  budgetHeld: {
    code: 'BUDGET_HELD',
    message: 'gets no more calls for now: its budget is used up, or the rest is kept for others',
  },
  bulkheadFull: { code: 'UPSTREAM_UNAVAILABLE', message: 'has too many calls waiting already' },
}

export interface UpstreamErrorDetails {
  /** Whether the request may have reached the source. */
  readonly sent: boolean
  /** The seconds that the source asked to wait. */
  readonly retryAfter?: number | undefined
  /** The HTTP status, where the source answered. */
  readonly status?: number
  readonly cause?: unknown
}

const overloadStatuses: ReadonlySet<number> = new Set([502, 503, 504])

/** An attempt without an answer. It stays inside this folder: callers receive the DeskgraphError that `toClientError` makes. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
  readonly kind: UpstreamErrorKind
  readonly sent: boolean
  readonly retryAfter: number | undefined
  readonly #status: number | undefined

  constructor(kind: UpstreamErrorKind, { sent, retryAfter, status, cause }: UpstreamErrorDetails) {
    super(kind, { cause })
    this.kind = kind
    this.sent = sent
    this.retryAfter = retryAfter
    this.#status = status
  }

  get code(): ErrorCode {
    return rules[this.kind].code
  }
  get tripsCircuit(): boolean {
    return rules[this.kind].tripsCircuit ?? false
  }
  get retryable(): boolean {
    return rules[this.kind].retryable ?? false
  }
  /** 500 may be a fault of one record; 502, 503 and 504 come from what stands before a busy server. */
  get showsOverload(): boolean {
    return rules[this.kind].showsOverload ?? (this.#status !== undefined && overloadStatuses.has(this.#status))
  }
}

export interface SourceName {
  readonly key: string
  readonly label: string
}

/**
 * Translates the error for clients; its message holds no URL, header or body. An error of a write says that nothing
 * was changed. Other errors are returned as they are.
 */
export function toClientError(error: unknown, source: SourceName, isWrite: boolean): unknown {
  if (!(error instanceof UpstreamError)) return error
  const { code, message } = rules[error.kind]
  const ending = isWrite ? '; nothing was changed' : ''
  const advice = error.kind === 'budgetHeld' ? ` Try again in ${error.retryAfter ?? 1} s.` : ''
  return new DeskgraphError(code, `${source.label} ${message}${ending}.${advice}`, {
    source: source.key,
    retryAfter: error.retryAfter,
    effect: isWrite ? 'none' : undefined,
    cause: error,
  })
}

/** For an answer whose content makes no sense, which its translation finds. */
export function badResponse(source: SourceName, cause?: unknown): DeskgraphError {
  return new DeskgraphError('UPSTREAM_BAD_RESPONSE', `${source.label} ${rules.unreadable.message}.`, {
    source: source.key,
    cause,
  })
}

/** For a read that the source refused for a reason that the viewer cannot change. */
export function readRefused(source: SourceName, status: number): DeskgraphError {
  const code = status === 403 ? 'FORBIDDEN' : 'UPSTREAM_REJECTED'
  const message = status === 403 ? 'does not let you read this' : `did not accept the request (HTTP ${status})`
  return new DeskgraphError(code, `${source.label} ${message}.`, { source: source.key })
}

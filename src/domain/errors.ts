/** The stable codes of `extensions.code`, with HTTP status and default of `retryable`. docs/errors.md describes them for clients. */
export const errorCodes = {
  GRAPHQL_PARSE_FAILED: { status: 400, retryable: false },
  GRAPHQL_VALIDATION_FAILED: { status: 400, retryable: false },
  BAD_USER_INPUT: { status: 400, retryable: false },
  OPERATION_TOO_DEEP: { status: 400, retryable: false },
  OPERATION_TOO_COMPLEX: { status: 400, retryable: false },
  OPERATION_RESOLUTION_FAILURE: { status: 400, retryable: false },
  BAD_REQUEST: { status: 400, retryable: false },
  // As Apollo Server answers: some of its clients send the text of their operation only after a 200.
  PERSISTED_QUERY_NOT_FOUND: { status: 200, retryable: false },
  PERSISTED_QUERY_NOT_SUPPORTED: { status: 200, retryable: false },
  UNAUTHENTICATED: { status: 401, retryable: false },
  FORBIDDEN: { status: 403, retryable: false },
  AUTH_UNAVAILABLE: { status: 503, retryable: true },
  OVERLOADED: { status: 503, retryable: true },
  STORAGE_UNAVAILABLE: { status: 503, retryable: true },
  RATE_LIMITED: { status: 429, retryable: true },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false },
  UPSTREAM_TIMEOUT: { status: 200, retryable: true },
  UPSTREAM_UNAVAILABLE: { status: 200, retryable: true },
  UPSTREAM_RATE_LIMITED: { status: 200, retryable: true },
  CIRCUIT_OPEN: { status: 200, retryable: true },
  BUDGET_HELD: { status: 200, retryable: true },
  ALL_SOURCES_FAILED: { status: 200, retryable: true },
  UPSTREAM_AUTH_FAILED: { status: 200, retryable: false },
  UPSTREAM_BAD_RESPONSE: { status: 200, retryable: false },
  UPSTREAM_REJECTED: { status: 200, retryable: false },
  UPSTREAM_NOT_SUPPORTED: { status: 200, retryable: false },
  INTERNAL_SERVER_ERROR: { status: 500, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>
export type ErrorCode = keyof typeof errorCodes

export interface ErrorDetails {
  /** The key of the source that failed. */
  readonly source?: string | undefined
  /** Seconds after which a retry makes sense. */
  readonly retryAfter?: number | undefined
  /** Of a write: what it has done. Absent: its code tells. */
  readonly effect?: 'none' | 'unknown' | undefined
  /** The original error, for the log. It never reaches a client. */
  readonly cause?: unknown
}

/**
 * The error class of the gateway. Its message goes to clients: it says what happened, where, and what to do. It never contains
 * personal data, nor the URL, a header, the body or the token of a call to a source.
 */
export class DeskgraphError extends Error {
  readonly code: ErrorCode
  readonly source: string | undefined
  readonly retryAfter: number | undefined
  readonly retryable: boolean
  readonly effect: ErrorDetails['effect']

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'DeskgraphError'
    this.code = code
    this.source = details.source
    this.retryAfter = details.retryAfter
    this.retryable = errorCodes[code].retryable
    this.effect = details.effect
  }
}

/**
 * The fields of a log line about work on an event or a change: an error of the gateway with its causes. Of any other error only the name,
 * because its message may hold personal data.
 */
export function toLogFields(error: unknown): { readonly err: DeskgraphError } | { readonly cause: string } {
  return error instanceof DeskgraphError ? { err: error } : { cause: error instanceof Error ? error.name : 'unknown' }
}

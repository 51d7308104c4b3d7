import { DeskgraphError, type ErrorCode } from '../../domain/errors.ts'

/** Why a try brought no answer. */
export type UpstreamErrorKind =
  | 'refused' // no connection: nothing was sent
  | 'reset' // the connection went before an answer began
  | 'truncated' // the connection went in the middle of an answer
  | 'server' // 5xx
  | 'deadline'
  | 'cancelled'
  | 'oversized'
  | 'encoded' // compressed, though nothing but identity was asked for
  | 'unreadable' // not JSON
  | 'redirect'
  | 'unauthorised'
  | 'limited'
  | 'open' // the circuit is
  | 'crowded' // too many calls wait already

interface FaultRule {
  readonly code: ErrorCode
  readonly says: string
  /** Speaks against the source, for the circuit. */
  readonly counts: boolean
  /** A read may be tried again. */
  readonly again: boolean
}

const rules: Readonly<Record<UpstreamErrorKind, FaultRule>> = {
  refused: { code: 'UPSTREAM_UNAVAILABLE', says: 'could not be reached', counts: true, again: true },
  reset: { code: 'UPSTREAM_UNAVAILABLE', says: 'closed the connection without an answer', counts: true, again: true },
  truncated: { code: 'UPSTREAM_BAD_RESPONSE', says: 'broke off in the middle of its answer', counts: true, again: true },
  server: { code: 'UPSTREAM_UNAVAILABLE', says: 'failed on its side', counts: true, again: true },
  deadline: { code: 'UPSTREAM_TIMEOUT', says: 'did not answer in time', counts: true, again: false },
  cancelled: { code: 'UPSTREAM_TIMEOUT', says: 'was no longer waited for', counts: false, again: false },
  oversized: { code: 'UPSTREAM_BAD_RESPONSE', says: 'sent more than is accepted', counts: true, again: false },
  encoded: {
    code: 'UPSTREAM_BAD_RESPONSE',
    says: 'sent a compressed answer, which was not asked for',
    counts: true,
    again: false,
  },
  unreadable: { code: 'UPSTREAM_BAD_RESPONSE', says: 'sent an answer that could not be understood', counts: true, again: false },
  redirect: { code: 'UPSTREAM_BAD_RESPONSE', says: 'pointed elsewhere, which is not followed', counts: false, again: false },
  unauthorised: {
    code: 'UPSTREAM_AUTH_FAILED',
    says: "did not accept the gateway's own credentials",
    counts: false,
    again: false,
  },
  limited: { code: 'UPSTREAM_RATE_LIMITED', says: 'asked for fewer calls', counts: false, again: true },
  open: { code: 'CIRCUIT_OPEN', says: 'failed repeatedly and is left alone for a moment', counts: false, again: false },
  crowded: { code: 'UPSTREAM_UNAVAILABLE', says: 'has too many calls waiting already', counts: false, again: false },
}

/** A try that brought no answer; inside src/upstream only, outside it is a DeskgraphError. */
export class UpstreamError extends Error {
  readonly kind: UpstreamErrorKind
  /** Whether the request may have reached the source. */
  readonly sent: boolean
  /** Seconds, as the source asked for. */
  readonly retryAfter: number | undefined

  constructor(kind: UpstreamErrorKind, details: { sent: boolean; retryAfter?: number | undefined; cause?: unknown }) {
    super(kind, { cause: details.cause })
    this.kind = kind
    this.sent = details.sent
    this.retryAfter = details.retryAfter
  }

  get counts(): boolean {
    return rules[this.kind].counts
  }
  get again(): boolean {
    return rules[this.kind].again
  }
  get code(): ErrorCode {
    return rules[this.kind].code
  }
}

/** The fault as clients see it. A write is never "try again": its message and `retryable` say so. */
export function toError(fault: UpstreamError, source: { key: string; label: string }, isWrite: boolean): DeskgraphError {
  const { code, says } = rules[fault.kind]
  const ending = isWrite ? '; nothing was changed' : ''
  return new DeskgraphError(code, `${source.label} ${says}${ending}.`, {
    source: source.key,
    retryAfter: fault.retryAfter,
    retryable: isWrite ? false : undefined,
    cause: fault,
  })
}

/** An answer whose content makes no sense, found while it is translated. */
export function badResponse(source: { key: string; label: string }, cause?: unknown): DeskgraphError {
  return new DeskgraphError('UPSTREAM_BAD_RESPONSE', `${source.label} ${rules.unreadable.says}.`, { source: source.key, cause })
}

/** A read that the source refused for a reason that the one who asks cannot mend. */
export function readRefused(source: { key: string; label: string }, status: number): DeskgraphError {
  const code = status === 403 ? 'FORBIDDEN' : 'UPSTREAM_REJECTED'
  const says = status === 403 ? 'does not let you read this' : `did not accept the request (HTTP ${status})`
  return new DeskgraphError(code, `${source.label} ${says}.`, { source: source.key })
}

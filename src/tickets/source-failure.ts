import type { Clock } from '../domain/clock.ts'
import { DeskgraphError, type ErrorCode } from '../domain/errors.ts'
import { type Instant, toInstant } from '../domain/instant.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { SourceInfo } from '../sources/source.ts'
import type { SourceOutcome } from './pagination/list-tickets.ts'

// How a source that fails in a list or a count is reported: it is data beside the other sources' (DECISION-16).

/** The part of a report that tells of a failure. */
export interface ReportedFailure {
  readonly outcome: SourceOutcome
  readonly code: ErrorCode | null
  readonly error: string | null
  /** When a retry is worthwhile; null when the source did not say. */
  readonly retryAt: Instant | null
  /** The failure itself, for the log; null when the source did not fail. */
  readonly cause: DeskgraphError | null
}

/** The outcome of a report by error code; every other code is ERROR. */
const outcomes: Partial<Record<ErrorCode, SourceOutcome>> = {
  UPSTREAM_TIMEOUT: 'TIMEOUT',
  UPSTREAM_RATE_LIMITED: 'RATE_LIMITED',
  CIRCUIT_OPEN: 'CIRCUIT_OPEN',
  BUDGET_HELD: 'BUDGET_HELD',
  UPSTREAM_AUTH_FAILED: 'UNAUTHENTICATED',
  FORBIDDEN: 'FORBIDDEN',
}

/** The report of a source that answered. */
export const noFailure: ReportedFailure = { outcome: 'OK', code: null, error: null, retryAt: null, cause: null }

export function toReportedFailure(error: DeskgraphError, clock: Clock): ReportedFailure {
  const { code, message, retryAfter } = error
  return {
    outcome: outcomes[code] ?? 'ERROR',
    code,
    error: message,
    retryAt: retryAfter === undefined ? null : toInstant(clock() + retryAfter * 1000),
    cause: error,
  }
}

/**
 * The failure of a source that was read. `timedOut`: the deadline has passed, or the client has disconnected. The message hides what broke
 * inside a source; the log has it. Throws BAD_USER_INPUT, because the client has to correct its request.
 */
export function toSourceFailure(cause: unknown, source: SourceInfo, timedOut: boolean, logger: Logger): DeskgraphError {
  const error = toSourceError(cause, source, timedOut)
  if (error.code === 'BAD_USER_INPUT') throw error
  if (error.code === 'INTERNAL_SERVER_ERROR') logger.error({ source: source.key, err: cause }, 'a source broke while it was read')
  return error
}

function toSourceError(cause: unknown, source: SourceInfo, timedOut: boolean): DeskgraphError {
  if (cause instanceof DeskgraphError) return cause
  const origin = { source: source.key, cause }
  if (timedOut) return new DeskgraphError('UPSTREAM_TIMEOUT', `${source.label} did not answer in time.`, origin)
  return new DeskgraphError('INTERNAL_SERVER_ERROR', `${source.label} could not be read.`, origin)
}

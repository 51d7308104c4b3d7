import type { Clock } from '../../domain/clock.ts'
import { DeskgraphError, type ErrorCode } from '../../domain/errors.ts'
import { type Instant, toInstant } from '../../domain/instant.ts'
import type { SourceInfo } from '../../sources/source.ts'
import type { SourceOutcome } from '../types.ts'

const outcomes: Partial<Record<ErrorCode, SourceOutcome>> = {
  UPSTREAM_TIMEOUT: 'TIMEOUT',
  UPSTREAM_RATE_LIMITED: 'RATE_LIMITED',
  CIRCUIT_OPEN: 'CIRCUIT_OPEN',
  UPSTREAM_AUTH_FAILED: 'UNAUTHENTICATED',
  FORBIDDEN: 'FORBIDDEN',
}

export function toOutcome(fault: DeskgraphError): SourceOutcome {
  return outcomes[fault.code] ?? 'ERROR'
}

/** When it is worth trying again; null when nobody said. */
export function toRetryAt(fault: DeskgraphError, clock: Clock): Instant | null {
  return fault.retryAfter === undefined ? null : toInstant(clock() + fault.retryAfter * 1000)
}

/** What went wrong at a source, as one of our errors. `late`: the deadline had passed. */
export function toFault(error: unknown, source: SourceInfo, late: boolean): DeskgraphError {
  if (error instanceof DeskgraphError) return error
  if (late) {
    return new DeskgraphError('UPSTREAM_TIMEOUT', `${source.label} did not answer in time.`, { source: source.key, cause: error })
  }
  return new DeskgraphError('INTERNAL_SERVER_ERROR', `${source.label} could not be read.`, { source: source.key, cause: error })
}

/** What to tell of records that were left out; null: none were. */
export function toDroppedText(dropped: number): string | null {
  if (dropped === 0) return null
  return `${dropped} ${dropped === 1 ? 'record' : 'records'} of this source could not be understood and ${dropped === 1 ? 'was' : 'were'} left out.`
}

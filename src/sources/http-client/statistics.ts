import type { Clock } from '../../domain/clock.ts'
import type { ErrorCode } from '../../domain/errors.ts'
import { toInstant } from '../../domain/instant.ts'
import type { SourceHealth, SourceState } from '../source.ts'

/** The last calls of one source: as many as say something, few enough to forget an outage soon. */
const remembered = 128
const degradedFrom = 0.1

export interface Statistics {
  record(latencyMs: number, failure: ErrorCode | null): void
  /** `reachable` false: the circuit is open. */
  toHealth(reachable: boolean): SourceHealth
}

export function createStatistics(clock: Clock): Statistics {
  const latencies = new Float64Array(remembered)
  const failures = new Uint8Array(remembered)
  let calls = 0
  let checkedAt = 0
  let lastError: ErrorCode | null = null
  return {
    record(latencyMs, failure) {
      const index = calls++ % remembered
      latencies[index] = latencyMs
      failures[index] = failure === null ? 0 : 1
      checkedAt = clock()
      if (failure !== null) lastError = failure
    },
    toHealth(reachable) {
      const count = Math.min(calls, remembered)
      const sorted = latencies.slice(0, count).sort()
      const failed = failures.subarray(0, count).reduce((sum, one) => sum + one, 0)
      const errorRate = count === 0 ? null : failed / count
      return {
        state: toState(reachable, errorRate),
        checkedAt: count === 0 ? null : toInstant(checkedAt),
        latencyP50Ms: percentile(sorted, 0.5),
        latencyP99Ms: percentile(sorted, 0.99),
        errorRate,
        lastError,
      }
    },
  }
}

function toState(reachable: boolean, errorRate: number | null): SourceState {
  if (errorRate === null) return 'UNKNOWN'
  if (!reachable || errorRate === 1) return 'DOWN'
  return errorRate >= degradedFrom ? 'DEGRADED' : 'UP'
}

function percentile(sorted: Float64Array, share: number): number | null {
  return sorted.length === 0 ? null : (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null)
}

import type { Clock } from '../../domain/clock.ts'
import type { ErrorCode } from '../../domain/errors.ts'
import { toInstant } from '../../domain/instant.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import type { SourceHealth, SourceState } from '../source.ts'
import type { OutgoingRequest } from './http-exchange.ts'
import { UpstreamError } from './upstream-error.ts'

/** Enough calls for percentiles, and few enough to forget an outage soon. */
const windowSize = 128
const degradedErrorRate = 0.1

type Send<T> = (request: OutgoingRequest, signal: AbortSignal) => Promise<T>

/** Counts every attempt in the metrics and in the health of the source. */
export interface CallStatistics {
  /** Returns `send` with its outcome and time recorded. */
  measure<T extends { readonly status: number }>(send: Send<T>): Send<T>
  /** Summarises the last 128 attempts. `reachable` false: the circuit is not closed. */
  toHealth(reachable: boolean): SourceHealth
}

export function createCallStatistics(source: string, metrics: Metrics, clock: Clock): CallStatistics {
  const window = createWindow(clock)

  function record(operation: string, startedAt: number, outcome: string, code: ErrorCode | null): void {
    const latencyMs = performance.now() - startedAt
    metrics.count('upstream_calls_total', { source, operation, outcome })
    // A cancelled attempt says nothing about the source.
    if (outcome === 'cancelled') return
    metrics.observe('upstream_call_seconds', latencyMs / 1000, { source, operation })
    window.add(latencyMs, code)
  }

  return {
    measure: (send) => async (request, signal) => {
      const startedAt = performance.now()
      try {
        const answer = await send(request, signal)
        record(request.operation, startedAt, answer.status < 400 ? 'ok' : String(answer.status), null)
        return answer
      } catch (error) {
        if (error instanceof UpstreamError) record(request.operation, startedAt, toOutcome(error), error.code)
        else record(request.operation, startedAt, 'error', 'INTERNAL_SERVER_ERROR')
        throw error
      }
    },
    toHealth: window.toHealth,
  }
}

/** The metric's label keeps the value that dashboards know. */
function toOutcome({ kind }: UpstreamError): string {
  return kind === 'rateLimited' ? 'limited' : kind
}

/** The last attempts, in a ring buffer. */
function createWindow(clock: Clock) {
  const latencies = new Float64Array(windowSize)
  const failures = new Uint8Array(windowSize)
  let calls = 0
  let checkedAt = 0
  let lastError: ErrorCode | null = null
  return {
    add(latencyMs: number, failure: ErrorCode | null): void {
      const index = calls++ % windowSize
      latencies[index] = latencyMs
      failures[index] = failure === null ? 0 : 1
      checkedAt = clock()
      if (failure !== null) lastError = failure
    },
    toHealth(reachable: boolean): SourceHealth {
      const count = Math.min(calls, windowSize)
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
  return errorRate >= degradedErrorRate ? 'DEGRADED' : 'UP'
}

function percentile(sorted: Float64Array, share: number): number | null {
  return sorted.length === 0 ? null : (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null)
}

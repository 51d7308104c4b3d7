import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from 'cockatiel'
import type { Clock } from '../../domain/clock.ts'
import { UpstreamError } from './upstream-error.ts'

export interface CircuitBreakerLimits {
  /** Failures in a row that open the circuit. */
  readonly failures: number
  /** How long it stays open before one call may probe, in milliseconds. */
  readonly openMs: number
  /** Reads at once, and how many more may wait for their turn. */
  readonly concurrentReads: number
  readonly waitingReads: number
  readonly concurrentWrites: number
  readonly waitingWrites: number
}

/** The circuit and the bulkheads in front of one source. */
export interface CircuitBreaker {
  /** Makes one try, or throws an `open` or `crowded` Fault at once. */
  pass<T>(kind: 'read' | 'write', attempt: () => Promise<T>): Promise<T>
  readonly state: 'closed' | 'probing' | 'open'
}

export function createCircuitBreaker(
  limits: CircuitBreakerLimits,
  clock: Clock,
  onChange: (state: CircuitBreaker['state']) => void,
): CircuitBreaker {
  let openedAt = 0
  // A probe that ended without saying anything of the source (its caller left) must not close the circuit.
  const speaksAgainst = (error: unknown): boolean =>
    (error instanceof UpstreamError && error.counts) || breaker.state === CircuitState.HalfOpen
  const breaker = circuitBreaker(handleWhen(speaksAgainst), {
    breaker: new ConsecutiveBreaker(limits.failures),
    halfOpenAfter: limits.openMs,
  })
  breaker.onBreak(() => {
    openedAt = clock()
  })
  breaker.onStateChange(() => onChange(toState(breaker.state)))
  const bulkheads = {
    read: bulkhead(limits.concurrentReads, limits.waitingReads),
    write: bulkhead(limits.concurrentWrites, limits.waitingWrites),
  }
  const open = () =>
    new UpstreamError('open', { sent: false, retryAfter: Math.max(1, Math.ceil((openedAt + limits.openMs - clock()) / 1000)) })

  return {
    async pass(kind, attempt) {
      // While one call probes, cockatiel would let the others wait for it: they are told at once instead.
      if (breaker.state === CircuitState.HalfOpen) throw open()
      try {
        // Whoever waited for a turn while the circuit opened is not sent any more.
        return await breaker.execute(() =>
          bulkheads[kind].execute(() => (breaker.state === CircuitState.Open ? Promise.reject(open()) : attempt())),
        )
      } catch (error) {
        if (error instanceof BrokenCircuitError) throw open()
        if (error instanceof BulkheadRejectedError) throw new UpstreamError('crowded', { sent: false, retryAfter: 1 })
        throw error
      }
    },
    get state() {
      return toState(breaker.state)
    },
  }
}

function toState(state: CircuitState): CircuitBreaker['state'] {
  if (state === CircuitState.HalfOpen) return 'probing'
  return state === CircuitState.Closed ? 'closed' : 'open'
}

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
import { createAdaptiveLimit } from './adaptive-limit.ts'
import type { HttpClientLimits } from './config.ts'
import { UpstreamError } from './upstream-error.ts'

export type CallKind = 'read' | 'write'

/**
 * The circuit breaker of one source, behind a bulkhead for reads and another one for writes. Behind the bulkhead for reads an adaptive limit
 * lets as many run as the source bears. A call that waited while the circuit opened is not sent.
 */
export interface CircuitBreaker {
  /**
   * Runs one attempt. Rejects at once with `circuitOpen` or `bulkheadFull`. While the attempt waits for its turn, it also rejects
   * with the signal's reason as soon as the signal aborts; the running attempt has to watch the signal itself.
   */
  execute<T>(kind: CallKind, signal: AbortSignal, attempt: () => Promise<T>): Promise<T>
  readonly state: CircuitBreakerState
}

export type CircuitBreakerState = 'closed' | 'probing' | 'open'

export interface CircuitBreakerDeps {
  readonly limits: HttpClientLimits
  readonly clock: Clock
  readonly onStateChange: (state: CircuitBreakerState) => void
  /** Called when an overload has lowered how many reads run at once. */
  readonly onLowered?: (limit: number) => void
}

export function createCircuitBreaker({ limits, clock, onStateChange, onLowered = () => {} }: CircuitBreakerDeps): CircuitBreaker {
  let openedAt = 0
  // A probe that says nothing about the source, because its caller left, must not close the circuit.
  const isFailure = (error: unknown): boolean =>
    (error instanceof UpstreamError && error.tripsCircuit) || breaker.state === CircuitState.HalfOpen
  const breaker = circuitBreaker(handleWhen(isFailure), {
    breaker: new ConsecutiveBreaker(limits.failures),
    halfOpenAfter: limits.openMs,
  })
  breaker.onBreak(() => {
    openedAt = clock()
  })
  breaker.onStateChange((state) => onStateChange(toState(state)))
  const bulkheads = {
    read: bulkhead(limits.concurrentReads, limits.waitingReads),
    write: bulkhead(limits.concurrentWrites, limits.waitingWrites),
  }
  const reads = createAdaptiveLimit({ max: limits.concurrentReads, onLowered })
  const circuitOpen = () => {
    const retryAfter = Math.max(1, Math.ceil((openedAt + limits.openMs - clock()) / 1000))
    return new UpstreamError('circuitOpen', { sent: false, retryAfter })
  }

  /** True where no place is free: a call would wait. */
  const isFull = (kind: CallKind) => bulkheads[kind].executionSlots === 0 || (kind === 'read' && reads.isFull)
  /** During a probe, cockatiel would let further calls wait for its result. They are refused at once instead. */
  const isProbing = () => breaker.state === CircuitState.HalfOpen

  /** The breaker is behind the queues, so that it knows of a failure before the next call has its turn. */
  async function pass<T>(kind: CallKind, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    if (isProbing() || (breaker.state === CircuitState.Open && isFull(kind))) throw circuitOpen()
    const sendUnlessOpen = () => (isProbing() ? Promise.reject(circuitOpen()) : breaker.execute(attempt))
    const send = kind === 'read' ? () => reads.run(signal, sendUnlessOpen) : sendUnlessOpen
    try {
      // A call that left while it waited says nothing about the source.
      return await bulkheads[kind].execute(() => (signal.aborted ? Promise.reject(signal.reason) : send()))
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw circuitOpen()
      if (error instanceof BulkheadRejectedError) throw new UpstreamError('bulkheadFull', { sent: false, retryAfter: 1 })
      throw error
    }
  }

  return {
    execute(kind, signal, attempt) {
      if (bulkheads[kind].executionSlots > 0) return pass(kind, signal, attempt)
      return untilAborted(signal, (onTurn) =>
        pass(kind, signal, () => {
          onTurn()
          return attempt()
        }),
      )
    },
    get state() {
      return toState(breaker.state)
    },
  }
}

/** Runs work that waits in a queue, whose entries cockatiel cannot remove: rejects when the signal aborts before `onTurn`. */
function untilAborted<T>(signal: AbortSignal, work: (onTurn: () => void) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    const stopListening = () => signal.removeEventListener('abort', onAbort)
    signal.addEventListener('abort', onAbort, { once: true })
    work(stopListening).then(resolve, reject).finally(stopListening)
  })
}

function toState(state: CircuitState): CircuitBreakerState {
  if (state === CircuitState.HalfOpen) return 'probing'
  return state === CircuitState.Closed ? 'closed' : 'open'
}

import type { Deadline } from './deadline.ts'
import type { RetryBudget } from './retry-budget.ts'
import { UpstreamError } from './upstream-error.ts'

interface Backoff {
  /** The longest wait before the first retry, in milliseconds; it doubles with each. */
  readonly baseMs: number
  /** No wait is longer, in milliseconds. */
  readonly maxMs: number
}

const backoff: Backoff = { baseMs: 50, maxMs: 1000 }

/** The wait before retry number `attempt` (1 is the first), in milliseconds: between half and all of the doubled base, so that retries spread. */
export function toBackoffMs(attempt: number, { baseMs, maxMs }: Backoff, random: () => number = Math.random): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** (attempt - 1))
  return ceiling / 2 + (ceiling / 2) * random()
}

/**
 * Tries until an answer comes, the fault is not worth a repeat, or repeats, budget or time run out; then the last fault is thrown.
 * `onRepeat` is told of each repeat. Only for what may be done twice.
 */
export async function retry<T>(
  tryOnce: () => Promise<T>,
  limits: { readonly retries: number; readonly deadline: Deadline; readonly budget: RetryBudget; readonly onRepeat: () => void },
): Promise<T> {
  const { retries, deadline, budget, onRepeat } = limits
  budget.enter()
  try {
    let fault: UpstreamError
    try {
      return await tryOnce()
    } catch (error) {
      fault = toFault(error)
    }
    for (let number = 1; number <= retries; number++) {
      const waitMs = toWaitMs(fault, number)
      if (waitMs === null || waitMs >= deadline.remainingMs() || !budget.take()) break
      try {
        await deadline.sleep(waitMs)
        onRepeat()
        return await tryOnce()
      } catch (error) {
        const next = toFault(error)
        // That the circuit opened meanwhile says less than what opened it.
        if (next.kind !== 'open') fault = next
      }
    }
    throw fault
  } finally {
    budget.leave()
  }
}

function toFault(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error
  throw error
}

/** null: not worth a repeat. Who limits the rate without saying until when is not asked again. */
function toWaitMs(fault: UpstreamError, number: number): number | null {
  if (!fault.again) return null
  if (fault.retryAfter !== undefined) return fault.retryAfter * 1000
  return fault.kind === 'limited' ? null : toBackoffMs(number, backoff)
}

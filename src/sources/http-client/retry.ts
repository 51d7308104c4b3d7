import { setTimeout as sleep } from 'node:timers/promises'
import { ExponentialBackoff, halfJitterGenerator } from 'cockatiel'
import { UpstreamError } from './upstream-error.ts'

/** When a call ends at the latest. */
export interface Deadline {
  /** Aborts at the deadline, or earlier when no caller waits any more. The reason is an UpstreamError. */
  readonly signal: AbortSignal
  /** On the scale of `performance.now()`. */
  readonly endsAt: number
}

/**
 * Runs `work` under a deadline. `controller` is aborted when the time is up. The timer is cleared at the end: the timer of
 * `AbortSignal.timeout` would keep the call's objects in memory until the deadline, and takes 5 to 10 times the CPU.
 */
export async function withDeadline<T>(
  controller: AbortController,
  timeoutMs: number,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const timer = setTimeout(() => controller.abort(new UpstreamError('deadline', { sent: false })), timeoutMs)
  try {
    return await work({ signal: controller.signal, endsAt: performance.now() + timeoutMs })
  } finally {
    clearTimeout(timer)
  }
}

/** Runs one try for at most this time, where the call has time left for another one. undefined: for as long as the call. */
export async function withTryTimeout<T>(
  { signal, endsAt }: Deadline,
  tryTimeoutMs: number | undefined,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (tryTimeoutMs === undefined || performance.now() + tryTimeoutMs >= endsAt) return attempt(signal)
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new UpstreamError('slow', { sent: false })), tryTimeoutMs)
  const end = () => controller.abort(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    return await attempt(controller.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

export interface RetryDeps {
  /** The retries of one call. */
  readonly retries: number
  readonly budget: RetryBudget
  /** Called before each retry. */
  readonly onRetry: () => void
}

/** Runs an attempt, and again after a failure that may be temporary. Only for what may be done twice. */
export type Retry = <T>(attempt: () => Promise<T>, deadline: Deadline) => Promise<T>

/** Between half and all of a delay that starts at 50 ms and doubles up to one second, so that callers do not retry in step. */
export const backoff = new ExponentialBackoff({ initialDelay: 50, maxDelay: 1_000, generator: halfJitterGenerator })

/**
 * Creates the retry of one source: with jitter, inside the deadline and inside the budget. It throws the last error, except
 * that an opened circuit, or a budget without room for the retry, does not hide the error before it. cockatiel's own `retry` fits less: it knows neither the
 * remaining time nor a budget, and its wait cannot be aborted.
 */
export function createRetry({ retries, budget, onRetry }: RetryDeps): Retry {
  async function retryAfter<T>(first: UpstreamError, attempt: () => Promise<T>, { signal, endsAt }: Deadline): Promise<T> {
    let last = first
    let delay = backoff.next()
    for (let retried = 0; retried < retries; retried++) {
      const waitMs = toWaitMs(last, delay.duration)
      if (waitMs === null || performance.now() + waitMs >= endsAt || !budget.take()) break
      await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      onRetry()
      try {
        return await attempt()
      } catch (error) {
        const next = toUpstreamError(error)
        if (next.kind !== 'circuitOpen' && next.kind !== 'budgetHeld') last = next
      }
      delay = delay.next(undefined)
    }
    throw last
  }

  return async (attempt, deadline) => {
    budget.enter()
    try {
      return await attempt()
    } catch (error) {
      return await retryAfter(toUpstreamError(error), attempt, deadline)
    } finally {
      budget.leave()
    }
  }
}

function toUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error
  throw error
}

/** null: no retry. A source that limits the rate without Retry-After is not asked again. */
function toWaitMs(error: UpstreamError, delayMs: number): number | null {
  if (!error.retryable) return null
  if (error.retryAfter !== undefined) return error.retryAfter * 1000
  return error.kind === 'rateLimited' ? null : delayMs
}

/** Limits the retries of all calls to a source together, so that retries do not double the load of a failing source. */
export interface RetryBudget {
  /** A call begins. */
  enter(): void
  /** The call has ended. */
  leave(): void
  /** Takes one retry; false when the budget is used up. */
  take(): boolean
}

/** A source without recent calls has this many retries, so that a single failure is retried. */
const reservedRetries = 3
const maxSavedRetries = 13

/**
 * Creates a budget of one retry per five calls: UPSTREAM-16. In a burst of concurrent calls it allows a fifth of these calls, and
 * at least one; over time it allows a fifth of all calls, and a small reserve.
 */
export function createRetryBudget(share = 0.2): RetryBudget {
  let active = 0
  let saved = reservedRetries
  // Both count from the last moment without an active call.
  let calls = 0
  let retries = 0
  return {
    enter() {
      if (active === 0) {
        calls = 0
        retries = 0
      }
      active += 1
      calls += 1
      saved = Math.min(maxSavedRetries, saved + share)
    },
    leave() {
      active -= 1
    },
    take() {
      if (saved < 1 || retries >= Math.max(1, Math.floor(calls * share))) return false
      saved -= 1
      retries += 1
      return true
    },
  }
}

import { DeskgraphError } from '../../domain/errors.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import { type RateLimit, toWindowSeconds } from '../config.ts'
import type { SharedCounter } from './shared-counter.ts'
import { createWindowCounter } from './window-counter.ts'

export interface RateLimiterDeps {
  readonly rate: RateLimit
  /** Absent: each process counts for itself; so it does while this cannot. */
  readonly shared?: SharedCounter | undefined
  readonly metrics: Metrics
}

/** Who is counted. */
type RateSubject = { readonly by: 'viewer' | 'address'; readonly key: string }

export interface RateLimiter {
  /**
   * Counts one request. Rejects with RATE_LIMITED, and when to come again, once the subject has used up its burst.
   * undefined: let in, and nobody had to be asked.
   */
  consume(subject: RateSubject): Promise<void> | undefined
}

/** At most `burst` requests per window of `burst / perSecond` seconds: `perSecond` over time, `burst` at once. */
export function createRateLimiter({ rate, shared, metrics }: RateLimiterDeps): RateLimiter {
  // Every request passes here: this takes 0.12 µs, the memory of a library 0.8 and a promise.
  const here = createWindowCounter(rate.burst, toWindowSeconds(rate) * 1000)
  const nameOf = ({ by, key }: RateSubject) => `${by}:${key}`

  function refuse({ by }: RateSubject, waitMs: number): Promise<never> {
    metrics.count('rate_limited_total', { by })
    return Promise.reject(rateLimited(waitMs))
  }
  function consumeHere(subject: RateSubject): Promise<void> | undefined {
    const waitMs = here.take(nameOf(subject))
    return waitMs === 0 ? undefined : refuse(subject, waitMs)
  }
  async function consumeTogether(counter: SharedCounter, subject: RateSubject): Promise<void> {
    const waitMs = await counter.take(nameOf(subject)).catch(() => here.take(nameOf(subject)))
    if (waitMs > 0) await refuse(subject, waitMs)
  }
  return { consume: (subject) => (shared ? consumeTogether(shared, subject) : consumeHere(subject)) }
}

function rateLimited(waitMs: number): DeskgraphError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000))
  return new DeskgraphError('RATE_LIMITED', `Too many requests. Try again in ${retryAfter} s.`, { retryAfter })
}

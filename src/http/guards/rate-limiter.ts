import type { Redis } from 'ioredis'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import type { RateLimit } from './config.ts'
import { createWindowCounter } from './window-counter.ts'

export interface RateLimiterDeps {
  readonly rate: RateLimit
  /** Counts for all replicas together. Absent: each process counts for itself; so it does while Redis is down. */
  readonly redis?: Redis | undefined
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
export function createRateLimiter({ rate, redis, metrics }: RateLimiterDeps): RateLimiter {
  const seconds = Math.max(1, Math.ceil(rate.burst / rate.perSecond))
  // Every request passes here: this takes 0.12 µs, the library's own memory 0.8 and a promise.
  const here = createWindowCounter(rate.burst, seconds * 1000)
  const together = redis && createSharedLimiter(redis, rate.burst, seconds)

  function refuse({ by }: RateSubject, waitMs: number): Promise<never> {
    metrics.count('rate_limited_total', { by })
    return Promise.reject(rateLimited(waitMs))
  }
  function consumeHere(subject: RateSubject): Promise<void> | undefined {
    const waitMs = here.take(`${subject.by}:${subject.key}`)
    return waitMs === 0 ? undefined : refuse(subject, waitMs)
  }
  async function consumeTogether(limiter: RateLimiterRedis, subject: RateSubject): Promise<void> {
    try {
      await limiter.consume(`${subject.by}:${subject.key}`)
    } catch (refusal) {
      await (refusal instanceof RateLimiterRes ? refuse(subject, refusal.msBeforeNext) : consumeHere(subject))
    }
  }
  return { consume: (subject) => (together ? consumeTogether(together, subject) : consumeHere(subject)) }
}

function createSharedLimiter(storeClient: Redis, points: number, duration: number): RateLimiterRedis {
  return new RateLimiterRedis({
    storeClient,
    points,
    duration,
    keyPrefix: 'deskgraph:rate',
    rejectIfRedisNotReady: true,
    // Whoever is over the limit is refused here, without asking Redis again.
    inMemoryBlockOnConsumed: points + 1,
  })
}

function rateLimited(waitMs: number): DeskgraphError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000))
  return new DeskgraphError('RATE_LIMITED', `Too many requests. Try again in ${retryAfter} s.`, { retryAfter })
}

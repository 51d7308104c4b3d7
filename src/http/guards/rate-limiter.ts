import type { Redis } from 'ioredis'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import type { RateLimit } from './config.ts'

export interface RateLimiterDeps {
  readonly rate: RateLimit
  /** Counts for all replicas together. Absent: each process counts for itself; so it does while Redis is down. */
  readonly redis?: Redis | undefined
  readonly metrics: Metrics
}

/** Who is counted. */
type RateSubject = { readonly by: 'viewer' | 'address'; readonly key: string }

export interface RateLimiter {
  /** Counts one request. Rejects with RATE_LIMITED, and when to come again, once the subject has used up its burst. */
  consume(subject: RateSubject): Promise<void>
}

/** At most `burst` requests per window of `burst / perSecond` seconds: `perSecond` over time, `burst` at once. */
export function createRateLimiter({ rate, redis, metrics }: RateLimiterDeps): RateLimiter {
  const window = {
    points: rate.burst,
    duration: Math.max(1, Math.ceil(rate.burst / rate.perSecond)),
    keyPrefix: 'deskgraph:rate',
  }
  const here = new RateLimiterMemory(window)
  const limiter: RateLimiterAbstract = redis
    ? new RateLimiterRedis({
        ...window,
        storeClient: redis,
        insuranceLimiter: here,
        rejectIfRedisNotReady: true,
        // Whoever is over the limit is refused here, without asking Redis again.
        inMemoryBlockOnConsumed: rate.burst + 1,
      })
    : here

  return {
    async consume({ by, key }) {
      try {
        await limiter.consume(`${by}:${key}`)
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        metrics.count('rate_limited_total', { by })
        throw rateLimited(refusal.msBeforeNext)
      }
    },
  }
}

function rateLimited(waitMs: number): DeskgraphError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000))
  return new DeskgraphError('RATE_LIMITED', `Too many requests. Try again in ${retryAfter} s.`, { retryAfter })
}

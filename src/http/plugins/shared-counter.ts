import type { Redis } from 'ioredis'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { type RateLimit, toWindowSeconds } from '../config.ts'

/** Counts for all replicas together. */
export interface SharedCounter {
  /** Counts one request: 0 when it is within the limit, or how long to wait, in milliseconds. Rejects while nothing can be counted. */
  take(subject: string): Promise<number>
}

/** In Redis. Loaded only where there is one. */
export function createSharedCounter(storeClient: Redis, rate: RateLimit): SharedCounter {
  const limiter = new RateLimiterRedis({
    storeClient,
    points: rate.burst,
    duration: toWindowSeconds(rate),
    keyPrefix: 'deskgraph:rate',
    rejectIfRedisNotReady: true,
    // Whoever is over the limit is refused here, without asking Redis again.
    inMemoryBlockOnConsumed: rate.burst + 1,
  })
  return {
    async take(subject) {
      try {
        await limiter.consume(subject)
        return 0
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext)
        throw refusal
      }
    },
  }
}

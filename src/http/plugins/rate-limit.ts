import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Viewer } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { anonymous } from '../../domain/permissions.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import { isForOperators, type RateLimit } from '../config.ts'
import { sendError } from '../error-response.ts'

export interface RateLimiterDeps {
  readonly rate: RateLimit
  /** Counts for all replicas together; null: each process counts for itself, as it does while Redis cannot be reached. */
  readonly redis: Redis | null
  readonly metrics: Metrics
}

/** Who is counted. */
interface RateSubject {
  readonly by: 'viewer' | 'address'
  readonly key: string
}

export interface RateLimiter {
  /**
   * Counts one request. Rejects with RATE_LIMITED, which says when to retry, once the subject has used up its burst. In both cases it
   * first gives the response's headers that say what is left (draft-ietf-httpapi-ratelimit-headers).
   */
  consume(subject: RateSubject, setHeader?: SetHeader): Promise<void>
}

/** Sets a header of the response. */
export type SetHeader = (name: string, value: string) => void

/** At most `burst` requests in a window of `burst / perSecond` seconds: `perSecond` over time, `burst` at once. */
export function createRateLimiter({ rate, redis, metrics }: RateLimiterDeps): RateLimiter {
  const options = { points: rate.burst, duration: Math.max(1, Math.ceil(rate.burst / rate.perSecond)) }
  const policy = `"default";q=${options.points};w=${options.duration}`
  const memory = new RateLimiterMemory(options)
  const limiter = redis
    ? new RateLimiterRedis({
        ...options,
        storeClient: redis,
        keyPrefix: 'deskgraph:rate',
        rejectIfRedisNotReady: true,
        // A subject over its limit is refused without another question to Redis.
        inMemoryBlockOnConsumed: rate.burst + 1,
        insuranceLimiter: memory,
      })
    : memory
  return {
    async consume({ by, key }, setHeader) {
      const tell = ({ remainingPoints, msBeforeNext }: RateLimiterRes) => {
        setHeader?.('ratelimit-policy', policy)
        setHeader?.('ratelimit', `"default";r=${Math.max(0, remainingPoints)};t=${Math.max(0, Math.ceil(msBeforeNext / 1000))}`)
      }
      try {
        tell(await limiter.consume(`${by}:${key}`))
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        tell(refusal)
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

/** Counts a request for its viewer, or for its address when the viewer is anonymous, as `RateLimiter.consume` does. */
export function createRateCheck(limiter: RateLimiter) {
  return (viewer: Viewer, address: string, setHeader?: SetHeader): Promise<void> =>
    limiter.consume(viewer === anonymous ? { by: 'address', key: address } : { by: 'viewer', key: viewer.id }, setHeader)
}

/** How many addresses may be blocked at once. */
const maxBlocked = 10_000

/**
 * Counts refused sign-ins per address, because a refused request has no viewer to count for. After the burst of the rate limit the
 * address gets 429 before its token is verified, until its window is over. Exempt are webhooks, health and metrics, and viewers who are
 * already known: many people may share an address.
 */
export function limitRefusedSignIns(limiter: RateLimiter, isKnown: (headers: IncomingHttpHeaders) => boolean) {
  const blockedUntil = new Map<string, number>()

  function retryAfterOf(address: string): number {
    const until = blockedUntil.get(address)
    if (until === undefined) return 0
    if (until <= Date.now()) blockedUntil.delete(address)
    return Math.max(0, Math.ceil((until - Date.now()) / 1000))
  }
  async function countRefusal(request: FastifyRequest): Promise<void> {
    try {
      await limiter.consume({ by: 'address', key: request.ip })
    } catch (error) {
      if (!(error instanceof DeskgraphError)) throw error
      if (blockedUntil.size > maxBlocked) blockedUntil.clear()
      blockedUntil.set(request.ip, Date.now() + (error.retryAfter ?? 1) * 1000)
    }
  }
  return fastifyPlugin(async (app) => {
    app.addHook('onRequest', (request, reply, done) => {
      const retryAfter = blockedUntil.size === 0 || isExempt(request) ? 0 : retryAfterOf(request.ip)
      if (retryAfter === 0 || isKnown(request.headers)) return done()
      const message = `Too many refused requests. Try again in ${retryAfter} s.`
      sendError(reply, new DeskgraphError('RATE_LIMITED', message, { retryAfter }), request.id)
    })
    app.addHook('onResponse', async (request, reply) => {
      if (reply.raw.statusCode === 401 && !isExempt(request)) await countRefusal(request)
    })
  })
}

function isExempt({ url }: FastifyRequest): boolean {
  return url.startsWith('/webhooks/') || isForOperators(url)
}

import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { DeskgraphError } from '../../domain/errors.ts'
import { sendError } from '../error-response.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { forWholeApp, isForOperators } from './whole-app.ts'

/**
 * Counts refused sign-ins per address, since a refused request has no viewer to count for: after the burst of the rate
 * limit the address is answered 429 before a token is verified, until its window is over. Left alone are webhooks, the
 * operators' ways in, and whoever is known already: many people may share an address.
 */
export function addressGuard(limiter: RateLimiter, isKnown: (headers: IncomingHttpHeaders) => boolean): FastifyPluginAsync {
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
      if (blockedUntil.size > 10_000) blockedUntil.clear()
      blockedUntil.set(request.ip, Date.now() + (error.retryAfter ?? 1) * 1000)
    }
  }
  return forWholeApp((app) => {
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

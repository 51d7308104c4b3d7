import type { FastifyPluginAsync } from 'fastify'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import { sendError } from '../error-reply.ts'
import type { OverloadLimits } from './config.ts'
import type { OverloadMonitor } from './overload.ts'
import { forWholeApp, isForOperators } from './whole-app.ts'

/**
 * Refuses new requests with 503 OVERLOADED before any work begins, while the process cannot bear more; webhooks with 429, which
 * their senders take for "later", where a 503 would say that events cannot be stored. Health and metrics still answer.
 */
export function overloadGuard(monitor: OverloadMonitor, limits: OverloadLimits, metrics: Metrics): FastifyPluginAsync {
  return forWholeApp((app) => {
    app.addHook('onRequest', (request, reply, done) => {
      const cause = monitor.refusal()
      if (cause === null || isForOperators(request.url)) return done()
      metrics.count('overload_shed_total', { cause })
      const code = request.url.startsWith('/webhooks/') ? 'RATE_LIMITED' : 'OVERLOADED'
      const details = { retryAfter: limits.retryAfterSeconds }
      sendError(reply, new DeskgraphError(code, 'The gateway has too much to do. Try again shortly.', details), request.id)
    })
    app.addHook('onClose', async () => monitor.close())
  })
}

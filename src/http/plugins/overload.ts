import { randomUUID } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyPluginAsync } from 'fastify'
import { type ErrorCode, errorCodes } from '../../domain/errors.ts'
import type { Metrics } from '../../domain/telemetry.ts'
import type { FastPath } from '../../performance/fast-path.ts'
import type { OverloadLimits } from '../config.ts'
import type { OverloadMonitor } from './overload-monitor.ts'
import { forWholeApp, isForOperators } from './whole-app.ts'

/**
 * Refuses new requests with 503 OVERLOADED before any work begins, while the process cannot bear more; webhooks with 429, which
 * their senders take for "later", where a 503 would say that events cannot be stored. Health and metrics still answer.
 */
export interface OverloadGuard {
  /** Stands before every route; what it refuses carries the headers of every other answer. */
  readonly plugin: FastifyPluginAsync
  /**
   * The same before Fastify, once an answer has shown those headers: under three times the load two of three requests
   * are refused, and what that costs is taken from the third. It may be left out.
   */
  readonly frontDoor: FastPath
}

type Refusal = (response: ServerResponse, requestId: string, headers: OutgoingHttpHeaders) => void

/** A refusal that is written as it stands, but for the request's id. */
function prepareRefusal(code: ErrorCode, retryAfter: number): Refusal {
  const { status, retryable } = errorCodes[code]
  const error = { message: 'The gateway has too much to do. Try again shortly.', extensions: { code, retryable, retryAfter } }
  const [head, tail] = [JSON.stringify({ errors: [error] }).slice(0, -4), '}}]}']
  const own = { 'content-type': 'application/json; charset=utf-8', 'retry-after': String(retryAfter) }
  return (response, requestId, headers) => {
    const body = `${head},"requestId":"${requestId}"${tail}`
    response.writeHead(status, { ...headers, ...own, 'content-length': Buffer.byteLength(body) }).end(body)
  }
}

/** Refuses by what the monitor says. */
export function createOverloadGuard(monitor: OverloadMonitor, limits: OverloadLimits, metrics: Metrics): OverloadGuard {
  const overloaded = prepareRefusal('OVERLOADED', limits.retryAfterSeconds)
  const later = prepareRefusal('RATE_LIMITED', limits.retryAfterSeconds)
  /** Asked before: a request has one chance, not two. */
  const admitted = new WeakSet<IncomingMessage>()
  let usual: OutgoingHttpHeaders | null = null

  const refusalOf = (url: string): Refusal | null => {
    const cause = isForOperators(url) ? null : monitor.refusal()
    if (cause === null) return null
    metrics.count('overload_shed_total', { cause })
    return url.startsWith('/webhooks/') ? later : overloaded
  }

  return {
    plugin: forWholeApp((app) => {
      app.addHook('onRequest', (request, reply, done) => {
        usual ??= reply.getHeaders() as OutgoingHttpHeaders
        const refuse = admitted.has(request.raw) ? null : refusalOf(request.url)
        if (!refuse) return done()
        reply.hijack()
        refuse(reply.raw, request.id, reply.getHeaders() as OutgoingHttpHeaders)
      })
      app.addHook('onClose', async () => monitor.close())
    }),
    frontDoor(request, response) {
      if (usual === null || monitor.isHealthy()) return false
      const refuse = refusalOf(request.url ?? '')
      if (!refuse) {
        admitted.add(request)
        return false
      }
      const id = randomUUID()
      refuse(response, id, { ...usual, 'x-request-id': id })
      return true
    },
  }
}

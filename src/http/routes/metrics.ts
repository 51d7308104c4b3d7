import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DeskgraphError } from '../../domain/errors.ts'
import { sendError } from '../error-response.ts'
import { refuseOtherMethods } from './methods.ts'

export interface MetricsRouteDeps {
  readonly render: () => Promise<{ readonly contentType: string; readonly text: string }>
  /** The bearer token that admits a scraper from another machine. null: loopback only. */
  readonly token: string | null
}

/** `/metrics` for Prometheus: open on loopback, and with its own bearer token from elsewhere. */
export async function metricsRoute(app: FastifyInstance, deps: MetricsRouteDeps): Promise<void> {
  app.get('/metrics', async (request, reply) => {
    if (!isLoopback(request) && !hasToken(request, deps.token)) {
      return sendError(reply, new DeskgraphError('UNAUTHENTICATED', 'Metrics need their token from here.'), request.id)
    }
    const { contentType, text } = await deps.render()
    return reply.type(contentType).send(text)
  })
  refuseOtherMethods(app, '/metrics', ['GET'])
}

function isLoopback(request: FastifyRequest): boolean {
  const address = request.socket.remoteAddress ?? ''
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}

function hasToken(request: FastifyRequest, token: string | null): boolean {
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token === null || given === undefined) return false
  return timingSafeEqual(digest(given), digest(token))
}

/** `timingSafeEqual` needs equal lengths: digests have them for every input. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { DeskgraphError } from '../../domain/errors.ts'
import { sendError } from '../error-response.ts'
import { refuseOtherMethods } from './methods.ts'

type Render = () => Promise<{ readonly contentType: string; readonly text: string }>

export interface MetricsRouteDeps {
  readonly render: Render
  /** `open`: without sign-in, as the graph. `elsewhere`: on a port of their own, so that there is nothing here. Else the bearer token; null: there is none yet. */
  readonly access: 'open' | 'elsewhere' | { readonly token: string | null }
}

/**
 * `/metrics` for Prometheus. An address is no proof of who asks: behind a proxy on the same machine every client has a loopback address
 * (OPS-22).
 */
export async function metricsRoute(app: FastifyInstance, { render, access }: MetricsRouteDeps): Promise<void> {
  if (access === 'elsewhere') return
  app.get('/metrics', async (request, reply) => {
    if (access !== 'open' && !hasToken(request.headers.authorization, access.token)) {
      return sendError(reply, new DeskgraphError('UNAUTHENTICATED', refusalFor(access)), request.id)
    }
    const { contentType, text } = await render()
    return reply.type(contentType).send(text)
  })
  refuseOtherMethods(app, '/metrics', ['GET'])
}

function refusalFor({ token }: { readonly token: string | null }): string {
  return token === null
    ? 'The operator has to set observability.metrics.token, or observability.metrics.port.'
    : 'Metrics need their own bearer token, observability.metrics.token.'
}

function hasToken(authorization: string | undefined, token: string | null): boolean {
  const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
  if (token === null || given === undefined) return false
  return timingSafeEqual(digest(given), digest(token))
}

/** `timingSafeEqual` needs equal lengths: digests have them for every input. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/**
 * Serves `/metrics` alone on a port of its own, which the operator keeps from clients. Rejects when the port cannot be used. `port` 0: a free
 * one.
 */
export async function serveMetrics(render: Render, address: { readonly host: string; readonly port: number }) {
  const server = createServer(async ({ method, url }, response) => {
    if (method !== 'GET' || url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404).end()
    try {
      const { contentType, text } = await render()
      response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text)
    } catch {
      response.writeHead(500).end()
    }
  })
  await new Promise<void>((resolve, reject) => {
    const refuse = ({ code = 'unknown' }: NodeJS.ErrnoException) =>
      reject(new Error(`observability.metrics.port: the port ${address.port} cannot be used (${code}). Choose another one.`))
    server.once('error', refuse)
    server.listen(address, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

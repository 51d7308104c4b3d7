import type { IncomingHttpHeaders } from 'node:http'
import fastifyWebsocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { handleProtocols } from 'graphql-ws'
import type { Viewer } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { ErrorBoundary } from '../../graphql/errors.ts'
import type { EncodedResponse } from '../compression.ts'
import { toShownError } from '../error-response.ts'
import type { GraphHandler } from '../graphql-handler.ts'
import { refuse } from '../graphql-response.ts'
import type { LiveDeps } from '../live-session.ts'
import { checkBodyType } from '../media-types.ts'
import { addVary } from '../plugins/cors.ts'
import type { SetHeader } from '../plugins/rate-limit.ts'
import { noteRefusal } from '../record-request.ts'
import { RequestCall } from '../request-call.ts'
import { countConnections, createEventStreamHandler, type EventStreamHandler } from '../sse.ts'
import { closeForShutdown, createSocketHandler, type SocketHandler, type SocketTransport } from '../websocket.ts'

export interface GraphRouteDeps {
  readonly handler: GraphHandler
  /** Throws UNAUTHENTICATED or AUTH_UNAVAILABLE. */
  authenticate(headers: IncomingHttpHeaders): Viewer | Promise<Viewer>
  /** Rejects with RATE_LIMITED, and sets the headers that say what is left. `address`: who counts when the viewer is anonymous. */
  checkRateLimit?(viewer: Viewer, address: string, setHeader: SetHeader): Promise<void>
  readonly limits: { readonly bodyBytes: number; readonly operationTimeoutMs: number }
  readonly errors: ErrorBoundary
  /** Subscriptions. Absent: queries and mutations only. */
  readonly live?: LiveDeps
  /** Absent: graphql-ws writes the messages. */
  readonly socketTransport?: SocketTransport | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for requests to /graphql once they are signed in. */
    viewer: Viewer | null
    /** When the request to /graphql began, on the scale of `performance.now()`. */
    startedAt: number
  }
}

const methodsWithBody: HTTPMethods[] = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** `/graphql`: queries and mutations as JSON, server-sent events, and the WebSocket upgrade. */
export async function graphRoute(app: FastifyInstance, deps: GraphRouteDeps): Promise<void> {
  const live = deps.live && (await registerLive(app, deps.live, deps.socketTransport))
  await app.register(async (scope) => {
    scope.decorateRequest('viewer', null)
    scope.decorateRequest('startedAt', 0)
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: deps.limits.bodyBytes },
      async (_: unknown, body: Buffer) => body,
    )
    scope.addHook('onRequest', (request, reply) => admit(request, reply, deps))
    scope.setErrorHandler((error, request, reply) => sendRefusal(error, request, reply, deps.errors))
    const handler = (request: FastifyRequest, reply: FastifyReply) => answer(request, reply, deps, live?.eventStream)
    scope.route({ method: 'GET', url: '/graphql', handler, ...(live && { wsHandler: live.socket }) })
    scope.route({ method: methodsWithBody, url: '/graphql', handler })
  })
}

const graphqlBodies = /^application\/json$/

/** Checks method, sign-in, rate limit and media type before the body is read. A WebSocket signs in with its first message. */
async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { authenticate, checkRateLimit }: GraphRouteDeps,
): Promise<void> {
  if (request.ws) return
  request.startedAt = performance.now()
  const { method, headers } = request
  if (method !== 'POST' && method !== 'GET') throw new DeskgraphError('METHOD_NOT_ALLOWED', 'Use GET or POST.')
  const viewer = await authenticate(headers)
  await checkRateLimit?.(viewer, request.ip, (name, value) => void reply.header(name, value))
  if (method === 'POST') checkBodyType(headers, graphqlBodies, 'application/json')
  request.viewer = viewer
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { handler, limits }: GraphRouteDeps,
  eventStream: EventStreamHandler | undefined,
): Promise<FastifyReply> {
  const { url, id: requestId } = request
  // `admit` lets no other method in.
  const method = request.method as 'GET' | 'POST'
  const viewer = request.viewer!
  const headers = isOfKnownPage(request, reply) ? { ...request.headers, 'apollo-require-preflight': '1' } : request.headers
  const body = request.body as Buffer | undefined
  const { startedAt } = request
  const serveStream = eventStream?.({ method, url, headers, body, viewer, requestId, startedAt })
  if (serveStream) {
    // The stream is written past Fastify.
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value)
    reply.hijack()
    await serveStream(reply.raw)
    return reply
  }
  const call = new RequestCall(viewer, requestId, reply.raw, { timeoutMs: limits.operationTimeoutMs, startedAt })
  return write(reply, await handler({ method, url, headers, body, call }))
}

/**
 * True for a request that no page of a foreign origin can have caused: a token is a header that needs a preflight, and a browser says
 * which page asks. Apollo Server refuses every other query by GET, and urql sends its queries so.
 */
function isOfKnownPage({ headers }: FastifyRequest, reply: FastifyReply): boolean {
  const allowed = reply.getHeader('access-control-allow-origin') !== undefined
  return allowed || headers.authorization !== undefined || headers['sec-fetch-site'] === 'same-origin'
}

function sendRefusal(error: unknown, request: FastifyRequest, reply: FastifyReply, errors: ErrorBoundary): void {
  const shown = toShownError(error)
  errors.report(shown, { requestId: request.id, operationName: null, transport: 'http' })
  noteRefusal(reply.raw, shown.code)
  write(reply, refuse(shown, request.id, request.headers))
}

/** A response of the graph is for its client alone, unless it says otherwise. */
function write(reply: FastifyReply, { status, headers: { vary, ...headers }, body }: EncodedResponse): FastifyReply {
  if (vary !== undefined) addVary(reply, vary)
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', ...headers })
    .send(body)
}

interface LiveHandlers {
  readonly eventStream: EventStreamHandler
  readonly socket: (socket: Parameters<SocketHandler>[0], request: FastifyRequest) => void
}

async function registerLive(app: FastifyInstance, deps: LiveDeps, transport: SocketTransport | undefined): Promise<LiveHandlers> {
  const closing = new AbortController()
  await app.register(fastifyWebsocket, {
    // Frames that are written past the library must not be compressed.
    options: { maxPayload: deps.limits.bodyBytes, handleProtocols, perMessageDeflate: false },
    preClose(done) {
      for (const socket of app.websocketServer.clients) closeForShutdown(socket)
      closing.abort()
      done()
    },
  })
  const serve = createSocketHandler(deps, countConnections(deps.metrics, 'websocket'), transport)
  return {
    eventStream: createEventStreamHandler(deps, countConnections(deps.metrics, 'sse'), closing.signal),
    socket: (socket, request) => serve(socket, request.raw, request.id, request.ip),
  }
}

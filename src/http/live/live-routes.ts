import fastifyWebsocket, { type WebSocket } from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { handleProtocols } from 'graphql-ws'
import { createEventStreamHandler } from './event-stream.ts'
import type { LiveDeps } from './session.ts'
import { countOpen } from './subscribers.ts'
import { createSocketHandler, sendAway } from './web-socket.ts'

/** Both live transports of `/graphql`, for `registerGraphRoute`. */
export interface LiveHandlers {
  readonly eventStream: ReturnType<typeof createEventStreamHandler>
  readonly socket: (socket: WebSocket, request: FastifyRequest) => void
}

/** Server-sent events (graphql-sse, distinct connections) and WebSocket (graphql-transport-ws). Call it before the route is registered. */
export async function registerLive(app: FastifyInstance, deps: LiveDeps): Promise<LiveHandlers> {
  const closing = new AbortController()
  await app.register(fastifyWebsocket, {
    // Without compression frames go out as they were made (socket-outbox.ts).
    options: { maxPayload: deps.limits.bodyBytes, handleProtocols, perMessageDeflate: false },
    preClose(done) {
      for (const socket of app.websocketServer.clients) sendAway(socket)
      closing.abort()
      done()
    },
  })
  const serve = createSocketHandler(deps, countOpen(deps.metrics, 'websocket'))
  return {
    eventStream: createEventStreamHandler(deps, countOpen(deps.metrics, 'sse'), closing.signal),
    socket: (socket, request) => serve(socket, request.raw, request.id),
  }
}

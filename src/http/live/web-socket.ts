import type { IncomingMessage } from 'node:http'
import type { WebSocket } from '@fastify/websocket'
import { CloseCode } from 'graphql-ws'
import { anonymous } from '../../domain/permissions.ts'
import { createSocketOutbox } from '../../performance/socket-outbox.ts'
import { type LiveDeps, type Session, tokenEnded } from './session.ts'
import { type Connection, createSocketProtocol } from './socket-protocol.ts'
import type { OpenCount } from './subscribers.ts'

const pingMs = 15_000

/** Serves one WebSocket: the protocol, the end of the token, the client that went silent or does not take what it asked for. */
export function createSocketHandler(deps: LiveDeps, open: OpenCount) {
  const protocol = createSocketProtocol(deps)

  return (socket: WebSocket, request: IncomingMessage, requestId: string): void => {
    const leave = open.enter()
    const outbox = createSocketOutbox(socket, request.socket, deps.limits.slowClientMs)
    const connection: Connection = {
      request,
      requestId,
      sendFrames: outbox.sendFrames,
      onSession: (session) => closeWith(session, socket, request),
    }
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: async (text) => outbox.send(text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => {
          socket.on('message', (data) => void take(String(data)).catch(() => socket.close(CloseCode.InternalServerError)))
        },
      },
      connection,
    )
    const stopPinging = keepAlive(socket)
    socket.on('error', () => socket.terminate())
    socket.once('close', (code, reason) => {
      leave()
      stopPinging()
      connection.session?.end('The client went away.')
      void closed(code, String(reason)).catch(() => undefined)
    })
  }
}

const goingAway = 1001
const farewellMs = 1_000

/** Ends a connection because the gateway ends: clients connect again elsewhere. One that does not answer is cut off. */
export function sendAway(socket: WebSocket): void {
  socket.close(goingAway, 'The gateway ends. Connect again.')
  const timer = setTimeout(() => socket.terminate(), farewellMs)
  socket.once('close', () => clearTimeout(timer))
}

/** Ends the connection with the token; and at once where a foreign page speaks for nobody in particular. */
function closeWith({ viewer, signal }: Session, socket: WebSocket, { headers }: IncomingMessage): void {
  // Without identity, a page of another site in the user's browser would read whatever the user can reach.
  if (viewer === anonymous && headers.origin !== undefined && new URL(headers.origin).host !== headers.host) {
    socket.close(CloseCode.Forbidden, 'Another origin needs a token.')
  }
  signal.addEventListener('abort', () => {
    if ((signal.reason as Error).message === tokenEnded) socket.close(CloseCode.Forbidden, tokenEnded)
  })
}

function keepAlive(socket: WebSocket): () => void {
  let answered = true
  socket.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, pingMs)
  return () => clearInterval(timer)
}

import type { IncomingMessage } from 'node:http'
import type { WebSocket } from '@fastify/websocket'
import { type ExecutionArgs, type FormattedExecutionResult, GraphQLError } from 'graphql'
import { CloseCode, type Context, makeServer, type ServerOptions, type SubscribePayload } from 'graphql-ws'
import { DeskgraphError, errorCodes } from '../domain/errors.ts'
import { toWellFormedJson } from '../domain/sanitize-text.ts'
import { subscribe } from '../graphql/subscribe.ts'
import { decodeUtf8, toParameters } from './graphql-request.ts'
import {
  executeOnce,
  type LiveDeps,
  type LivePlan,
  openSession,
  readOperation,
  recordOnce,
  type Session,
  statsOf,
  tokenExpired,
} from './live-session.ts'
import type { AllowedOrigins } from './plugins/cors.ts'
import type { ConnectionCount } from './sse.ts'

const pingMs = 15_000

/** Writes messages to one client. */
export interface SocketWriter {
  /** Resolves when the client can take more. undefined: it can take more at once. */
  send(text: string): Promise<void> | undefined
}

/** One WebSocket connection. */
export interface SocketConnection {
  readonly request: IncomingMessage
  readonly requestId: string
  readonly address: string
  readonly writer: SocketWriter
  /** The signed-in viewer; absent before `connection_init`. */
  session?: Session
  onSession(session: Session): void
}

/** What an operation needs on its way from `onSubscribe` to its responses. */
export interface LiveArgs extends ExecutionArgs {
  readonly plan: LivePlan
  readonly contextValue: ReturnType<LiveDeps['createContext']>
  /** Aborts the operation's call. */
  stop(): void
  /** Called when a query or mutation has its response. */
  leave(): void
}

export type SocketOptions = ServerOptions<Record<string, unknown> | undefined, SocketConnection>

/** Replaces how responses are written. `src/performance` writes each frame once for all subscribers. */
export interface SocketTransport {
  createWriter(socket: WebSocket, request: IncomingMessage, slowClientMs: number): SocketWriter
  /** Options of graphql-ws that replace the plain ones. */
  options(deps: LiveDeps): Partial<SocketOptions>
}

export type SocketHandler = (socket: WebSocket, request: IncomingMessage, requestId: string, address: string) => void

/**
 * graphql-transport-ws: queries, mutations and subscriptions over one connection. It closes the connection when the token expires, when
 * the client answers no ping, and when it reads nothing for `slowClientMs`.
 */
export function createSocketHandler(
  deps: LiveDeps,
  connections: ConnectionCount,
  transport: SocketTransport = plainTransport,
): SocketHandler {
  const server = makeServer<Record<string, unknown> | undefined, SocketConnection>({
    ...plainOptions(deps),
    ...transport.options(deps),
  } as SocketOptions)

  return (socket, request, requestId, address) => {
    const leave = connections.enter()
    const writer = transport.createWriter(socket, request, deps.limits.slowClientMs)
    const onSession = (session: Session) => closeWithSession(session, socket, request, deps.origins)
    const connection: SocketConnection = { request, requestId, address, writer, onSession }
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: async (text) => writer.send(toWellFormedJson(text)),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (receive) => {
          socket.on('message', async (data) => {
            try {
              await receive(decodeUtf8(data as Buffer))
            } catch (error) {
              deps.graph.errors.report(error, { requestId, operationName: null, transport: 'websocket' })
              socket.close(...closeFor(error))
            }
          })
        },
      },
      connection,
    )
    const stopPinging = keepAlive(socket)
    socket.on('error', () => socket.terminate())
    socket.once('close', (code, reason) => {
      leave()
      stopPinging()
      connection.session?.end('The client disconnected.')
      void closed(code, String(reason)).catch(() => undefined)
    })
  }
}

/** graphql-ws writes each message itself. */
const plainTransport: SocketTransport = {
  createWriter: (socket, _request, slowClientMs) => ({
    send: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => socket.terminate(), slowClientMs)
        socket.send(text, (error) => {
          clearTimeout(timer)
          if (error) reject(error)
          else resolve()
        })
      }),
  }),
  options: () => ({}),
}

function plainOptions(deps: LiveDeps): SocketOptions {
  return {
    onConnect: (context) => connect(context, deps),
    onSubscribe: (context, _id, payload) => begin(context, payload, deps),
    execute: (args) => responseOf(args as LiveArgs, deps) as never,
    subscribe: (args) => responsesOf(args as LiveArgs, deps) as never,
    // The results are formatted already; graphql-ws would look for GraphQLErrors in them.
    onNext: (_context, _id, _payload, _args, result) => result as never,
    onError: ({ extra: { requestId } }, _id, { operationName = null }, errors) =>
      errors.map((error) =>
        deps.graph.errors.toClientError(error, { requestId, operationName: operationName ?? null, transport: 'websocket' }),
      ),
  }
}

async function responseOf({ plan, contextValue, leave }: LiveArgs, { graph }: LiveDeps): Promise<FormattedExecutionResult> {
  try {
    return await executeOnce(graph, plan, contextValue)
  } finally {
    leave()
  }
}

/** The responses of a subscription one by one, as graphql-ws sends them. */
async function responsesOf(
  { plan, contextValue: context, stop }: LiveArgs,
  { graph }: LiveDeps,
): Promise<AsyncIterableIterator<FormattedExecutionResult> | FormattedExecutionResult> {
  const responses = await subscribe(graph, { ...plan, context })
  if (!(Symbol.asyncIterator in responses)) return responses
  const each = (async function* () {
    for await (const some of responses) yield* some
  })()
  const iterator: AsyncIterableIterator<FormattedExecutionResult> = {
    next: () => each.next(),
    // A generator that waits cannot be returned from: aborting the call ends its wait.
    return: async () => {
      stop()
      return { done: true, value: undefined }
    },
    throw: async (error) => {
      stop()
      throw error
    },
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}

type Connected = Context<Record<string, unknown> | undefined, SocketConnection>

/** Signs in by `Authorization` in the connection's parameters, or by the header where a client can send one. Rejects without a valid token. */
async function connect({ connectionParams, extra }: Connected, deps: LiveDeps): Promise<void> {
  const given = connectionParams?.Authorization ?? connectionParams?.authorization
  const headers = typeof given === 'string' ? { authorization: given } : extra.request.headers
  extra.session = openSession(await deps.authenticate(headers), deps)
  extra.onSession(extra.session)
}

/** Registered with IANA as "Try Again Later": clients connect again after it. */
const tryAgainLater: Close = [1013, 'The gateway cannot serve now. Connect again later.']

type Close = readonly [code: number, reason: string]

/** How an error closes the connection, by its HTTP status. docs/graph.md lists the codes. */
const closeByStatus: Readonly<Record<number, Close>> = {
  400: [CloseCode.BadRequest, 'The message is not valid.'],
  401: [CloseCode.Unauthorized, 'A valid bearer token is needed.'],
  403: [CloseCode.Forbidden, 'This is not allowed.'],
  429: tryAgainLater,
  503: tryAgainLater,
}
const failed: Close = [CloseCode.InternalServerError, 'Internal server error']

function closeFor(error: unknown): Close {
  return (error instanceof DeskgraphError && closeByStatus[errorCodes[error.code].status]) || failed
}

async function begin(
  { extra, subscriptions }: Connected,
  payload: SubscribePayload,
  deps: LiveDeps,
): Promise<LiveArgs | readonly GraphQLError[]> {
  const { requestId, address, session } = extra
  const { graph, limits } = deps
  try {
    if (!session?.currentViewer()) throw new DeskgraphError('UNAUTHENTICATED', 'A valid bearer token is needed.')
    await deps.checkRateLimit?.(session.viewer, address)
    if (Object.keys(subscriptions).length > limits.subscriptionsPerConnection)
      throw tooManyOperations(limits.subscriptionsPerConnection)
    const plan = readOperation(graph, toParameters(payload), deps.trusted.resolve)
    if (plan.invalid) return plan.invalid
    const own = new AbortController()
    const stop = (reason: string) => own.abort(new Error(reason))
    const isBounded = plan.type !== 'subscription'
    const timer = isBounded ? setTimeout(stop, limits.operationTimeoutMs, 'The operation took too long.') : undefined
    const signal = AbortSignal.any([session.signal, own.signal])
    const call = { viewer: session.viewer, requestId, signal, stats: statsOf(plan) }
    const record = recordOnce(call, deps.accessLog)
    signal.addEventListener('abort', record, { once: true })
    return {
      schema: graph.schema,
      document: plan.document,
      operationName: plan.operationName,
      variableValues: plan.variables,
      contextValue: deps.createContext({ call, currentViewer: session.currentViewer, transport: 'websocket' }),
      plan,
      stop: () => stop('The subscription was ended.'),
      leave: () => {
        clearTimeout(timer)
        record()
      },
    }
  } catch (error) {
    return [toGraphQLError(error)]
  }
}

const goingAway = 1001
const closeTimeoutMs = 1_000

/** Closes a connection because the gateway shuts down, so that its client reconnects elsewhere. A client that does not answer is cut off. */
export function closeForShutdown(socket: WebSocket): void {
  socket.close(goingAway, 'The gateway ends. Connect again.')
  const timer = setTimeout(() => socket.terminate(), closeTimeoutMs)
  socket.once('close', () => clearTimeout(timer))
}

/** Closes the connection with the token; at once where a page has an origin that is not allowed. */
function closeWithSession({ signal }: Session, socket: WebSocket, { headers }: IncomingMessage, origins: AllowedOrigins): void {
  // Browsers do not apply CORS to WebSockets. A page of any site could read what the user's network can reach.
  const { origin, host } = headers
  if (origin !== undefined && URL.parse(origin)?.host !== host && !origins.allows(origin)) {
    socket.close(CloseCode.Forbidden, 'The origin of this page is not in http.allowedOrigins.')
  }
  signal.addEventListener('abort', () => {
    if ((signal.reason as Error).message === tokenExpired) socket.close(CloseCode.Unauthorized, tokenExpired)
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

function tooManyOperations(max: number): DeskgraphError {
  return new DeskgraphError('BAD_REQUEST', `More than ${max} operations on one connection (limits.subscriptionsPerConnection).`)
}

function toGraphQLError(error: unknown): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error))
  const code = error instanceof DeskgraphError ? error.code : 'INTERNAL_SERVER_ERROR'
  return new GraphQLError(originalError.message, { originalError, extensions: { code, ...errorCodes[code] } })
}

import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyPluginCallback, type FastifyReply } from 'fastify'
import { DeskgraphError } from '../domain/errors.ts'
import type { AccessLog, FailureLog, Tracer } from '../domain/telemetry.ts'
import type { SlowClientLimits } from './config.ts'
import { createErrorHandler, sendError } from './error-response.ts'
import { type AllowedOrigins, allowOrigins } from './plugins/cors.ts'
import { securityHeaders } from './plugins/security-headers.ts'
import { noteRequestId, recordRequest, traceRequest } from './record-request.ts'
import type { ConsoleDeps } from './routes/console.ts'
import { type FileOpener, fileRoutes } from './routes/files.ts'
import { type GraphRouteDeps, graphRoute } from './routes/graphql.ts'
import { type HealthRoutesDeps, healthRoutes } from './routes/health.ts'
import { type MetricsRouteDeps, metricsRoute } from './routes/metrics.ts'
import { rootRoute } from './routes/root.ts'
import { type SchemaRouteDeps, schemaRoute } from './routes/schema.ts'
import { type UploadReceiver, uploadRoutes } from './routes/uploads.ts'
import { type WebhookRoutesDeps, webhookRoutes } from './routes/webhooks.ts'

export interface HttpAppDeps {
  readonly accessLog: AccessLog
  /** Absent: requests have no spans. */
  readonly tracer?: Tracer | undefined
  readonly failures: FailureLog
  /** Pages that may ask the gateway from another origin. */
  readonly origins: AllowedOrigins
  /** Plugins for every route, in this order: overload, rate limit, credentials. */
  readonly plugins: readonly (FastifyPluginAsync | FastifyPluginCallback)[]
  /** `/graphql` over HTTP, SSE and WebSocket. */
  readonly graphql: GraphRouteDeps & SchemaRouteDeps
  readonly webhooks: WebhookRoutesDeps
  readonly uploads: UploadReceiver
  readonly files: FileOpener
  readonly health: HealthRoutesDeps
  readonly metrics: MetricsRouteDeps
  /** null: a browser gets no GraphiQL. */
  readonly console: ConsoleDeps | null
  /** Limits on slow and malformed clients. */
  readonly server: SlowClientLimits
  /** Addresses whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[]
  /** True once the gateway is unready and serves its last requests: each connection is closed after its next response. */
  readonly isDraining?: () => boolean
  /** Serves a request before Fastify sees it, or returns false. Absent: Fastify serves all of them. */
  readonly fastPath?: ((...request: Parameters<RequestListener>) => boolean) | undefined
}

/** No route has a JSON schema. The compilers would be a hundred modules that each start has to load. */
const noSchemaCompilers = { buildValidator: refuseSchema, buildSerializer: refuseSchema }

function refuseSchema(): never {
  throw new Error('Routes have no JSON schemas here: decode and refuse by hand, as the other routes do.')
}

/** The Fastify app with every route of the gateway. It does not listen yet. */
export async function createHttpApp(deps: HttpAppDeps): Promise<FastifyInstance> {
  const headers = securityHeaders()
  const addHeaders = (reply: FastifyReply) => {
    for (const [name, value] of headers) reply.raw.setHeader(name, value)
    void reply.header('x-request-id', reply.request.id)
    noteRequestId(reply.raw, reply.request.id)
  }
  let closing = false
  const app = Fastify({
    logger: false,
    // A request id of the client's choice could repeat, and would no longer lead to one request in the log.
    genReqId: () => randomUUID(),
    requestTimeout: deps.server.requestTimeoutMs,
    keepAliveTimeout: deps.server.keepAliveTimeoutMs,
    serverFactory: (serve) => createNodeServer(serve, deps),
    rewriteUrl: toOriginForm,
    clientErrorHandler: answerClientError,
    frameworkErrors: ({ code }, request, reply) => {
      addHeaders(reply)
      const [error, status] = code === 'FST_ERR_BAD_URL' ? ([badPath(), 400] as const) : ([notFound(), 404] as const)
      sendError(reply, error, request.id, status)
    },
    ...(deps.trustedProxies?.length ? { trustProxy: [...deps.trustedProxies] } : {}),
    forceCloseConnections: 'idle',
    // The hook below refuses these requests in the form of every other error.
    return503OnClosing: false,
    routerOptions: { caseSensitive: true },
    schemaController: { compilersFactory: noSchemaCompilers },
  })
  let listenerClosed: Promise<void> | undefined
  app.addHook('preClose', async () => {
    if (deps.isDraining?.()) {
      listenerClosed = (await closeListener(app.server)).ended
      await sleep(lastRequestsMs)
    }
    closing = true
    drainConnections(app.server)
  })
  app.addHook('onClose', () => listenerClosed)
  app.setErrorHandler(createErrorHandler(deps.failures))
  app.setNotFoundHandler(async (request, reply) => sendError(reply, notFound(), request.id, 404))
  app.addHook('onRequest', async (_request, reply) => addHeaders(reply))
  // First, so that a page can read also why it was refused.
  await allowOrigins(app, deps.origins)
  app.addHook('onRequest', async (_request, reply) => {
    // The next request of this client should reach another replica.
    if (closing || deps.isDraining?.()) void reply.header('connection', 'close')
    if (closing) throw new DeskgraphError('OVERLOADED', 'The gateway is shutting down. Send the request again.')
  })
  app.addHook('onResponse', async ({ raw }) => {
    // A response instead of a WebSocket. Node has given the connection away, and would neither close it nor wait for another request.
    if (isWebSocketHandshake(raw)) raw.socket.destroySoon()
  })
  for (const plugin of deps.plugins) await app.register(plugin)
  await app.register(rootRoute, { hasConsole: deps.console !== null })
  if (deps.console) await addConsole(app, deps.console)
  await app.register(graphRouteOf(deps.graphql))
  await app.register(schemaRoute, deps.graphql)
  await app.register(webhookRoutes, deps.webhooks)
  await app.register(uploadRoutes, deps.uploads)
  await app.register(fileRoutes, { opener: deps.files, failures: deps.failures })
  await app.register(healthRoutes, deps.health)
  await app.register(metricsRoute, deps.metrics)
  return app
}

function graphRouteOf(deps: GraphRouteDeps): FastifyPluginAsync {
  return (app) => graphRoute(app, deps)
}

/** Loaded only where it is configured: `@fastify/static` takes long to load. */
async function addConsole(app: FastifyInstance, deps: ConsoleDeps): Promise<void> {
  const { consoleRoutes } = await import('./routes/console.ts')
  await consoleRoutes(app, deps)
}

function createNodeServer(serve: RequestListener, deps: HttpAppDeps): Server {
  const { server, fastPath, accessLog, tracer } = deps
  const { metrics } = deps.webhooks
  const handle: RequestListener = (request, response) => {
    if (!fastPath?.(request, response)) serve(request, response)
  }
  return createServer(serverOptions(server), (request, response) => {
    recordRequest(request, response, { metrics, accessLog })
    if (tracer) traceRequest(tracer, request, response, handle)
    else handle(request, response)
  })
}

/**
 * True for the handshake of a WebSocket (RFC 6455 §4.1) with the graph. Every other Upgrade is ignored, and the request is served
 * (RFC 9110 §7.8): Java's HTTP client asks for `h2c` in the first request of each connection.
 */
function isWebSocketHandshake(request: IncomingMessage): boolean {
  const { method, headers } = request
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && /^\/graphql(?:\?|$)/.test(toOriginForm(request))
}

/**
 * The path and query that routes and plugins compare: without scheme and host (RFC 9112 §3.2.2 lets every client send them), and without
 * the doubled and trailing slashes that clients make by joining addresses.
 */
export function toOriginForm({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const [target = ''] = url.split('?', 1)
  const path = target
    .replace(/^https?:\/\/[^/]*/i, '')
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '')
  return (path || '/') + url.slice(target.length)
}

/** Node's options against slow and malformed clients. Its parser refuses content-length together with transfer-encoding. */
export function serverOptions(limits: SlowClientLimits): ServerOptions {
  return {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    // How often Node looks for slow clients. Its default of 30 s would make each timeout up to 30 s longer.
    connectionsCheckingInterval: 1_000,
    insecureHTTPParser: false,
    requireHostHeader: true,
    // Of Node 24.9 and later.
    shouldUpgradeCallback: isWebSocketHandshake,
  }
}

const clientErrors: Readonly<Record<string, { readonly status: string; readonly message: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', message: 'The request took too long to arrive.' },
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', message: 'The headers are too large.' },
}
const malformed = { status: '400 Bad Request', message: 'This is not a request that HTTP allows.' }

/** Answers bytes that Node could not read as HTTP, in the form of every other error, and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, message } = clientErrors[error.code ?? ''] ?? malformed
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST', retryable: false } }] })
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** How long requests are still served that were on their way when the listener closed, each on its connection's last turn. */
const lastRequestsMs = 500

/**
 * Closes the listener alone, once it has accepted what waits: the kernel would reset a connection that waits, with the request that a proxy has
 * sent on it, and a proxy does not repeat a POST. Resolves then. `ended` resolves when no connection is open any more.
 */
async function closeListener(server: Server): Promise<{ readonly ended: Promise<void> }> {
  let accepted = 0
  const count = () => {
    accepted += 1
  }
  server.on('connection', count)
  // Node accepts one connection per turn of the event loop.
  for (let quiet = 0, turn = 0; quiet < 3 && turn < 1_000; turn++) {
    const before = accepted
    await nextTurn()
    quiet = accepted === before ? quiet + 1 : 0
  }
  server.off('connection', count)
  const closed = Promise.withResolvers<void>()
  // Not the method of the HTTP server: that closes idle connections too, and one that was just accepted is idle.
  NetServer.prototype.close.call(server, () => closed.resolve())
  return { ended: closed.promise }
}

const idleScanMs = 50
/** How long a request in flight may still take, so that the whole process ends within ten seconds. */
const drainTimeoutMs = 5_000

/**
 * Closes connections while the server closes. Node waits for all of them: also for a kept connection whose last response was on its way
 * when the closing began, and for a client that never finishes its request.
 */
function drainConnections(server: Server): void {
  const scan = setInterval(() => server.closeIdleConnections(), idleScanMs)
  const timeout = setTimeout(() => server.closeAllConnections(), drainTimeoutMs)
  server.once('close', () => {
    clearInterval(scan)
    clearTimeout(timeout)
  })
}

/**
 * How many connections may wait until Node accepts them. Node accepts one per turn of the event loop. The kernel drops
 * further ones, and their clients retry after 1, 3 and 7 s: for example 1,000 subscribers that reconnect at once. Node's
 * default is 511; most kernels allow 4,096 (`net.core.somaxconn`).
 */
const listenBacklog = 4_096

/** Listens on a host name or address without brackets, and returns the URL. `port` 0: a free port. */
export async function listen(app: FastifyInstance, address: { readonly host: string; readonly port: number }): Promise<string> {
  await app.listen({ host: address.host, port: address.port, backlog: listenBacklog })
  return urlOf(app.server)
}

/** Serves the app on a random loopback port while `work` runs. The app may listen on its own address afterwards. */
export async function serveOnLoopback(app: FastifyInstance, work: (url: string) => Promise<void>): Promise<void> {
  await app.ready()
  const server = createServer(app.routing)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await work(urlOf(server))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

function notFound(): DeskgraphError {
  return new DeskgraphError('BAD_REQUEST', 'There is nothing at this address. The graph is at /graphql.')
}

function badPath(): DeskgraphError {
  return new DeskgraphError('BAD_REQUEST', 'The path is not UTF-8 with percent-encoding.')
}

import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { DeskgraphError } from '../domain/errors.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { FastPath } from '../performance/fast-path.ts'
import type { SlowClientLimits } from './config.ts'
import { letGo } from './drain-connections.ts'
import { createErrorHandler, sendError } from './error-response.ts'
import { securityHeaders } from './plugins/security-headers.ts'
import type { ConsoleDeps } from './routes/console.ts'
import { type HealthRoutesDeps, healthRoutes } from './routes/health.ts'
import { type MetricsRouteDeps, metricsRoute } from './routes/metrics.ts'
import { type WebhookRoutesDeps, webhookRoutes } from './routes/webhooks.ts'
import { answerClientError, serverOptions } from './server-options.ts'

export interface HttpAppDeps {
  readonly logger: Logger
  /** Guards that stand before every route: overload, rate limit, odd headers. */
  readonly guards: readonly FastifyPluginAsync[]
  /** `/graphql` over HTTP, SSE and WebSocket. */
  readonly graphql: readonly FastifyPluginAsync[]
  readonly webhooks: WebhookRoutesDeps
  readonly health: HealthRoutesDeps
  readonly metrics: MetricsRouteDeps
  /** null: a browser gets no console. */
  readonly console: ConsoleDeps | null
  /** Node's own limits on slow and odd clients. */
  readonly server: SlowClientLimits
  /** Addresses whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[]
  /** Sees every request first. */
  readonly frontDoor?: FastPath
}

/** No route has a JSON schema. What would compile one is a hundred modules, which a start then need not load. */
const withoutSchemas = { buildValidator: refuseSchema, buildSerializer: refuseSchema }

function refuseSchema(): never {
  throw new Error('Routes have no JSON schemas here: decode and refuse by hand, as the others do.')
}

/** The HTTP face: every route of the gateway, nothing listening yet. */
export async function createHttpApp(deps: HttpAppDeps): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    // Ids come from here, never from a client: they tie an answer to its log lines.
    genReqId: () => randomUUID(),
    requestTimeout: deps.server.requestTimeoutMs,
    keepAliveTimeout: deps.server.keepAliveTimeoutMs,
    ...(deps.frontDoor ? { serverFactory: withFrontDoor(deps.frontDoor, deps.server) } : { http: serverOptions(deps.server) }),
    clientErrorHandler: answerClientError,
    ...(deps.trustedProxies?.length ? { trustProxy: [...deps.trustedProxies] } : {}),
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { caseSensitive: true },
    schemaController: { compilersFactory: withoutSchemas },
  })
  app.addHook('preClose', async () => letGo(app.server))
  app.setErrorHandler(createErrorHandler(deps.logger))
  app.setNotFoundHandler(async (request, reply) => sendError(reply, notFound(), request.id, 404))
  const ofEveryAnswer = securityHeaders()
  app.addHook('onRequest', (request, reply, next) => {
    for (const [name, value] of ofEveryAnswer) reply.raw.setHeader(name, value)
    void reply.header('x-request-id', request.id)
    next()
  })
  for (const guard of deps.guards) await app.register(guard)
  if (deps.console) await addConsole(app, deps.console)
  for (const routes of deps.graphql) await app.register(routes)
  await app.register(webhookRoutes, deps.webhooks)
  await app.register(healthRoutes, deps.health)
  await app.register(metricsRoute, deps.metrics)
  return app
}

/** Loaded only where it is wanted: what it serves files with takes long to load. */
async function addConsole(app: FastifyInstance, deps: ConsoleDeps): Promise<void> {
  const { consoleRoutes } = await import('./routes/console.ts')
  await consoleRoutes(app, deps)
}

/** Node's server as Fastify would make it, with the front door before Fastify. */
function withFrontDoor(frontDoor: FastPath, limits: SlowClientLimits) {
  return (serve: RequestListener): Server => {
    return createServer(serverOptions(limits), (request, response) => {
      if (!frontDoor(request, response)) serve(request, response)
    })
  }
}

function notFound(): DeskgraphError {
  return new DeskgraphError('BAD_REQUEST', 'There is nothing at this address. The graph is at /graphql.')
}

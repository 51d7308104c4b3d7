import type { IncomingHttpHeaders } from 'node:http'
import { createChangeRecorder, createTicketHistory } from '../changes/change-log.ts'
import { noTracer, type Tracer } from '../domain/telemetry.ts'
import { auditMutations } from '../graphql/audit-mutations.ts'
import { createContext, type GraphContext, type GraphRequest, type GraphServices } from '../graphql/context.ts'
import { cacheSeconds } from '../graphql/format-response.ts'
import { createGraph } from '../graphql/graph.ts'
import { toExploration } from '../graphql/limits/config.ts'
import { createTrustedDocuments } from '../graphql/limits/trusted-documents.ts'
import { createSchema } from '../graphql/schema/index.ts'
import type { GraphServer } from '../graphql/server.ts'
import { createGraphHandler } from '../http/graphql-handler.ts'
import { createRateCheck } from '../http/plugins/rate-limit.ts'
import type { GraphRouteDeps } from '../http/routes/graphql.ts'
import { createTicketService } from '../tickets/ticket-service.ts'
import type { Base } from './build-base.ts'
import type { Supply } from './build-supply.ts'

export interface GraphParts {
  readonly server: GraphServer<GraphContext>
  readonly route: GraphRouteDeps
}

/** A subscriber that reads nothing for this long is disconnected. */
const slowClientMs = 10_000

/** The graph over these sources, and what answers its requests. */
export async function buildGraph(base: Base, supply: Supply): Promise<GraphParts> {
  const { config, authenticator, limiter, metrics, logger, failures, clock, fast } = base
  const services = toServices(base, supply)
  const { introspection } = toExploration(config, config.auth.mode)
  const schema = createSchema({ sources: services.sources, transform: fast?.transformSchema })
  auditMutations(schema, base.audit, logger)
  const graph = await createGraph({
    schema,
    limits: config.limits,
    introspection,
    failures,
    metrics,
    logger,
    executor: fast?.createExecutor(schema),
    sharedPayloads: fast?.createSharedPayloads(),
  })
  const trusted = createTrustedDocuments(config.documents)
  const shared = {
    authenticate: (headers: IncomingHttpHeaders) => authenticator.getCachedViewer(headers) ?? authenticator.authenticate(headers),
    checkRateLimit: createRateCheck(limiter),
    createContext: (request: GraphRequest) => createContext(services, request),
    trusted,
  }
  const handler = createGraphHandler({
    ...shared,
    server: traceAnswers(fast?.runDirectly(graph.server, graph.pipeline) ?? graph.server, base.tracer),
    documents: graph.documents,
    errors: graph.errors,
    cacheSeconds,
    maxBatch: config.limits.batch,
  })
  const clockSkewSeconds = config.auth.mode === 'jwt' ? config.auth.clockSkewSeconds : 0
  const live = { ...shared, graph, metrics, clock, limits: { ...config.limits, clockSkewSeconds, slowClientMs } }
  const { authenticate, checkRateLimit } = shared
  const route = { handler, authenticate, checkRateLimit, limits: config.limits, errors: graph.errors, live }
  return { server: graph.server, route: { ...route, socketTransport: fast?.createSocketTransport() } }
}

/** A span around every operation; nothing at all where nothing is traced. */
function traceAnswers(server: GraphServer<GraphContext>, tracer: Tracer): GraphServer<GraphContext> {
  if (tracer === noTracer) return server
  const answer: typeof server.answer = (request, context) =>
    tracer.span('operation', { requestId: context.call.requestId }, () => server.answer(request, context))
  return { ...server, answer }
}

function toServices(base: Base, { sources: plain, routing, events }: Supply): GraphServices {
  const sources = plain.map(base.traceSource)
  const { store, config } = base
  const maxPageSize = config.limits.pageSize
  const tickets = createTicketService({
    ...base,
    sources,
    idempotency: store.idempotency,
    recorder: createChangeRecorder(store),
    limits: { ...config.reading, maxPageSize },
  })
  const { deadLetters, changes } = events
  return {
    sources,
    tickets,
    deliveries: routing.deliveryService,
    deadLetters,
    changes,
    history: createTicketHistory(store.changeLog),
    maxPageSize,
  }
}

import type { IncomingHttpHeaders } from 'node:http'
import { createChangeRecorder, createTicketHistory } from '../changes/change-log.ts'
import { noTracer, type Tracer } from '../domain/telemetry.ts'
import { auditMutations } from '../graphql/audit-mutations.ts'
import { keepSeconds } from '../graphql/cache-hint.ts'
import { createContext, type GraphContext, type GraphRequest, type GraphServices } from '../graphql/context.ts'
import { createGraph } from '../graphql/create-graph.ts'
import { toExploration } from '../graphql/limits/documents-config.ts'
import { createFieldCosts } from '../graphql/limits/field-costs.ts'
import { createTrustedDocuments } from '../graphql/limits/trusted-documents.ts'
import { createSchema } from '../graphql/schema/index.ts'
import type { GraphServer } from '../graphql/server.ts'
import { createGraphHandler, type GraphHandler } from '../http/graphql/handler.ts'
import type { LiveDeps } from '../http/live/session.ts'
import { createAdmission } from '../http/plugins/check-rate-limit.ts'
import { callMethodsDirectly } from '../performance/direct-resolvers.ts'
import { createTicketService } from '../tickets/ticket-service.ts'
import type { Base } from './build-base.ts'
import type { Supply } from './build-supply.ts'

export interface GraphParts {
  readonly server: GraphServer<GraphContext>
  readonly handler: GraphHandler
  readonly live: LiveDeps
}

/** How long a subscriber may leave a message untaken. */
const slowClientMs = 10_000

/** The graph over these sources, and what answers its requests. */
export async function buildGraph(base: Base, supply: Supply): Promise<GraphParts> {
  const { config, authenticator, limiter, metrics, logger, clock } = base
  const services = toServices(base, supply)
  const { introspection } = toExploration(config, config.auth.mode)
  const schema = createSchema({ sources: services.sources, transform: callMethodsDirectly })
  auditMutations(schema, base.audit, logger)
  const costs = createFieldCosts(services.sources)
  const graph = await createGraph({ schema, limits: config.limits, costs, introspection, metrics, logger })
  const trusted = createTrustedDocuments(config.documents)
  const shared = {
    authenticate: (headers: IncomingHttpHeaders) => authenticator.getCachedViewer(headers) ?? authenticator.authenticate(headers),
    admit: createAdmission(limiter),
    createContext: (request: GraphRequest) => createContext(services, request),
    trusted,
    logger,
  }
  const handler = createGraphHandler({
    ...shared,
    graph: traceAnswers(graph.server, base.tracer),
    keepSeconds,
    documents: graph.documents,
    limits: config.limits,
  })
  const clockSkewSeconds = config.auth.mode === 'jwt' ? config.auth.clockSkewSeconds : 0
  const live = { ...shared, graph, metrics, clock, limits: { ...config.limits, clockSkewSeconds, slowClientMs } }
  return { server: graph.server, handler, live }
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

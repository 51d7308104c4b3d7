import type { Authenticator } from '../auth/authenticator.ts'
import type { GatewayConfig } from '../config/gateway-config.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { type AnswerOptions, completeAnswer } from '../graphql/answer.ts'
import { createContext, type GraphContext, type GraphServices } from '../graphql/context.ts'
import { createFieldCosts } from '../graphql/cost.ts'
import { createDocuments } from '../graphql/documents.ts'
import { formatError } from '../graphql/errors.ts'
import { createExecutor } from '../graphql/execution/executor.ts'
import { toExploration } from '../graphql/limits/documents-config.ts'
import { prepareLimits } from '../graphql/limits/prepare-limits.ts'
import { createSchema } from '../graphql/schema.ts'
import { createGraphServer, type GraphServer } from '../graphql/server.ts'
import { createGraphHandler, type GraphHandler } from '../http/graphql/handler.ts'
import { createAdmission } from '../http/guards/admit.ts'
import type { RateLimiter } from '../http/guards/rate-limiter.ts'

export interface GraphDeps {
  readonly config: GatewayConfig
  readonly services: GraphServices
  readonly authenticator: Authenticator
  readonly limiter: RateLimiter
  readonly metrics: Metrics
  readonly logger: Logger
}

export interface GraphParts {
  readonly server: GraphServer<GraphContext>
  readonly handler: GraphHandler
}

/** The graph over these services, and what answers its requests. */
export async function buildGraph(deps: GraphDeps): Promise<GraphParts> {
  const { config, services, authenticator, limiter, metrics, logger } = deps
  const { introspection } = toExploration(config, config.auth.mode)
  const schema = createSchema(services.sources)
  const limits = prepareLimits(schema, config.limits, createFieldCosts(services.sources))
  const documents = createDocuments({ schema, limits, introspection })
  const answers: AnswerOptions = { suggestions: introspection, report: (error) => reportMasked(logger, error) }
  const server = await createGraphServer<GraphContext>({
    schema,
    documents,
    executor: createExecutor(schema),
    formatError: (formatted, error) => formatError(formatted, error, answers),
    complete: (result, context) => completeAnswer(result, context, answers),
    checkOperation: (document, name, variables) => void limits.checkOperation(document, name, variables),
    metrics,
    logger,
  })
  const handler = createGraphHandler<GraphContext>({
    graph: server,
    documents,
    authenticate: (headers) => authenticator.recall(headers) ?? authenticator.authenticate(headers),
    admit: createAdmission(limiter),
    createContext: (viewer, requestId, signal) => createContext(services, { call: { viewer, requestId, signal } }),
    limits: config.limits,
    logger,
  })
  return { server, handler }
}

/** What a client sees masked, the log has: where in our code it happened. */
function reportMasked(logger: Logger, error: unknown): void {
  const original = (error as { originalError?: unknown }).originalError ?? error
  logger.error({ stack: original instanceof Error ? original.stack : String(original) }, 'an error was masked')
}

import type { GraphQLSchema } from 'graphql'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import { createExecutor, type Executor } from '../performance/compiled-executor/executor.ts'
import { createSharedPayloads, type SharedPayloads } from '../performance/shared-payloads.ts'
import type { GraphContext } from './context.ts'
import { createDocuments, type Documents } from './document-cache.ts'
import { formatError } from './errors.ts'
import { type AnswerOptions, completeAnswer } from './format-response.ts'
import type { OperationLimits } from './limits/config.ts'
import type { CostTable } from './limits/field-cost.ts'
import { type PreparedLimits, prepareLimits, toCostExtension } from './limits/prepare-limits.ts'
import { createGraphServer, type GraphServer } from './server.ts'

export interface GraphDeps {
  readonly schema: GraphQLSchema
  readonly limits: OperationLimits
  readonly costs: CostTable
  readonly introspection: boolean
  readonly metrics: Metrics
  readonly logger: Logger
}

/** What every transport answers with: queries over HTTP, subscriptions over SSE and WebSocket. */
export interface Graph {
  readonly schema: GraphQLSchema
  readonly documents: Documents
  readonly limits: PreparedLimits
  readonly executor: Executor
  readonly server: GraphServer<GraphContext>
  readonly answerOptions: AnswerOptions
  readonly sharedBodies: SharedPayloads
}

export async function createGraph({ schema, limits, costs, introspection, metrics, logger }: GraphDeps): Promise<Graph> {
  const prepared = prepareLimits(schema, limits, costs)
  const documents = createDocuments({ schema, limits: prepared, introspection })
  const executor = createExecutor(schema)
  const answerOptions: AnswerOptions = { suggestions: introspection, report: (error) => reportMasked(logger, error) }
  const server = await createGraphServer<GraphContext>({
    schema,
    documents,
    executor,
    formatError: (formatted, error) => formatError(formatted, error, answerOptions),
    complete(result, context) {
      const upstreamCalls = context.call.tally?.upstreamCalls ?? 0
      if (upstreamCalls > 0) metrics.observe('graphql_upstream_calls', upstreamCalls)
      return completeAnswer(result, context, answerOptions)
    },
    checkOperation: (document, name, variables) => toCostExtension(prepared.checkOperation(document, name, variables), limits),
    metrics,
    logger,
  })
  return { schema, documents, limits: prepared, executor, server, answerOptions, sharedBodies: createSharedPayloads() }
}

/** What a client sees masked, the log has: where in our code it happened. */
function reportMasked(logger: Logger, error: unknown): void {
  const original = (error as { originalError?: unknown } | null)?.originalError ?? error
  logger.error({ stack: original instanceof Error ? original.stack : String(original) }, 'an error was masked')
}

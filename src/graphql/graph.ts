import type { GraphQLSchema } from 'graphql'
import type { FailureLog, Logger, Metrics, Tracer } from '../domain/telemetry.ts'
import type { GraphContext } from './context.ts'
import { createDocuments, type Documents } from './document-cache.ts'
import { createErrorBoundary, type ErrorBoundary } from './errors.ts'
import { createExecutor, type Executor } from './executor.ts'
import type { OperationLimits } from './limits/config.ts'
import { prepareLimits, toCostExtension } from './limits/prepare-limits.ts'
import { createOperationPipeline, type OperationPipeline, type PipelineDeps } from './operation-pipeline.ts'
import { toSdl } from './schema/sdl.ts'
import { createFieldSelection } from './schema/selected-fields.ts'
import { createGraphServer, type GraphServer } from './server.ts'
import type { SharedPayloads } from './subscribe.ts'

export interface GraphDeps {
  readonly schema: GraphQLSchema
  readonly limits: OperationLimits
  /** Whether clients may ask for the schema. */
  readonly introspection: boolean
  readonly failures: FailureLog
  readonly metrics: Metrics
  /** Absent: operations have no spans. */
  readonly tracer?: Tracer | undefined
  readonly logger: Logger
  /** Absent: graphql-js executes. */
  readonly executor?: Executor | undefined
  /** Absent: each subscriber's payload is written for itself. */
  readonly sharedPayloads?: SharedPayloads | undefined
}

/** The executable graph, as every transport uses it: HTTP, server-sent events, WebSocket. */
export interface Graph {
  readonly schema: GraphQLSchema
  /** The graph as SDL; null where clients may not ask for the schema. */
  readonly schemaText: (() => string) | null
  readonly documents: Documents
  readonly errors: ErrorBoundary
  readonly pipeline: OperationPipeline<GraphContext>
  /** Throws a DeskgraphError for an operation that costs too much with these variables. */
  readonly checkCost: PipelineDeps['checkCost']
  /** Answers queries and mutations over HTTP. */
  readonly server: GraphServer<GraphContext>
  readonly sharedPayloads: SharedPayloads | undefined
}

export async function createGraph(deps: GraphDeps): Promise<Graph> {
  const { schema, limits, introspection, failures, metrics, logger, sharedPayloads } = deps
  const prepared = prepareLimits(schema, limits)
  const documents = createDocuments({ schema, limits: prepared, introspection })
  const errors = createErrorBoundary({ suggestions: introspection, failures })
  const checkCost: PipelineDeps['checkCost'] = (document, name, variables) =>
    toCostExtension(prepared.checkOperation(document, name, variables), limits)
  const pipeline = createOperationPipeline<GraphContext>({
    executor: deps.executor ?? createExecutor(schema),
    errors,
    checkCost,
    select: createFieldSelection(schema),
    metrics,
    tracer: deps.tracer,
  })
  const server = await createGraphServer({ schema, documents, pipeline, errors, logger })
  const schemaText = introspection ? () => toSdl(schema) : null
  return { schema, schemaText, documents, errors, pipeline, checkCost, server, sharedPayloads }
}

import { type DocumentNode, type FormattedExecutionResult, type GraphQLSchema, parse, subscribe, validate } from 'graphql'
import type { Call, Viewer } from '../../../src/domain/call.ts'
import { anonymous } from '../../../src/domain/permissions.ts'
import type { Reconciler } from '../../../src/domain/reconciliation.ts'
import { type FailureLog, type Metrics, noFailureLog, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { createContext, type GraphContext, type GraphRequest, type GraphServices } from '../../../src/graphql/context.ts'
import { createErrorBoundary } from '../../../src/graphql/errors.ts'
import { createExecutor } from '../../../src/graphql/executor.ts'
import { createOperationPipeline } from '../../../src/graphql/operation-pipeline.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
import { createFieldSelection } from '../../../src/graphql/schema/selected-fields.ts'
import { createCompiledExecutor } from '../../../src/performance/compiled-executor/executor.ts'
import { callMethodsDirectly } from '../../../src/performance/direct-resolvers.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { createFileService } from '../../../src/tickets/files.ts'
import { createTicketService } from '../../../src/tickets/ticket-service.ts'
import type { UploadStore } from '../../../src/tickets/upload-store.ts'
import { createUploadService } from '../../../src/tickets/uploads.ts'
import { createMemoryIdempotency } from '../memory-idempotency.ts'
import { createMemoryUploads } from '../memory-uploads.ts'
import {
  createMemoryChangeStream,
  createMemoryDeadLetters,
  createMemoryDeliveries,
  createMemoryHistory,
} from './memory-services.ts'

export interface GraphOptions {
  readonly sources: readonly TicketSource[]
  readonly services?: Partial<GraphServices>
  readonly resolvers?: ResolverMode
  readonly federation?: boolean
  readonly metrics?: Metrics
  readonly failures?: FailureLog
  readonly uploads?: UploadStore
}

/** Whether resolvers run through type-graphql's own wrapper, or without it as in production. */
export type ResolverMode = 'wrapped' | 'direct'
export const resolverModes: readonly ResolverMode[] = ['wrapped', 'direct']
const defaultMode: ResolverMode = process.env.DESKGRAPH_PERFORMANCE === 'off' ? 'wrapped' : 'direct'

export interface AskOptions {
  readonly variables?: Record<string, unknown>
  readonly scopes?: readonly string[]
  readonly currentViewer?: GraphRequest['currentViewer']
  readonly resumeAfter?: string
  readonly signal?: AbortSignal
}

/** The real schema over the real ticket service and the given sources. */
/** Knows no ticket of any source. */
const emptyReconciler: Reconciler = {
  reconcile: async ({ sourceKey }) => ({
    ...{ subject: sourceKey, done: 0, failed: 0, userErrors: [], checked: 0, total: 0 },
    ...{ changedIds: [], removedIds: [], endCursor: null },
  }),
}

export function createTestGraph(options: GraphOptions) {
  const { sources, services = {}, resolvers = defaultMode, metrics = noMetrics, failures = noFailureLog } = options
  const schema = schemaFor(sources, resolvers, options.federation)
  const errors = createErrorBoundary({ suggestions: true, failures })
  const pipeline = createOperationPipeline<GraphContext>({
    // The executor that ships with these resolvers.
    executor: resolvers === 'direct' ? createCompiledExecutor(schema) : createExecutor(schema),
    errors,
    checkCost: () => ({}),
    select: createFieldSelection(schema),
    metrics,
  })
  const uploads = options.uploads ?? createMemoryUploads()
  const all: GraphServices = {
    sources,
    uploads: createUploadService({ sources, store: uploads, config: { uploadBytes: 1_000 }, clock: Date.now }),
    files: createFileService({ sources, config: {}, clock: Date.now }),
    tickets: createTicketService({
      sources,
      idempotency: createMemoryIdempotency(),
      uploads,
      recorder: { record: async () => undefined },
      metrics: noMetrics,
      logger: noLogger,
      clock: Date.now,
      limits: { scanLimit: 1000, maxPageSize: 100, sourceDeadlineMs: 5000 },
    }),
    deliveries: createMemoryDeliveries({}).deliveries,
    deadLetters: createMemoryDeadLetters([]),
    reconciler: emptyReconciler,
    changes: createMemoryChangeStream().changes,
    history: createMemoryHistory({}).history,
    maxPageSize: 100,
    ...services,
  }
  const contextFor = ({ scopes, currentViewer, signal, resumeAfter }: AskOptions): GraphContext => {
    const call: Call = { viewer: viewerWith(scopes), signal: signal ?? new AbortController().signal, requestId: 'req-1' }
    return createContext(all, { call, ...(currentViewer && { currentViewer }), resumeAfter })
  }
  const prepare = (operation: string): DocumentNode => {
    const document = parse(operation)
    const errors = validate(schema, document)
    if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join('\n'))
    return document
  }
  return {
    schema,
    contextFor,
    async ask(operation: { toString(): string }, options: AskOptions = {}): Promise<FormattedExecutionResult> {
      const context = contextFor(options)
      const document = prepare(String(operation))
      const result = await pipeline.run({ document, operationName: null, variables: options.variables ?? {}, context })
      // As a client gets it: through JSON.
      return JSON.parse(pipeline.stringify(result))
    },
    async listen(operation: { toString(): string }, options: AskOptions = {}) {
      const contextValue = contextFor(options)
      const document = prepare(String(operation))
      const stream = await subscribe({ schema, document, contextValue, variableValues: options.variables ?? {} })
      if (!(Symbol.asyncIterator in stream)) {
        const site = { requestId: contextValue.call.requestId, operationName: null, transport: 'websocket' } as const
        return { errors: stream.errors?.map((error) => errors.toClientError(error, site)) }
      }
      return { stream }
    },
  }
}

export function viewerWith(scopes: readonly string[] | undefined): Viewer {
  return scopes ? { ...anonymous, id: 'ann', email: 'ann@example.com', scopes: new Set(scopes) } : anonymous
}

const schemas = new Map<string, GraphQLSchema>()

/** A cached schema. It depends only on the resolvers and the lazy fields; building it takes longer than most tests. */
function schemaFor(sources: readonly TicketSource[], mode: ResolverMode, federation = false): GraphQLSchema {
  const fields = sources.map(({ lazyFields, costlyFields = [] }) => [lazyFields, costlyFields])
  const key = JSON.stringify([mode, federation, fields])
  const transform = mode === 'direct' ? callMethodsDirectly : undefined
  const schema = schemas.get(key) ?? createSchema({ sources, transform, federation })
  schemas.set(key, schema)
  return schema
}

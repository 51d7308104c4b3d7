import {
  ApolloServer,
  type ApolloServerPlugin,
  type GraphQLRequestContext,
  type GraphQLRequestListener,
  HeaderMap,
  type HTTPGraphQLRequest,
  type HTTPGraphQLResponse,
} from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import {
  type DocumentNode,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql'
import { DeskgraphError, errorCodes } from '../domain/errors.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { Documents } from './documents.ts'
import type { Executed, Executor } from './execution/executor.ts'
import { toHttpStatus } from './http-status.ts'
import { createOperationMetrics } from './operation-metrics.ts'
import { stringifyResult } from './stringify.ts'

export interface GraphServerDeps<Context> {
  readonly schema: GraphQLSchema
  readonly documents: Documents
  readonly executor: Executor
  /** Masks what a client must not see and adds the documented extensions. */
  formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError
  /** Adds what the operation's own context knows to its answer: faults of lists, redactions, the request id. */
  complete(result: FormattedExecutionResult, context: Context): FormattedExecutionResult
  /** Refuses, by throwing, an operation that costs too much; gives what `extensions.cost` says to those who ask for it. */
  checkOperation(document: DocumentNode, operationName: string | null, variables: Record<string, unknown>): unknown
  readonly metrics: Metrics
  readonly logger: Logger
}

export interface GraphServer<Context> {
  /** Answers one request, whose document was prepared before. Never throws. */
  answer(request: HTTPGraphQLRequest, context: Context): Promise<HTTPGraphQLResponse>
  stop(): Promise<void>
}

/** Apollo copies the object that it is given as context, and a copied class instance has lost its private fields. */
interface Carrier<Context> {
  readonly context: Context
}

/** Apollo Server with nothing switched on that costs without serving, executing by compiled plans. */
export async function createGraphServer<Context>(deps: GraphServerDeps<Context>): Promise<GraphServer<Context>> {
  const apollo = new ApolloServer<Carrier<Context>>({
    schema: deps.schema,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      operationPlugin(deps),
    ],
    documentStore: storeOf(deps.documents),
    // `documents` refuses introspection where it is closed; what it let pass is not asked again.
    introspection: true,
    persistedQueries: false,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: deps.formatError,
    stringifyResult,
    logger: toApolloLogger(deps.logger),
  })
  await apollo.start()
  return {
    answer: (httpGraphQLRequest, context) =>
      apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => ({ context }) }),
    stop: () => apollo.stop(),
  }
}

function operationPlugin<Context>(deps: GraphServerDeps<Context>): ApolloServerPlugin<Carrier<Context>> {
  const countOperation = createOperationMetrics(deps.metrics)
  return { requestDidStart: async () => listenTo(deps, countOperation) }
}

function listenTo<Context>(
  deps: GraphServerDeps<Context>,
  countOperation: ReturnType<typeof createOperationMetrics>,
): GraphQLRequestListener<Carrier<Context>> {
  const startedAt = performance.now()
  let cost: unknown
  return {
    async didResolveOperation({ document, operation, operationName, request }) {
      cost = refusing(() => {
        if (operation?.operation === 'subscription') throw new DeskgraphError('BAD_REQUEST', 'Subscribe over WebSocket or SSE.')
        return deps.checkOperation(document, operationName, request.variables ?? {})
      })
    },
    async responseForOperation({ document, operation, request, contextValue }) {
      if (!operation) return null
      const { operationName, variables } = request
      const executed = await deps.executor.execute({ document, operationName, variables, context: contextValue.context })
      // Apollo says what is wrong with the request.
      return executed && { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult: format(executed, deps) } }
    },
    async willSendResponse(request) {
      const result = completeResponse(request, deps, cost)
      countOperation(request.operation?.operation, result, performance.now() - startedAt)
    },
  }
}

function format<Context>({ data, errors }: Executed, deps: GraphServerDeps<Context>): FormattedExecutionResult {
  // JsonText is written out by `stringifyResult` as the text that it is.
  const result = { data: data as Record<string, unknown> | null }
  return errors ? { errors: errors.map((error) => deps.formatError(error.toJSON(), error)), ...result } : result
}

function completeResponse<Context>(
  { request, response, contextValue }: GraphQLRequestContext<Carrier<Context>>,
  deps: GraphServerDeps<Context>,
  cost: unknown,
): FormattedExecutionResult {
  if (response.body?.kind !== 'single') throw new Error('Answers in parts are switched off.')
  let result = deps.complete(response.body.singleResult, contextValue.context)
  if (cost !== undefined && request.http?.headers.get('x-deskgraph-cost') === '1') {
    result = { ...result, extensions: { ...result.extensions, cost } }
  }
  response.body.singleResult = result
  response.http.status ??= toHttpStatus(result)
  return result
}

/** Apollo answers a refusal with the status that its error names. */
function refusing<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof DeskgraphError)) throw error
    const http = { status: errorCodes[error.code].status, headers: new HeaderMap() }
    throw new GraphQLError(error.message, { originalError: error, extensions: { code: error.code, http } })
  }
}

/** Apollo looks documents up by the hash of their text; only prepared ones are there. */
function storeOf(documents: Documents) {
  return {
    get: async (hash: string) => documents.byHash(hash.slice(hash.lastIndexOf(':') + 1)),
    set: async () => undefined,
    delete: async () => undefined,
  }
}

function toApolloLogger(logger: Logger) {
  const as = (level: keyof Logger) => (message?: unknown) => logger[level]({}, String(message))
  return { debug: as('debug'), info: as('info'), warn: as('warn'), error: as('error') }
}

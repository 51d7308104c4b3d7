import {
  ApolloServer,
  type ApolloServerPlugin,
  type BaseContext,
  type GraphQLRequestContext,
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
import { createOperationMetrics } from './operation-metrics.ts'
import { stringifyResult } from './stringify.ts'

export interface GraphServerDeps<Context extends BaseContext> {
  readonly schema: GraphQLSchema
  readonly documents: Documents
  /** Masks what a client must not see and adds the documented extensions. */
  formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError
  /** Adds what the operation's own context knows to its answer: list faults, redactions, the request id. */
  complete(result: FormattedExecutionResult, context: Context): FormattedExecutionResult
  /** Refuses, by throwing, an operation that costs more than the viewer may spend. */
  checkOperation(document: DocumentNode, operationName: string | null, variables: Record<string, unknown>, context: Context): void
  readonly metrics: Metrics
  readonly logger: Logger
}

export interface GraphServer<Context extends BaseContext> {
  /** Answers one request whose document was prepared before. Never throws. */
  answer(request: HTTPGraphQLRequest, context: Context): Promise<HTTPGraphQLResponse>
  stop(): Promise<void>
}

/** Apollo Server with nothing switched on that costs without serving: no cache control, reporting, tracing or landing page. */
export async function createGraphServer<Context extends BaseContext>(
  deps: GraphServerDeps<Context>,
): Promise<GraphServer<Context>> {
  const apollo = new ApolloServer<Context>({
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
      apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => context }),
    stop: () => apollo.stop(),
  }
}

function operationPlugin<Context extends BaseContext>(deps: GraphServerDeps<Context>): ApolloServerPlugin<Context> {
  const countOperation = createOperationMetrics(deps.metrics)
  return {
    async requestDidStart() {
      const startedAt = performance.now()
      return {
        async didResolveOperation({ document, operationName, request, contextValue }) {
          refusing(() => deps.checkOperation(document, operationName, request.variables ?? {}, contextValue))
        },
        async willSendResponse(request) {
          const result = completeResponse(request, deps)
          countOperation(request.operation?.operation, result, performance.now() - startedAt)
        },
      }
    },
  }
}

function completeResponse<Context extends BaseContext>(
  { response, contextValue }: Pick<GraphQLRequestContext<Context>, 'contextValue'> & { response: { body?: unknown } },
  deps: GraphServerDeps<Context>,
): FormattedExecutionResult {
  const body = response.body as { kind: 'single'; singleResult: FormattedExecutionResult }
  body.singleResult = deps.complete(body.singleResult, contextValue)
  return body.singleResult
}

/** Apollo answers a refusal with the status that its error names. */
function refusing(check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof DeskgraphError)) throw error
    const { status } = errorCodes[error.code]
    throw new GraphQLError(error.message, {
      originalError: error,
      extensions: { code: error.code, http: { status, headers: new HeaderMap() } },
    })
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

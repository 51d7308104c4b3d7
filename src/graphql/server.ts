import {
  ApolloServer,
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
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { DeskgraphError, errorCodes } from '../domain/errors.ts'
import type { Logger } from '../domain/telemetry.ts'
import { isPromise } from '../performance/compiled-executor/promise.ts'
import type { Documents } from './document-cache.ts'
import { toHttpStatus } from './http-status.ts'
import { createOperationSteps, type OperationCall, type OperationDeps, type OperationSteps } from './run-operation.ts'
import { stringifyResult } from './stringify.ts'

export interface GraphServerDeps<Context> extends OperationDeps<Context> {
  readonly schema: GraphQLSchema
  readonly documents: Documents
  readonly logger: Logger
}

export interface GraphServer<Context> {
  /** Answers one request, whose document was prepared before. Never throws. */
  answer(request: HTTPGraphQLRequest, context: Context): Promise<HTTPGraphQLResponse>
  /**
   * The short way for an operation about which nothing is left to ask: null where something is, and `answer` says what.
   * Throws a DeskgraphError for one that may not be executed.
   */
  run(call: OperationCall<Context>, tellCost: boolean): FormattedExecutionResult | Promise<FormattedExecutionResult> | null
  stop(): Promise<void>
}

/** Apollo copies the object that it is given as context, and a copied class instance has lost its private fields. */
interface Carrier<Context> {
  readonly context: Context
}

/** Apollo Server with nothing switched on that costs without serving, executing by compiled plans. */
export async function createGraphServer<Context>(deps: GraphServerDeps<Context>): Promise<GraphServer<Context>> {
  const steps = createOperationSteps(deps)
  const apollo = new ApolloServer<Carrier<Context>>({
    schema: deps.schema,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      { requestDidStart: async () => listenTo(steps) },
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
    run: (call, tellCost) => run(steps, call, tellCost),
    stop: () => apollo.stop(),
  }
}

function run<Context>(steps: OperationSteps<Context>, call: OperationCall<Context>, tellCost: boolean) {
  const startedAt = performance.now()
  const kind = operationOf(call.document, call.operationName)?.operation
  if (kind === undefined) return null
  const cost = steps.check(call, kind)
  const result = steps.execute(call)
  const told = { kind, startedAt, cost: tellCost ? cost : undefined }
  if (isPromise(result)) return Promise.resolve(result).then((came) => steps.finish(came, call.context, told))
  return result && steps.finish(result, call.context, told)
}

/** The documents of most clients hold one operation. */
function operationOf({ definitions }: DocumentNode, name: string | null): OperationDefinitionNode | undefined {
  let found: OperationDefinitionNode | undefined
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION || (name !== null && definition.name?.value !== name)) continue
    if (found) return undefined
    found = definition
  }
  return found
}

/** The same steps where Apollo reads the request: what it refuses before them, it refuses. */
function listenTo<Context>(steps: OperationSteps<Context>): GraphQLRequestListener<Carrier<Context>> {
  const startedAt = performance.now()
  let cost: unknown
  return {
    async didResolveOperation({ document, operation, operationName, request, contextValue }) {
      const call = { document, operationName, variables: request.variables ?? {}, context: contextValue.context }
      cost = refusing(() => steps.check(call, operation?.operation))
    },
    async responseForOperation({ document, operation, request, contextValue }) {
      if (!operation) return null
      const { operationName = null, variables = {} } = request
      const singleResult = await steps.execute({ document, operationName, variables, context: contextValue.context })
      // Apollo says what is wrong with the variables.
      return singleResult && { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult } }
    },
    async willSendResponse({ operation, request, response, contextValue }) {
      if (response.body?.kind !== 'single') throw new Error('Answers in parts are switched off.')
      const tellCost = request.http?.headers.get('x-deskgraph-cost') === '1'
      const told = { kind: operation?.operation, startedAt, cost: tellCost ? cost : undefined }
      response.body.singleResult = steps.finish(response.body.singleResult, contextValue.context, told)
      response.http.status ??= toHttpStatus(response.body.singleResult)
    },
  }
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

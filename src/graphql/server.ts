import type { IncomingHttpHeaders } from 'node:http'
import {
  ApolloServer,
  type ApolloServerPlugin,
  type GraphQLRequestListener,
  HeaderMap,
  type HTTPGraphQLRequest,
} from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql'
import { DeskgraphError, errorCodes } from '../domain/errors.ts'
import { toWellFormedJson } from '../domain/sanitize-text.ts'
import type { Logger } from '../domain/telemetry.ts'
import type { Documents } from './document-cache.ts'
import type { ErrorBoundary } from './errors.ts'
import { type ResponseContext, toHttpStatus } from './format-response.ts'
import { type Operation, type OperationPipeline, refuseSubscription } from './operation-pipeline.ts'

/** One query or mutation over HTTP, whose document was prepared by the document cache. */
export interface OperationRequest {
  readonly method: 'GET' | 'POST'
  /** For the prevention of CSRF, and the one that asks for the cost. */
  readonly headers: IncomingHttpHeaders
  /** The content type of the response. */
  readonly contentType: string
  readonly text: string
  readonly document: DocumentNode
  /** null: the document's only operation. */
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

/** A response over HTTP, complete. */
export interface GraphResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface GraphServerDeps<Context> {
  readonly schema: GraphQLSchema
  readonly documents: Documents
  readonly pipeline: OperationPipeline<Context>
  readonly errors: ErrorBoundary
  readonly logger: Logger
}

/** Queries and mutations over HTTP. */
export interface GraphServer<Context> {
  /** Answers one request. What is wrong with it is in the response. */
  answer(request: OperationRequest, context: Context): Promise<GraphResponse>
  stop(): Promise<void>
}

/** Apollo Server copies the object that it gets as its context; a copied class instance would lose its private fields. */
interface ApolloContext<Context> {
  readonly context: Context
}

/** Apollo Server with a plugin that takes the operation's steps, and without its plugins for Apollo's own services. */
export async function createGraphServer<Context extends ResponseContext>(
  deps: GraphServerDeps<Context>,
): Promise<GraphServer<Context>> {
  const apollo = new ApolloServer<ApolloContext<Context>>({
    schema: deps.schema,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      pipelinePlugin(deps),
    ],
    documentStore: documentStoreOf(deps.documents),
    // The document cache refuses introspection where it is closed.
    introspection: true,
    persistedQueries: false,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: deps.errors.format,
    stringifyResult: deps.pipeline.stringify,
    logger: toApolloLogger(deps.logger),
  })
  await apollo.start()
  return {
    async answer(request, context) {
      const httpGraphQLRequest = toApolloRequest(request)
      const response = await apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => ({ context }) })
      const { status = 200, headers, body } = response
      if (body.kind !== 'complete') throw new DeskgraphError('INTERNAL_SERVER_ERROR', 'Incremental delivery is switched off.')
      const text = status === 200 ? body.string : withExtensions(body.string, status, context.call.requestId)
      return { status, headers: { ...Object.fromEntries(headers), 'content-type': request.contentType }, body: text }
    },
    stop: () => apollo.stop(),
  }
}

/** What Apollo Server's prevention of CSRF accepts, and what the pipeline's plugin reads. */
const passedHeaders = ['content-type', 'apollo-require-preflight', 'x-apollo-operation-name', 'x-deskgraph-cost']

function toApolloRequest(request: OperationRequest): HTTPGraphQLRequest {
  const { method, text: query, operationName, variables } = request
  const headers = new HeaderMap([['accept', request.contentType]])
  for (const name of passedHeaders) if (request.headers[name] !== undefined) headers.set(name, String(request.headers[name]))
  if (method === 'POST') return { method, headers, search: '', body: { query, operationName, variables } }
  const search = new URLSearchParams({
    query,
    ...(operationName !== null && { operationName }),
    variables: JSON.stringify(variables),
  })
  return { method, headers, search: `?${search}`, body: undefined }
}

/** Cost, execution, errors and metrics: the steps of the pipeline at the hooks that Apollo Server has for them. */
function pipelinePlugin<Context extends ResponseContext>(
  deps: GraphServerDeps<Context>,
): ApolloServerPlugin<ApolloContext<Context>> {
  const { pipeline, errors } = deps
  return {
    async requestDidStart(): Promise<GraphQLRequestListener<ApolloContext<Context>>> {
      const startedAt = performance.now()
      let cost: object | undefined
      return {
        async didResolveOperation({ document, operation, operationName, request, contextValue }) {
          const { context } = contextValue
          cost = asApolloError(() => {
            refuseSubscription(operation?.operation)
            return pipeline.check({ document, operationName, variables: request.variables ?? {}, context })
          })
        },
        async responseForOperation({ document, operation: definition, request, operationName, contextValue }) {
          // Apollo Server says which operation is missing.
          if (!definition) return null
          const operation: Operation<Context> = {
            document,
            operationName,
            variables: request.variables ?? {},
            context: contextValue.context,
          }
          const singleResult = await pipeline.execute(operation)
          return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult } }
        },
        async willSendResponse({ operation, operationName, request, response, contextValue }) {
          if (response.body?.kind !== 'single') throw new Error('Incremental delivery is switched off.')
          const tellsCost = request.http?.headers.get('x-deskgraph-cost') === '1'
          const named = { context: contextValue.context, operationName: operationName ?? null }
          const completion = { type: operation?.operation, startedAt, cost: tellsCost ? cost : undefined }
          response.body.singleResult = pipeline.complete(response.body.singleResult, named, completion)
          response.http.status ??= toHttpStatus(response.body.singleResult)
        },
      }
    },
    async unexpectedErrorProcessingRequest({ requestContext, error }) {
      const { call, transport } = requestContext.contextValue.context
      const operationName = requestContext.request.operationName ?? null
      errors.report(error, { requestId: call.requestId, operationName, transport })
    },
  }
}

/** Apollo Server answers an error with the status in `extensions.http`. */
function asApolloError<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof DeskgraphError)) throw error
    const http = { status: errorCodes[error.code].status, headers: new HeaderMap() }
    throw new GraphQLError(error.message, { originalError: error, extensions: { code: error.code, http } })
  }
}

/** What Apollo Server refuses before it has a context has no request id yet; a wrong method has the code of a bad request. */
function withExtensions(body: string, status: number, requestId: string): string {
  const result = JSON.parse(body) as { errors?: { extensions?: object }[] }
  const added = status === 405 ? { code: 'METHOD_NOT_ALLOWED', requestId } : { requestId }
  const errors = result.errors?.map((error) => ({ ...error, extensions: { ...error.extensions, ...added } }))
  return toWellFormedJson(JSON.stringify({ ...result, errors }))
}

/** Apollo Server looks documents up by the hash of their text. The store holds those that the document cache has prepared. */
function documentStoreOf(documents: Documents) {
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

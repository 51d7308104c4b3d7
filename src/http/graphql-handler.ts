import type { IncomingHttpHeaders } from 'node:http'
import type { DocumentNode } from 'graphql'
import type { Call } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { Documents } from '../graphql/document-cache.ts'
import type { ErrorBoundary } from '../graphql/errors.ts'
import type { GraphResponse, GraphServer } from '../graphql/server.ts'
import { compress, type EncodedResponse } from './compression.ts'
import {
  type GraphParameters,
  operationsOf,
  parametersFromUrl,
  parseBody,
  type ResolveDocumentText,
  toDocumentText,
  toParameters,
} from './graphql-request.ts'
import { cacheFor, joinBatch, refuse, refuseDocument } from './graphql-response.ts'
import { readAccept } from './media-types.ts'

export interface GraphHandlerDeps<Context> {
  readonly server: GraphServer<Context>
  readonly documents: Documents
  readonly errors: ErrorBoundary
  createContext(request: { readonly call: Call }): Context
  /** For how many seconds the client may keep the response to a document; 0: not at all. Absent: 0. */
  cacheSeconds?(document: DocumentNode, context: Context): number
  readonly trusted: { readonly resolve: ResolveDocumentText }
  /** How many operations one request may hold. */
  readonly maxBatch: number
}

/** A signed-in request whose body was read. */
export interface GraphHttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** The whole body; undefined for a GET. */
  readonly body: Uint8Array | undefined
  readonly call: Call
}

/** Never rejects. */
export type GraphHandler = (request: GraphHttpRequest) => Promise<EncodedResponse>

/** Queries and mutations over HTTP: finds the documents, has them prepared, and hands each operation to the server. */
export function createGraphHandler<Context>(deps: GraphHandlerDeps<Context>): GraphHandler {
  const { server, documents, errors, maxBatch } = deps

  async function answerOne(parameters: GraphParameters, { method, headers, call }: GraphHttpRequest): Promise<GraphResponse> {
    const text = toDocumentText(parameters, deps.trusted.resolve)
    const prepared = documents.prepare(text)
    if (prepared.invalid) return refuseDocument(prepared, call.requestId, headers)
    const { document } = prepared
    const { operationName = null, variables = {} } = parameters
    const context = deps.createContext({ call })
    const contentType = readAccept(headers.accept).json
    const response = await server.answer({ method, headers, contentType, text, document, operationName, variables }, context)
    return cacheFor(deps.cacheSeconds?.(document, context) ?? 0, response)
  }

  async function answer(request: GraphHttpRequest): Promise<GraphResponse> {
    const { method, url, headers, body } = request
    if (method === 'GET') return answerOne(parametersFromUrl(url), request)
    const sent = parseBody(body ?? new Uint8Array())
    const batch = operationsOf(sent, maxBatch)
    if (!batch) return answerOne(toParameters(sent), request)
    // An operation that is refused takes nothing from the others: some of them may have changed something.
    const responses = batch.map((one) => orRefusal(request, () => answerOne(toParameters(one), request)))
    return joinBatch(await Promise.all(responses), headers)
  }

  async function orRefusal({ call, headers }: GraphHttpRequest, work: () => Promise<GraphResponse>): Promise<GraphResponse> {
    try {
      return await work()
    } catch (error) {
      errors.report(error, { requestId: call.requestId, operationName: null, transport: 'http' })
      return refuse(toRefusal(error), call.requestId, headers)
    }
  }
  return async (request) => compress(await orRefusal(request, () => answer(request)), request.headers)
}

/** An error that was not written for clients becomes INTERNAL_SERVER_ERROR. */
export function toRefusal(error: unknown): DeskgraphError {
  return error instanceof DeskgraphError
    ? error
    : new DeskgraphError('INTERNAL_SERVER_ERROR', 'Internal server error', { cause: error })
}

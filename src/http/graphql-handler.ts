import type { IncomingHttpHeaders } from 'node:http'
import type { DocumentNode } from 'graphql'
import type { Call } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { Documents } from '../graphql/document-cache.ts'
import type { ErrorBoundary } from '../graphql/errors.ts'
import type { GraphResponse, GraphServer } from '../graphql/server.ts'
import {
  documentTextOf,
  fromBody,
  fromUrl,
  operationsOf,
  parseBody,
  type ReceivedOperation,
  type ResolveDocumentText,
} from './graphql-request.ts'
import { cacheFor, joinBatch, refuse, refuseDocument } from './graphql-response.ts'

export interface GraphHandlerDeps<Context> {
  readonly server: GraphServer<Context>
  readonly documents: Documents
  readonly errors: ErrorBoundary
  createContext(request: { readonly call: Call }): Context
  /** For how many seconds the client may keep the response to a document; 0: not at all. Absent: 0. */
  cacheSeconds?(document: DocumentNode, context: Context): number
  /** Absent: every document may be executed, and none is known by a name. */
  readonly trusted?: { readonly resolve: ResolveDocumentText }
  /** How many operations one request may hold. */
  readonly maxBatch: number
}

/** A signed-in request whose body was read. */
export interface GraphHttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** The whole body; undefined for a GET. */
  readonly body: string | undefined
  readonly call: Call
}

/** Never rejects. */
export type GraphHandler = (request: GraphHttpRequest) => Promise<GraphResponse>

/** Queries and mutations over HTTP: finds the documents, has them prepared, and hands each operation to the server. */
export function createGraphHandler<Context>(deps: GraphHandlerDeps<Context>): GraphHandler {
  const { server, documents, errors, maxBatch } = deps
  const resolve = deps.trusted?.resolve ?? documentTextOf

  async function answerOne({ text, ...request }: ReceivedOperation, call: Call): Promise<GraphResponse> {
    const prepared = text === undefined ? undefined : documents.prepare(text)
    if (prepared?.invalid) return refuseDocument(prepared, call.requestId, request.headers.accept)
    const context = deps.createContext({ call })
    const response = await server.answer({ ...request, document: prepared?.document }, context)
    return prepared ? cacheFor(deps.cacheSeconds?.(prepared.document, context) ?? 0, response) : response
  }

  async function answer({ method, url, headers, body, call }: GraphHttpRequest): Promise<GraphResponse> {
    if (method === 'GET') return answerOne(fromUrl(headers, url, resolve), call)
    const sent = parseBody(body ?? '')
    const batch = operationsOf(sent, maxBatch)
    if (!batch) return answerOne(fromBody(headers, sent, resolve), call)
    return joinBatch(await Promise.all(batch.map((one) => answerOne(fromBody(headers, one, resolve), call))), headers.accept)
  }

  return async (request) => {
    const { call, headers } = request
    try {
      return await answer(request)
    } catch (error) {
      errors.report(error, { requestId: call.requestId, operationName: null, transport: 'http' })
      return refuse(toRefusal(error), call.requestId, headers.accept)
    }
  }
}

/** An error that was not written for clients becomes INTERNAL_SERVER_ERROR. */
export function toRefusal(error: unknown): DeskgraphError {
  return error instanceof DeskgraphError
    ? error
    : new DeskgraphError('INTERNAL_SERVER_ERROR', 'Internal server error', { cause: error })
}

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { DocumentNode } from 'graphql'
import type { Call, Viewer } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Logger } from '../../domain/telemetry.ts'
import type { Documents } from '../../graphql/document-cache.ts'
import type { GraphServer } from '../../graphql/server.ts'
import { isPromise } from '../../performance/compiled-executor/promise.ts'
import { createCall } from './call.ts'
import { type Answer, fromApollo, fromResult, type HeaderList, keptFor, refuse, refuseDocument, send } from './http-response.ts'
import {
  fromBody,
  fromUrl,
  type OperationRequest,
  operationsOf,
  type ResolveText,
  toPlainOperation,
} from './operation-request.ts'
import { checkMedia, parseBody, readBody } from './request-body.ts'

export interface GraphHandlerDeps<Context> {
  readonly graph: GraphServer<Context>
  readonly documents: Documents
  /** Who asks. Throws UNAUTHENTICATED or AUTH_UNAVAILABLE. */
  authenticate(headers: IncomingHttpHeaders): Viewer | Promise<Viewer>
  /** Refuses, by throwing, what is over a rate limit or more than the process can bear. */
  admit?(viewer: Viewer, request: IncomingMessage): Promise<void> | undefined
  createContext(request: { readonly call: Call }): Context
  /** For how long the client may keep the answer to a document that was executed; 0: not at all. */
  keepSeconds?(document: DocumentNode, context: Context): number
  /** Which documents may be executed, and those that a request only names. Absent: any, and none. */
  readonly trusted?: { readonly resolve: ResolveText }
  readonly limits: HttpLimits
  readonly logger: Logger
}

export interface HttpLimits {
  readonly bodyBytes: number
  /** Operations in one request. */
  readonly batch: number
  readonly operationTimeoutMs: number
}

/** What is known of a request before it is handled. */
export interface Known {
  /** Who asks. */
  readonly viewer?: Viewer
  /** For every answer. */
  readonly headers?: HeaderList
}

export type GraphHandler = (request: IncomingMessage, response: ServerResponse, requestId: string, known?: Known) => Promise<void>

/**
 * Queries and mutations over HTTP: reads the request, executes what is plain, has Apollo Server answer all else, writes
 * the answer. Never rejects.
 */
export function createGraphHandler<Context>(deps: GraphHandlerDeps<Context>): GraphHandler {
  const { graph, documents, limits, logger } = deps
  const resolve = deps.trusted?.resolve ?? queryOf

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    known: Viewer | undefined,
  ): Promise<Answer> {
    checkMethod(request)
    const viewer = known ?? (await deps.authenticate(request.headers))
    const admitted = deps.admit?.(viewer, request)
    if (admitted) await admitted
    const call = createCall(viewer, requestId, response, limits.operationTimeoutMs)
    if (request.method === 'GET') return answerOne(fromUrl(request, resolve), request, deps.createContext({ call }), requestId)
    checkMedia(request)
    const body = parseBody(await readBody(request, limits.bodyBytes))
    const batch = operationsOf(body, limits.batch)
    if (!batch) return answerOne(fromBody(request, body, resolve), request, deps.createContext({ call }), requestId)
    const answers = batch.map((one) =>
      answerOne(fromBody(request, one, resolve), request, deps.createContext({ call }), requestId),
    )
    return join(await Promise.all(answers))
  }
  async function answerOne(
    operation: OperationRequest,
    { headers }: IncomingMessage,
    context: Context,
    requestId: string,
  ): Promise<Answer> {
    const prepared = operation.query === undefined ? undefined : documents.prepare(operation.query)
    if (prepared?.invalid) return refuseDocument(prepared, requestId, headers.accept)
    const plain = prepared && toPlainOperation(operation)
    if (plain) {
      const call = { ...plain, document: prepared.document, context }
      const running = graph.run(call, headers['x-deskgraph-cost'] === '1')
      const result = isPromise(running) ? await running : running
      if (result) return kept(fromResult(result, headers.accept), prepared.document, context)
    }
    const answer = fromApollo(await graph.answer(operation.forApollo(), context), requestId)
    return prepared ? kept(answer, prepared.document, context) : answer
  }
  const kept = (answer: Answer, document: DocumentNode, context: Context) =>
    keptFor(deps.keepSeconds?.(document, context) ?? 0, answer)

  return async (request, response, requestId, { viewer, headers } = {}) => {
    try {
      send(response, await answer(request, response, requestId, viewer), requestId, headers)
    } catch (error) {
      send(response, refuse(toRefusal(error, requestId, logger), requestId, request.headers.accept), requestId, headers)
    }
  }
}

const queryOf: ResolveText = ({ query }) => (typeof query === 'string' ? query : undefined)

function checkMethod({ method }: IncomingMessage): void {
  if (method !== 'POST' && method !== 'GET') throw new DeskgraphError('METHOD_NOT_ALLOWED', 'Use GET or POST.')
}

/** The answers of a batch, in its order. Each operation's own outcome is in its own body. */
function join(answers: readonly Answer[]): Answer {
  const contentType = answers[0]?.headers['content-type'] ?? 'application/json; charset=utf-8'
  return { status: 200, headers: { 'content-type': contentType }, body: `[${answers.map(({ body }) => body).join(',')}]` }
}

function toRefusal(error: unknown, requestId: string, logger: Logger): DeskgraphError {
  if (error instanceof DeskgraphError) return error
  logger.error({ requestId, error: error instanceof Error ? error.stack : String(error) }, 'A request failed')
  return new DeskgraphError('INTERNAL_SERVER_ERROR', 'Internal server error', { cause: error })
}

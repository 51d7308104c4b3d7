import { getOperationAST } from 'graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Graph } from '../../graphql/create-graph.ts'
import type { InvalidDocument } from '../../graphql/document-cache.ts'
import type { LiveOperation } from '../../graphql/subscribe.ts'
import type { ResolveText } from '../graphql/operation-request.ts'

/** What a client sends to begin an operation over SSE or WebSocket, before anything of it is trusted. */
export interface LiveRequest {
  readonly query?: unknown
  readonly documentId?: unknown
  readonly operationName?: unknown
  readonly variables?: unknown
  readonly extensions?: unknown
}

export type ReadOperation =
  | { readonly operation: LiveOperation; readonly kind: 'query' | 'mutation' | 'subscription'; readonly invalid?: undefined }
  | InvalidDocument

/** The operation, within every limit. Throws a DeskgraphError where it is not, or is malformed. */
export function readOperation(graph: Graph, request: LiveRequest, resolve: ResolveText = queryOf): ReadOperation {
  const text = resolve(request)
  if (text === undefined) throw new DeskgraphError('BAD_REQUEST', 'There is no query.')
  const prepared = graph.documents.prepare(text)
  if (prepared.invalid) return prepared
  const { document } = prepared
  const operationName = typeof request.operationName === 'string' ? request.operationName : null
  const variables = isRecord(request.variables) ? request.variables : {}
  const definition = getOperationAST(document, operationName)
  if (!definition) throw new DeskgraphError('OPERATION_RESOLUTION_FAILURE', 'The document has no operation of that name.')
  graph.limits.checkOperation(document, operationName, variables)
  return { operation: { document, operationName, variables }, kind: definition.operation }
}

const queryOf: ResolveText = ({ query }) => (typeof query === 'string' ? query : undefined)

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

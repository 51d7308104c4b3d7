import type { IncomingHttpHeaders } from 'node:http'
import { getOperationAST, type OperationTypeNode } from 'graphql'
import type { Call, CallStats, Viewer } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { AccessLog, Metrics } from '../domain/telemetry.ts'
import type { GraphContext, GraphRequest } from '../graphql/context.ts'
import type { InvalidDocument } from '../graphql/document-cache.ts'
import type { Graph } from '../graphql/graph.ts'
import type { Operation } from '../graphql/operation-pipeline.ts'
import { type GraphParameters, type ResolveDocumentText, toDocumentText } from './graphql-request.ts'
import type { AllowedOrigins } from './plugins/cors.ts'

/** What server-sent events and WebSocket share. */
export interface LiveDeps {
  readonly graph: Graph
  /** Throws UNAUTHENTICATED or AUTH_UNAVAILABLE. */
  authenticate(headers: IncomingHttpHeaders): Viewer | Promise<Viewer>
  /** Rejects with RATE_LIMITED. */
  checkRateLimit?(viewer: Viewer, address: string): Promise<void>
  createContext(request: GraphRequest): GraphContext
  readonly trusted: { readonly resolve: ResolveDocumentText }
  readonly limits: LiveLimits
  /** Pages of other origins that may open a WebSocket. */
  readonly origins: AllowedOrigins
  readonly metrics: Metrics
  /** Gets a line for each operation over WebSocket. */
  readonly accessLog: AccessLog
  readonly clock: Clock
}

export interface LiveLimits {
  readonly bodyBytes: number
  readonly subscriptionsPerConnection: number
  /** After this long a query or mutation is stopped, as over HTTP. */
  readonly operationTimeoutMs: number
  /** How long a token's rights continue after the token's expiry. */
  readonly clockSkewSeconds: number
  /** A client that reads nothing for this long is disconnected. */
  readonly slowClientMs: number
}

/** A viewer's rights until the token expires or the client disconnects. */
export interface Session {
  readonly viewer: Viewer
  /** Aborts when the token expires, with the reason `tokenExpired`, or when `end` is called. */
  readonly signal: AbortSignal
  /** null once the token has expired. */
  currentViewer(): Viewer | null
  end(reason: string): void
}

/** The reason of an abort by the token's expiry. */
export const tokenExpired = 'The token has ended.'

/** The largest delay that setTimeout accepts. */
const maxTimerMs = 2 ** 31 - 1

export function openSession(viewer: Viewer, { clock, limits }: Pick<LiveDeps, 'clock' | 'limits'>): Session {
  const controller = new AbortController()
  const endsAt = viewer.expiresAt === null ? Number.POSITIVE_INFINITY : (viewer.expiresAt + limits.clockSkewSeconds) * 1000
  const end = (reason: string) => {
    clearTimeout(timer)
    controller.abort(new Error(reason))
  }
  const delayMs = Math.min(Math.max(0, endsAt - clock()) + 1, maxTimerMs)
  const timer = setTimeout(() => endsAt <= clock() && end(tokenExpired), delayMs)
  timer.unref()
  return { viewer, signal: controller.signal, currentViewer: () => (clock() < endsAt ? viewer : null), end }
}

/** An operation within every limit that still needs its context. */
export interface LivePlan extends Omit<Operation<GraphContext>, 'context'> {
  readonly type: OperationTypeNode
  readonly invalid?: undefined
}

/** The operation that a request means. Throws a DeskgraphError for one that is not known or over a limit. */
export function readOperation(
  { documents, checkCost }: Graph,
  request: GraphParameters,
  resolve: ResolveDocumentText,
): LivePlan | InvalidDocument {
  const prepared = documents.prepare(toDocumentText(request, resolve))
  if (prepared.invalid) return prepared
  const { document } = prepared
  const { operationName = null, variables = {} } = request
  const definition = getOperationAST(document, operationName)
  if (!definition) throw new DeskgraphError('OPERATION_RESOLUTION_FAILURE', 'The document has no operation of that name.')
  checkCost(document, operationName, variables)
  return { document, operationName, variables, type: definition.operation }
}

/** The statistics of an operation over a live transport. A subscription is in the access log when it has ended. */
export function statsOf({ type, document, operationName }: LivePlan): CallStats {
  if (type !== 'subscription') return { upstreamCalls: 0 }
  const name = operationName ?? getOperationAST(document, null)?.name?.value ?? null
  return { upstreamCalls: 0, operations: [{ name, type, outcome: 'ok', codes: [] }] }
}

/** Writes the line of an operation over WebSocket to the access log when it is first called: at its response, or at its end by either side. */
export function recordOnce(call: Call, accessLog: AccessLog): () => void {
  const startedAt = performance.now()
  let recorded = false
  return () => {
    if (recorded) return
    recorded = true
    accessLog.record({
      ...{ requestId: call.requestId, transport: 'websocket', method: null, route: '/graphql', status: null, code: null },
      durationMs: performance.now() - startedAt,
      call,
    })
  }
}

/** A query or mutation over a live transport: its one response. Its cost was checked by `readOperation`. */
export async function executeOnce({ pipeline }: Graph, plan: LivePlan, context: GraphContext) {
  const startedAt = performance.now()
  const operation = { ...plan, context }
  return pipeline.complete(await pipeline.execute(operation), operation, { type: plan.type, startedAt })
}

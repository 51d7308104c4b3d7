import { once } from 'node:events'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { FormattedExecutionResult } from 'graphql'
import type { Viewer } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { Metrics } from '../domain/telemetry.ts'
import type { InvalidDocument } from '../graphql/document-cache.ts'
import type { Graph } from '../graphql/graph.ts'
import { type EventText, type LiveOperation, subscribeToEventTexts } from '../graphql/subscribe.ts'
import { toRefusal } from './graphql-handler.ts'
import { parametersFromUrl, parseBody, toParameters } from './graphql-request.ts'
import { refuse, refuseDocument } from './graphql-response.ts'
import { executeOnce, type LiveDeps, type LivePlan, openSession, readOperation, statsOf } from './live-session.ts'
import { eventStream, readAccept } from './media-types.ts'
import { noteCall, RequestCall } from './request-call.ts'

const heartbeatMs = 12_000

/** A signed-in request for a stream whose body was read. */
export interface EventStreamRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** The whole body; undefined for a GET. */
  readonly body: Uint8Array | undefined
  readonly viewer: Viewer
  readonly requestId: string
  /** When the request began, on the scale of `performance.now()`. */
  readonly startedAt: number
}

/** Writes the response to the end. Never rejects. */
type ServeStream = (response: ServerResponse) => Promise<void>

/** What serves the request as an event stream; null: the client is answered with JSON. */
export type EventStreamHandler = (request: EventStreamRequest) => ServeStream | null

/**
 * Server-sent events in graphql-sse's "distinct connections" mode: one operation per request, with the events `next` and `complete`.
 * `closing` completes all subscriptions when the gateway shuts down; queries and mutations finish.
 */
export function createEventStreamHandler(deps: LiveDeps, connections: ConnectionCount, closing: AbortSignal): EventStreamHandler {
  const { graph, trusted, limits } = deps

  function read(request: EventStreamRequest): LivePlan | InvalidDocument {
    const { method, url, body } = request
    const parameters = method === 'GET' ? parametersFromUrl(url) : toParameters(parseBody(body ?? new Uint8Array()))
    const plan = readOperation(graph, parameters, trusted.resolve)
    if (!plan.invalid && plan.type === 'mutation' && method === 'GET')
      throw new DeskgraphError('METHOD_NOT_ALLOWED', 'Mutate by POST.')
    return plan
  }

  async function serve(request: EventStreamRequest, response: ServerResponse, toPlan: () => LivePlan | InvalidDocument) {
    const { requestId, headers } = request
    try {
      const plan = toPlan()
      if (plan.invalid) writeWhole(response, refuseDocument(plan, requestId, headers), requestId)
      else await stream(plan, request, response)
    } catch (error) {
      graph.errors.report(error, { requestId, operationName: null, transport: 'sse' })
      if (response.headersSent) response.destroy()
      else writeWhole(response, refuse(toRefusal(error), requestId, headers), requestId)
    }
  }

  async function stream(
    plan: LivePlan,
    { viewer, requestId, headers, startedAt }: EventStreamRequest,
    response: ServerResponse,
  ): Promise<void> {
    const { signal, currentViewer, end } = openSession(viewer, deps)
    const leave = connections.enter()
    response.once('close', () => {
      end('The client disconnected.')
      leave()
    })
    const call =
      plan.type === 'subscription'
        ? { viewer, requestId, signal: AbortSignal.any([signal, closing]), stats: statsOf(plan) }
        : new RequestCall(viewer, requestId, response, { timeoutMs: limits.operationTimeoutMs, startedAt })
    noteCall(response, call)
    const context = deps.createContext({ call, currentViewer, transport: 'sse', resumeAfter: readLastEventId(headers) })
    const writer = openEvents(response, requestId, limits.slowClientMs)
    try {
      if (plan.type === 'subscription') await sendResponses(graph, { ...plan, context }, writer)
      else await writer.next([withoutCursor(graph, await executeOnce(graph, plan, context))])
      writer.complete()
    } finally {
      writer.close()
    }
  }

  return (request) => {
    const { eventStreamFor } = readAccept(request.headers.accept)
    if (eventStreamFor === 'none') return null
    if (eventStreamFor === 'all') return (response) => serve(request, response, () => read(request))
    const plan = orNull(() => read(request))
    return plan && !plan.invalid && plan.type === 'subscription' ? (response) => serve(request, response, () => plan) : null
  }
}

/** null for a request that is refused: the refusal is JSON, and so the other handler's. */
function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

async function sendResponses(graph: Graph, operation: LiveOperation, writer: EventWriter): Promise<void> {
  const payloads = await subscribeToEventTexts(graph, operation)
  if (!(Symbol.asyncIterator in payloads)) await writer.next([withoutCursor(graph, payloads)])
  else for await (const some of payloads) await writer.next(some)
}

function withoutCursor(graph: Graph, result: FormattedExecutionResult): EventText {
  return { text: graph.pipeline.stringify(result), cursor: null }
}

/** The `id` of the last event that the client received (WHATWG HTML §9.2). */
function readLastEventId(headers: IncomingHttpHeaders): string | undefined {
  const id = headers['last-event-id']
  return typeof id === 'string' && id !== '' ? id : undefined
}

interface EventWriter {
  /** Resolves when the client can take more. Rejects after `slowClientMs`. */
  next(payloads: readonly EventText[]): Promise<void>
  complete(): void
  close(): void
}

function openEvents(response: ServerResponse, requestId: string, slowClientMs: number): EventWriter {
  response.writeHead(200, {
    'content-type': eventStream,
    // A proxy that compresses would keep events back until it has enough of them: RFC 9111 §5.2.2.6 forbids it to.
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
  })
  response.write(':\n\n')
  // Without a heartbeat, proxies close a connection that is silent for a minute.
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs)
  return {
    async next(payloads) {
      const text = payloads.map(({ text, cursor }) => `${cursor ? `id: ${cursor}\n` : ''}event: next\ndata: ${text}\n\n`).join('')
      if (response.write(text) || response.destroyed) return
      await once(response, 'drain', { signal: AbortSignal.timeout(slowClientMs) })
    },
    complete: () => void response.end('event: complete\ndata:\n\n'),
    close: () => clearInterval(heartbeat),
  }
}

function writeWhole(response: ServerResponse, { status, headers, body }: ReturnType<typeof refuse>, requestId: string): void {
  if (response.destroyed) return
  const own = { 'cache-control': 'no-store', 'x-request-id': requestId, 'content-length': Buffer.byteLength(body) }
  response.writeHead(status, { ...own, ...headers }).end(body)
}

/** Counts the open connections of one transport for the gauge `deskgraph_live_connections`. */
export interface ConnectionCount {
  /** Counts one more until the returned function is called. */
  enter(): () => void
}

export function countConnections(metrics: Metrics, transport: 'sse' | 'websocket'): ConnectionCount {
  let open = 0
  const add = (change: number) => {
    open += change
    metrics.set('live_connections', open, { transport })
  }
  return {
    enter() {
      add(1)
      let left = false
      return () => {
        if (!left) add(-1)
        left = true
      }
    },
  }
}

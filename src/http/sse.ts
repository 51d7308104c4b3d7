import { once } from 'node:events'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Viewer } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { Metrics } from '../domain/telemetry.ts'
import { subscribeToTexts } from '../graphql/subscribe.ts'
import { toRefusal } from './graphql-handler.ts'
import { parseBody, searchParamsOf } from './graphql-request.ts'
import { refuse, refuseDocument } from './graphql-response.ts'
import {
  executeOnce,
  type LiveDeps,
  type LivePlan,
  type LiveRequest,
  openSession,
  readOperation,
  type Session,
} from './live-session.ts'

const heartbeatMs = 12_000

/** A signed-in request for a stream whose body was read. */
export interface EventStreamRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** The whole body; undefined for a GET. */
  readonly body: string | undefined
  readonly viewer: Viewer
  readonly requestId: string
}

/** Resolves when the response has ended. Never rejects. */
export type EventStreamHandler = (request: EventStreamRequest, response: ServerResponse) => Promise<void>

/**
 * Server-sent events in graphql-sse's "distinct connections" mode: one operation per request, with the events `next` and `complete`.
 * `closing` completes all subscriptions when the gateway shuts down; queries and mutations finish.
 */
export function createEventStreamHandler(deps: LiveDeps, connections: ConnectionCount, closing: AbortSignal): EventStreamHandler {
  const { graph, limits } = deps
  return async (request, response) => {
    const { requestId, viewer } = request
    try {
      const plan = readOperation(graph, readRequest(request), deps.trusted?.resolve)
      if (plan.invalid) return writeWhole(response, refuseDocument(plan, requestId, request.headers.accept), requestId)
      if (plan.type === 'mutation' && request.method === 'GET') throw new DeskgraphError('METHOD_NOT_ALLOWED', 'Mutate by POST.')
      const session = openSession(viewer, deps)
      const leave = connections.enter()
      response.once('close', () => {
        session.end('The client disconnected.')
        leave()
      })
      await stream(deps, plan, session, openEvents(response, requestId, limits.slowClientMs), requestId, closing)
    } catch (error) {
      graph.errors.report(error, { requestId, operationName: null, transport: 'sse' })
      if (response.headersSent) response.destroy()
      else writeWhole(response, refuse(toRefusal(error), requestId, request.headers.accept), requestId)
    }
  }
}

export function wantsEventStream(headers: IncomingHttpHeaders): boolean {
  return headers.accept?.includes('text/event-stream') === true
}

function readRequest({ method, url, body }: EventStreamRequest): LiveRequest {
  if (method === 'GET') return fromSearch(searchParamsOf(url))
  const sent = parseBody(body ?? '')
  if (typeof sent !== 'object' || sent === null) throw new DeskgraphError('BAD_REQUEST', 'The body is not an object.')
  return sent
}

function fromSearch(search: URLSearchParams): LiveRequest {
  const parsed = (name: string) => (search.has(name) ? parseBody(search.get(name)!) : undefined)
  const text = (name: string) => search.get(name) ?? undefined
  return {
    query: text('query'),
    documentId: text('documentId'),
    operationName: text('operationName'),
    variables: parsed('variables'),
    extensions: parsed('extensions'),
  }
}

async function stream(
  deps: LiveDeps,
  plan: LivePlan,
  session: Session,
  writer: EventWriter,
  requestId: string,
  closing: AbortSignal,
): Promise<void> {
  const { graph } = deps
  const { viewer, currentViewer } = session
  const signal = plan.type === 'subscription' ? AbortSignal.any([session.signal, closing]) : session.signal
  const context = deps.createContext({ call: { viewer, signal, requestId }, currentViewer, transport: 'sse' })
  try {
    if (plan.type !== 'subscription') await writer.next([graph.pipeline.stringify(await executeOnce(graph, plan, context))])
    else {
      const payloads = await subscribeToTexts(graph, { ...plan, context })
      if (!(Symbol.asyncIterator in payloads)) await writer.next([graph.pipeline.stringify(payloads)])
      else for await (const some of payloads) await writer.next(some)
    }
    writer.complete()
  } finally {
    writer.close()
  }
}

interface EventWriter {
  /** Resolves when the client can take more. Rejects after `slowClientMs`. */
  next(payloads: readonly string[]): Promise<void>
  complete(): void
  close(): void
}

function openEvents(response: ServerResponse, requestId: string, slowClientMs: number): EventWriter {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
  })
  response.write(':\n\n')
  // Without a heartbeat, proxies close a connection that is silent for a minute.
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs)
  return {
    async next(payloads) {
      const text = payloads.map((payload) => `event: next\ndata: ${payload}\n\n`).join('')
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

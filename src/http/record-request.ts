import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AccessLog, ActiveSpan, Metrics, SpanAttributes, Tracer } from '../domain/telemetry.ts'
import { eventStream } from './media-types.ts'
import { callOf } from './request-call.ts'

const codeKey = Symbol('code')
const requestIdKey = Symbol('request id')

/** What is known of a response until it is recorded. Properties and no WeakMap, for the reason that `noteCall` has. */
interface NotedResponse {
  [codeKey]?: string
  [requestIdKey]?: string
}

/** Says with which code of `extensions.code` this response refuses its request. */
export function noteRefusal(response: ServerResponse & NotedResponse, code: string): void {
  response[codeKey] = code
}

/** Says which request id this response has. A response with a call has the call's. */
export function noteRequestId(response: ServerResponse & NotedResponse, requestId: string): void {
  response[requestIdKey] = requestId
}

export interface RequestRecorder {
  readonly metrics: Metrics
  readonly accessLog: AccessLog
}

/**
 * Records the response when it has ended: counts it by route, status and code, and has its line written to the access log. It is the one record of
 * requests: every refusal is in it, also one from before any route. The code is `OK` below the status 400, and `OTHER` where the errors in
 * the body have several.
 */
export function recordRequest(
  { method = '', url = '/' }: Pick<IncomingMessage, 'method' | 'url'>,
  response: ServerResponse & NotedResponse,
  { metrics, accessLog }: RequestRecorder,
): void {
  const route = toRoute(url)
  const startedAt = performance.now()
  response.once('close', () => {
    const { statusCode, headersSent } = response
    const code = response[codeKey] ?? null
    metrics.count('http_requests_total', {
      route,
      status: String(statusCode),
      code: statusCode < 400 ? 'OK' : (code ?? 'OTHER'),
    })
    const call = callOf(response)
    accessLog.record({
      requestId: call?.requestId ?? response[requestIdKey] ?? '',
      transport: isEventStream(response) ? 'sse' : 'http',
      method,
      route,
      status: headersSent ? statusCode : null,
      code,
      durationMs: performance.now() - startedAt,
      call,
    })
  })
}

/** Serves the request in a span that begins where the client's `traceparent` says. It ends with the response. */
export function traceRequest(
  tracer: Tracer,
  request: IncomingMessage,
  response: ServerResponse & NotedResponse,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  const { method = '', url = '/', headers } = request
  const route = toRoute(url)
  const attributes = { 'http.request.method': method, 'http.route': route, 'url.scheme': 'http' }
  const serveInSpan = async (span: ActiveSpan): Promise<void> => {
    const closed = new Promise<void>((resolve) => response.once('close', resolve))
    serve(request, response)
    await closed
    const { statusCode } = response
    const failed: SpanAttributes = statusCode >= 500 ? { 'error.type': response[codeKey] ?? String(statusCode) } : {}
    span.set({ 'http.response.status_code': statusCode, ...failed })
  }
  void tracer.span(`${method} ${route}`, attributes, serveInSpan, { servedHeaders: headers })
}

function isEventStream(response: ServerResponse): boolean {
  return response.getHeader('content-type') === eventStream
}

/** Few values for any path that a client asks for: each is a time series. */
function toRoute(url: string): string {
  if (url === '/graphql') return url
  const [, first = ''] = /^\/*([^/?]*)/.exec(url) ?? []
  return routes[first] ?? 'other'
}

const routes: Readonly<Record<string, string>> = {
  '': '/',
  graphql: '/graphql',
  webhooks: '/webhooks',
  health: '/health',
  metrics: '/metrics',
  uploads: '/uploads',
  files: '/files',
}

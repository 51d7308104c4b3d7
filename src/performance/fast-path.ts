import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Viewer } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { anonymous } from '../domain/permissions.ts'
import type { ErrorBoundary } from '../graphql/errors.ts'
import type { EncodedResponse } from '../http/compression.ts'
import { type GraphHandler, toRefusal } from '../http/graphql-handler.ts'
import { refuse } from '../http/graphql-response.ts'
import { readAccept } from '../http/media-types.ts'
import type { AllowedOrigins } from '../http/plugins/cors.ts'
import { hasClearCredentials } from '../http/plugins/credentials.ts'
import type { SetHeader } from '../http/plugins/rate-limit.ts'
import { noteRefusal } from '../http/record-request.ts'
import { RequestCall } from '../http/request-call.ts'

export interface FastPathDeps {
  readonly handler: GraphHandler
  /** The viewer of a token that was verified before and is still valid; null: the full path has to verify. */
  getCachedViewer(headers: IncomingHttpHeaders): Viewer | null
  /** Rejects with RATE_LIMITED. */
  checkRateLimit(viewer: Viewer, address: string, setHeader: SetHeader): Promise<void>
  /** True while the gateway is neither overloaded nor starting nor shutting down. */
  isHealthy(): boolean
  /** The headers that Fastify's plugins set on every response, as names and values in turn. */
  readonly defaultHeaders: readonly string[]
  /** When pages of other origins are allowed, responses vary by `Origin`. */
  readonly origins: Pick<AllowedOrigins, 'isEmpty'>
  readonly errors: ErrorBoundary
  readonly limits: { readonly bodyBytes: number; readonly operationTimeoutMs: number }
}

/** Serves a request, or returns false and leaves it untouched for Fastify. */
export type FastPath = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * The path past Fastify for what nearly every request is: an operation as JSON by POST, from a viewer who is already known, while the
 * gateway is healthy. Every other request takes the full path, which gives the same response.
 */
export function createFastPath(deps: FastPathDeps): FastPath {
  return (request, response) => {
    const viewer = isOrdinary(request) && deps.isHealthy() ? deps.getCachedViewer(request.headers) : null
    if (!viewer || isBehindProxy(request, viewer)) return false
    void serve(request, response, viewer, deps)
    return true
  }
}

function isOrdinary({ method, url, headers, rawHeaders }: IncomingMessage): boolean {
  return (
    method === 'POST' &&
    url === '/graphql' &&
    headers['content-type'] === 'application/json' &&
    headers['content-encoding'] === undefined &&
    headers.expect === undefined &&
    // A page of another origin: CORS is the full path's.
    headers.origin === undefined &&
    readAccept(headers.accept).eventStreamFor === 'none' &&
    hasClearCredentials(rawHeaders, url)
  )
}

/** The address of an anonymous viewer counts for the rate limit, and only the full path knows which proxies to trust. */
function isBehindProxy({ headers }: IncomingMessage, viewer: Viewer): boolean {
  return viewer === anonymous && headers['x-forwarded-for'] !== undefined
}

async function serve(request: IncomingMessage, response: ServerResponse, viewer: Viewer, deps: FastPathDeps): Promise<void> {
  const requestId = randomUUID()
  const startedAt = performance.now()
  const list: string[] = []
  // Made first: the access log reads from it who asked, also where the rate limit refuses.
  const call = new RequestCall(viewer, requestId, response, { timeoutMs: deps.limits.operationTimeoutMs, startedAt })
  try {
    await deps.checkRateLimit(viewer, request.socket.remoteAddress ?? '', (name, value) => list.push(name, value))
    const body = await readBody(request, deps.limits.bodyBytes)
    const answer = await deps.handler({ method: 'POST', url: '/graphql', headers: request.headers, body, call })
    write(response, answer, list, requestId, deps)
  } catch (error) {
    deps.errors.report(error, { requestId, operationName: null, transport: 'http' })
    const refusal = toRefusal(error)
    noteRefusal(response, refusal.code)
    write(response, refuse(refusal, requestId, request.headers), list, requestId, deps)
  }
}

/** The whole body. Rejects with PAYLOAD_TOO_LARGE as soon as it is over `maxBytes`, and reads no further. */
function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxBytes) return void chunks.push(chunk)
      request.pause()
      reject(tooLarge())
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    request.on('error', () => reject(new DeskgraphError('BAD_REQUEST', 'The body ended before it was complete.')))
  })
}

function tooLarge(): DeskgraphError {
  return new DeskgraphError('PAYLOAD_TOO_LARGE', 'The body is larger than this gateway accepts. Send less in one request.')
}

/** From this length on, Node copies a text faster as bytes of its own than behind the text of the headers. */
const separateBytes = 16_384

function write(
  response: ServerResponse,
  { status, headers, body }: EncodedResponse,
  list: string[],
  requestId: string,
  { defaultHeaders, origins }: FastPathDeps,
): void {
  if (response.destroyed || response.headersSent) return
  const payload = typeof body !== 'string' || body.length < separateBytes ? body : Buffer.from(body)
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  // Pure ASCII is the same bytes in both encodings, and Node writes latin1 without converting it.
  const encoding = length === body.length ? 'latin1' : 'utf8'
  list.push(...defaultHeaders, 'content-length', String(length), 'x-request-id', requestId)
  if (headers['cache-control'] === undefined) list.push('cache-control', 'no-store')
  const varies = !origins.isEmpty
  if (varies && headers.vary === undefined) list.push('vary', 'Origin')
  for (const name in headers) list.push(name, varies && name === 'vary' ? `Origin, ${headers[name]}` : headers[name]!)
  response.writeHead(status, list)
  response.end(payload, encoding)
}

import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Viewer } from '../domain/call.ts'
import type { GraphHandler } from '../http/graphql/handler.ts'
import type { HeaderList } from '../http/graphql/http-response.ts'
import { hasClearCredentials } from '../http/plugins/credentials.ts'

export interface FastPathDeps {
  readonly handler: GraphHandler
  /** A viewer whose token was verified before and still holds; null: somebody has to look. */
  getCachedViewer(headers: IncomingHttpHeaders): Viewer | null
  /** Nothing speaks for refusing anybody: no overload, and the gateway is not closing. */
  isHealthy(): boolean
  /** What the long way puts on every answer of the graph; null until an answer went that way. */
  defaultHeaders(): HeaderList | null
}

/** Serves a request, or leaves it (false) to the long way. */
export type FastPath = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * The short way in, for what nearly every request is: a JSON operation by POST, of somebody known, while nothing is the
 * matter. Whatever is out of the ordinary takes the long way through Fastify and every guard, which answers the same.
 */
export function createFastPath({ handler, getCachedViewer, isHealthy, defaultHeaders }: FastPathDeps): FastPath {
  return (request, response) => {
    if (request.method !== 'POST' || request.url !== '/graphql' || !isHealthy()) return false
    const { headers, rawHeaders } = request
    if (headers['content-type'] !== 'application/json' || headers.accept?.includes('text/event-stream')) return false
    if (headers.expect !== undefined || !hasClearCredentials(rawHeaders, request.url)) return false
    const usual = defaultHeaders()
    const viewer = usual && getCachedViewer(headers)
    if (!viewer) return false
    void handler(request, response, randomUUID(), { viewer, headers: usual })
    return true
  }
}

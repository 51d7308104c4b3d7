import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Viewer } from '../domain/call.ts'
import type { HeaderList } from './graphql/answers.ts'
import type { GraphHandler } from './graphql/handler.ts'
import { hasClearCredentials } from './guards/credential-guard.ts'

export interface FrontDoorDeps {
  readonly handler: GraphHandler
  /** A viewer whose token was verified before and still holds; null: somebody has to look. */
  recall(headers: IncomingHttpHeaders): Viewer | null
  /** Nothing speaks for refusing anybody: no overload, and the gateway is not closing. */
  isCalm(): boolean
  /** What the long way puts on every answer of the graph; null until an answer went that way. */
  usualHeaders(): HeaderList | null
}

/** Serves a request, or leaves it (false) to the long way. */
export type FrontDoor = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * The short way in, for what nearly every request is: a JSON operation by POST, of somebody known, while nothing is the
 * matter. Whatever is out of the ordinary takes the long way through Fastify and every guard, which answers the same.
 */
export function createFrontDoor({ handler, recall, isCalm, usualHeaders }: FrontDoorDeps): FrontDoor {
  return (request, response) => {
    if (request.method !== 'POST' || request.url !== '/graphql' || !isCalm()) return false
    const { headers, rawHeaders } = request
    if (headers['content-type'] !== 'application/json' || headers.accept?.includes('text/event-stream')) return false
    if (headers.expect !== undefined || !hasClearCredentials(rawHeaders, request.url)) return false
    const usual = usualHeaders()
    const viewer = usual && recall(headers)
    if (!viewer) return false
    void handler(request, response, randomUUID(), { viewer, headers: usual })
    return true
  }
}

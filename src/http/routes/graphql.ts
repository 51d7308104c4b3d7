import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyReply, HTTPMethods } from 'fastify'
import type { GraphHandler } from '../graphql/handler.ts'
import { type HeaderList, toUsualHeaders } from '../graphql/http-response.ts'
import { wantsEventStream } from '../live/event-stream.ts'
import type { LiveHandlers } from '../live/live-routes.ts'

export interface GraphRouteOptions {
  readonly handler: GraphHandler
  /** Absent: queries and mutations only. */
  readonly live?: LiveHandlers
}

export interface GraphRoute {
  /** What Fastify's hooks put on every answer of this route, without the request's id; null until one was answered. */
  defaultHeaders(): HeaderList | null
}

const path = '/graphql'
const otherMethods: HTTPMethods[] = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * `/graphql` under Fastify. The handlers read and write the sockets themselves, because a parsed body and a
 * serialised reply would be paid for twice; Fastify's hooks have run before, and the headers they set are kept.
 */
export async function registerGraphRoute(app: FastifyInstance, { handler, live }: GraphRouteOptions): Promise<GraphRoute> {
  let usual: HeaderList | null = null
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    const options = {
      url: path,
      handler: async ({ raw, id }: { raw: Parameters<GraphHandler>[0]; id: string }, reply: FastifyReply) => {
        reply.hijack()
        const { 'x-request-id': _, ...headers } = reply.getHeaders() as OutgoingHttpHeaders
        if (!live || !wantsEventStream(raw)) {
          usual ??= toUsualHeaders(headers)
          return handler(raw, reply.raw, id, { headers: usual })
        }
        for (const name in headers) reply.raw.setHeader(name, headers[name]!)
        await live.eventStream(raw, reply.raw, id)
      },
    }
    scope.route({ ...options, method: 'GET', ...(live && { wsHandler: live.socket }) })
    scope.route({ ...options, method: otherMethods })
  })
  return { defaultHeaders: () => usual }
}

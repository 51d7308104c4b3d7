import type { FastifyInstance, FastifyReply, HTTPMethods } from 'fastify'
import type { GraphHandler } from './graphql/handler.ts'
import { wantsEventStream } from './live/event-stream.ts'
import type { LiveHandlers } from './live-routes.ts'

export interface GraphRouteOptions {
  readonly handler: GraphHandler
  /** Absent: queries and mutations only. */
  readonly live?: LiveHandlers
}

const path = '/graphql'
const otherMethods: HTTPMethods[] = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * `/graphql` under Fastify. The handlers read and write the sockets themselves, because a parsed body and a
 * serialised reply would be paid for twice; Fastify's hooks have run before, and the headers they set are kept.
 */
export async function registerGraphRoute(app: FastifyInstance, { handler, live }: GraphRouteOptions): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    const options = {
      url: path,
      handler: async ({ raw, id }: { raw: Parameters<GraphHandler>[0]; id: string }, reply: FastifyReply) => {
        reply.hijack()
        keepHeaders(reply)
        await (live && wantsEventStream(raw) ? live.eventStream(raw, reply.raw, id) : handler(raw, reply.raw, id))
      },
    }
    scope.route({ ...options, method: 'GET', ...(live && { wsHandler: live.socket }) })
    scope.route({ ...options, method: otherMethods })
  })
}

function keepHeaders(reply: FastifyReply): void {
  const headers = reply.getHeaders()
  for (const name in headers) reply.raw.setHeader(name, headers[name]!)
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { GraphHandler } from './graphql/handler.ts'

export interface GraphRouteOptions {
  readonly path?: string
  readonly handler: GraphHandler
  /** Answers a browser that wants a page (GET with `accept: text/html`); absent: it is answered like any other client. */
  readonly page?: (request: FastifyRequest, reply: FastifyReply) => unknown
}

/**
 * `/graphql` under Fastify. The handler reads and writes the sockets itself, because a parsed body and a
 * serialised reply would be paid for twice; Fastify's hooks have run before, and their headers are kept.
 */
export async function registerGraphRoute(
  app: FastifyInstance,
  { path = '/graphql', handler, page }: GraphRouteOptions,
): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.all(path, async (request, reply) => {
      if (page && wantsPage(request)) return page(request, reply)
      reply.hijack()
      const { raw } = reply
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(name, value)
      }
      await handler(request.raw, raw, request.id)
    })
  })
}

function wantsPage({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && headers.accept?.includes('text/html') === true
}

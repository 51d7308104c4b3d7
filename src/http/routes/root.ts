import type { FastifyInstance } from 'fastify'
import { readAccept } from '../media-types.ts'
import { addVary } from '../plugins/cors.ts'
import { refuseOtherMethods } from './methods.ts'

const welcome = `This is Deskgraph, a GraphQL gateway for support tickets.

The graph is at /graphql: send operations as JSON by POST.
/health/ready says whether the gateway can serve.
`

/** `/`: leads a browser to GraphiQL where there is one, and says to everyone else what runs here. */
export async function rootRoute(app: FastifyInstance, { hasConsole }: { readonly hasConsole: boolean }): Promise<void> {
  app.get('/', async ({ headers }, reply) => {
    addVary(reply, 'accept')
    if (hasConsole && readAccept(headers.accept).prefersHtml) return reply.redirect('/graphql')
    return reply.type('text/plain; charset=utf-8').send(welcome)
  })
  refuseOtherMethods(app, '/', ['GET'])
}

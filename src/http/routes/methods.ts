import type { FastifyInstance } from 'fastify'
import { DeskgraphError } from '../../domain/errors.ts'
import { sendError } from '../error-response.ts'

const allMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
type Method = (typeof allMethods)[number]

/** Answers 405 with `Allow` for every method that the path does not serve. */
export function refuseOtherMethods(app: FastifyInstance, path: string, served: readonly Method[]): void {
  const refused = allMethods.filter((method) => !served.includes(method) && !(method === 'HEAD' && served.includes('GET')))
  app.route({
    method: [...refused],
    url: path,
    // The method is checked before the body, so that a wrong method is never reported as a wrong body.
    onRequest: async (request, reply) => {
      void reply.header('allow', served.join(', '))
      const message = `This address takes ${served.join(' or ')} only.`
      return sendError(reply, new DeskgraphError('METHOD_NOT_ALLOWED', message), request.id)
    },
    handler: async () => undefined,
  })
}

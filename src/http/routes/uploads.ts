import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { DeskgraphError } from '../../domain/errors.ts'
import { sendError } from '../error-response.ts'
import { refuseOtherMethods } from './methods.ts'

/** Takes the bytes of an upload. */
export interface UploadReceiver {
  receive(
    address: string,
    body: Readable,
    call: { readonly signal: AbortSignal; readonly requestId: string },
  ): Promise<'RECEIVED' | 'UNKNOWN' | 'USED'>
}

/**
 * `PUT /uploads/{address}`: streams a file to its source. 204: the source has it. The address is the right to send: it is secret, ends after
 * five minutes, and works once. The bytes are never parsed and never stored here.
 */
export async function uploadRoutes(app: FastifyInstance, receiver: UploadReceiver): Promise<void> {
  app.removeAllContentTypeParsers()
  // The stream itself: its receiver counts the bytes.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.route<{ Params: { address: string } }>({
    method: 'PUT',
    url: '/uploads/:address',
    handler: async (request, reply) => {
      const gone = new AbortController()
      request.raw.once('close', () => request.raw.readableEnded || gone.abort())
      reply.raw.once('close', () => reply.raw.writableFinished || gone.abort())
      const call = { signal: gone.signal, requestId: request.id }
      const outcome = await receiver.receive(request.params.address, request.raw, call)
      if (outcome === 'RECEIVED') return reply.code(204).send()
      // What is left of the body is not read: the connection ends with the answer.
      void reply.header('connection', 'close')
      const [message, status] =
        outcome === 'USED'
          ? (['The file was sent already. Create another upload.', 409] as const)
          : (['There is no such upload, or its address has expired.', 404] as const)
      return sendError(reply, new DeskgraphError('BAD_REQUEST', message), request.id, status)
    },
  })
  refuseOtherMethods(app, '/uploads/:address', ['PUT'])
}

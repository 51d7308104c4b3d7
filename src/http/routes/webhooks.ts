import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metrics } from '../../domain/telemetry.ts'
import type { WebhookRequest } from '../../sources/webhook-handler.ts'
import { checkBodyType } from '../media-types.ts'
import { refuseOtherMethods } from './methods.ts'

export interface WebhookAnswer {
  readonly status: number
  readonly body: unknown
}

/** The receiver of webhooks. `receive` resolves only after the events are stored. */
export interface WebhookReceiver {
  has(sourceKey: string): boolean
  receive(sourceKey: string, request: WebhookRequest, requestId: string): Promise<WebhookAnswer>
}

export interface WebhookRoutesDeps {
  readonly receiver: WebhookReceiver
  readonly metrics: Metrics
  /** Bytes. */
  readonly maxBodyBytes: number
}

const webhookBodies = /^application\/(?:json|x-ndjson|jsonl|[^/]+\+json)$/

/** `POST /webhooks/{sourceKey}`: checks method, content type and size, verifies the raw bytes, stores, and then acknowledges. */
export async function webhookRoutes(app: FastifyInstance, deps: WebhookRoutesDeps): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: deps.maxBodyBytes },
    async (_request: FastifyRequest, body: Buffer) => body,
  )

  app.route<{ Params: { sourceKey: string } }>({
    method: 'POST',
    url: '/webhooks/:sourceKey',
    bodyLimit: deps.maxBodyBytes,
    onRequest: async (request, reply) => {
      if (!deps.receiver.has(request.params.sourceKey)) return reply.callNotFound()
      checkBodyType(request.headers, webhookBodies, 'JSON or NDJSON (application/json or application/x-ndjson)')
    },
    onError: async (request, _reply, error) => {
      const outcome = (error as { statusCode?: number }).statusCode === 413 ? 'TOO_LARGE' : 'FAILED'
      deps.metrics.count('webhook_events_total', { source: request.params.sourceKey, outcome })
    },
    handler: async (request, reply) => {
      const answer = await deps.receiver.receive(request.params.sourceKey, toWebhookRequest(request), request.id)
      return reply.code(answer.status).type('application/json; charset=utf-8').send(JSON.stringify(answer.body))
    },
  })
  // Intercom asks so before it accepts an address.
  app.route<{ Params: { sourceKey: string } }>({
    method: 'HEAD',
    url: '/webhooks/:sourceKey',
    handler: async (request, reply) =>
      deps.receiver.has(request.params.sourceKey) ? reply.code(200).send() : reply.callNotFound(),
  })
  refuseOtherMethods(app, '/webhooks/:sourceKey', ['POST', 'HEAD'])
}

function toWebhookRequest(request: FastifyRequest): WebhookRequest {
  return {
    rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    contentType: request.headers['content-type'] ?? '',
    headers: request.headers,
    query: request.query as WebhookRequest['query'],
  }
}

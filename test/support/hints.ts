import { createHmac } from 'node:crypto'
import Fastify from 'fastify'
import { noFailureLog } from '../../src/domain/telemetry.ts'
import { createErrorHandler } from '../../src/http/error-response.ts'
import { type WebhookReceiver, webhookRoutes } from '../../src/http/routes/webhooks.ts'
import type { HintHandler } from '../../src/sources/hint-handler.ts'
import type { SourceInfo } from '../../src/sources/source.ts'
import { EventProblem } from '../../src/sources/webhook-handler.ts'
import { hasHubSignature } from '../../src/sources/webhook-signature.ts'
import { countingMetrics } from './call.ts'

export const hintSecret = 'the-secret-of-test-hints'

/** Hints of a desk that the tests made up: `{ id, tickets, removed }`, signed as Jira does. */
export function createTestHintHandler(source: SourceInfo): HintHandler {
  return {
    source,
    authorise: (request) => hasHubSignature(request, { methods: ['sha256'] }, [hintSecret]),
    read({ rawBody }) {
      const body = JSON.parse(rawBody.toString())
      if (!Array.isArray(body.tickets)) throw new EventProblem('`tickets` is no list')
      return { deliveryId: body.id ?? null, ticketIds: body.tickets, removed: body.removed === true }
    },
  }
}

export interface TestDelivery {
  readonly id?: string
  readonly tickets?: readonly string[]
  readonly removed?: boolean
}

/** The webhook route on a free port, and a sender as a desk has one. */
export async function serveHints(receiver: WebhookReceiver, maxBodyBytes = 10_000) {
  const app = Fastify()
  app.setErrorHandler(createErrorHandler(noFailureLog))
  await app.register(webhookRoutes, { receiver, metrics: countingMetrics(), maxBodyBytes })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, close: () => app.close() }
}

/** Sends one delivery, signed. Returns the response. */
export function sendHint(
  url: string,
  sourceKey: string,
  delivery: TestDelivery | string,
  secret = hintSecret,
): Promise<Response> {
  const body = typeof delivery === 'string' ? delivery : JSON.stringify(delivery)
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const headers = { 'content-type': 'application/json', 'x-hub-signature': `sha256=${signature}` }
  return fetch(`${url}/webhooks/${sourceKey}`, { method: 'POST', headers, body })
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { Reply, Simulator, SimulatorRequest } from './simulator.ts'

/** A delivery with two correct signatures. */
export interface ReceivedDelivery {
  /** The partner's key, from the last segment of the path. */
  readonly partner: string
  readonly webhookId: string
  readonly event: string
  readonly body: unknown
}

/** The partners' endpoint and its records. */
export interface PartnerReceiver extends Simulator {
  /** Every verified delivery once, by webhook-id. */
  received(): readonly ReceivedDelivery[]
  /** How many deliveries had a wrong signature or none. */
  refused(): number
}

/** The endpoint of support partners, `POST /hooks/{partner}`. It verifies every delivery and records it once per webhook-id. */
export function createPartnerReceiver(secret: string): PartnerReceiver {
  const deliveries = new Map<string, ReceivedDelivery>()
  let refused = 0
  const receive = (request: SimulatorRequest): Reply => {
    const body = verify(request, secret)
    if (body === null) {
      refused += 1
      return { status: 401, body: { error: 'signature does not match' } }
    }
    const partner = request.params[0] ?? ''
    const webhookId = String(request.headers['webhook-id'])
    deliveries.set(`${partner}/${webhookId}`, { partner, webhookId, event: String(body.type), body })
    return { status: 200, body: { received: true } }
  }
  return {
    routes: [{ method: 'POST', path: /^\/hooks\/([^/]+)$/, operation: 'delivery', handle: receive }],
    authorise: () => null,
    failure: (status) => ({ error: status }),
    tickets: () => deliveries.size,
    ticket: (id) => [...deliveries.values()].find(({ webhookId }) => webhookId === id),
    changeOne: () => [],
    received: () => [...deliveries.values()],
    refused: () => refused,
  }
}

/** The body when both the Standard Webhooks signature and `x-signature` are correct; otherwise null. */
function verify(request: SimulatorRequest, secret: string): Record<string, unknown> | null {
  const bytes = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const expected = createHmac('sha256', bytes).update(request.body).digest()
  const given = Buffer.from(String(request.headers['x-signature'] ?? ''), 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  try {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    return new Webhook(secret).verify(request.body, headers) as Record<string, unknown>
  } catch {
    return null
  }
}

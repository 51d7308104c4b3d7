import { createHmac } from 'node:crypto'
import type { Store } from '../../src/db/open-store.ts'
import type { Clock } from '../../src/domain/clock.ts'
import type { DeadLetter } from '../../src/domain/events.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import { type Metrics, noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { createDeadLetters } from '../../src/ingestion/dead-letters.ts'
import { createIngestionService } from '../../src/ingestion/ingestion-service.ts'
import { rbiConfig } from '../../src/sources/rbi/config.ts'
import { toRbiInfo } from '../../src/sources/rbi/index.ts'
import { createRbiWebhookHandler } from '../../src/sources/rbi/webhook.ts'
import { vccConfig } from '../../src/sources/vcc/config.ts'
import { toVccInfo } from '../../src/sources/vcc/index.ts'
import { createVccWebhookHandler } from '../../src/sources/vcc/webhook.ts'
import { wasabiConfig } from '../../src/sources/wasabi/config.ts'
import { toWasabiInfo } from '../../src/sources/wasabi/index.ts'
import { createWasabiWebhookHandler } from '../../src/sources/wasabi/webhook.ts'
import type { WebhookHandler, WebhookRequest } from '../../src/sources/webhook-handler.ts'

const vcc = vccConfig.parse({ account: 'acme', secret: 'vcc-secret-of-the-tests' })
const wasabi = wasabiConfig.parse({ token: 'wasabi-token-of-the-tests' })
const rbi = rbiConfig.parse({ secret: 'rbi-secret-of-the-tests', routing: 'routing.yaml' })

export const vccInfo = toVccInfo('vcc', vcc)
export const wasabiInfo = toWasabiInfo('wasabi', wasabi)
export const rbiInfo = toRbiInfo('rbi', rbi)
const infos = new Map([vccInfo, wasabiInfo, rbiInfo].map((info) => [info.key, info]))
export const findTestSource = (key: string) => infos.get(key) ?? null

export const testWebhookHandlers: readonly WebhookHandler[] = [
  createVccWebhookHandler({ source: vccInfo, config: vcc }),
  createWasabiWebhookHandler({ source: wasabiInfo, config: wasabi }),
  createRbiWebhookHandler({ source: rbiInfo, config: rbi }),
]

/** A clock that moves only by `advance`. */
export function createTestClock(start = '2024-06-01T12:00:00.000Z'): Clock & { advance(ms: number): void } {
  let at = Date.parse(start)
  return Object.assign(() => at, {
    advance(ms: number) {
      at += ms
    },
  })
}

/** A request with the credentials that the source expects. */
export function requestOf(sourceKey: string, body: string | Buffer, overrides: Partial<WebhookRequest> = {}): WebhookRequest {
  const rawBody = Buffer.from(body)
  const signature = createHmac('sha256', 'rbi-secret-of-the-tests').update(rawBody).digest('hex')
  const headers =
    sourceKey === 'wasabi'
      ? { authorization: 'Bearer wasabi-token-of-the-tests' }
      : sourceKey === 'rbi'
        ? { 'x-signature': signature }
        : {}
  const query = sourceKey === 'vcc' ? { 'secret-key': 'vcc-secret-of-the-tests' } : {}
  const { headers: more, ...rest } = overrides
  return { rawBody, contentType: 'application/json', query, headers: { ...headers, ...more }, ...rest }
}

/** A VCC event about ticket `1-{ticketId}`. */
export function vccEvent(action: string, ticketId: number, fields: object = {}): string {
  return JSON.stringify({ action, ticket: { ticketId, projectId: 1, ticketNo: 'n', projectName: 'p', ...fields } })
}

/** A Wasabi event about a ticket; `fields` replace those of its body. */
export function wasabiEvent(ticketId: string, fields: object = {}): string {
  const times = { createdAt: '2024-01-01T00:00:00Z', updatedAt: '2024-01-02T00:00:00Z' }
  const body = { ticketId, customerId: 'c', status: 'OPEN', ...times, ...fields }
  return JSON.stringify({ eventType: 'CUSTOMER_CARE_TICKET', eventAction: 'UPDATED', version: 1, body })
}

/** Ingestion for all webhook sources of the tests, over a store. */
export function createIngestionFixture(store: Store, clock: Clock, metrics: Metrics = noMetrics) {
  const ingestion = createIngestionService({ store, webhookHandlers: testWebhookHandlers, metrics, logger: noLogger, clock })
  const deadLetters = createDeadLetters({ store, webhookHandlers: testWebhookHandlers, ingestion, clock })
  const tenants: Readonly<Record<string, string>> = { vcc: 'acme', wasabi: '', rbi: '' }
  return {
    ingestion,
    deadLetters,
    /** Resolves with the acknowledgement, after the events are processed. */
    async send(sourceKey: string, body: string | Buffer, overrides: Partial<WebhookRequest> = {}) {
      const response = await ingestion.receive(sourceKey, requestOf(sourceKey, body, overrides))
      await ingestion.idle()
      return response
    },
    async ticket(sourceKey: string, externalId: string): Promise<Ticket | null> {
      const ref: EntityRef = { kind: 'ticket', sourceKey, tenant: tenants[sourceKey] ?? '', externalId }
      return (await store.tickets.find([ref]))[0] ?? null
    },
    /** Newest first. */
    async listDeadLetters(): Promise<readonly DeadLetter[]> {
      return (await deadLetters.list({ first: 100, after: null, sourceKeys: null })).items.map(({ node }) => node)
    },
  }
}

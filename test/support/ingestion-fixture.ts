import { createHmac } from 'node:crypto'
import type { Store } from '../../src/db/open-store.ts'
import type { Clock } from '../../src/domain/clock.ts'
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

const vcc = vccConfig.parse({ account: 'acme', secret: 'vcc-secret' })
const wasabi = wasabiConfig.parse({ token: 'wasabi-token' })
const rbi = rbiConfig.parse({ secret: 'rbi-secret', routing: 'routing.yaml' })

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

/** A clock that only moves when told. */
export function createTestClock(start = '2024-06-01T12:00:00.000Z'): Clock & { advance(ms: number): void } {
  let at = Date.parse(start)
  return Object.assign(() => at, {
    advance(ms: number) {
      at += ms
    },
  })
}

/** A request as its sender would send it, authorised. */
export function requestOf(sourceKey: string, body: string | Buffer, overrides: Partial<WebhookRequest> = {}): WebhookRequest {
  const rawBody = Buffer.from(body)
  const signature = createHmac('sha256', 'rbi-secret').update(rawBody).digest('hex')
  const headers =
    sourceKey === 'wasabi' ? { authorization: 'Bearer wasabi-token' } : sourceKey === 'rbi' ? { 'x-signature': signature } : {}
  const query = sourceKey === 'vcc' ? { 'secret-key': 'vcc-secret' } : {}
  const { headers: more, ...rest } = overrides
  return { rawBody, contentType: 'application/json', query, headers: { ...headers, ...more }, ...rest }
}

/** The intake of all three event-fed sources over a store. */
export function createIngestionFixture(store: Store, clock: Clock, metrics: Metrics = noMetrics) {
  const ingestion = createIngestionService({ store, webhookHandlers: testWebhookHandlers, metrics, logger: noLogger, clock })
  const deadLetters = createDeadLetters({ store, webhookHandlers: testWebhookHandlers, ingestion })
  const tenants: Readonly<Record<string, string>> = { vcc: 'acme', wasabi: '', rbi: '' }
  return {
    ingestion,
    deadLetters,
    async send(sourceKey: string, body: string | Buffer, overrides: Partial<WebhookRequest> = {}) {
      const answer = await ingestion.receive(sourceKey, requestOf(sourceKey, body, overrides))
      await ingestion.idle()
      return answer
    },
    async ticket(sourceKey: string, externalId: string): Promise<Ticket | null> {
      const ref: EntityRef = { kind: 'ticket', sourceKey, tenant: tenants[sourceKey] ?? '', externalId }
      return (await store.tickets.find([ref]))[0] ?? null
    },
    async held() {
      return (await deadLetters.list({ first: 100, after: null, sourceKeys: null })).items.map(({ node }) => node)
    },
  }
}

import { createHmac } from 'node:crypto'
import type { EntityRef } from '../../src/domain/ids.ts'
import type { Intake, IntakeRequest } from '../../src/domain/intake.ts'
import { type Metrics, noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { createIntake } from '../../src/events/create-intake.ts'
import { createQuarantine } from '../../src/events/quarantine.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { rbiConfig } from '../../src/sources/rbi/config.ts'
import { createRbiIntake } from '../../src/sources/rbi/intake.ts'
import { toRbiInfo } from '../../src/sources/rbi/source.ts'
import { vccConfig } from '../../src/sources/vcc/config.ts'
import { createVccIntake } from '../../src/sources/vcc/intake.ts'
import { toVccInfo } from '../../src/sources/vcc/source.ts'
import { wasabiConfig } from '../../src/sources/wasabi/config.ts'
import { createWasabiIntake } from '../../src/sources/wasabi/intake.ts'
import { toWasabiInfo } from '../../src/sources/wasabi/source.ts'
import type { Store } from '../../src/store/open-store.ts'

const vcc = vccConfig.parse({ account: 'acme', secret: 'vcc-secret' })
const wasabi = wasabiConfig.parse({ token: 'wasabi-token' })
const rbi = rbiConfig.parse({ secret: 'rbi-secret', routing: 'routing.yaml' })

export const vccInfo = toVccInfo('vcc', vcc)
export const wasabiInfo = toWasabiInfo('wasabi', wasabi)
export const rbiInfo = toRbiInfo('rbi', rbi)
const infos = new Map([vccInfo, wasabiInfo, rbiInfo].map((info) => [info.key, info]))
export const findTestSource = (key: string) => infos.get(key) ?? null

export const testIntakes: readonly Intake[] = [
  createVccIntake({ source: vccInfo, config: vcc }),
  createWasabiIntake({ source: wasabiInfo, config: wasabi }),
  createRbiIntake({ source: rbiInfo, config: rbi }),
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
export function requestOf(sourceKey: string, body: string | Buffer, overrides: Partial<IntakeRequest> = {}): IntakeRequest {
  const rawBody = Buffer.from(body)
  const signature = createHmac('sha256', 'rbi-secret').update(rawBody).digest('hex')
  const headers =
    sourceKey === 'wasabi' ? { authorization: 'Bearer wasabi-token' } : sourceKey === 'rbi' ? { 'x-signature': signature } : {}
  const query = sourceKey === 'vcc' ? { 'secret-key': 'vcc-secret' } : {}
  const { headers: more, ...rest } = overrides
  return { rawBody, contentType: 'application/json', query, headers: { ...headers, ...more }, ...rest }
}

/** The intake of all three event-fed sources over a store. */
export function createEventDesk(store: Store, clock: Clock, metrics: Metrics = noMetrics) {
  const intake = createIntake({ store, intakes: testIntakes, metrics, logger: noLogger, clock })
  const quarantine = createQuarantine({ store, intakes: testIntakes, intake })
  const tenants: Readonly<Record<string, string>> = { vcc: 'acme', wasabi: '', rbi: '' }
  return {
    intake,
    quarantine,
    async send(sourceKey: string, body: string | Buffer, overrides: Partial<IntakeRequest> = {}) {
      const answer = await intake.receive(sourceKey, requestOf(sourceKey, body, overrides))
      await intake.idle()
      return answer
    },
    async ticket(sourceKey: string, externalId: string): Promise<Ticket | null> {
      const ref: EntityRef = { kind: 'ticket', sourceKey, tenant: tenants[sourceKey] ?? '', externalId }
      return (await store.tickets.find([ref]))[0] ?? null
    },
    async held() {
      return (await quarantine.list({ first: 100, after: null, sourceKeys: null })).items.map(({ node }) => node)
    },
  }
}

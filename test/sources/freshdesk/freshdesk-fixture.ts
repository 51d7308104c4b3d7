import { onTestFinished } from 'vitest'
import { type Metrics, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { freshdeskConfig } from '../../../src/sources/freshdesk/config.ts'
import { createFreshdeskSource } from '../../../src/sources/freshdesk/index.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import type { TicketSource } from '../../../src/sources/source.ts'

/** The source over this address. It is closed when the test ends. */
export function freshdeskAt(url: string, metrics: Metrics = noMetrics): TicketSource {
  const config = freshdeskConfig.parse({ url, token: 'freshdesk-token-of-the-tests' })
  const deps = { key: 'freshdesk', loginOf: claimAsLogin, metrics, logger: noLogger, clock: Date.now }
  const source = createFreshdeskSource(config, deps)
  onTestFinished(() => source.close?.())
  return source
}

export function freshdeskRef(externalId: string) {
  return { kind: 'ticket' as const, sourceKey: 'freshdesk', tenant: '', externalId }
}

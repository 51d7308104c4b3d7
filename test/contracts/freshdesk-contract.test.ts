import { createFreshdesk } from '../../sandbox/freshdesk/simulator.ts'
import { serveSimulator } from '../../sandbox/simulator-server.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { freshdeskConfig } from '../../src/sources/freshdesk/config.ts'
import { createFreshdeskSource } from '../../src/sources/freshdesk/index.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { describeNextSteps } from './next-steps.ts'
import { describeSource } from './source-contract.ts'
import type { SourceFixture } from './source-fixture.ts'

/** More than the 100 tickets that the simulator returns at once. */
const count = 112
const token = 'freshdesk-token-of-the-tests'

async function openFreshdesk(): Promise<SourceFixture> {
  const server = await serveSimulator(createFreshdesk({ count, token }), { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  const deps = { key: 'freshdesk', loginOf: claimAsLogin, metrics: noMetrics, logger: noLogger, clock: Date.now }
  const at = (url: string) => createFreshdeskSource(freshdeskConfig.parse({ url, token }), deps)
  const ref = (id: number) => ({ kind: 'ticket' as const, sourceKey: 'freshdesk', tenant: '', externalId: String(id) })
  return {
    source: at(proxy.before(server.origin)),
    refs: Array.from({ length: count }, (_, index) => ref(index + 1)),
    missing: ref(99_999),
    unreachable: at('http://127.0.0.1:1'),
    vendor: { proxy, refusals: [] },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

describeSource('Freshdesk over its simulator', openFreshdesk)
describeNextSteps('Freshdesk', openFreshdesk)

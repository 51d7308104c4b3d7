import { createSandbox } from '../../sandbox/sandbox.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { verifikConfig } from '../../src/sources/verifik/config.ts'
import { createVerifikSource } from '../../src/sources/verifik/index.ts'
import { someCall } from '../support/call.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { readSandboxIds } from './sandbox-ids.ts'
import type { SourceFixture } from './source-fixture.ts'

/** Verifik over its simulator. */
export async function openVerifik(): Promise<SourceFixture> {
  // More than the 100 tickets that Verifik returns at once.
  const sandbox = await createSandbox({ counts: { oneview: 3, verifik: 112, vcc: 1, wasabi: 1, rbi: 1 } })
  const proxy = await startFaultProxy()
  const at = (url: string) =>
    createVerifikSource(verifikConfig.parse({ url, token: sandbox.verifik.token }), {
      key: 'verifik',
      loginOf: claimAsLogin,
      metrics: noMetrics,
      logger: noLogger,
      clock: Date.now,
    })
  const source = at(proxy.before(sandbox.verifik.url))
  const ref = (externalId: string) => ({ kind: 'ticket' as const, sourceKey: 'verifik', tenant: '', externalId })
  const ids = await readSandboxIds(sandbox.verifik, '/v2/support-tickets', 'limit', (body) => body.data, '_id')
  return {
    source,
    refs: ids.map(ref),
    missing: ref('no_such_ticket'),
    unreachable: at('http://127.0.0.1:1'),
    vendor: { proxy, refusals: [400, 403, 409].map((status) => ({ status, body: '{"code":"MissingParameter"}' })) },
    writes: {
      refs: ids.slice(0, 20).map(ref),
      change: (of) => source.updateTicket!(of, { title: 'Changed by the contract' }, someCall()),
      isChanged: ({ title }) => title === 'Changed by the contract',
      create: {
        ...{ source: 'verifik', title: 'Opened by the contract', description: 'It does not work.' },
        ...{ priority: 'LOW' as const, category: 'general' },
      },
    },
    async close() {
      await proxy.close()
      await sandbox.close()
    },
  }
}

import { createSandbox } from '../../sandbox/sandbox.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { verifikConfig } from '../../src/sources/verifik/config.ts'
import { createVerifikSource } from '../../src/sources/verifik/index.ts'
import { readSandboxIds } from './sandbox-ids.ts'
import { describeSource } from './source-contract.ts'

describeSource('Verifik over its simulator', async () => {
  const sandbox = await createSandbox({ counts: { oneview: 3, verifik: 60, vcc: 1, wasabi: 1, rbi: 1 } })
  const at = (url: string) =>
    createVerifikSource(verifikConfig.parse({ url, token: sandbox.verifik.token }), {
      key: 'verifik',
      loginOf: claimAsLogin,
      metrics: noMetrics,
      logger: noLogger,
      clock: Date.now,
    })
  const source = at(sandbox.verifik.url)
  const ref = (externalId: string) => ({ kind: 'ticket' as const, sourceKey: 'verifik', tenant: '', externalId })
  const ids = await readSandboxIds(sandbox.verifik, '/v2/support-tickets', 'limit', (body) => body.data, '_id')
  return {
    source,
    refs: ids.map(ref),
    missing: ref('no_such_ticket'),
    unreachable: at('http://127.0.0.1:1'),
    close: () => sandbox.close(),
  }
})

import { createSandbox } from '../../sandbox/sandbox.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { oneViewConfig } from '../../src/sources/oneview/config.ts'
import { createOneViewSource } from '../../src/sources/oneview/index.ts'
import { readSandboxIds } from './sandbox-ids.ts'
import { describeSource } from './source-contract.ts'

describeSource('OneView over its simulator', async () => {
  const sandbox = await createSandbox({ counts: { oneview: 60, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } })
  const at = (url: string) =>
    createOneViewSource(oneViewConfig.parse({ url, token: sandbox.oneview.token }), {
      key: 'oneview',
      loginOf: claimAsLogin,
      metrics: noMetrics,
      logger: noLogger,
      clock: Date.now,
    })
  const source = at(sandbox.oneview.url)
  const ref = (externalId: string) => ({ kind: 'ticket' as const, sourceKey: 'oneview', tenant: '', externalId })
  const ids = await readSandboxIds(sandbox.oneview, '/v1/tickets', 'pageSize', (body) => body.list, 'id')
  return {
    source,
    refs: ids.map(ref),
    missing: ref('no-such-ticket'),
    unreachable: at('http://127.0.0.1:1/ticket-detail'),
    close: () => sandbox.close(),
  }
})

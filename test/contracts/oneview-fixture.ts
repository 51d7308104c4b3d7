import { createSandbox } from '../../sandbox/sandbox.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { oneViewConfig } from '../../src/sources/oneview/config.ts'
import { createOneViewSource } from '../../src/sources/oneview/index.ts'
import { someCall } from '../support/call.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { readSandboxIds } from './sandbox-ids.ts'
import type { SourceFixture } from './source-fixture.ts'

/** OneView over its simulator. */
export async function openOneView(): Promise<SourceFixture> {
  // More than the 100 tickets that OneView returns at once.
  const sandbox = await createSandbox({ counts: { oneview: 112, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } })
  const proxy = await startFaultProxy()
  const at = (url: string) =>
    createOneViewSource(oneViewConfig.parse({ url, token: sandbox.oneview.token }), {
      key: 'oneview',
      loginOf: claimAsLogin,
      metrics: noMetrics,
      logger: noLogger,
      clock: Date.now,
    })
  const source = at(proxy.before(sandbox.oneview.url))
  const ref = (externalId: string) => ({ kind: 'ticket' as const, sourceKey: 'oneview', tenant: '', externalId })
  const ids = await readSandboxIds(sandbox.oneview, '/v1/tickets', 'pageSize', (body) => body.list, 'id')
  const isOpen = (id: string) => /^assigned$/i.test(String((sandbox.oneview.ticket(id) as { status?: unknown }).status))
  return {
    source,
    refs: ids.map(ref),
    missing: ref('no-such-ticket'),
    unreachable: at('http://127.0.0.1:1/ticket-detail'),
    vendor: { proxy, refusals: [400, 403, 409].map((status) => ({ status, body: '{"errors":[{"title":"bad request"}]}' })) },
    writes: {
      refs: ids.filter(isOpen).map(ref),
      change: (of) => source.reassignTicket!(of, { assignee: 'agent-of-the-contract' }, someCall()),
      isChanged: ({ assignee }) => assignee?.externalId === 'agent-of-the-contract',
    },
    async close() {
      await proxy.close()
      await sandbox.close()
    },
  }
}

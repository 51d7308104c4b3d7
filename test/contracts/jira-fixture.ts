import { createJira } from '../../sandbox/jira/simulator.ts'
import { serviceAccount } from '../../sandbox/jira/site.ts'
import { createRandom } from '../../sandbox/random.ts'
import type { Simulator } from '../../sandbox/simulator.ts'
import { serveSimulator } from '../../sandbox/simulator-server.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { jiraConfig } from '../../src/sources/jira/config.ts'
import { createJiraSource } from '../../src/sources/jira/index.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { SourceFixture } from './source-fixture.ts'

/** More than the 19 issues that the source reads at once. */
const count = 36
const token = 'jira-token-of-the-tests'

function jiraAt(url: string): TicketSource {
  // The checks make more than 100 calls a second.
  const budget = { calls: { list: 100_000, read: 100_000, write: 100_000 } }
  const dialect = { channelField: 'Request channel type' }
  const config = jiraConfig.parse({ url, token, email: serviceAccount.emailAddress, pageSize: 20, dialect, budget })
  return createJiraSource(config, {
    ...{ key: 'jira', loginOf: claimAsLogin, metrics: noMetrics, logger: noLogger, clock: Date.now },
  })
}

/** Jira over its simulator. `change` and `changeSource` make others of them. */
export async function openJira(
  change: (simulator: Simulator) => Simulator = (simulator) => simulator,
  changeSource: (source: TicketSource) => TicketSource = (source) => source,
): Promise<SourceFixture> {
  const simulator = createJira({ random: createRandom('contract'), until: Date.UTC(2026, 0, 31), count, token })
  const server = await serveSimulator(change(simulator), { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  const source = changeSource(jiraAt(proxy.before(server.origin)))
  const ref = (externalId: string) => ({ kind: 'ticket' as const, sourceKey: 'jira', tenant: '', externalId })
  // 10001 and 10002 are the projects with customers.
  const refs = simulator.state
    .all()
    .filter(({ projectId }) => projectId < 10003)
    .map(({ id }) => ref(String(id)))
  return {
    source,
    refs,
    unfilled: ['satisfaction'],
    missing: ref('99999999'),
    unreachable: jiraAt('http://127.0.0.1:1'),
    vendor: { proxy, refusals: [] },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

import { createRandom } from '../../sandbox/random.ts'
import { createRedmine } from '../../sandbox/redmine/simulator.ts'
import { users } from '../../sandbox/redmine/wire.ts'
import type { Simulator } from '../../sandbox/simulator.ts'
import { serveSimulator } from '../../sandbox/simulator-server.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { redmineConfig } from '../../src/sources/redmine/config.ts'
import { createRedmineSource } from '../../src/sources/redmine/index.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { SourceFixture } from './source-fixture.ts'

/** More than the 100 issues that Redmine returns at once. */
const count = 112

function redmineAt(url: string): TicketSource {
  const dialect = { channelField: 'Channel', tagsField: 'Tags', groups: ['Second level'] }
  const config = redmineConfig.parse({
    url,
    token: users[0].key,
    dialect,
    concurrency: 16,
    upstream: { connections: 16, concurrentReads: 16 },
  })
  return createRedmineSource(config, {
    key: 'redmine',
    loginOf: claimAsLogin,
    metrics: noMetrics,
    logger: noLogger,
    clock: Date.now,
  })
}

/** Redmine over its simulator. `change` and `changeSource` make others of them. */
export async function openRedmine(
  change: (simulator: Simulator) => Simulator = (simulator) => simulator,
  changeSource: (source: TicketSource) => TicketSource = (source) => source,
): Promise<SourceFixture> {
  const simulator = createRedmine({ random: createRandom('contract'), until: Date.UTC(2026, 0, 31), count })
  const server = await serveSimulator(change(simulator), { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  const source = changeSource(redmineAt(proxy.before(server.origin)))
  const ref = (id: number) => ({ kind: 'ticket' as const, sourceKey: 'redmine', tenant: '', externalId: String(id) })
  const refs = Array.from({ length: count }, (_, index) => ref(index + 1))
  return {
    source,
    refs,
    missing: ref(99_999),
    unreachable: redmineAt('http://127.0.0.1:1'),
    vendor: {
      proxy,
      refusals: [
        { status: 422, body: '{"errors":["Assignee is invalid"]}' },
        { status: 422, body: '{"errors":[]}' },
        { status: 403, body: '' },
      ],
      dropped: { status: 204, body: '' },
      customerReads: async ({ externalId }) => {
        const answer = await fetch(`${server.origin}/issues/${externalId}.json?include=journals`, {
          headers: { 'x-redmine-api-key': users[2].key },
        })
        const { issue } = (await answer.json()) as { issue: { journals: { notes: string }[] } }
        return issue.journals.flatMap(({ notes }) => (notes === '' ? [] : [notes]))
      },
    },
    writes: {
      refs: refs.slice(40, 60),
      change: (of) => source.updateTicket!(of, { title: 'Changed by the contract' }, someCall()),
      isChanged: ({ title }) => title === 'Changed by the contract',
      create: { source: 'redmine', queue: '1', title: 'Opened by the contract' },
    },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

import { createJira, type JiraSimulator } from '../../sandbox/jira/simulator.ts'
import { serviceAccount } from '../../sandbox/jira/site.ts'
import { createRandom } from '../../sandbox/random.ts'
import type { Simulator } from '../../sandbox/simulator.ts'
import { serveSimulator } from '../../sandbox/simulator-server.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { jiraConfig } from '../../src/sources/jira/config.ts'
import { createJiraSource } from '../../src/sources/jira/index.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { SourceFixture } from './source-fixture.ts'

/** More than the 9 issues that the source reads at once. */
const count = 16
const token = 'jira-token-of-the-tests'

function jiraAt(url: string): TicketSource {
  // The checks make more than 100 calls a second.
  const budget = { calls: { list: 100_000, read: 100_000, write: 100_000 } }
  const dialect = { channelField: 'Request channel type' }
  const config = jiraConfig.parse({ url, token, email: serviceAccount.emailAddress, pageSize: 10, dialect, budget })
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
  const issues = simulator.state.all().filter(({ projectId }) => projectId < 10003)
  // Agents raised the others, and nothing can be said to a customer there.
  const requests = issues.filter(({ requestTypeId }) => requestTypeId !== null).map(({ id }) => ref(String(id)))
  const refs = [...requests, ...issues.filter(({ requestTypeId }) => requestTypeId === null).map(({ id }) => ref(String(id)))]
  return {
    source,
    refs,
    missing: ref('99999999'),
    unreachable: jiraAt('http://127.0.0.1:1'),
    vendor: {
      proxy,
      refusals: [
        { status: 400, body: '{"errorMessages":[],"errors":{"summary":"Summary must be less than 255 characters."}}' },
        { status: 403, body: '{"errorMessages":["You do not have permission."],"errors":{}}' },
        { status: 404, body: '{"errorMessages":["Issue does not exist or you do not have permission to see it."],"errors":{}}' },
        { status: 409, body: '{"errorMessages":["The issue was changed at the same time."],"errors":{}}' },
      ],
      dropped: { status: 204, body: '' },
      customerReads: (of) => readAsCustomer(simulator, server.origin, of.externalId),
    },
    writes: {
      refs: requests.slice(4, 16),
      change: (of) => source.updateTicket!(of, { title: 'Changed by the contract' }, someCall()),
      isChanged: ({ title }) => title === 'Changed by the contract',
      create: { source: 'jira', queue: '10001', type: '3', title: 'Opened by the contract' },
    },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

/** What the reporter of a request reads in the portal. */
async function readAsCustomer({ state }: JiraSimulator, origin: string, id: string): Promise<readonly string[]> {
  const email = state.users.get(state.find(id)?.reporterId ?? '')?.emailAddress
  const authorization = `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`
  const answer = await fetch(`${origin}/rest/servicedeskapi/request/${id}/comment?limit=50`, { headers: { authorization } })
  const { values } = (await answer.json()) as { values: { body: string }[] }
  return values.map(({ body }) => body)
}

import { createRandom } from '../../sandbox/random.ts'
import { createRt } from '../../sandbox/rt/simulator.ts'
import { people } from '../../sandbox/rt/state.ts'
import type { Simulator } from '../../sandbox/simulator.ts'
import { serveSimulator } from '../../sandbox/simulator-server.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { rtConfig } from '../../src/sources/rt/config.ts'
import { createRtSource } from '../../src/sources/rt/index.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { SourceFixture } from './source-fixture.ts'

/** More than two pages. */
const count = 45

function rtAt(url: string): TicketSource {
  const dialect = { channelField: 'Channel', tagsField: 'Tags', customFieldTypes: { Amount: 'NUMBER' } }
  const upstream = { connections: 16, concurrentReads: 16 }
  const config = rtConfig.parse({ url, token: people[0].token, agentGroups: ['Agents'], pageSize: 20, dialect, upstream })
  return createRtSource(config, { key: 'rt', loginOf: claimAsLogin, metrics: noMetrics, logger: noLogger, clock: Date.now })
}

/** Request Tracker over its simulator. `change` and `changeSource` make others of them. */
export async function openRt(
  change: (simulator: Simulator) => Simulator = (simulator) => simulator,
  changeSource: (source: TicketSource) => TicketSource = (source) => source,
): Promise<SourceFixture> {
  const simulator = createRt({ random: createRandom('contract'), until: Date.UTC(2026, 0, 31), count })
  const server = await serveSimulator(change(simulator), { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  const source = changeSource(rtAt(proxy.before(server.origin)))
  const ref = (id: number) => ({ kind: 'ticket' as const, sourceKey: 'rt', tenant: '', externalId: String(id) })
  const refs = Array.from({ length: count }, (_, index) => ref(index + 1))
  return {
    source,
    refs,
    // Lists leave deleted tickets out.
    unfilled: ['deletedAt'],
    missing: ref(99_999),
    unreachable: rtAt('http://127.0.0.1:1'),
    vendor: {
      proxy,
      refusals: [
        { status: 400, body: '{"message":"Permission Denied"}' },
        { status: 403, body: '{"message":"Forbidden"}' },
        { status: 412, body: '{"message":"Precondition Failed"}' },
      ],
      dropped: { status: 200, body: '["Ticket 2: Permission Denied"]' },
      async customerReads({ externalId }) {
        const { token } = people[Number(externalId) % 2 === 1 ? 3 : 4]
        const get = async (path: string) => {
          const answer = await fetch(`${server.origin}/REST/2.0${path}`, { headers: { authorization: `token ${token}` } })
          return ((await answer.json()) as { items: Record<string, string>[] }).items
        }
        const fields = 'per_page=100&fields=TransactionId,Filename,Content'
        // The first ticket has what was said in the one that was merged into it.
        const parts = await get(`/ticket/${externalId}/attachments?${fields}`)
        return parts.flatMap(({ Filename, Content }) => (Filename === '' ? [Content!] : []))
      },
    },
    writes: {
      refs: refs.slice(10, 40),
      change: (of) => source.updateTicket!(of, { title: 'Changed by the contract' }, someCall()),
      isChanged: ({ title }) => title === 'Changed by the contract',
      create: { source: 'rt', queue: '1', title: 'Opened by the contract' },
    },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

import { createIntercom } from '../../sandbox/intercom/simulator.ts'
import { createRandom } from '../../sandbox/random.ts'
import { serveSimulator } from '../../sandbox/simulator-server.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { intercomConfig } from '../../src/sources/intercom/config.ts'
import { createIntercomSource } from '../../src/sources/intercom/index.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { SourceFixture } from './source-fixture.ts'

/** More than the 10 tickets that the source reads at once. */
const count = 24
const token = 'access-token-of-the-contract'

function intercomAt(url: string): TicketSource {
  // The contract makes more calls than the vendor answers.
  const config = intercomConfig.parse({
    url,
    token,
    pageSize: 10,
    priorityField: 'Priority',
    budget: { calls: { all: 100_000 } },
  })
  return createIntercomSource(config, {
    ...{ key: 'intercom', loginOf: claimAsLogin, metrics: noMetrics, logger: noLogger, clock },
  })
}

// Both clocks stand still: the addresses of files have the time until which they work.
const clock = () => Date.UTC(2026, 1, 1)

const toRef = (id: string) => ({ kind: 'ticket' as const, sourceKey: 'intercom', tenant: '', externalId: id })

interface Listed {
  readonly id: string
  readonly is_shared: boolean
  readonly open: boolean
}

/** Past the source. */
async function ask(origin: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'intercom-version': '2.14' }
  const answer = await fetch(
    origin + path,
    body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
  )
  return answer.json()
}

async function readTickets(origin: string): Promise<readonly Listed[]> {
  const query = { field: 'created_at', operator: '>', value: 0 }
  const { tickets } = (await ask(origin, '/tickets/search', { query, pagination: { per_page: 150 } })) as { tickets: Listed[] }
  return tickets
}

/** Intercom over its simulator. */
export async function openIntercom(): Promise<SourceFixture> {
  const intercom = createIntercom({ random: createRandom('contract'), until: Date.UTC(2026, 0, 31), count, token, now: clock })
  const server = await serveSimulator(intercom, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  const source = intercomAt(proxy.before(server.origin))
  const tickets = await readTickets(server.origin)
  return {
    source,
    refs: tickets.map(({ id }) => toRef(id)),
    // A ticket has one contact where the API has made it.
    unfilled: ['followers'],
    missing: toRef('99999999'),
    unreachable: intercomAt('http://127.0.0.1:1'),
    vendor: {
      proxy,
      refusals: [],
    },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

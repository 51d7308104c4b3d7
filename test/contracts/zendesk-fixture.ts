import { createRandom } from '../../sandbox/random.ts'
import { createZendesk, serveZendesk } from '../../sandbox/zendesk/simulator.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { zendeskConfig } from '../../src/sources/zendesk/config.ts'
import { createZendeskSource } from '../../src/sources/zendesk/index.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { SourceFixture } from './source-fixture.ts'

/** More than the 100 tickets that Zendesk returns at once, also without those that are archived. */
const count = 140
const token = 'access-token-of-the-contract'

function zendeskAt(url: string): TicketSource {
  // The contract makes more calls than any plan allows.
  const calls = { all: 100_000, 'tickets-index': 100_000, 'tickets-update': 100_000, 'ticket-update': 100_000 }
  const config = zendeskConfig.parse({ url, token, budget: { calls } })
  return createZendeskSource(config, {
    key: 'zendesk',
    loginOf: claimAsLogin,
    metrics: noMetrics,
    logger: noLogger,
    clock: Date.now,
  })
}

const toRef = (id: string) => ({ kind: 'ticket' as const, sourceKey: 'zendesk', tenant: '', externalId: id })

/** Every id of the list, asked for past the source. */
async function readIds(origin: string): Promise<readonly string[]> {
  const ids: string[] = []
  let address: string | null = `${origin}/api/v2/tickets?page[size]=100`
  while (address !== null) {
    const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } })
    const text = await answer.text()
    const page = JSON.parse(text) as { tickets: { url: string }[]; links: { next: string | null } }
    // Some ids are above 2^53: `JSON.parse` would round them.
    ids.push(...page.tickets.map(({ url }) => /(\d+)\.json$/.exec(url)![1]!))
    address = page.links.next
  }
  return ids
}

/** Zendesk over its simulator. */
export async function openZendesk(): Promise<SourceFixture> {
  const zendesk = createZendesk({
    ...{ random: createRandom('contract'), until: Date.UTC(2026, 0, 31), count, credentials: { token } },
  })
  const server = await serveZendesk(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  const source = zendeskAt(proxy.before(server.origin))
  const refs = (await readIds(server.origin)).map(toRef)
  return {
    source,
    refs,
    missing: toRef('99999'),
    // Deleted tickets are not in lists.
    unfilled: ['deletedAt'],
    unreachable: zendeskAt('http://127.0.0.1:1'),
    vendor: { proxy, refusals: [] },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

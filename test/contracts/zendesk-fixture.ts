import { createRandom } from '../../sandbox/random.ts'
import { serveSimulator } from '../../sandbox/simulator-server.ts'
import { createZendesk } from '../../sandbox/zendesk/simulator.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { zendeskConfig } from '../../src/sources/zendesk/config.ts'
import { createZendeskSource } from '../../src/sources/zendesk/index.ts'
import { someCall } from '../support/call.ts'
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

/** Past the source. */
async function ask(origin: string, path: string): Promise<unknown> {
  const answer = await fetch(origin + path, { headers: { authorization: `Bearer ${token}` } })
  return answer.json()
}

/** The whole list. */
async function readTickets(origin: string): Promise<readonly { readonly id: string; readonly status: string }[]> {
  const read: { id: string; status: string }[] = []
  let path: string | null = '/api/v2/tickets?page[size]=100'
  while (path !== null) {
    const page = (await ask(origin, path)) as { tickets: { url: string; status: string }[]; links: { next: string | null } }
    // Some ids are above 2^53: JSON.parse would round them.
    read.push(...page.tickets.map(({ url, status }) => ({ id: /(\d+)\.json$/.exec(url)![1]!, status })))
    path = page.links.next?.replace(origin, '') ?? null
  }
  return read
}

/** Zendesk over its simulator. */
export async function openZendesk(): Promise<SourceFixture> {
  const zendesk = createZendesk({
    ...{ random: createRandom('contract'), until: Date.UTC(2026, 0, 31), count, credentials: { token } },
    // Its clock stands still: the addresses of files have the time until which they work.
    now: () => Date.UTC(2026, 1, 1),
  })
  const server = await serveSimulator(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  const source = zendeskAt(proxy.before(server.origin))
  const tickets = await readTickets(server.origin)
  const refs = tickets.map(({ id }) => toRef(id))
  // A closed ticket takes no change.
  const writable = tickets.filter(({ status }) => status !== 'closed').map(({ id }) => toRef(id))
  return {
    source,
    refs,
    missing: toRef('99999'),
    // Deleted tickets are not in lists.
    unfilled: ['deletedAt'],
    unreachable: zendeskAt('http://127.0.0.1:1'),
    vendor: {
      proxy,
      refusals: [
        {
          status: 422,
          body: '{"error":"RecordInvalid","description":"Record validation errors","details":{"subject":[{"description":"No"}]}}',
        },
        { status: 403, body: '{"error":{"title":"Forbidden","message":"You do not have access to this page."}}' },
        { status: 404, body: '{"error":"RecordNotFound","description":"Not found"}' },
        { status: 409, body: '{"error":"DatabaseConflict","description":"Database collision"}' },
        { status: 400, body: '{"errors":[{"code":"BadRequest","title":"No"}]}' },
      ],
      dropped: { status: 200, body: '{"ticket":{"id":1},"audit":{"id":1,"events":[]}}' },
      customerReads: async ({ externalId }) => {
        const { comments } = (await ask(server.origin, `/api/v2/tickets/${externalId}/comments?page[size]=100`)) as {
          comments: { body: string; public: boolean }[]
        }
        // The first comment is the description.
        return comments.slice(1).flatMap((comment) => (comment.public ? [comment.body] : []))
      },
    },
    writes: {
      refs: writable,
      change: (of) => source.updateTicket!(of, { title: 'Changed by the contract' }, someCall()),
      isChanged: ({ title }) => title === 'Changed by the contract',
      create: { source: 'zendesk', title: 'Opened by the contract', description: 'By the contract' },
    },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

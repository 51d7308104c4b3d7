import { createIntercom } from '../../sandbox/intercom/simulator.ts'
import { createRandom } from '../../sandbox/random.ts'
import { serveSimulator } from '../../sandbox/simulator-server.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import { intercomConfig } from '../../src/sources/intercom/config.ts'
import { createIntercomSource } from '../../src/sources/intercom/index.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { SourceFixture } from './source-fixture.ts'

/** More than the 10 tickets that the source reads at once. */
const count = 40
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

interface TicketType {
  readonly id: string
  readonly ticket_type_attributes: { readonly data: readonly { readonly required_to_create: boolean }[] }
}

interface Shown {
  readonly is_shared: boolean
  readonly ticket_parts: { readonly ticket_parts: readonly { readonly part_type: string; readonly body: string | null }[] }
}

/** What the contact of a ticket reads in the Messenger: no note, and nothing of a ticket that is not shared. */
function readAsCustomer({ is_shared, ticket_parts }: Shown): readonly string[] {
  const messages = ticket_parts.ticket_parts.filter(({ part_type }) => part_type === 'comment' || part_type === 'quick_reply')
  return is_shared ? messages.map(({ body }) => body ?? '').map(toLines) : []
}

/** The texts of paragraphs. */
function toLines(html: string): string {
  return [...html.matchAll(/<p>(.*?)<\/p>/gs)].map(([, text]) => text).join('\n')
}

function refusal(code: string): string {
  return JSON.stringify({ type: 'error.list', request_id: null, errors: [{ code, message: 'No' }] })
}

/** Intercom over its simulator. */
export async function openIntercom(): Promise<SourceFixture> {
  const intercom = createIntercom({ random: createRandom('contract'), until: Date.UTC(2026, 0, 31), count, token, now: clock })
  const server = await serveSimulator(intercom, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  const source = intercomAt(proxy.before(server.origin))
  const tickets = await readTickets(server.origin)
  const { data: types } = (await ask(server.origin, '/ticket_types')) as { data: TicketType[] }
  const typeId = types.find((type) => !type.ticket_type_attributes.data.some((field) => field.required_to_create))!.id
  return {
    source,
    refs: tickets.map(({ id }) => toRef(id)),
    // A ticket has one contact where the API has made it.
    unfilled: ['followers'],
    missing: toRef('99999999'),
    unreachable: intercomAt('http://127.0.0.1:1'),
    vendor: {
      proxy,
      refusals: [
        { status: 400, body: refusal('ticket_state_id_invalid') },
        { status: 403, body: refusal('api_plan_restricted') },
        { status: 404, body: refusal('ticket_not_found') },
        { status: 409, body: refusal('conflict') },
        { status: 422, body: refusal('parameter_invalid') },
      ],
      dropped: { status: 200, body: '{"type":"ticket","id":"1"}' },
      customerReads: async ({ externalId }) => readAsCustomer((await ask(server.origin, `/tickets/${externalId}`)) as Shown),
    },
    writes: {
      refs: tickets.filter((ticket) => ticket.is_shared && ticket.open).map(({ id }) => toRef(id)),
      change: (of) => source.updateTicket!(of, { title: 'Changed by the contract' }, someCall()),
      isChanged: ({ title }) => title === 'Changed by the contract',
      create: {
        ...{ source: 'intercom', type: typeId, title: 'Opened by the contract', description: 'By the contract' },
        customer: { email: 'new.customer@deskgraph.test' },
      },
    },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

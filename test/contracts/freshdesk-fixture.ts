import { createFreshdesk } from '../../sandbox/freshdesk/simulator.ts'
import { createRandom } from '../../sandbox/random.ts'
import { serveSimulator } from '../../sandbox/simulator-server.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { freshdeskConfig } from '../../src/sources/freshdesk/config.ts'
import { createFreshdeskSource } from '../../src/sources/freshdesk/index.ts'
import { claimAsLogin } from '../../src/sources/identity-map.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { someCall } from '../support/call.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { SourceFixture } from './source-fixture.ts'

/** More than a page, also without those that its lists leave out. */
const [count, pageSize] = [60, 25]
const apiKey = 'api-key-of-the-contract'

function freshdeskAt(url: string): TicketSource {
  // The contract makes more calls than any plan allows.
  const calls = { all: 100_000, list: 100_000, create: 100_000, update: 100_000 }
  const config = freshdeskConfig.parse({ url, token: apiKey, pageSize, budget: { calls } })
  return createFreshdeskSource(config, {
    key: 'freshdesk',
    loginOf: claimAsLogin,
    metrics: noMetrics,
    logger: noLogger,
    clock: Date.now,
  })
}

const toRef = (id: string) => ({ kind: 'ticket' as const, sourceKey: 'freshdesk', tenant: '', externalId: id })

/** Past the source. */
async function ask<T>(origin: string, path: string): Promise<T> {
  const authorization = `Basic ${Buffer.from(`${apiKey}:X`).toString('base64')}`
  const answer = await fetch(`${origin}/api/v2/${path}`, { headers: { authorization } })
  return (await answer.json()) as T
}

/** Every record of a list. */
async function askAll<T>(origin: string, path: string): Promise<readonly T[]> {
  const all: T[] = []
  for (let page = 1; ; page++) {
    const list = await ask<T[]>(origin, `${path}${path.includes('?') ? '&' : '?'}per_page=100&page=${page}`)
    all.push(...list)
    if (list.length < 100) return all
  }
}

/** Freshdesk over its simulator. */
export async function openFreshdesk(): Promise<SourceFixture> {
  const freshdesk = createFreshdesk({
    ...{ random: createRandom('contract'), until: Date.UTC(2026, 0, 31), count, apiKey },
    // Its clock stands still: the addresses of files have the time until which they work.
    now: () => Date.UTC(2026, 1, 1),
  })
  const server = await serveSimulator(freshdesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  const proxy = await startFaultProxy()
  const source = freshdeskAt(proxy.before(server.origin))
  const listed = await askAll<{ id: number }>(server.origin, 'tickets?updated_since=2000-01-01T00:00:00Z')
  const refs = listed.map(({ id }) => toRef(String(id)))
  return {
    source,
    refs,
    missing: toRef('99999'),
    // Lists leave out deleted tickets and spam.
    unfilled: ['deletedAt'],
    unreachable: freshdeskAt('http://127.0.0.1:1'),
    vendor: {
      proxy,
      refusals: [
        {
          status: 400,
          body: '{"description":"Validation failed","errors":[{"field":"subject","message":"It should be a String","code":"datatype_mismatch"}]}',
        },
        { status: 403, body: '{"code":"access_denied","message":"You are not authorized to perform this action."}' },
        { status: 404, body: '' },
        { status: 405, body: '{"message":"DELETE method is not allowed. It should be one of these method(s): GET"}' },
        { status: 409, body: '{"code":"inconsistent_state","message":"The state of the ticket does not allow this."}' },
      ],
      // A success whose ticket is as it was.
      dropped: { status: 200, body: '{"id":1,"status":2,"priority":1,"source":1,"requester_id":1}' },
      customerReads: async ({ externalId }) => {
        const path = `tickets/${externalId}/conversations`
        const conversations = await askAll<{ body: string; body_text: string; private: boolean }>(server.origin, path)
        return conversations.flatMap(({ private: isPrivate, body_text }) => (isPrivate ? [] : [body_text]))
      },
    },
    writes: {
      refs: refs.slice(20),
      change: (of) => source.updateTicket!(of, { title: 'Changed by the contract' }, someCall()),
      isChanged: ({ title }) => title === 'Changed by the contract',
      create: {
        ...{ source: 'freshdesk', title: 'Opened by the contract', description: 'By the contract' },
        customer: { email: 'contract@example.com', name: 'The Contract' },
      },
    },
    async close() {
      await proxy.close()
      await server.close()
    },
  }
}

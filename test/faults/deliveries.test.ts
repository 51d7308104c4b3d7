import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, vi } from 'vitest'
import { stringify } from 'yaml'
import { createRouting } from '../../sandbox/rbi/catalogue.ts'
import { deliveriesConfig } from '../../src/delivery/config.ts'
import { type Answer, type FakePartner, ok, startPartner, status } from '../delivery/fake-partner.ts'
import { type FaultyGateway, readCounter, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

const secret = `whsec_${Buffer.from('a secret of the fault tests, 32 b').toString('base64')}`
const olderSecret = `whsec_${Buffer.from('the older secret before the rotation').toString('base64')}`
const schedule = [0, 2, 1, 1]

const hang: Answer = () => undefined
const reset: Answer = (response) => void response.socket?.resetAndDestroy()
/** The answers in turn; the last one repeats. */
const inTurn =
  (...answers: Answer[]): Answer =>
  (response, n, delivery) =>
    answers[Math.min(n, answers.length - 1)]?.(response, n, delivery)

const otherPartner = await startPartner()
const scripts = {
  flaky: inTurn(status(500), hang, reset, ok),
  lost: inTurn(reset, ok),
  moved: inTurn(status(302, { location: otherPartner.url }), status(308, { location: otherPartner.url }), ok),
  gone: status(410),
  busy: inTurn(status(503, { 'retry-after': '3600' }), ok),
  deaf: status(500),
  endless: (response) => {
    response.writeHead(200)
    const pour = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    }
    response.on('drain', pour)
    pour()
  },
  down: hang,
  up: ok,
  rotating: ok,
} satisfies Readonly<Record<string, Answer>>
type Name = keyof typeof scripts
const names = Object.keys(scripts) as Name[]

const partners = new Map<Name, FakePartner>()
const folder = mkdtempSync(join(tmpdir(), 'deskgraph-faults-'))
let gateway: FaultyGateway
beforeAll(async () => {
  for (const name of names) partners.set(name, await startPartner(scripts[name]))
  const routing = join(folder, 'routing.yaml')
  writeFileSync(routing, stringify(toRouting()))
  gateway = await startFaultyGateway({
    config: (config) => ({
      ...config,
      deliveries: { scheduleSeconds: schedule, timeoutMs: 1_000, concurrencyPerPartner: 1 },
      sources: { ...config.sources, rbi: { ...config.sources.rbi!, routing } as typeof config.sources.rbi & object },
    }),
  })
})
afterAll(async () => {
  await gateway.close()
  await Promise.all([otherPartner, ...partners.values()].map((one) => one.close()))
  rmSync(folder, { recursive: true, force: true })
})

/** The sandbox's market. Each partner has a store with the partner's name. */
function toRouting() {
  const base = createRouting('http://127.0.0.1:1', secret)
  const own = names.map((name) => ({
    key: name,
    url: partner(name).url,
    secret: name === 'rotating' ? [secret, olderSecret] : secret,
    events: ['STORE_SUPPORT_TICKET_EVENT'],
    stores: [name],
  }))
  return { ...base, markets: base.markets.map((market) => ({ ...market, partners: own })) }
}

const partner = (name: Name): FakePartner => partners.get(name) ?? expect.fail(`no partner ${name}`)
const idsAt = (name: Name) => partner(name).received.map(({ headers }) => headers['webhook-id'])

/** Creates a ticket that is routed to this partner, and returns its id. */
async function raise(name: Name, note = ''): Promise<string> {
  const input = {
    source: 'rbi',
    category: 'order',
    subcategory: 'missing-item',
    description: `Cold fries ${name} ${note}`,
    storeId: name,
    order: { externalId: `o-${name}-${note}`, placedAt: new Date().toISOString() },
  }
  const query =
    'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome ticket { id routing { partners } } } }'
  const { createTicket } = await gateway.ask(query, { input })
  expect(createTicket).toMatchObject({ outcome: 'QUEUED', ticket: { routing: { partners: [name] } } })
  return createTicket.ticket.id
}

interface Delivery {
  readonly id: string
  readonly state: string
  readonly attempts: number
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly nextAttemptAt: string | null
}
async function delivery(ticketId: string): Promise<Delivery> {
  const fields = 'id state attempts lastStatus lastError nextAttemptAt'
  const query = `query ($id: ID!) { ticket(id: $id) { routing { deliveries { ${fields} } } } }`
  return (await gateway.ask(query, { id: ticketId })).ticket.routing.deliveries[0]
}
const waitOptions = { timeout: 50_000, interval: 200 }
// expect.poll does not work in concurrent tests.
const becomes = (ticketId: string, state: string) =>
  vi.waitFor(async () => expect((await delivery(ticketId)).state).toBe(state), waitOptions)

describe.concurrent('a partner', () => {
  guarantee(
    'DELIVERY-01',
    {
      fault: 'a partner answers 500, then hangs, then resets, then accepts',
      expected: 'the schedule goes on; same id, fresh timestamps',
    },
    async () => {
      const id = await raise('flaky')
      await becomes(id, 'DELIVERED')
      expect((await delivery(id)).attempts).toBe(4)
      const sent = partner('flaky').received
      expect(new Set(idsAt('flaky')).size).toBe(1)
      const stamps = sent.map(({ headers }) => Number(headers['webhook-timestamp']))
      expect(stamps.at(-1)).toBeGreaterThan(stamps[0] ?? 0)
      for (const { body, headers } of sent)
        expect(new Webhook(secret).verify(body, headers)).toMatchObject({ data: { type: 'STORE' } })
      return `DELIVERED at attempt 4, one webhook-id, ${(stamps.at(-1) ?? 0) - (stamps[0] ?? 0)} s between first and last`
    },
  )

  guarantee(
    'DELIVERY-01',
    { fault: 'no schedule is configured', expected: '0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h; 15 s timeout' },
    async () => {
      const { scheduleSeconds, timeoutMs } = deliveriesConfig.parse({})
      expect(scheduleSeconds).toEqual([0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400])
      expect(timeoutMs).toBe(15_000)
      return 'these defaults'
    },
  )

  guarantee(
    'DELIVERY-02',
    { fault: 'a partner accepts a delivery and its answer is lost', expected: 'sent again with the same id' },
    async () => {
      const id = await raise('lost')
      await becomes(id, 'DELIVERED')
      expect(idsAt('lost')).toHaveLength(2)
      expect(new Set(idsAt('lost')).size).toBe(1)
      return 'two attempts, one webhook-id'
    },
  )

  guarantee(
    'DELIVERY-03',
    { fault: 'a partner redirects by 302, then by 308', expected: 'both are failures, and no redirect is followed' },
    async () => {
      const id = await raise('moved')
      await becomes(id, 'DELIVERED')
      expect((await delivery(id)).attempts).toBe(3)
      expect(otherPartner.received).toHaveLength(0)
      return 'DELIVERED at attempt 3, 0 calls otherPartner'
    },
  )

  guarantee(
    'DELIVERY-04',
    {
      fault: 'a partner answers 410, then 20 tickets come',
      expected: 'all HELD after one call, visible in gauges, and sent when the partner is enabled',
    },
    async () => {
      const first = await raise('gone')
      await becomes(first, 'HELD')
      expect(await delivery(first)).toMatchObject({ attempts: 1, lastStatus: 410, nextAttemptAt: null })
      const later = await Promise.all(Array.from({ length: 20 }, (_, n) => raise('gone', String(n))))
      for (const id of later) await becomes(id, 'HELD')
      expect(partner('gone').received).toHaveLength(1)
      const gauge = (name: string) => readCounter(gateway, name, { partner: 'gone' })
      await vi.waitFor(async () => expect([await gauge('deliveries_held'), await gauge('partner_disabled')]).toEqual([21, 1]), {
        timeout: 40_000,
        interval: 500,
      })
      partner('gone').answer(ok)
      const enable = 'mutation { enablePartner(source: "rbi", partner: "gone") { done failed userErrors { code } } }'
      expect((await gateway.ask(enable)).enablePartner).toEqual({ done: 21, failed: 0, userErrors: [] })
      for (const id of [first, ...later]) await becomes(id, 'DELIVERED')
      expect((await gateway.ask(enable)).enablePartner).toEqual({ done: 0, failed: 0, userErrors: [] })
      expect(partner('gone').received).toHaveLength(22)
      expect(new Set(idsAt('gone')).size).toBe(21)
      return '21 HELD after 1 call; enabled: 21 DELIVERED, one webhook-id each'
    },
  )

  guarantee(
    'DELIVERY-05',
    { fault: 'a partner answers 503 with a Retry-After of an hour', expected: 'the next attempt between the delay and twice it' },
    async () => {
      const id = await raise('busy')
      await partner('busy').receives(1)
      await becomes(id, 'FAILED')
      const { at } = partner('busy').received[0] ?? { at: 0 }
      const waitMs = Date.parse((await delivery(id)).nextAttemptAt ?? '') - at
      expect(waitMs).toBeGreaterThanOrEqual(2_000)
      expect(waitMs).toBeLessThan(2 * 2_000 + 2_000)
      await becomes(id, 'DELIVERED')
      return `planned after ${(waitMs / 1000).toFixed(1)} s (delay 2 s), then DELIVERED`
    },
  )

  guarantee(
    'DELIVERY-06',
    {
      fault: 'a partner fails until the schedule is used up',
      expected: 'DEAD, visible, and a replay delivers it under the same id',
    },
    async () => {
      const id = await raise('deaf')
      await becomes(id, 'DEAD')
      const dead = await delivery(id)
      expect(dead).toMatchObject({ attempts: schedule.length, lastStatus: 500, lastError: 'The partner answered 500.' })
      const { deliveries } = await gateway.ask('{ deliveries(state: [DEAD], first: 50) { nodes { id } } }')
      expect(deliveries.nodes).toContainEqual({ id: dead.id })
      partner('deaf').answer(ok)
      const { replayDelivery } = await gateway.ask('mutation ($id: ID!) { replayDelivery(id: $id) { state } }', { id: dead.id })
      expect(replayDelivery.state).toBe('PENDING')
      await becomes(id, 'DELIVERED')
      expect(new Set(idsAt('deaf')).size).toBe(1)
      return `DEAD after ${schedule.length} attempts, listed, replayed, DELIVERED, one webhook-id`
    },
  )

  guarantee(
    'DELIVERY-07',
    { fault: 'a partner never ends its reply', expected: 'delivered; the reply is read up to a limit' },
    async () => {
      const id = await raise('endless')
      await becomes(id, 'DELIVERED')
      expect((await delivery(id)).attempts).toBe(1)
      return 'DELIVERED at attempt 1'
    },
  )

  guarantee(
    'DELIVERY-08',
    { fault: 'one partner hangs on 40 deliveries, then another gets five', expected: "the other's lag is unchanged" },
    async () => {
      for (let count = 0; count < 40; count++) await raise('down', String(count))
      await partner('down').receives(1)
      const startedAt = Date.now()
      const ids = await Promise.all(Array.from({ length: 5 }, (_, count) => raise('up', String(count))))
      for (const id of ids) await becomes(id, 'DELIVERED')
      const lastAt = Math.max(...partner('up').received.map(({ at }) => at))
      expect(new Set(idsAt('up')).size).toBe(5)
      expect(partner('down').received.length).toBeLessThan(40)
      return `five delivered within ${((lastAt - startedAt) / 1000).toFixed(1)} s while ${40 - partner('down').received.length} wait for the other`
    },
  )

  guarantee(
    'STORAGE-10',
    { fault: 'deliveries are past their time', expected: 'a metric measures the delay, and the documents name its alarm' },
    async () => {
      const overdue = () => readCounter(gateway, 'outbox_overdue_seconds', {})
      await vi.waitFor(async () => expect(await overdue()).toBeGreaterThan(1), waitOptions)
      expect(await readCounter(gateway, 'outbox_depth', {})).toBeGreaterThan(1)
      expect(readFileSync('docs/routing.md', 'utf8')).toMatch(/outbox_overdue_seconds.*alarm/)
      return `outbox_overdue_seconds ${(await overdue()).toFixed(0)}, alarm in docs/routing.md`
    },
  )

  guarantee('DELIVERY-09', { fault: "a partner's secret is rotated", expected: 'two signatures, both verify' }, async () => {
    const id = await raise('rotating')
    await becomes(id, 'DELIVERED')
    const { body, headers } = partner('rotating').received[0]!
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2)
    for (const key of [secret, olderSecret])
      expect(new Webhook(key).verify(body, headers)).toMatchObject({ data: { type: 'STORE' } })
    return 'both secrets verify the same delivery'
  })
})

import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { fromPglite, PgBoss } from 'pg-boss'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { toQueueName } from '../../src/delivery/outbox.ts'
import type { CreateTicket } from '../../src/domain/writes.ts'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { readHistory } from '../support/history.ts'
import { call, type DeliveryFixture, generalTicket, openDeliveryFixture, storeTicket, ticketOf } from './delivery-fixture.ts'
import { type Answer, type FakePartner, ok, startPartner, status } from './fake-partner.ts'

const withPostgres = await hasPostgres()
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const next = 'a-new-secret-in-plain-words'
const timeoutMs = 2_500

/** The store whose STORE tickets this partner receives has the partner's name. */
const of = (partner: string): CreateTicket => ({ ...storeTicket, storeId: partner, order: storeTicket.order ?? null })

const engines = [
  { name: 'PGlite', usable: true, open: async () => ({ url: undefined, drop: async () => {} }) },
  { name: 'PostgreSQL', usable: withPostgres, open: createDatabase },
]

describe.each(engines)('deliveries on $name', ({ usable, open }) => {
  describe.runIf(usable)('with the outbox in the same database', () => {
    const names = ['plain', 'flaky', 'mute', 'broken', 'moved', 'gone', 'endless', 'dying', 'slow', 'quick', 'rotating']
    const partners = new Map<string, FakePartner>()
    let database: Awaited<ReturnType<typeof createDatabase>> | { url: undefined; drop(): Promise<void> }
    let fixture: DeliveryFixture

    beforeAll(async () => {
      database = await open()
      for (const name of names) partners.set(name, await startPartner())
      fixture = await openDeliveryFixture({
        databaseUrl: database.url,
        timeoutMs,
        scheduleSeconds: [0, 0.05, 0.05],
        concurrencyPerPartner: 2,
        partners: names.map((key) => ({
          key,
          url: partner(key).url,
          secret: key === 'rotating' ? [next, secret] : secret,
          stores: [key],
        })),
      })
    })
    afterAll(async () => {
      await fixture.close()
      for (const one of partners.values()) await one.close()
      await database.drop()
    })

    const partner = (name: string) => partners.get(name)!
    /** Sends one ticket to the partner, who answers like this, and waits for the end of its delivery. */
    async function deliver(name: string, answer: Answer = ok) {
      partner(name).answer(answer)
      const ticket = ticketOf(await fixture.router.create(of(name), call))
      const [delivery] = await fixture.waitFor(ticket.id, 'DELIVERED', 'HELD', 'DEAD')
      return {
        ticket,
        delivery: delivery!,
        received: partner(name).received.filter(({ body }) => body.includes(ticket.externalId)),
      }
    }
    const ids = (received: readonly { readonly headers: Record<string, string> }[]) =>
      new Set(received.map(({ headers }) => headers['webhook-id']))

    it('are verified by the standardwebhooks package and by x-signature (RBI-01, RBI-07, DECISION-29)', async () => {
      const { ticket, delivery, received } = await deliver('plain')
      const { headers, body } = received[0]!
      expect(new Webhook(secret).verify(body, headers)).toEqual({
        type: 'STORE_SUPPORT_TICKET_EVENT',
        timestamp: ticket.createdAt,
        data: {
          id: ticket.externalId,
          type: 'STORE',
          category: 'order',
          subcategory: 'missing-item',
          subcategoryId: 'KF-102',
          comments: 'The fries are missing.',
          source: 'API',
          store: { id: 'plain' },
          order: { id: 'O-1', placedAt: expect.any(String) },
          customer: { id: 'g-1', name: 'Ana', email: 'ana@example.com', phone: null },
          region: 'eu',
          createdAt: ticket.createdAt,
        },
      })
      const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
      expect(headers['x-signature']).toBe(createHmac('sha256', key).update(body).digest('hex'))
      expect(delivery).toMatchObject({ state: 'DELIVERED', partner: 'plain', attempts: 1, lastStatus: 204, nextAttemptAt: null })
    })

    it('DELIVERY-01 are sent again after a 500 with the same id, and appear in the change log', async () => {
      const { ticket, delivery, received } = await deliver(
        'flaky',
        (response, n) => void response.writeHead(n === 0 ? 500 : 200).end(),
      )
      expect(delivery).toMatchObject({ state: 'DELIVERED', attempts: 2, lastStatus: 200, lastError: null })
      expect(received).toHaveLength(2)
      expect(ids(received).size).toBe(1)
      for (const { body, headers } of received) expect(new Webhook(secret).verify(body, headers)).toBeTruthy()
      const events = await readHistory(fixture.store.changeLog, ticket.id)
      expect(events.items.map(({ node }) => node.kind)).toEqual(['CREATED', 'ROUTED', 'DELIVERY_FAILED', 'DELIVERED'])
    })

    it('DELIVERY-01 are given up on a partner that never answers, each attempt at its own deadline', async () => {
      const { delivery, received } = await deliver('mute', () => {})
      expect(delivery).toMatchObject({ state: 'DEAD', attempts: 3, lastStatus: null, lastError: 'No answer came in time.' })
      expect(received).toHaveLength(3)
    })

    it('DELIVERY-02 are sent again with the same id when the answer was lost', async () => {
      const { delivery, received } = await deliver('broken', (response, n) => {
        if (n === 0) response.socket?.resetAndDestroy()
        else response.writeHead(200).end()
      })
      expect(delivery).toMatchObject({ state: 'DELIVERED', attempts: 2 })
      expect(ids(received).size).toBe(1)
    })

    it('DELIVERY-03 treat a redirect as a failure and never follow it', async () => {
      const elsewhere = await startPartner()
      const { delivery, received } = await deliver('moved', status(307, { location: elsewhere.url }))
      expect(delivery).toMatchObject({
        state: 'DEAD',
        lastStatus: 307,
        lastError: 'The partner answered 307: redirects are not followed.',
      })
      expect(received).toHaveLength(3)
      expect(elsewhere.received).toHaveLength(0)
      await elsewhere.close()
    })

    it('DELIVERY-04 are held at a 410, which switches the endpoint off until a replay', async () => {
      const first = await deliver('gone', status(410))
      expect(first.delivery).toMatchObject({ state: 'HELD', attempts: 1, lastStatus: 410, nextAttemptAt: null })
      const second = await deliver('gone', ok)
      expect(second.delivery).toMatchObject({ state: 'HELD', attempts: 0, lastStatus: null })
      expect(second.received).toHaveLength(0)

      await fixture.deliveries.replay(second.delivery.id)
      const [replayed] = await fixture.waitFor(second.ticket.id, 'DELIVERED')
      expect(replayed).toMatchObject({ attempts: 1, lastError: null })
      // The endpoint is on: what was held before goes out too, with its old id.
      expect((await fixture.waitFor(first.ticket.id, 'DELIVERED'))[0]).toMatchObject({ id: first.delivery.id })
      expect((await deliver('gone', ok)).delivery.state).toBe('DELIVERED')
    })

    it('DELIVERY-06 stay visible when they are dead, and a replay starts the schedule again under the same webhook-id (DECISION-32)', async () => {
      const { ticket, delivery } = await deliver('dying', status(503))
      expect(delivery).toMatchObject({ state: 'DEAD', attempts: 3, lastStatus: 503 })
      const dead = await fixture.deliveries.list({ first: 100, after: null, states: ['DEAD'], sourceKeys: null })
      expect(dead.items.map(({ node }) => node.id)).toContain(delivery.id)

      partner('dying').answer((response, n) => void response.writeHead(n === 3 ? 500 : 200).end())
      expect(await fixture.deliveries.replay(delivery.id)).toMatchObject({
        id: delivery.id,
        state: 'PENDING',
        attempts: 0,
        lastStatus: null,
      })
      const [replayed] = await fixture.waitFor(ticket.id, 'DELIVERED')
      expect(replayed!.attempts).toBe(2)
      expect(partner('dying').received).toHaveLength(5)
      expect(ids(partner('dying').received).size).toBe(1)
    })

    it('DELIVERY-07 read 4 kB of an endless reply and stop', async () => {
      let closed: Promise<unknown> = Promise.reject(new Error('never called'))
      closed.catch(() => {})
      const { delivery } = await deliver('endless', (response) => {
        closed = once(response, 'close')
        response.writeHead(200)
        const more = () => {
          if (response.destroyed) return
          response.write('x'.repeat(1_024))
          setTimeout(more, 1)
        }
        more()
      })
      expect(delivery).toMatchObject({ state: 'DELIVERED', attempts: 1, lastStatus: 200 })
      await closed
    })

    it('DELIVERY-08 reach a quick partner while a slow one answers nothing, and at most as many at once as allowed', async () => {
      partner('slow').answer(() => {})
      const waiting = await Promise.all(Array.from({ length: 6 }, () => fixture.router.create(of('slow'), call)))
      await partner('slow').receives(2)
      const { delivery } = await deliver('quick')
      expect(delivery.state).toBe('DELIVERED')
      expect(partner('slow').received.length).toBeLessThan(6)
      partner('slow').answer(ok)
      for (const result of waiting) await fixture.waitFor(ticketOf(result).id, 'DELIVERED')
      expect(partner('slow').mostOpen()).toBe(2)
    })

    it('DELIVERY-09 carry a signature for each secret while one is being replaced', async () => {
      const { headers, body } = (await deliver('rotating')).received[0]!
      expect(headers['webhook-signature']!.split(' ')).toHaveLength(2)
      expect(new Webhook(secret).verify(body, headers)).toBeTruthy()
      expect(new Webhook(Buffer.from(next).toString('base64')).verify(body, headers)).toBeTruthy()
      expect(headers['x-signature']).toBe(createHmac('sha256', next).update(body).digest('hex'))
    })
  })

  it.runIf(usable)(
    'are made by another worker when the worker that had leased them died',
    async () => {
      const database = await open()
      const partner = await startPartner()
      const fixture = await openDeliveryFixture({
        idle: true,
        databaseUrl: database.url,
        timeoutMs: 3_000,
        partners: [{ key: 'careco', url: partner.url, secret, stores: ['1001'] }],
      })
      const ticket = ticketOf(await fixture.router.create(storeTicket, call))
      const { engine } = fixture.store
      const dying = new PgBoss(
        engine.kind === 'pglite'
          ? { db: fromPglite(engine.pglite), backend: 'pglite' }
          : { connectionString: engine.databaseUrl },
      )
      dying.on('error', () => {})
      await dying.start()
      expect(await dying.fetch(toQueueName({ sourceKey: 'rbi', market: 'plk-eu', partner: 'careco' }))).toHaveLength(1)
      await dying.stop({ graceful: false })

      await fixture.deliveries.start()
      const [delivery] = await fixture.waitFor(ticket.id, 'DELIVERED')
      expect(delivery).toMatchObject({ attempts: 1 })
      expect(partner.received).toHaveLength(1)
      await fixture.close()
      await partner.close()
      await database.drop()
    },
    60_000,
  )
})

describe.runIf(withPostgres)('two replicas on one PostgreSQL', () => {
  it('PROCESS-06 make each delivery once', async () => {
    const database = await createDatabase()
    const partner = await startPartner((response) => void setTimeout(() => response.writeHead(200).end(), 5))
    const setup = { databaseUrl: database.url, partners: [{ key: 'regional', url: partner.url, secret, general: true }] }
    const replicas = await Promise.all([openDeliveryFixture(setup), openDeliveryFixture(setup)])
    const create20 = async (replica: DeliveryFixture) => {
      const results = []
      for (let i = 0; i < 20; i++) results.push(await replica.router.create(generalTicket, call))
      return results
    }
    const results = (await Promise.all(replicas.map(create20))).flat()
    for (const result of results) await replicas[0]!.waitFor(ticketOf(result).id, 'DELIVERED')
    expect(partner.received).toHaveLength(40)
    expect(new Set(partner.received.map(({ headers }) => headers['webhook-id'])).size).toBe(40)
    for (const replica of replicas) await replica.close()
    await partner.close()
    await database.drop()
  })
})

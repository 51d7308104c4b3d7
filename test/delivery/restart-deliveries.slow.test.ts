import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { DeliveryState } from '../../src/domain/delivery.ts'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { call, type DeliveryFixture, openDeliveryFixture, storeTicket, ticketOf } from './delivery-fixture.ts'
import { type FakePartner, ok, startPartner, status } from './fake-partner.ts'

const withPostgres = await hasPostgres()
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const secret = 'partner-secret-of-the-tests'
const names = ['gone', 'moving', 'dead', 'old', 'many'] as const
type Name = (typeof names)[number]
const engines = [
  { name: 'PGlite', usable: true, open: async () => ({ url: undefined, drop: async () => {} }) },
  { name: 'PostgreSQL', usable: withPostgres, open: createDatabase },
]

describe.each(engines)('many deliveries on $name', ({ usable, open }) => {
  describe.runIf(usable)('of one partner', () => {
    const partners = new Map<Name, FakePartner>()
    const gauges = new Map<string, number>()
    let database: Awaited<ReturnType<typeof createDatabase>> | { url: undefined; drop(): Promise<void> }
    let fixture: DeliveryFixture
    const setups = () => names.map((key) => ({ key, url: partner(key).url, secret, stores: [key] }))
    const partner = (name: Name) => partners.get(name)!

    beforeAll(async () => {
      database = await open()
      for (const name of names) partners.set(name, await startPartner())
      fixture = await openDeliveryFixture({
        databaseUrl: database.url,
        scheduleSeconds: [0, 0.02],
        partners: setups(),
        metrics: {
          count() {},
          observe() {},
          set: (name, value, labels) => void gauges.set([name, (labels as { partner?: string })?.partner].join(' '), value),
        },
      })
    })
    afterAll(async () => {
      await fixture.close()
      for (const one of partners.values()) await one.close()
      await database.drop()
    })

    const raise = async (name: Name) =>
      ticketOf(await fixture.router.create({ ...storeTicket, storeId: name, order: storeTicket.order ?? null }, call)).id
    /** Raises tickets whose deliveries end in this state. */
    async function raiseMany(name: Name, count: number, state: DeliveryState): Promise<readonly string[]> {
      const ids = []
      for (let n = 0; n < count; n++) {
        const id = await raise(name)
        if (n === 0) await fixture.waitFor(id, state)
        ids.push(id)
      }
      for (const id of ids) await fixture.waitFor(id, state)
      return ids
    }
    const gaugesOf = async (name: Name) => {
      await fixture.deliveries.measure()
      return ['deliveries_held', 'deliveries_dead', 'partner_disabled'].map((gauge) => gauges.get(`${gauge} ${name}`))
    }
    const done = (count: number, subject: string) => ({ subject, done: count, failed: 0, userErrors: [] })
    const replay = (name: Name, states: readonly DeliveryState[], limit = 100) =>
      fixture.deliveries.replayMany({ partner: name, states, sourceKeys: ['rbi'], limit })

    it('DELIVERY-10 are held after one 410, are kept by the retention, and go out when the partner is enabled', async () => {
      partner('gone').answer(status(410))
      const ids = await raiseMany('gone', 210, 'HELD')
      expect(partner('gone').received).toHaveLength(1)
      expect(await gaugesOf('gone')).toEqual([210, 0, 1])
      const inFuture = new Date(Date.now() + 86_400_000).toISOString()
      await fixture.deliveryStore.removeDone(inFuture)
      const list = (state: DeliveryState) =>
        fixture.deliveries.list({ first: 500, after: null, states: [state], partner: 'gone', sourceKeys: null })
      expect([(await list('HELD')).items.length, (await list('DEAD')).items.length]).toEqual([210, 0])

      partner('gone').answer(ok)
      expect(await fixture.deliveries.enablePartner('rbi', 'gone')).toEqual(done(210, 'rbi/gone'))
      for (const id of ids) await fixture.waitFor(id, 'DELIVERED')
      expect(await fixture.deliveries.enablePartner('rbi', 'gone')).toEqual(done(0, 'rbi/gone'))
      expect(partner('gone').received).toHaveLength(211)
      expect(new Set(partner('gone').received.map(({ headers }) => headers['webhook-id'])).size).toBe(210)
      expect(await gaugesOf('gone')).toEqual([0, 0, 0])
    })

    it('DELIVERY-10 are held again when the enabled endpoint still answers 410', async () => {
      partner('gone').answer(status(410))
      const ids = await raiseMany('gone', 5, 'HELD')
      const before = partner('gone').received.length
      expect(await fixture.deliveries.enablePartner('rbi', 'gone')).toEqual(done(5, 'rbi/gone'))
      await vi.waitFor(async () => expect(await gaugesOf('gone')).toEqual([5, 0, 1]), { timeout: 20_000 })
      for (const id of ids) await fixture.waitFor(id, 'HELD')
      // As many as were under way at once, and not one for each delivery of a long list.
      expect(partner('gone').received.length - before).toBeLessThanOrEqual(4)
    })

    it('DELIVERY-10 go out by themselves when the partner gets a new address', async () => {
      partner('moving').answer(status(410))
      const ids = await raiseMany('moving', 3, 'HELD')
      const elsewhere = await startPartner()
      await fixture.edit(setups().map((setup) => (setup.key === 'moving' ? { ...setup, url: elsewhere.url } : setup)))
      for (const id of ids) await fixture.waitFor(id, 'DELIVERED')
      expect(elsewhere.received).toHaveLength(3)
      await elsewhere.close()
    })

    it('DELIVERY-11 are replayed the oldest first, as many as asked for, and once', async () => {
      partner('dead').answer(status(500))
      const ids = await raiseMany('dead', 7, 'DEAD')
      expect(await gaugesOf('dead')).toEqual([0, 7, 0])
      partner('dead').answer(ok)
      expect(await replay('dead', ['DEAD'], 3)).toEqual(done(3, 'dead'))
      for (const id of ids.slice(0, 3)) await fixture.waitFor(id, 'DELIVERED')
      for (const id of ids.slice(3)) await fixture.waitFor(id, 'DEAD')
      expect(await replay('dead', ['FAILED', 'DEAD'])).toEqual(done(4, 'dead'))
      for (const id of ids) await fixture.waitFor(id, 'DELIVERED')
      expect(await replay('dead', ['FAILED', 'HELD', 'DEAD'])).toEqual(done(0, 'dead'))
      expect(partner('dead').received).toHaveLength(7 * 2 + 7)
    })

    it('DELIVERY-11 are each replayed by one of two calls at once', async () => {
      partner('many').answer(status(500))
      const ids = await raiseMany('many', 60, 'DEAD')
      partner('many').answer(ok)
      const before = partner('many').received.length
      const results = await Promise.all([replay('many', ['DEAD'], 500), replay('many', ['DEAD'], 500)])
      expect(results.reduce((sum, result) => sum + result.done, 0)).toBe(60)
      for (const id of ids) await fixture.waitFor(id, 'DELIVERED')
      expect(partner('many').received.length - before).toBe(60)
    })

    it('DELIVERY-11 are not replayed when they are under way or made, or for a partner or source that there is not', async () => {
      for (const state of ['PENDING', 'DELIVERED'] as const) {
        expect(await replay('dead', [state])).toMatchObject({ done: 0, userErrors: [{ code: 'INVALID', field: ['state'] }] })
      }
      const unknown = { done: 0, userErrors: [{ code: 'NOT_FOUND', field: ['partner'] }] }
      const selection = { partner: 'dead', states: ['DEAD'], limit: 10 } as const
      expect(await fixture.deliveries.replayMany({ ...selection, partner: 'other', sourceKeys: ['rbi'] })).toMatchObject(unknown)
      expect(await fixture.deliveries.replayMany({ ...selection, sourceKeys: ['vcc'] })).toMatchObject(unknown)
      expect(await fixture.deliveries.enablePartner('rbi', 'other')).toMatchObject(unknown)
    })

    it('DELIVERY-13 version 0.1 sees a held delivery as DEAD, and a replay by it ends the hold', async () => {
      partner('old').answer(status(410))
      const [id] = await raiseMany('old', 1, 'HELD')
      const { rows } = await sql<{ state: string }>`select state from deliveries where ticket_id = ${id}`.execute(
        fixture.store.db,
      )
      expect(rows).toEqual([{ state: 'DEAD' }])
      // What version 0.1 writes for a replay that is given up again: it does not know `held_run`.
      await sql`update deliveries set run = run + 1, attempts = 10, last_status = 500 where ticket_id = ${id}`.execute(
        fixture.store.db,
      )
      expect((await fixture.deliveries.ofTickets([id!]))[0]).toMatchObject([{ state: 'DEAD', lastStatus: 500 }])
      partner('old').answer(ok)
      expect(await fixture.deliveries.enablePartner('rbi', 'old')).toEqual(done(0, 'rbi/old'))
      expect(await replay('old', ['DEAD'])).toEqual(done(1, 'old'))
      await fixture.waitFor(id!, 'DELIVERED')
    })
  })
})

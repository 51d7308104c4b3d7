import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { DeliveryState } from '../../src/domain/delivery.ts'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { call, type DeliveryFixture, generalTicket, openDeliveryFixture, storeTicket, ticketOf } from './delivery-fixture.ts'
import { type FakePartner, ok, startPartner } from './fake-partner.ts'

const withPostgres = await hasPostgres()
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

describe('the outbox', () => {
  let fixture: DeliveryFixture
  let partner: FakePartner
  const gauges = new Map<string, number>()
  beforeAll(async () => {
    partner = await startPartner()
    fixture = await openDeliveryFixture({
      partners: [
        { key: 'regional', url: partner.url, secret: 'partner-secret-of-the-tests', general: true },
        { key: 'leaving', url: partner.url, secret: 'partner-secret-of-the-tests', stores: ['1001'] },
      ],
      idle: true,
      metrics: { count() {}, observe() {}, set: (name, value) => void gauges.set(name, value) },
    })
  })
  afterAll(async () => {
    await fixture.close()
    await partner.close()
  })

  it('STORAGE-10: gauges show how many deliveries wait and how far the most overdue is past its time', async () => {
    await fixture.deliveries.measure()
    expect([gauges.get('outbox_depth'), gauges.get('outbox_overdue_seconds')]).toEqual([0, 0])
    const ticket = ticketOf(await fixture.router.create(generalTicket, call))
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString()
    await sql`update deliveries set next_attempt_at = ${hourAgo} where ticket_id = ${ticket.id}`.execute(fixture.store.db)
    await fixture.deliveries.measure()
    expect(gauges.get('outbox_depth')).toBe(1)
    expect(gauges.get('outbox_overdue_seconds')).toBeGreaterThanOrEqual(3_600)
    expect(gauges.get('routing_file_broken')).toBe(0)
  })

  it('makes deliveries whose job was lost, and those of a partner that left the routing file end as DEAD', async () => {
    const left = ticketOf(await fixture.router.create(storeTicket, call))
    const { engine } = fixture.store
    if (engine.kind !== 'pglite') throw new Error('this test is for the embedded database')
    await engine.pglite.query("delete from pgboss.job where name like 'deliveries/rbi/plk-eu/regional'")
    await fixture.edit([{ key: 'regional', url: partner.url, secret: 'partner-secret-of-the-tests', general: true }])
    await fixture.deliveries.start()
    expect((await fixture.waitFor(left.id, 'DEAD'))[0]).toMatchObject({
      attempts: 3,
      lastError: 'The routing file names no such partner now.',
    })
    await fixture.deliveries.requeueLost()
    await partner.receives(1)
    expect(partner.received).toHaveLength(1)
  })

  it('serves a partner that is added while it runs', async () => {
    await fixture.edit([{ key: 'joined', url: partner.url, secret: 'partner-secret-of-the-tests', stores: ['1001'] }])
    const ticket = ticketOf(await fixture.router.create(storeTicket, call))
    expect((await fixture.waitFor(ticket.id, 'DELIVERED'))[0]).toMatchObject({ partner: 'joined' })
  })

  it('lists deliveries newest first, in pages that hold each one once', async () => {
    const all = await fixture.deliveries.list({ first: 50, after: null, states: null, sourceKeys: null })
    const paged: string[] = []
    let after: string | null = null
    for (;;) {
      const page = await fixture.deliveries.list({ first: 1, after, states: null, sourceKeys: null })
      paged.push(...page.items.map(({ node }) => node.id))
      after = page.items.at(-1)?.cursor ?? null
      if (!page.hasNextPage) break
    }
    expect(paged).toEqual(all.items.map(({ node }) => node.id))
    expect(paged.length).toBeGreaterThan(2)
    const times = all.items.map(({ node }) => node.createdAt)
    expect(times).toEqual(times.toSorted().toReversed())
  })

  it('lists the states asked for, and finds deliveries by id', async () => {
    const listBy = (state: DeliveryState) =>
      fixture.deliveries.list({ first: 50, after: null, states: [state], sourceKeys: null })
    const delivered = await listBy('DELIVERED')
    expect(delivered.items.length).toBeGreaterThan(0)
    expect((await listBy('FAILED')).items).toEqual([])
    const { id } = delivered.items[0]!.node
    expect(await fixture.deliveries.find(['nonsense', id])).toMatchObject([null, { id }])
    expect(await fixture.deliveries.replay('nonsense')).toBeNull()
  })

  it('holds no delivery of a ticket that was erased', async () => {
    const ticket = ticketOf(await fixture.router.create(storeTicket, call))
    expect(await fixture.store.transaction((tx) => fixture.deliveryStore.erase(tx, [ticket.id]))).toBe(1)
    expect(await fixture.deliveries.ofTickets([ticket.id])).toEqual([[]])
  })

  it('removes old deliveries that are done, and none that is still to be made', async () => {
    await fixture.edit([])
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    const before = await fixture.deliveryStore.list({ first: 100, after: null, states: null, sourceKeys: null })
    const done = before.items.filter(({ node }) => node.state === 'DELIVERED' || node.state === 'DEAD')
    const past = new Date(Date.now() - 86_400_000).toISOString()
    expect(await fixture.deliveryStore.removeDone(past)).toBe(0)
    expect(done.length).toBeGreaterThan(0)
    expect(await fixture.deliveryStore.removeDone(tomorrow)).toBe(done.length)
    const after = await fixture.deliveryStore.list({ first: 100, after: null, states: null, sourceKeys: null })
    expect(after.items).toHaveLength(before.items.length - done.length)
  })
})

describe('the embedded database', () => {
  it('keeps deliveries over a restart', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'routing-data-'))
    const partner = await startPartner()
    const partners = [{ key: 'regional', url: partner.url, secret: 'partner-secret-of-the-tests', general: true }]
    const before = await openDeliveryFixture({ dataDir, partners, idle: true })
    const ticket = ticketOf(await before.router.create(generalTicket, call))
    await before.close()
    const after = await openDeliveryFixture({ dataDir, partners })
    expect(await after.waitFor(ticket.id, 'DELIVERED')).toMatchObject([{ attempts: 1, partner: 'regional' }])
    await after.close()
    await partner.close()
    await rm(dataDir, { recursive: true })
  })
})

describe.runIf(withPostgres)('on PostgreSQL', () => {
  it('deliveries go on after every connection to the database was cut', async () => {
    const database = await createDatabase()
    const partner = await startPartner(ok)
    const fixture = await openDeliveryFixture({
      databaseUrl: database.url,
      partners: [{ key: 'regional', url: partner.url, secret: 'partner-secret-of-the-tests', general: true }],
    })
    await fixture.waitFor(ticketOf(await fixture.router.create(generalTicket, call)).id, 'DELIVERED')
    const name = new URL(database.url).pathname.slice(1)
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and pid <> pg_backend_pid()`.execute(
      fixture.store.db,
    )
    const create = async (): Promise<string> => {
      for (;;) {
        const result = await fixture.router.create({ ...generalTicket, description: randomUUID() }, call).catch(() => null)
        if (result) return ticketOf(result).id
      }
    }
    const [delivery] = await fixture.waitFor(await create(), 'DELIVERED')
    expect(delivery!.attempts).toBe(1)
    await fixture.close()
    await partner.close()
    await database.drop()
  })

  it('a delivery under way at a stopping replica is made by another one', async () => {
    const database = await createDatabase()
    const partner = await startPartner(() => {})
    const setup = {
      databaseUrl: database.url,
      timeoutMs: 60_000,
      partners: [{ key: 'regional', url: partner.url, secret: 'partner-secret-of-the-tests', general: true }],
    }
    const stopping = await openDeliveryFixture(setup)
    const ticket = ticketOf(await stopping.router.create(generalTicket, call))
    await partner.receives(1)
    const survivor = await openDeliveryFixture(setup)
    partner.answer(ok)
    await stopping.close()
    const [delivery] = await survivor.waitFor(ticket.id, 'DELIVERED')
    expect(delivery).toMatchObject({ attempts: 1 })
    expect(new Set(partner.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    await survivor.close()
    await partner.close()
    await database.drop()
  })
})

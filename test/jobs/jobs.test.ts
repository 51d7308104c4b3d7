import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { retentionConfig } from '../../src/delivery/config.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { applyRetention, keepDoing } from '../../src/jobs/retention.ts'
import { call, generalTicket, type Office, openOffice, storeTicket, ticketOf } from '../delivery/delivery-fixture.ts'
import { type FakePartner, ok, startPartner } from '../delivery/fake-partner.ts'
import { createDatabase, hasPostgres } from '../delivery/postgres.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

describe('retention', () => {
  const config = retentionConfig.parse({ inbox: '1h' })
  const cuts = (removed: string[]) => async (before: string) => removed.push(before)

  it('gives every table the time before which it may forget, and goes on when one fails', async () => {
    const clock = () => Date.parse('2026-03-31T12:00:00.000Z')
    const [inbox, changeLog, deliveries]: string[][] = [[], [], []]
    await applyRetention({
      jobs: undefined as never,
      config,
      clock,
      logger: noLogger,
      remove: {
        inbox: cuts(inbox!),
        journal: cuts(changeLog!),
        quarantine: () => Promise.reject(new Error('locked')),
        idempotency: async () => 0,
        deliveries: cuts(deliveries!),
      },
    })
    expect(inbox).toEqual(['2026-03-31T11:00:00.000Z'])
    expect(changeLog).toEqual(['2025-12-31T12:00:00.000Z'])
    expect(deliveries).toEqual(['2025-12-31T12:00:00.000Z'])
  })

  it.each(['0d', '1w', '-3d', '1.5h', '30'])('refuses an age of %s', (age) => {
    expect(retentionConfig.safeParse({ inbox: age }).success).toBe(false)
  })
})

describe('the gauges', () => {
  it('are refreshed at once, and one that fails does not keep the others', async () => {
    const measured = Promise.withResolvers<void>()
    const stop = keepDoing([() => Promise.reject(new Error('down')), async () => measured.resolve()], 60_000, noLogger, 'failed')
    await measured.promise
    stop()
  })
})

describe('the outbox', () => {
  let deliveryService: Office
  let partner: FakePartner
  const gauges = new Map<string, number>()
  beforeAll(async () => {
    partner = await startPartner()
    deliveryService = await openOffice({
      partners: [
        { key: 'regional', url: partner.url, secret: 's', general: true },
        { key: 'leaving', url: partner.url, secret: 's', stores: ['1001'] },
      ],
      idle: true,
      metrics: { count() {}, observe() {}, set: (name, value) => void gauges.set(name, value) },
    })
  })
  afterAll(async () => {
    await deliveryService.close()
    await partner.close()
  })

  it('O10 shows how many wait and how long the most overdue has', async () => {
    await deliveryService.deliveryService.measure()
    expect([gauges.get('outbox_depth'), gauges.get('outbox_overdue_seconds')]).toEqual([0, 0])
    const ticket = ticketOf(await deliveryService.router.create(generalTicket, call))
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString()
    await sql`update deliveries set next_attempt_at = ${hourAgo} where ticket_id = ${ticket.id}`.execute(deliveryService.store.db)
    await deliveryService.deliveryService.measure()
    expect(gauges.get('outbox_depth')).toBe(1)
    expect(gauges.get('outbox_overdue_seconds')).toBeGreaterThanOrEqual(3_600)
    expect(gauges.get('routing_file_broken')).toBe(0)
  })

  it('makes deliveries whose job was lost, and those of a partner that left the file end as DEAD', async () => {
    const left = ticketOf(await deliveryService.router.create(storeTicket, call))
    const { engine } = deliveryService.store
    if (engine.kind !== 'pglite') throw new Error('this test is for the embedded database')
    await engine.pglite.query("delete from pgboss.job where name like 'deliveries/rbi/plk-eu/regional'")
    await deliveryService.edit([{ key: 'regional', url: partner.url, secret: 's', general: true }])
    await deliveryService.deliveryService.start()
    expect((await deliveryService.settled(left.id, 'DEAD'))[0]).toMatchObject({
      attempts: 3,
      lastError: 'The routing file names no such partner now.',
    })
    await deliveryService.deliveryService.sweep()
    await partner.receives(1)
    expect(partner.received).toHaveLength(1)
  })

  it('serves a partner that joins while it runs', async () => {
    await deliveryService.edit([{ key: 'joined', url: partner.url, secret: 's', stores: ['1001'] }])
    const ticket = ticketOf(await deliveryService.router.create(storeTicket, call))
    expect((await deliveryService.settled(ticket.id, 'DELIVERED'))[0]).toMatchObject({ partner: 'joined' })
  })

  it('forgets what is done and old, and nothing that is still to be done', async () => {
    await deliveryService.edit([])
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    const before = await deliveryService.deliveryStore.list({ first: 100, after: null, states: null, sourceKeys: null })
    const done = before.items.filter(({ node }) => node.state === 'DELIVERED' || node.state === 'DEAD')
    const past = new Date(Date.now() - 86_400_000).toISOString()
    expect(await deliveryService.deliveryStore.removeDone(past)).toBe(0)
    expect(done.length).toBeGreaterThan(0)
    expect(await deliveryService.deliveryStore.removeDone(tomorrow)).toBe(done.length)
    const after = await deliveryService.deliveryStore.list({ first: 100, after: null, states: null, sourceKeys: null })
    expect(after.items).toHaveLength(before.items.length - done.length)
  })
})

describe('the embedded database', () => {
  it('keeps deliveries over a restart', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'routing-data-'))
    const partner = await startPartner()
    const partners = [{ key: 'regional', url: partner.url, secret: 's', general: true }]
    const before = await openOffice({ dataDir, partners, idle: true })
    const ticket = ticketOf(await before.router.create(generalTicket, call))
    await before.close()
    const after = await openOffice({ dataDir, partners })
    expect(await after.settled(ticket.id, 'DELIVERED')).toMatchObject([{ attempts: 1, partner: 'regional' }])
    await after.close()
    await partner.close()
    await rm(dataDir, { recursive: true })
  })
})

describe.runIf(hasPostgres)('on PostgreSQL', () => {
  it('deliveries go on after every connection to the database was cut', async () => {
    const database = await createDatabase()
    const partner = await startPartner(ok)
    const deliveryService = await openOffice({
      databaseUrl: database.url,
      partners: [{ key: 'regional', url: partner.url, secret: 's', general: true }],
    })
    await deliveryService.settled(ticketOf(await deliveryService.router.create(generalTicket, call)).id, 'DELIVERED')
    const name = new URL(database.url).pathname.slice(1)
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and pid <> pg_backend_pid()`.execute(
      deliveryService.store.db,
    )
    const create = async (): Promise<string> => {
      for (;;) {
        const result = await deliveryService.router
          .create({ ...generalTicket, description: randomUUID() }, call)
          .catch(() => null)
        if (result) return ticketOf(result).id
      }
    }
    const [delivery] = await deliveryService.settled(await create(), 'DELIVERED')
    expect(delivery!.attempts).toBe(1)
    await deliveryService.close()
    await partner.close()
    await database.drop()
  })

  it('what a stopping replica had in hand is finished by another', async () => {
    const database = await createDatabase()
    const partner = await startPartner(() => {})
    const setup = {
      databaseUrl: database.url,
      timeoutMs: 60_000,
      partners: [{ key: 'regional', url: partner.url, secret: 's', general: true }],
    }
    const stopping = await openOffice(setup)
    const ticket = ticketOf(await stopping.router.create(generalTicket, call))
    await partner.receives(1)
    const survivor = await openOffice(setup)
    partner.answer(ok)
    await stopping.close()
    const [delivery] = await survivor.settled(ticket.id, 'DELIVERED')
    expect(delivery).toMatchObject({ attempts: 1 })
    expect(new Set(partner.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    await survivor.close()
    await partner.close()
    await database.drop()
  })
})

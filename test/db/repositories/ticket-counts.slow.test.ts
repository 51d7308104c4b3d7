import { sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { expect, test } from 'vitest'
import { ticketCounts } from '../../../src/db/migrations/0006-ticket-counts.ts'
import { groupLimit } from '../../../src/db/repositories/ticket-list.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { CountKey, TicketFilter } from '../../../src/sources/source.ts'
import { type TestEngine, testEngines } from '../../support/engines.ts'
import { findTestSource } from '../../support/ingestion-fixture.ts'
import { toTicket } from '../../support/memory-ticket.ts'

const source = findTestSource('vcc')!
const agent = (externalId: string, name: string | null) => ({ id: externalId, externalId, name, email: null })

async function openWith(engine: TestEngine, known: readonly Partial<Ticket>[]) {
  const { store, close } = await engine.open({ findSource: findTestSource })
  const tickets = known.map((fields, index) => toTicket(source, `1-${index}`, { tenant: 'acme', ...fields }))
  await store.transaction((tx) => tx.saveTickets(tickets.map((ticket) => ({ ticket, state: null, submission: null }))))
  const count = async (by: CountKey, filter: TicketFilter = {}) => {
    const { total, groups, complete } = await store.tickets.count('vcc', { by, filter })
    return { total, complete, groups: groups.map(({ key, label, count }) => [key, label, count]) }
  }
  return { store, close, count }
}

const tickets: readonly Partial<Ticket>[] = [
  { status: 'OPEN', priority: 'LOW', queue: 'Billing', assignee: agent('Ann', 'Ann Lee') },
  { status: 'OPEN', channel: 'CHAT', queue: 'Billing', queueKey: '7', assignee: agent('Ann', 'Ann Lee'), tags: ['vip'] },
  { status: 'CLOSED', channel: 'CHAT', queue: 'x'.repeat(5_000), assignee: agent('bob\u0000\ud800', null) },
  { status: 'CLOSED', deletedAt: '2024-01-01T00:00:00.000Z' },
]

const grouped = {
  ASSIGNEE: [
    ['Ann', 'Ann Lee', 2],
    ['bob\ufffd\ufffd', null, 1],
  ],
  QUEUE: [
    ['7', 'Billing', 1],
    ['Billing', 'Billing', 1],
    ['x'.repeat(128), 'x'.repeat(128), 1],
  ],
}

test.each(testEngines)(
  'DECISION-37 on $name stored tickets are counted by every key, with every filter, and without deleted ones',
  async (engine) => {
    const { count, close } = await openWith(engine, tickets)
    expect(await count('SOURCE')).toEqual({ total: 3, complete: true, groups: [] })
    expect(await count('STATUS')).toEqual({
      total: 3,
      complete: true,
      groups: [
        ['OPEN', null, 2],
        ['CLOSED', null, 1],
      ],
    })
    expect((await count('PRIORITY')).groups).toEqual([
      [null, null, 2],
      ['LOW', null, 1],
    ])
    expect((await count('CHANNEL')).groups).toEqual([
      ['CHAT', null, 2],
      [null, null, 1],
    ])
    expect((await count('ASSIGNEE')).groups).toEqual(grouped.ASSIGNEE)
    expect((await count('QUEUE')).groups).toEqual(grouped.QUEUE)
    expect(await count('STATUS', { tags: ['vip'], channel: ['CHAT'] })).toMatchObject({ total: 1, groups: [['OPEN', null, 1]] })
    expect(await count('STATUS', { ids: [] })).toEqual({ total: 0, complete: true, groups: [] })
    await close()
  },
  60_000,
)

test.each(testEngines)(
  'DECISION-37 on $name a count lists the largest groups, and says when there are more',
  async (engine) => {
    const queues = Array.from({ length: groupLimit + 1 }, (_, n) => ({ queue: `q${n}` }))
    const { count, close } = await openWith(engine, [...queues, { queue: 'q1000' }])
    const { total, complete, groups } = await count('QUEUE')
    expect([total, complete, groups.length, groups[0]]).toEqual([groupLimit + 2, false, groupLimit, ['q1000', 'q1000', 2]])
    await close()
  },
  60_000,
)

test.each(testEngines)(
  'DECISION-37 on $name tickets that were stored before are counted after the migration, from an index',
  async (engine) => {
    const { store, count, close } = await openWith(engine, tickets)
    const queues = Array.from({ length: 1_200 }, (_, n) => toTicket(source, `2-${n}`, { tenant: 'acme', queue: 'many' }))
    await store.transaction((tx) => tx.saveTickets(queues.map((ticket) => ({ ticket, state: null, submission: null }))))
    await sql`drop index tickets_counted`.execute(store.db)
    await sql`alter table tickets drop column assignee_id, drop column assignee_name, drop column queue_key, drop column queue_name`.execute(
      store.db,
    )
    const migrations = { 'counts-again': ticketCounts }
    const migrator = new Migrator({
      db: store.db,
      provider: { getMigrations: async () => migrations },
      migrationTableName: 'other_migrations',
      migrationLockTableName: 'other_migration_locks',
    })
    expect((await migrator.migrateToLatest()).error).toBeUndefined()
    expect((await count('ASSIGNEE')).groups).toEqual([[null, null, 1_200], ...grouped.ASSIGNEE])
    expect((await count('QUEUE')).groups).toEqual([['many', 'many', 1_200], ...grouped.QUEUE])
    await sql`vacuum analyze tickets`.execute(store.db)
    const { rows } = await sql<{ 'QUERY PLAN': string }>`explain select status, count(*) from tickets
      where source_key = 'vcc' and deleted_at is null group by 1`.execute(store.db)
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Only Scan using tickets_counted/)
    await close()
  },
  60_000,
)

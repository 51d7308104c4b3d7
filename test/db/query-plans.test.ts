import { type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { readingSlices } from '../../src/db/repositories/change-log.ts'
import { markingProcessed } from '../../src/db/repositories/inbox.ts'
import { findingTickets } from '../../src/db/repositories/tickets.ts'
import { testEngines } from '../support/engines.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'

const otherRows = sql.lit(3_000)

describe.each(testEngines)('on $name, the statements that an event or a timeline needs', (engine) => {
  let store: Store
  let close: () => Promise<void>
  beforeAll(async () => {
    ;({ store, close } = await engine.open({ findSource: findTestSource }))
    await sql`insert into inbox (source_key, tenant, external_id, digest, raw, received_at, state)
      select 'vcc', '7', n::text, md5(n::text), 'x', '2024-06-01T12:00:00.000Z', 'APPLIED' from generate_series(1, ${otherRows}) n`.execute(
      store.db,
    )
    await sql`insert into tickets (source_key, tenant, external_id, body, status, assignees, order_ids, tags, search, kept_at)
      select 'vcc', '7', n::text, '{}', 'OPEN', '{}', '{}', '{}', '', '2024-06-01T12:00:00.000Z' from generate_series(1, ${otherRows}) n`.execute(
      store.db,
    )
    await sql`insert into journal (seq, source_key, ticket_id, kind, at, summary, changes, ticket, recorded_at)
      select n, 'vcc', (n % 300)::text, 'UPDATED', '2024-06-01T12:00:00.000Z', '', '[]', '{}', '2024-06-01T12:00:00.000Z'
      from generate_series(1, ${otherRows}) n`.execute(store.db)
  }, 60_000)
  afterAll(() => close())

  const slice = { from: 'end', limit: 51, after: null, before: null, kinds: ['UPDATED'] } as const
  const slices = ['5', '6', '7'].map((ticketId) => ({ ...slice, ticketId }))
  const statements: readonly [string, RawBuilder<unknown>][] = [
    ['mark events as processed', markingProcessed([{ id: 5, state: 'APPLIED' }])],
    ['find tickets', findingTickets([{ sourceKey: 'vcc', tenant: '7', externalId: '5' }])],
    ['read the events of several tickets in their order', readingSlices('seq', slices)],
    ['read the events of several tickets by time', readingSlices('at', slices)],
  ]
  test.each(statements)('%s without reading the whole table', async (_, statement) => {
    const { rows } = await sql<{ 'QUERY PLAN': string }>`explain ${statement}`.execute(store.db)
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toContain('Index')
    expect(plan).not.toContain('Seq Scan')
  })
})

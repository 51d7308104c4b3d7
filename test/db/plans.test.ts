import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { settlingInbox } from '../../src/db/repositories/inbox.ts'
import { findingTickets } from '../../src/db/repositories/tickets.ts'
import { testEngines } from '../support/engines.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'

const rowsOfOthers = 3_000

for (const engine of testEngines) {
  describe(`on ${engine.name}, an event's way`, () => {
    let opened: { readonly store: Store; close(): Promise<void> }
    beforeAll(async () => {
      opened = await engine.open({ findSource: findTestSource })
      await sql`insert into inbox (source_key, tenant, external_id, digest, raw, received_at, state)
        select 'vcc', '7', n::text, md5(n::text), 'x', '2024-06-01T12:00:00.000Z', 'APPLIED' from generate_series(1, ${sql.lit(rowsOfOthers)}) n`.execute(
        opened.store.db,
      )
      await sql`insert into tickets (source_key, tenant, external_id, body, status, assignees, order_ids, tags, search, kept_at)
        select 'vcc', '7', n::text, '{}', 'OPEN', '{}', '{}', '{}', '', '2024-06-01T12:00:00.000Z' from generate_series(1, ${sql.lit(rowsOfOthers)}) n`.execute(
        opened.store.db,
      )
    })
    afterAll(() => opened.close())

    test.each([
      ['settles events', settlingInbox([{ id: 5, state: 'APPLIED' }])],
      ['finds tickets', findingTickets([{ kind: 'ticket', sourceKey: 'vcc', tenant: '7', externalId: '5' }])],
    ])('%s without reading the whole table', async (_, statement) => {
      const { rows } = await sql<{ 'QUERY PLAN': string }>`explain ${statement}`.execute(opened.store.db)
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toContain('Index')
      expect(plan).not.toContain('Seq Scan')
    })
  })
}

import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { toUnknownTicket } from '../../src/sources/mapped-ticket.ts'
import { openTestStore } from '../support/databases.ts'
import { findTestSource, vccInfo } from '../support/ingestion-fixture.ts'

const origin = { source: vccInfo, tenant: 'acme', observedAt: '2024-06-01T12:00:00.000Z' }
const tickets = Array.from({ length: 50 }, (_, n) => ({
  ticket: toUnknownTicket(String(n), origin, {}),
  state: null,
  submission: null,
}))

/** Writes every ticket that many times, and returns the size of their table in bytes. */
async function changeTickets(store: Store, times: number): Promise<number> {
  for (let n = 0; n < times; n++) await store.transaction((tx) => tx.saveTickets(tickets))
  // PostgreSQL publishes its statistics at the end of a statement, at most once a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  const { rows } = await sql<{ size: number }>`select pg_relation_size('tickets') as size`.execute(store.db)
  return rows[0]!.size
}

test('vacuuming the embedded database lets the space of changed rows be used again', async () => {
  const store = await openTestStore({ findSource: findTestSource })
  const before = await changeTickets(store, 40)
  expect(await store.vacuum()).toContain('public.tickets')
  expect(await store.vacuum()).not.toContain('public.tickets')
  for (let round = 0; round < 3; round++) {
    expect(await changeTickets(store, 40)).toBeLessThan(1.5 * before)
    await store.vacuum()
  }
  await store.close()
}, 120_000)

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { isExternalId } from '../../src/domain/ids.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { createIngestionService } from '../../src/ingestion/ingestion-service.ts'
import type { TicketSource } from '../../src/sources/source.ts'
import { createStoredSource } from '../../src/sources/stored-source.ts'
import { oneViewAt } from '../sources/oneview/oneview-fixture.ts'
import { verifikAt } from '../sources/verifik/verifik-fixture.ts'
import { openTestStore } from '../support/databases.ts'
import { createTestGraph } from '../support/graph/graph.ts'
import { findTestSource, rbiInfo, requestOf, testWebhookHandlers, wasabiEvent, wasabiInfo } from '../support/ingestion-fixture.ts'
import { json, startVendor } from '../support/vendor.ts'

const page = `query ($sources: [String!]) {
  tickets(first: 100, filter: { sources: $sources }) {
    nodes { id externalId links { externalId ticket { externalId } } }
    sources { error }
  }
}`

/** Ids as vendors write them, and every character that one of them could have. */
const vendorIds = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom(
      'n:1',
      'n:2',
      'n/3',
      '..',
      '.',
      '...',
      'a b',
      ' ',
      'ä',
      'a?b',
      'a#b',
      'a%2fb',
      'a\\b',
      'a\u0000b',
      '😀',
      '\ud800',
    ),
    fc.constantFrom(
      '\u00e9',
      'e\u0301',
      '\ufffd',
      "a'b",
      'a(b)',
      'a+b',
      'a&b=c',
      'a;b',
      'a@b',
      '__proto__',
      'x'.repeat(256),
      'x'.repeat(257),
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  ),
  { minLength: 1, maxLength: 30 },
)

/** Every id that the list gives is read, and no other record is in the list. */
async function expectReadable(source: TicketSource, ids: readonly string[], reportsDropped: boolean): Promise<void> {
  const graph = createTestGraph({ sources: [source] })
  const accepted = ids.filter(isExternalId)
  const { data, errors } = await graph.ask(page, { variables: { sources: [source.info.key] } })
  expect(errors).toBeUndefined()
  const { nodes, sources } = data!.tickets as {
    nodes: { id: string; externalId: string; links: { ticket: unknown }[] | null }[]
    sources: { error: string | null }[]
  }
  expect(nodes.map(({ externalId }) => externalId).sort()).toEqual([...accepted].sort())
  if (reportsDropped && ids.length > accepted.length)
    expect(sources[0]?.error).toMatch(new RegExp(`^${ids.length - accepted.length} record`))
  for (const { id, externalId } of nodes) {
    expect(await graph.ask('query ($id: ID!) { ticket(id: $id) { externalId } }', { variables: { id } })).toEqual({
      data: { ticket: { externalId } },
    })
  }
}

/** A vendor that holds these records, finds one by its decoded id, and answers as a system would that has any id. */
async function vendorOf(records: readonly Record<string, unknown>[], idKey: string, wrap: (list: readonly unknown[]) => unknown) {
  return startVendor(({ path }, res) => {
    const url = new URL(path, 'http://vendor')
    const name = decodeURIComponent(url.pathname.split('/').at(-1)!)
    const found = records.find((record) => record[idKey] === name)
    if (url.searchParams.has('page')) return json(res, wrap(url.searchParams.get('page') === '1' ? records : []))
    return found ? json(res, found) : json(res, {}, 404)
  })
}

test('OneView: every id that a list or a link gives is read by `ticket`, and any other record is dropped and reported', async () => {
  await fc.assert(
    fc.asyncProperty(vendorIds, async (ids) => {
      const records = ids.map((id) => ({
        id,
        status: 'ASSIGNED',
        metadata: { childrenLinks: ids.map((ticketId) => ({ ticketId })) },
      }))
      const vendor = await vendorOf(records, 'id', (list) => ({ list, page: 1, pageSize: 100 }))
      await expectReadable(oneViewAt(vendor.url), ids, true)
    }),
    { numRuns: 15 },
  )
})

test('Verifik: every id that a list gives is read by `ticket`, and any other record is dropped and reported', async () => {
  await fc.assert(
    fc.asyncProperty(vendorIds, async (ids) => {
      const vendor = await vendorOf(
        ids.map((_id) => ({ _id, status: 'open' })),
        '_id',
        (data) => ({ success: true, data }),
      )
      await expectReadable(verifikAt(vendor.url), ids, true)
    }),
    { numRuns: 15 },
  )
})

test('event-fed sources: every id that a list gives is read by `ticket`, and any other event becomes a dead letter', async () => {
  // A blank id is no id: RBI then makes one.
  const ids = [...new Set(fc.sample(vendorIds, 10).flat())].filter((id) => id.trim() !== '').slice(0, 90)
  const store = await openTestStore({ findSource: findTestSource })
  const deps = { store, webhookHandlers: testWebhookHandlers, metrics: noMetrics, logger: noLogger, clock: systemClock }
  const ingestion = createIngestionService(deps)
  for (const id of ids) {
    await ingestion.receive('wasabi', requestOf('wasabi', wasabiEvent(id)))
    await ingestion.receive('rbi', requestOf('rbi', JSON.stringify({ id, type: 'GENERAL', category: 'other' })))
  }
  await ingestion.idle()
  for (const info of [wasabiInfo, rbiInfo]) {
    await expectReadable(
      createStoredSource({ info, tenant: '', tickets: store.tickets, clock: systemClock, metrics: noMetrics }),
      ids,
      false,
    )
    const held = await store.events.listDeadLetters({ sourceKeys: [info.key], before: null, limit: 1_000 })
    const refused = ids.filter((id) => !isExternalId(id))
    expect(held.map(({ problem }) => problem)).toEqual(refused.map(() => expect.stringContaining('The id of the ticket')))
  }
  await ingestion.stop()
  await store.close()
})

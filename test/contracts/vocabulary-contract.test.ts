import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { type Ticket, ticketChannels, ticketPriorities, ticketStatuses } from '../../src/domain/ticket.ts'
import { createIngestionService } from '../../src/ingestion/ingestion-service.ts'
import * as oneview from '../../src/sources/oneview/mapping.ts'
import * as rbi from '../../src/sources/rbi/mapping.ts'
import type { TicketFilter, TicketSource } from '../../src/sources/source.ts'
import { createStoredSource } from '../../src/sources/stored-source.ts'
import * as vcc from '../../src/sources/vcc/statuses.ts'
import * as verifik from '../../src/sources/verifik/mapping.ts'
import type { Vocabulary } from '../../src/sources/vocabulary.ts'
import * as wasabi from '../../src/sources/wasabi/mapping.ts'
import { splitFilter, toTest } from '../../src/tickets/ticket-filter.ts'
import { oneViewAt } from '../sources/oneview/oneview-fixture.ts'
import { verifikAt } from '../sources/verifik/verifik-fixture.ts'
import { someCall } from '../support/call.ts'
import { openTestStore } from '../support/databases.ts'
import {
  findTestSource,
  rbiInfo,
  requestOf,
  testWebhookHandlers,
  vccInfo,
  wasabiEvent,
  wasabiInfo,
} from '../support/ingestion-fixture.ts'
import { json, startVendor } from '../support/vendor.ts'
import { createService, listAllIds, toCall } from '../tickets/ticket-service-fixture.ts'

// A filter for a value finds the tickets of every word that means it: for every source, over every word of its tables.

/** The words of a table, each in other spellings, and words that it does not have. */
function spellingsOf(...vocabularies: readonly Vocabulary<string>[]): readonly string[] {
  const words = vocabularies.flatMap((vocabulary) => vocabulary.words)
  const variants = words.flatMap((word) => [
    word,
    word.toUpperCase(),
    `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`,
    `${word}-`,
  ])
  return [...new Set([...variants, 'no-such-word', 'reopened'])]
}

/** The filters of every value, alone and with another one, and of statuses and priorities together. */
const filters = fc.record(
  {
    status: fc.uniqueArray(fc.constantFrom(...ticketStatuses), { minLength: 1, maxLength: 3 }),
    priority: fc.uniqueArray(fc.constantFrom(...ticketPriorities), { minLength: 1, maxLength: 2 }),
    channel: fc.uniqueArray(fc.constantFrom(...ticketChannels), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
)
const single: readonly TicketFilter[] = [
  ...ticketStatuses.map((status) => ({ status: [status] })),
  ...ticketPriorities.map((priority) => ({ priority: [priority] })),
  ...ticketChannels.map((channel) => ({ channel: [channel] })),
]

async function listEverything(source: TicketSource, filter: TicketFilter = {}): Promise<readonly Ticket[]> {
  const tickets: Ticket[] = []
  const order = { field: 'UPDATED_AT', direction: 'DESC' } as const
  for (let position: string | null = null; ; ) {
    const slice = await source.listTickets({ filter, order, position, limit: 100 }, someCall())
    tickets.push(...slice.tickets)
    if (slice.end) return tickets
    position = slice.positions.at(-1)!
  }
}

/** The list with a filter has the tickets that show the value, and what the source claims to apply it applies exactly. */
async function expectFound(source: TicketSource, minimum: number): Promise<void> {
  const all = await listEverything(source)
  expect(all.length).toBeGreaterThanOrEqual(minimum)
  const { service } = createService([source])
  const check = async (filter: TicketFilter) => {
    const matching = all.filter(toTest(filter)).map(({ externalId }) => externalId)
    expect((await listAllIds(() => service.begin(toCall()).reads, { filter })).sort()).toEqual([...matching].sort())
    const { pushedDown } = splitFilter(filter, source.pushdownFilters?.(filter) ?? source.info.filters)
    const applied = (await listEverything(source, pushedDown)).map(({ externalId }) => externalId)
    expect(applied.sort()).toEqual(
      all
        .filter(toTest(pushedDown))
        .map(({ externalId }) => externalId)
        .sort(),
    )
  }
  for (const filter of single) await check(filter)
  await fc.assert(fc.asyncProperty(filters, check), { numRuns: 40 })
}

describe('every word of a vendor is found by a filter for its value:', () => {
  test('OneView', async () => {
    const statusWords = spellingsOf(oneview.statuses)
    const channelWords = spellingsOf(oneview.channels)
    const list = [
      ...statusWords.map((status, index) => ({ id: `s-${index}`, status })),
      ...channelWords.map((channel, index) => ({ id: `c-${index}`, channel })),
    ]
    const vendor = await startVendor(({ path }, res) => {
      const query = new URL(path, 'http://vendor').searchParams
      const [page, size] = [Number(query.get('page')), Number(query.get('pageSize'))]
      json(res, { list: list.slice((page - 1) * size, page * size), page, pageSize: size })
    })
    await expectFound(oneViewAt(vendor.url), list.length)
  })

  test('Verifik, which applies a filter to its own words as they are written', async () => {
    const records = [
      ...spellingsOf(verifik.statuses).map((status) => ({ status, priority: 'low', category: 'general' })),
      ...spellingsOf(verifik.priorities).map((priority) => ({ status: 'open', priority, category: 'technical' })),
    ].map((record, index) => ({ _id: `t-${index}`, ...record }))
    const vendor = await startVendor(({ path }, res) => {
      const query = new URL(path, 'http://vendor').searchParams
      const fields = ['status', 'priority', 'category'] as const
      const matching = records.filter((record) => fields.every((field) => [null, record[field]].includes(query.get(field))))
      const [page, limit] = [Number(query.get('page')), Number(query.get('limit'))]
      const data = matching.slice((page - 1) * limit, page * limit)
      json(res, { success: true, data, pagination: { page, limit, total: matching.length } })
    })
    await expectFound(verifikAt(vendor.url), records.length)
  })

  test('VCC Live, Wasabi and RBI, whose tickets are stored', async () => {
    const store = await openTestStore({ findSource: findTestSource })
    const deps = { store, webhookHandlers: testWebhookHandlers, metrics: noMetrics, logger: noLogger, clock: systemClock }
    const ingestion = createIngestionService(deps)
    const vccWords = spellingsOf(vcc.statuses)
    for (const [index, word] of vccWords.entries()) {
      const [status, subStatus] = word.includes('/')
        ? word.split('/')
        : vcc.isKnownSubStatus(word)
          ? [undefined, word]
          : [word, undefined]
      const ticket = { ticketId: index + 1, projectId: 1, status, subStatus }
      await ingestion.receive('vcc', requestOf('vcc', JSON.stringify({ action: 'add', ticket })))
    }
    const wasabiWords = [
      ...spellingsOf(wasabi.statuses).map((status) => ({ status })),
      ...spellingsOf(wasabi.channels).map((ticketOrigin) => ({ ticketOrigin })),
    ]
    for (const [index, fields] of wasabiWords.entries()) {
      await ingestion.receive('wasabi', requestOf('wasabi', wasabiEvent(`w-${index}`, fields)))
    }
    const rbiWords = spellingsOf(rbi.channels)
    for (const [index, source] of rbiWords.entries()) {
      await ingestion.receive(
        'rbi',
        requestOf('rbi', JSON.stringify({ id: `r-${index}`, type: 'GENERAL', category: 'other', source })),
      )
    }
    await ingestion.idle()
    await expectFound(
      createStoredSource({ info: vccInfo, tenant: 'acme', tickets: store.tickets, clock: systemClock, metrics: noMetrics }),
      vccWords.length,
    )
    await expectFound(
      createStoredSource({ info: wasabiInfo, tenant: '', tickets: store.tickets, clock: systemClock, metrics: noMetrics }),
      wasabiWords.length,
    )
    await expectFound(
      createStoredSource({ info: rbiInfo, tenant: '', tickets: store.tickets, clock: systemClock, metrics: noMetrics }),
      rbiWords.length,
    )
    await ingestion.stop()
    await store.close()
  })
})

test('what is written for a value is read as this value, for every vendor; an export has a word for every status', () => {
  for (const vocabulary of [verifik.statuses, verifik.priorities]) {
    for (const value of [...ticketStatuses, ...ticketPriorities]) {
      const word = vocabulary.toWord(value)
      if (word !== null) expect([word, vocabulary.toValue(word)]).toEqual([word, value])
    }
  }
  for (const word of wasabi.statuses.words) expect(wasabi.statuses.toWord(wasabi.statuses.toValue(word))).toBe(word)
  expect(ticketStatuses.map((status) => wasabi.statuses.toWord(status))).not.toContain(null)
})

import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ticketChannels, ticketPriorities, ticketStatuses } from '../../src/domain/ticket.ts'
import { countKeys } from '../../src/sources/source.ts'
import { CountTicketsDocument } from '../generated/graphql.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ sandbox: { counts: { oneview: 120, verifik: 150, vcc: 80, wasabi: 80, rbi: 30 } } })
}, 120_000)
afterAll(() => gateway.close())
beforeEach(() => {
  for (const key of ['oneview', 'verifik'] as const) {
    gateway.sandbox[key].fault(null)
    gateway.sandbox[key].resetCalls()
  }
})

interface ReadTicket {
  readonly source: { readonly key: string; readonly label: string }
  readonly status: string
  readonly priority: string | null
  readonly channel: string | null
  readonly queue: string | null
  readonly queueKey: string | null
  readonly assignee: { readonly externalId: string } | null
}
type Key = (typeof countKeys)[number]
interface Group {
  readonly key: string | null
  readonly count: number
  readonly exact: boolean
}

/** Every ticket that matches, page by page. */
async function readAll(filter: object): Promise<readonly ReadTicket[]> {
  const tickets: ReadTicket[] = []
  let after: string | null = null
  for (let more = true; more; ) {
    const { tickets: page } = await gateway.ask(
      `query ($after: String, $filter: TicketFilter) {
        tickets(first: 100, after: $after, filter: $filter) {
          nodes { source { key label } status priority channel queue queueKey assignee { externalId } }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      { after, filter },
    )
    tickets.push(...page.nodes)
    after = page.pageInfo.endCursor
    more = page.pageInfo.hasNextPage
  }
  return tickets
}

/** By hand: how many of these tickets have each value. */
function group(tickets: readonly ReadTicket[], by: Key): Map<string | null, number> {
  const toKey: Record<Key, (ticket: ReadTicket) => string | null> = {
    STATUS: ({ status }) => status,
    SOURCE: ({ source }) => source.key,
    PRIORITY: ({ priority }) => priority,
    CHANNEL: ({ channel }) => channel,
    ASSIGNEE: ({ assignee }) => assignee?.externalId.toLowerCase() ?? null,
    QUEUE: ({ queue, queueKey }) => queueKey ?? queue,
  }
  const groups = new Map<string | null, number>()
  for (const ticket of tickets) groups.set(toKey[by](ticket), (groups.get(toKey[by](ticket)) ?? 0) + 1)
  return groups
}

const count = async (by: Key, filter: object) => (await gateway.ask(String(CountTicketsDocument), { by, filter })).ticketCounts
const toMap = (groups: readonly Group[], by: Key) =>
  new Map(groups.map(({ key, count: number }) => [by === 'ASSIGNEE' ? (key?.toLowerCase() ?? null) : key, number]))
const sorted = (groups: Map<string | null, number>) => [...groups].sort(([a], [b]) => String(a).localeCompare(String(b)))

const some = <T extends string>(values: readonly T[]) => fc.option(fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 }))
const eventFed = ['vcc', 'wasabi', 'rbi']

describe('ticketCounts over the sandbox', () => {
  test('DECISION-37 equal a full read that is grouped by hand, for every key, in sources that are pulled and fed by events', async () => {
    const filters = fc.record({
      sources: fc.constantFrom(['verifik'], eventFed, ['verifik', ...eventFed]),
      status: some(ticketStatuses.filter((status) => status !== 'UNKNOWN')),
      priority: some(ticketPriorities.filter((priority) => priority !== 'UNKNOWN')),
    })
    const check = async (filter: { readonly sources: readonly string[] }) => {
      const tickets = await readAll(filter)
      for (const by of countKeys) {
        const { groups, sources } = await count(by, filter)
        // A source that cannot count with this filter, or by this key, is left out on both sides.
        const counted = sources.filter((report: { counted: boolean }) => report.counted)
        const keys = counted.map((report: { source: { key: string } }) => report.source.key)
        const expected = group(
          tickets.filter(({ source }) => keys.includes(source.key)),
          by,
        )
        expect({ by, filter, groups: sorted(toMap(groups, by)) }).toEqual({ by, filter, groups: sorted(expected) })
        for (const { source, matching } of counted) {
          expect([source.key, matching]).toEqual([
            source.key,
            tickets.filter((ticket) => ticket.source.key === source.key).length,
          ])
        }
        expect(keys).toEqual(expect.arrayContaining(eventFed.filter((key) => filter.sources.includes(key))))
      }
    }
    await check({ sources: ['verifik', ...eventFed] })
    await fc.assert(fc.asyncProperty(filters, check), { numRuns: 12 })
  }, 120_000)

  test('DECISION-37 equal it with filters that only the store applies, where the pulled source says that it cannot count', async () => {
    const filter = { channel: ticketChannels.filter((channel) => channel !== 'CHAT'), text: 'a' }
    const tickets = (await readAll({ ...filter, sources: eventFed })) as readonly ReadTicket[]
    expect(tickets.length).toBeGreaterThan(10)
    for (const by of countKeys) {
      const { groups, sources } = await count(by, { ...filter, sources: ['verifik', ...eventFed] })
      expect([by, sorted(toMap(groups, by))]).toEqual([by, sorted(group(tickets, by))])
      expect(groups.every(({ exact }: Group) => exact === (by === 'SOURCE'))).toBe(true)
      expect(sources[0]).toMatchObject({ source: { key: 'verifik' }, outcome: 'SKIPPED', counted: false, matching: null })
    }
    expect(gateway.sandbox.verifik.calls()).toEqual({})
  }, 60_000)

  test('DECISION-37 make no call to OneView, which cannot count, and are not exact then; Verifik counts by status with one call', async () => {
    const { groups, sources } = await count('STATUS', {})
    expect(groups.every(({ exact }: Group) => !exact)).toBe(true)
    expect(sources.map((report: Record<string, unknown>) => [report.outcome, report.counted])).toEqual([
      ['SKIPPED', false],
      ...Array.from({ length: 4 }, () => ['OK', true]),
    ])
    expect([gateway.sandbox.oneview.calls(), gateway.sandbox.verifik.calls()]).toEqual([{}, { list: 1 }])
  })

  test('DECISION-37 report a source that fails, also in extensions.partial, and keep the numbers of the others', async () => {
    gateway.sandbox.verifik.fault({ kind: 'status', status: 500 })
    const { data, errors, extensions } = await gateway.answer(String(CountTicketsDocument), { by: 'SOURCE' })
    expect(errors).toBeUndefined()
    expect(data.ticketCounts.groups.map(({ key, exact }: { key: string; exact: boolean }) => [key, exact]).sort()).toEqual(
      [...eventFed].sort().map((key) => [key, true]),
    )
    expect(data.ticketCounts.sources[1]).toMatchObject({ outcome: 'ERROR', counted: false, code: 'UPSTREAM_UNAVAILABLE' })
    expect(extensions.partial).toEqual([{ source: 'verifik', code: 'UPSTREAM_UNAVAILABLE', retryAt: null }])
  })
})

test('DECISION-37 the first page of 0 tickets has the number of each source that can count, with one call to Verifik', async () => {
  const query =
    'query ($sources: [String!]) { tickets(first: 0, filter: { sources: $sources }) { totalCount nodes { id } sources { matching } } }'
  const { tickets } = await gateway.ask(query, { sources: ['verifik', ...eventFed] })
  const numbers = ['verifik', ...eventFed].map((key) => gateway.sandbox[key as 'vcc'].tickets())
  expect(tickets).toEqual({
    totalCount: numbers.reduce((sum, number) => sum + number, 0),
    nodes: [],
    sources: numbers.map((matching) => ({ matching })),
  })
  expect(gateway.sandbox.verifik.calls()).toEqual({ list: 1 })
  expect((await gateway.ask(query, { sources: null })).tickets).toMatchObject({ totalCount: null })
  expect(gateway.sandbox.oneview.calls()).toEqual({})
})

import { createMemoryCache } from '../../src/cache/cache-store.ts'
import { createCachedSource } from '../../src/cache/cached-source.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import type { PaginationStyle, TicketSource } from '../../src/sources/source.ts'
import { fullTicket } from '../support/full-source.ts'
import { customer, vendor } from '../support/graph/tickets.ts'
import { createMemorySource, type MemorySource } from '../support/memory-source.ts'
import { describeSource } from './source-contract.ts'
import type { SourceFixture } from './source-fixture.ts'

function filledSource(paginationStyle: PaginationStyle): MemorySource {
  const source = createMemorySource('memory', {
    paginationStyle,
    maxPageSize: 10,
    lazyFields: ['messages', 'statusOptions', 'followers'],
    costlyFields: ['messages', 'followers'],
    listedFields: ['followers', 'statusOptions'],
    sorts: paginationStyle !== 'keyset',
  })
  for (let i = 0; i < 25; i++) source.put(`t-${i}`, { messages: [] })
  const { id: _, source: __, externalId: ___, createdAt: ____, updatedAt: _____, ...fields } = fullTicket
  const parts = { customer: customer(source.info, 'c1'), vendor: vendor(source.info, 'v1') }
  source.touch('t-1', { ...fields, ...parts, deletedAt: null })
  return source
}

async function fixtureOf(source: MemorySource, tested: TicketSource = source): Promise<SourceFixture> {
  const refs = source
    .tickets()
    .map(({ externalId }) => ({ kind: 'ticket', sourceKey: 'memory', tenant: '', externalId }) as const)
  const unreachable = createMemorySource('memory')
  unreachable.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.', { source: 'memory' })
  const unfilled = ['deletedAt']
  return { source: tested, refs, unfilled, missing: { ...refs[0]!, externalId: 'gone' }, unreachable, close: async () => {} }
}

describeSource('The source in memory with keyset pagination', () => fixtureOf(filledSource('keyset')))
describeSource('The source in memory with cursor pagination', () => fixtureOf(filledSource('cursor')))
describeSource('The source in memory with offset pagination', () => fixtureOf(filledSource('offset')))

describeSource('A source behind a cache of look-ups', () => {
  const source = filledSource('offset')
  const deps = {
    cache: createMemoryCache({ maxWeight: 100 }),
    ttlMs: { lookup: 60_000 },
    shared: [],
    metrics: noMetrics,
    logger: noLogger,
  }
  return fixtureOf(source, createCachedSource(source, deps))
})

import { describe, expect, it } from 'vitest'
import { type CacheKind, type CacheStore, createMemoryCache } from '../../src/cache/cache-store.ts'
import { createCachedSource, invalidateOnChanges } from '../../src/cache/cached-source.ts'
import { createChangeRecorder } from '../../src/changes/change-log.ts'
import { withoutCache } from '../../src/domain/call.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { outcomeUnknown } from '../../src/domain/writes.ts'
import type { ListRequest } from '../../src/sources/source.ts'
import { countingMetrics, someCall } from '../support/call.ts'
import { openTestStore } from '../support/databases.ts'
import { createMemorySource } from '../support/memory-source.ts'
import { toCustomer } from '../support/memory-ticket.ts'

const minute = 60_000
const refTo = (externalId: string): EntityRef => ({ kind: 'ticket', sourceKey: 'a', tenant: '', externalId })
const request: ListRequest = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 10 }
const everything = { ticket: minute, list: minute, lookup: minute, customer: minute }

function cachedSource(
  ttlMs: Partial<Record<CacheKind, number>> = everything,
  shared: CacheKind[] = [],
  cache: CacheStore = createMemoryCache({ maxWeight: 1000 }),
) {
  const source = createMemorySource('a')
  for (const id of ['x', 'y', 'z']) source.put(id)
  let lookups = 0
  source.escalationDepartments = async () => [{ key: 'partner-service', label: `asked ${++lookups}` }]
  source.contactReasons = async ({ search }) => [
    { code: `${search}`, label: `asked ${++lookups}`, language: null, level: 1, parents: [] },
  ]
  const metrics = countingMetrics()
  const cached = createCachedSource(source, { cache, ttlMs, shared, metrics, logger: noLogger })
  return { source, cached, metrics, cache }
}

const ada = someCall({ viewerId: 'ada', email: 'ada@example.org' })
const bob = someCall({ viewerId: 'bob', email: 'bob@example.org' })

describe('a source behind a cache', () => {
  it('DECISION-37 keeps counts as it keeps lists, until a ticket changes', async () => {
    const { source, cached } = cachedSource()
    const count = () => cached.countTickets!({ filter: {}, by: 'STATUS' }, ada)
    const first = await count()
    expect(first).toMatchObject({ total: 3, groups: [{ key: 'OPEN', count: 3 }] })
    expect(await count()).toEqual(first)
    expect(await cached.countTickets!({ filter: {}, by: 'SOURCE' }, ada)).toMatchObject({ total: 3, groups: [] })
    expect(source.calls.count.map(({ by }) => by)).toEqual(['STATUS', 'SOURCE'])
    source.touch('x', { status: 'CLOSED' })
    await cached.invalidate(source.tickets()[0]!.id, null)
    expect((await count())?.groups).toHaveLength(2)
    const uncached = cachedSource({ ticket: minute })
    for (let n = 0; n < 2; n++) await uncached.cached.countTickets!({ filter: {}, by: 'SOURCE' }, ada)
    expect(uncached.source.calls.count).toHaveLength(2)
  })

  it('reads a ticket again where a wanted field is missing, with the fields that it had', async () => {
    const source = createMemorySource('a', { lazyFields: ['messages', 'slaTargets'], costlyFields: ['messages', 'slaTargets'] })
    source.put('x', { messages: [], slaTargets: [] })
    const cache = createMemoryCache({ maxWeight: 1000 })
    const cached = createCachedSource(source, { cache, ttlMs: everything, shared: [], metrics: noMetrics, logger: noLogger })
    const load = async (...wanted: ('messages' | 'slaTargets')[]) =>
      (await cached.loadTickets([refTo('x')], ada, new Set(wanted)))[0]
    expect(await load('messages')).toMatchObject({ messages: [], slaTargets: null, lazyFieldsRead: ['messages'] })
    expect(await load('messages')).toMatchObject({ freshness: { mode: 'CACHED' } })
    expect(await load()).toMatchObject({ freshness: { mode: 'CACHED' } })
    expect(await load('slaTargets')).toMatchObject({ messages: [], slaTargets: [], isSummary: false })
    expect((await cached.loadTickets([refTo('x')], ada))[0]).toMatchObject({ isSummary: false, freshness: { mode: 'CACHED' } })
    expect(source.calls.wanted).toEqual([['messages'], ['slaTargets', 'messages']])
  })

  it('asks the source for the tickets that are not cached, in one call', async () => {
    const { source, cached, metrics } = cachedSource()
    await cached.loadTickets([refTo('x')], ada)
    const tickets = await cached.loadTickets([refTo('y'), refTo('x'), refTo('gone')], ada)
    expect(tickets.map((ticket) => (ticket as { externalId: string } | null)?.externalId)).toEqual(['y', 'x', undefined])
    expect(source.calls.load).toEqual([[refTo('x')], [refTo('y'), refTo('gone')]])
    expect([
      metrics.total('cache_reads_total', { outcome: 'hit' }),
      metrics.total('cache_reads_total', { outcome: 'miss' }),
    ]).toEqual([1, 3])
    expect(metrics.total('cache_reads_total', { source: 'a', kind: 'ticket' })).toBe(4)
  })

  it('asks the source for every ticket of a fresh read, and keeps the answers', async () => {
    const { source, cached } = cachedSource()
    await cached.loadTickets([refTo('x')], ada)
    source.touch('x', { title: 'new' })
    expect(await cached.loadTickets([refTo('x')], withoutCache(ada))).toMatchObject([
      { title: 'new', freshness: { mode: 'LIVE' } },
    ])
    expect(await cached.loadTickets([refTo('x')], ada)).toMatchObject([{ title: 'new', freshness: { mode: 'CACHED' } }])
    expect(source.calls.load).toHaveLength(2)
  })

  it('marks a cached ticket as such, with the time at which it was read', async () => {
    const { cached } = cachedSource()
    const freshness = async () => ((await cached.loadTickets([refTo('x')], ada))[0] as { freshness: object }).freshness
    expect(await freshness()).toEqual({ mode: 'LIVE', observedAt: '2024-01-01T00:00:00.000Z' })
    expect(await freshness()).toEqual({ mode: 'CACHED', observedAt: '2024-01-01T00:00:00.000Z' })
  })

  it('caches lists by request', async () => {
    const { source, cached } = cachedSource()
    const first = await cached.listTickets(request, ada)
    const second = await cached.listTickets({ ...request }, ada)
    await cached.listTickets({ ...request, limit: 5 }, ada)
    expect(source.calls.list).toHaveLength(2)
    expect(second.positions).toEqual(first.positions)
    expect(second.tickets.map((ticket) => [ticket.externalId, ticket.freshness.mode])).toEqual([
      ['z', 'CACHED'],
      ['y', 'CACHED'],
      ['x', 'CACHED'],
    ])
  })

  it('caches look-ups by request', async () => {
    const { cached } = cachedSource()
    const departments = [await cached.escalationDepartments!(ada), await cached.escalationDepartments!(ada)]
    expect(departments.map(([department]) => department!.label)).toEqual(['asked 1', 'asked 1'])
    const find = (search: string) => cached.contactReasons!({ search, language: null, first: 10 }, ada)
    const reasons = [await find('late'), await find('cold'), await find('late')]
    expect(reasons.map(([reason]) => reason!.label)).toEqual(['asked 2', 'asked 3', 'asked 2'])
  })

  it('caches the look-up of a customer apart from lists', async () => {
    const { source, cached } = cachedSource({ customer: minute })
    source.put('mine', { customer: toCustomer(source.info, 'c') })
    const lookUp = { ...request, filter: { customer: { ...refTo('c'), kind: 'customer' as const } }, limit: 1 }
    await cached.listTickets(lookUp, ada)
    await cached.listTickets(lookUp, ada)
    expect(source.calls.list).toHaveLength(1)
    await cached.listTickets(request, ada)
    await cached.listTickets(request, ada)
    expect(source.calls.list).toHaveLength(3)
  })

  it('never returns the answer of another viewer, unless the kind is shared (INPUT-09)', async () => {
    const { source, cached } = cachedSource(everything, ['lookup'])
    await cached.loadTickets([refTo('x')], ada)
    await cached.loadTickets([refTo('x')], bob)
    await cached.listTickets(request, ada)
    await cached.listTickets(request, bob)
    expect([source.calls.load.length, source.calls.list.length]).toEqual([2, 2])
    expect((await cached.escalationDepartments!(ada))[0]!.label).toBe('asked 1')
    expect((await cached.escalationDepartments!(bob))[0]!.label).toBe('asked 1')
  })

  it('caches no error, no absent ticket, and nothing of a kind without a time to live', async () => {
    const { source, cached } = cachedSource({ ticket: minute })
    source.nextFailures.push(new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.'))
    expect(await cached.loadTickets([refTo('x')], ada)).toMatchObject([{ code: 'UPSTREAM_UNAVAILABLE' }])
    expect(await cached.loadTickets([refTo('later')], ada)).toEqual([null])
    source.put('later')
    expect(await cached.loadTickets([refTo('later'), refTo('x')], ada)).toMatchObject([
      { externalId: 'later' },
      { externalId: 'x' },
    ])
    await cached.listTickets(request, ada)
    await cached.listTickets(request, ada)
    expect(source.calls.list).toHaveLength(2)
  })

  it('invalidates a written ticket, all lists and its customer, for every viewer', async () => {
    const { source, cached } = cachedSource()
    source.put('x', { customer: toCustomer(source.info, 'c') })
    const lookUp = { ...request, filter: { customer: { ...refTo('c'), kind: 'customer' as const } }, limit: 1 }
    const readAll = async () => {
      for (const call of [ada, bob]) {
        await cached.loadTickets([refTo('x'), refTo('y')], call)
        await cached.listTickets(request, call)
        await cached.listTickets(lookUp, call)
      }
    }
    await readAll()
    source.calls.load.length = 0
    source.calls.list.length = 0
    await cached.closeTicket!(refTo('x'), {}, ada)
    await readAll()
    expect(source.calls.load).toEqual([[refTo('x')], [refTo('x')]])
    expect(source.calls.list).toHaveLength(4)
    expect(((await cached.loadTickets([refTo('x')], ada))[0] as { status: string }).status).toBe('CLOSED')
  })

  it.each([
    ['whose outcome is unknown', async () => outcomeUnknown(refTo('x'))],
    [
      'that fails',
      async () => {
        throw new DeskgraphError('UPSTREAM_TIMEOUT', 'Too late.')
      },
    ],
  ])('invalidates after a write %s', async (_, write) => {
    const { source, cache } = cachedSource()
    source.closeTicket = write
    const cached = createCachedSource(source, {
      cache,
      ttlMs: everything,
      shared: [],
      metrics: countingMetrics(),
      logger: noLogger,
    })
    await cached.loadTickets([refTo('x')], ada)
    await cached.closeTicket!(refTo('x'), {}, ada).catch(() => {})
    await cached.loadTickets([refTo('x')], ada)
    expect(source.calls.load).toHaveLength(2)
  })

  it('invalidates lists when a ticket is created', async () => {
    const { source, cached } = cachedSource()
    await cached.listTickets(request, ada)
    await cached.createTicket!({ source: 'a' }, ada)
    expect((await cached.listTickets(request, ada)).tickets).toHaveLength(4)
    expect(source.calls.list).toHaveLength(2)
  })

  it('does not cache what was read while the ticket changed', async () => {
    const { source, cache } = cachedSource()
    const [answered, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const load = source.loadTickets
    source.loadTickets = async (refs, call) => {
      const tickets = await load(refs, call)
      answered.resolve()
      await gate.promise
      return tickets
    }
    const slow = createCachedSource(source, {
      cache,
      ttlMs: everything,
      shared: [],
      metrics: countingMetrics(),
      logger: noLogger,
    })
    const old = slow.loadTickets([refTo('x')], ada)
    await answered.promise
    await slow.closeTicket!(refTo('x'), {}, ada)
    gate.resolve()
    expect(((await old)[0] as { status: string }).status).toBe('OPEN')
    expect(((await slow.loadTickets([refTo('x')], ada))[0] as { status: string }).status).toBe('CLOSED')
  })

  it('keeps a ticket apart from one of another tenant, also where ids have colons', async () => {
    const source = createMemorySource('a', { tenant: null })
    const refs = [
      { ...refTo('c'), tenant: 'b:' },
      { ...refTo(':c'), tenant: 'b' },
    ]
    for (const ref of refs) source.put(ref.externalId, { tenant: ref.tenant })
    const cache = createMemoryCache({ maxWeight: 1000 })
    const cached = createCachedSource(source, { cache, ttlMs: everything, shared: [], metrics: noMetrics, logger: noLogger })
    const load = async () => (await cached.loadTickets(refs, ada)).map((ticket) => (ticket as { tenant: string } | null)?.tenant)
    await cached.loadTickets([refs[0]!], ada)
    expect(await load()).toEqual(['b:', 'b'])
    expect(await load()).toEqual(['b:', 'b'])
  })

  it('invalidates its own tickets only', async () => {
    const { source, cached } = cachedSource()
    const [ticket] = source.tickets()
    const read = () => cached.loadTickets([refTo('x')], ada)
    await read()
    await cached.invalidate('nonsense', null)
    await read()
    await cached.invalidate(ticket!.id, ticket!)
    await read()
    expect(source.calls.load).toHaveLength(2)
  })

  it('has no method that the source does not have', () => {
    const source = createMemorySource('a')
    delete source.closeTicket
    const cached = createCachedSource(source, {
      cache: createMemoryCache({ maxWeight: 1 }),
      ttlMs: everything,
      shared: [],
      metrics: countingMetrics(),
      logger: noLogger,
    })
    expect(cached.closeTicket).toBeUndefined()
    expect(cached.escalationDepartments).toBeUndefined()
    expect(cached.updateTicket).toBeDefined()
  })

  it('reads from the source when the cache fails, and counts the failure', async () => {
    const broken = async () => {
      throw new Error('down')
    }
    const { source, cached, metrics } = cachedSource(everything, [], {
      get: broken,
      set: broken,
      invalidate: broken,
      clear: broken,
      close: broken,
    })
    expect(await cached.loadTickets([refTo('x')], ada)).toMatchObject([{ externalId: 'x' }])
    expect((await cached.listTickets(request, ada)).tickets).toHaveLength(3)
    expect((await cached.closeTicket!(refTo('x'), {}, ada)).outcome).toBe('APPLIED')
    expect(metrics.total('cache_reads_total', { outcome: 'error' })).toBe(2)
    expect(source.calls.write).toHaveLength(1)
  })
})

it('a change in the change log invalidates the ticket', async () => {
  const source = createMemorySource('a')
  const store = await openTestStore({ findSource: (key) => (key === 'a' ? source.info : null) })
  const cached = createCachedSource(source, {
    cache: createMemoryCache({ maxWeight: 100 }),
    ttlMs: { ticket: 60 * minute },
    shared: [],
    metrics: noMetrics,
    logger: noLogger,
  })
  const invalidation = await invalidateOnChanges({ changeLog: store.changeLog, sources: [cached], logger: noLogger })
  const before = source.put('x')
  const status = async () => ((await cached.loadTickets([refTo('x')], ada))[0] as { status: string }).status
  await status()
  source.touch('x', { status: 'CLOSED' })
  expect(await status()).toBe('OPEN')
  await createChangeRecorder(store).record({
    kind: 'CLOSED',
    ticket: source.tickets()[0]!,
    before,
    at: '2024-01-01T00:00:00.000Z',
    actor: null,
    summary: 'Closed',
  })
  await expect.poll(status).toBe('CLOSED')
  await invalidation.stop()
  await store.close()
}, 60_000)

import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { TicketPage } from '../../../src/tickets/pagination/list-tickets.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../../support/memory-source.ts'
import { toCustomer } from '../../support/memory-ticket.ts'
import { createService, listAllIds, listOnce, toCall, toRequest, viewerWith } from '../ticket-service-fixture.ts'

function filled(key: string, count: number, options: MemorySourceOptions = {}): MemorySource {
  const source = createMemorySource(key, options)
  for (let i = 0; i < count; i++) source.put(`${key}-${i}`)
  return source
}

const idsOf = (page: TicketPage) => page.edges.map((edge) => edge.node.externalId)
const reportOf = (page: TicketPage, key: string) => page.sources.find((report) => report.source.key === key)!
const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString()

describe('a list over several sources', () => {
  it('merges by time, latest first, and equal times by source key', async () => {
    const [a, b] = [createMemorySource('a'), createMemorySource('b', { paginationStyle: 'offset' })]
    a.put('a1', { updatedAt: at(1) })
    a.put('a2', { updatedAt: at(3) })
    b.put('b1', { updatedAt: at(2) })
    b.put('b2', { updatedAt: at(3) })
    a.put('a3', { updatedAt: null })
    expect(idsOf(await listOnce([b, a]))).toEqual(['a2', 'b2', 'b1', 'a1', 'a3'])
  })

  it('reads each source once for a page', async () => {
    const sources = ['a', 'b', 'c'].map((key) => filled(key, 200, { paginationStyle: key === 'a' ? 'keyset' : 'offset' }))
    const page = await listOnce(sources, { first: 100 })
    expect(page.edges).toHaveLength(100)
    expect(sources.map((source) => source.calls.list.length)).toEqual([1, 1, 1])
  })

  it('reads each source once for a later page too, from one record earlier where positions shift', async () => {
    const [a, b] = [filled('a', 40), filled('b', 40, { paginationStyle: 'offset' })]
    const first = await listOnce([a, b], { first: 10 })
    const emitted = reportOf(first, 'b').returned
    await listOnce([a, b], { first: 10, after: first.endCursor })
    expect(a.calls.list).toHaveLength(2)
    expect(b.calls.list.map(({ position, limit }) => [position, limit])).toEqual([
      [null, 10],
      [String(emitted - 1), 11],
    ])
  })

  it('gives the tickets of the other sources when one fails or never answers (DECISION-16, UPSTREAM-02)', async () => {
    const [good, dead, mute] = [filled('good', 3), filled('dead', 3), filled('mute', 3)]
    dead.broken = new DeskgraphError('UPSTREAM_RATE_LIMITED', 'It is too much.', { source: 'dead', retryAfter: 30 })
    mute.broken = 'hang'
    const page = await listOnce([good, dead, mute], {}, { sourceDeadlinesMs: { mute: 20 } })
    expect(idsOf(page)).toEqual(['good-2', 'good-1', 'good-0'])
    expect(page.sources.map(({ source, outcome, error }) => [source.key, outcome, error])).toEqual([
      ['good', 'OK', null],
      ['dead', 'RATE_LIMITED', 'It is too much.'],
      ['mute', 'TIMEOUT', 'Memory mute did not answer in time.'],
    ])
    expect(reportOf(page, 'mute').cause?.code).toBe('UPSTREAM_TIMEOUT')
    expect(reportOf(page, 'dead').retryAt).toMatch(/^\d{4}-/)
    expect(page.totalCount).toBeNull()
  })

  it.each([
    ['UPSTREAM_TIMEOUT', 'TIMEOUT'],
    ['CIRCUIT_OPEN', 'CIRCUIT_OPEN'],
    ['UPSTREAM_AUTH_FAILED', 'UNAUTHENTICATED'],
    ['FORBIDDEN', 'FORBIDDEN'],
    ['UPSTREAM_UNAVAILABLE', 'ERROR'],
    ['UPSTREAM_BAD_RESPONSE', 'ERROR'],
  ] as const)('reports %s as %s', async (code, outcome) => {
    const source = filled('a', 1)
    source.broken = new DeskgraphError(code, 'No.')
    expect(reportOf(await listOnce([source]), 'a').outcome).toBe(outcome)
  })

  it('hides what broke inside a source', async () => {
    const source = filled('a', 1)
    source.broken = new TypeError('https://secret.example/x is not a function')
    const report = reportOf(await listOnce([source]), 'a')
    expect([report.outcome, report.error]).toEqual(['ERROR', 'Memory a could not be read.'])
    expect(report.cause?.code).toBe('INTERNAL_SERVER_ERROR')
  })

  it('keeps the position of a source that failed, so that a later page has its tickets', async () => {
    const [a, b] = [filled('a', 4), filled('b', 4)]
    const first = await listOnce([a, b], { first: 4 })
    b.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    const second = await listOnce([a, b], { first: 10, after: first.endCursor })
    const third = await listOnce([a, b], { first: 10, after: second.endCursor })
    expect([second.hasNextPage, third.hasNextPage]).toEqual([true, false])
    expect(third.edges).toEqual([])
    b.broken = null
    const fourth = await listOnce([a, b], { first: 10, after: third.endCursor })
    expect([first, second, third, fourth].flatMap(idsOf).sort()).toEqual(['a-0', 'a-1', 'a-2', 'a-3', 'b-0', 'b-1', 'b-2', 'b-3'])
  })

  it('reports a failure for every source when all fail', async () => {
    const sources = [filled('a', 1), filled('b', 1)]
    for (const source of sources) source.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    const page = await listOnce(sources)
    expect([page.edges, page.hasNextPage, page.totalCount]).toEqual([[], false, null])
    expect(page.sources.map((report) => report.outcome)).toEqual(['ERROR', 'ERROR'])
  })

  it('stops waiting when the client disconnects (UPSTREAM-18)', async () => {
    const source = filled('a', 1)
    source.broken = 'hang'
    const client = new AbortController()
    const page = createService([source]).service.begin(toCall(undefined, client.signal)).reads.list(toRequest())
    client.abort()
    expect(reportOf(await page, 'a').outcome).toBe('TIMEOUT')
  })

  it('does not read an exhausted source again, and still counts its tickets', async () => {
    const [a, b] = [filled('a', 1), filled('b', 5)]
    const first = await listOnce([a, b], { first: 4 })
    const second = await listOnce([a, b], { first: 4, after: first.endCursor })
    const third = await listOnce([a, b], { first: 4, after: second.endCursor })
    expect([first, second, third].map((page) => page.totalCount)).toEqual([6, 6, 6])
    expect(reportOf(third, 'a')).toMatchObject({ outcome: 'SKIPPED', exhausted: true, returned: 0 })
    expect(a.calls.list).toHaveLength(2)
    expect(second.hasNextPage).toBe(false)
  })

  it('has no total when one source does not say or the gateway applies a filter', async () => {
    const [a, b] = [filled('a', 2), filled('b', 2, { paginationStyle: 'offset', saysTotal: false })]
    const c = filled('c', 2, { info: { filters: [] } })
    expect((await listOnce([a, b])).totalCount).toBeNull()
    expect((await listOnce([a, c])).totalCount).toBe(4)
    expect((await listOnce([a, c], { filter: { status: ['OPEN'] } })).totalCount).toBeNull()
  })

  it('lets a source count only where the caller reads the count (STORAGE-21)', async () => {
    const [a, c] = [filled('a', 3), filled('c', 3, { info: { filters: [] } })]
    const countedBy = (source: MemorySource) => source.calls.list.map(({ counted }) => counted)
    const page = await listOnce([a], { first: 1, counted: false })
    await listOnce([a], { first: 1, after: page.endCursor })
    expect(countedBy(a)).toEqual([false, undefined])
    // What the gateway filters has no total, and is not counted either.
    await listOnce([a, c], { filter: { status: ['OPEN'] } })
    expect([countedBy(a).at(-1), countedBy(c)]).toEqual([undefined, [false]])
  })

  it('has a previous page when it has a cursor', async () => {
    const source = filled('a', 3)
    const first = await listOnce([source], { first: 1 })
    expect(first.hasPreviousPage).toBe(false)
    expect((await listOnce([source], { first: 1, after: first.endCursor })).hasPreviousPage).toBe(true)
  })
})

describe('a list refuses', () => {
  const source = filled('a', 3)

  it.each([-1, 101, 1.5])('a page of %s', async (first) => {
    await expect(listOnce([source], { first })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  it('an unknown source, named, and a hidden one in the same words', async () => {
    const { service } = createService([source, filled('b', 1)])
    const reads = service.begin(toCall(viewerWith('tickets:read', 'source:a'))).reads
    await expect(reads.list(toRequest({ sources: ['nope'] }))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'There is no source "nope".',
    })
    await expect(reads.list(toRequest({ sources: ['b'] }))).rejects.toMatchObject({ message: 'There is no source "b".' })
    expect((await reads.list(toRequest())).sources.map((report) => report.source.key)).toEqual(['a'])
  })

  it('a cursor of another filter, order or set of sources, a changed one, and any other text', async () => {
    const { endCursor } = await listOnce([source], { first: 1 })
    const changed = `${endCursor!.slice(0, -3)}AAA`
    await expect(listOnce([source], { after: endCursor, filter: { status: ['OPEN'] } })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    })
    await expect(
      listOnce([source], { after: endCursor, order: { field: 'UPDATED_AT', direction: 'ASC' } }),
    ).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    await expect(listOnce([source], { after: endCursor, sources: ['a'] })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    for (const after of [changed, 'x', '', '💥', 'A'.repeat(100_000)]) {
      await expect(listOnce([source], { after })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    }
  })

  it('a filter by e-mail from one who may not see e-mails', async () => {
    const reads = createService([source]).service.begin(toCall(viewerWith('tickets:read', 'source:*'))).reads
    await expect(reads.list(toRequest({ filter: { customerEmail: 'a@example.org' } }))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
  })
})

describe('a filter', () => {
  it('is pushed down to a source that can apply it, without empty conditions', async () => {
    const source = filled('a', 1)
    await listOnce([source], { filter: { status: ['OPEN'], tags: [], text: null, assignee: null } })
    expect(source.calls.list[0]!.filter).toEqual({ status: ['OPEN'] })
  })

  it('is applied by the gateway where a source cannot, and the report names it', async () => {
    const source = createMemorySource('a', { paginationStyle: 'offset', info: { filters: ['STATUS'] } })
    for (let i = 0; i < 10; i++) source.put(`t-${i}`, { tags: i % 2 ? ['vip'] : [], status: i < 5 ? 'CLOSED' : 'OPEN' })
    const page = await listOnce([source], { filter: { status: ['OPEN'], tags: ['vip'] } })
    expect(idsOf(page)).toEqual(['t-9', 't-7', 't-5'])
    expect(page.sources[0]!.filtersApplied).toEqual(['TAGS'])
    expect(source.calls.list[0]!.filter).toEqual({ status: ['OPEN'] })
  })

  it('ends a page early at the scan limit, and the next page continues there', async () => {
    const a = createMemorySource('a', { paginationStyle: 'offset', maxPageSize: 10, info: { filters: [] } })
    for (let i = 0; i < 50; i++) a.put(`a-${i}`, { tags: i === 3 ? ['vip'] : [] })
    const first = await listOnce([a], { filter: { tags: ['vip'] } }, { scanLimit: 20 })
    expect([first.edges, first.hasNextPage]).toEqual([[], true])
    const { service } = createService([a], { scanLimit: 20 })
    expect(await listAllIds(() => service.begin(toCall()).reads, { filter: { tags: ['vip'] } })).toEqual(['a-3'])
  })

  it('holds back tickets of other sources beyond the watermark of a source that reached its scan limit', async () => {
    const few = createMemorySource('few', { maxPageSize: 5, info: { filters: [] } })
    const native = createMemorySource('native')
    for (let i = 0; i < 20; i++) few.put(`few-${i}`, { updatedAt: at(40 - i), tags: i === 15 ? ['vip'] : [] })
    for (let i = 0; i < 40; i += 10) native.put(`native-${i}`, { updatedAt: at(39 - i), tags: ['vip'] })
    const { service } = createService([few, native], { scanLimit: 10 })
    // few-15 was updated at second 25, between native-10 (29) and native-20 (19).
    expect(await listAllIds(() => service.begin(toCall()).reads, { filter: { tags: ['vip'] } }, [10])).toEqual([
      'native-0',
      'native-10',
      'few-15',
      'native-20',
      'native-30',
    ])
  })

  it('by customer reads only the source of the customer', async () => {
    const [a, b] = [filled('a', 2), filled('b', 2)]
    const customer = toCustomer(a.info, 'c1', { name: 'Ada' })
    a.put('mine', { customer })
    const ref = { kind: 'customer', sourceKey: 'a', tenant: '', externalId: 'c1' } as const
    const page = await listOnce([a, b], { filter: { customer: ref } })
    expect([idsOf(page), page.totalCount]).toEqual([['mine'], 1])
    expect(reportOf(page, 'b').outcome).toBe('SKIPPED')
    expect(b.calls.list).toEqual([])
  })
})

describe('the order of an offset-paginated list (DECISION-10)', () => {
  it('is EXACT when the list was read to its end, else BEST_EFFORT', async () => {
    const source = createMemorySource('a', { paginationStyle: 'offset', maxPageSize: 10 })
    for (const [i, second] of [5, 1, 4, 2, 3].entries()) source.put(`t-${i}`, { createdAt: at(second) })
    const order = { field: 'CREATED_AT', direction: 'ASC' } as const
    const exact = await listOnce([source], { order })
    expect(idsOf(exact)).toEqual(['t-1', 't-3', 't-4', 't-2', 't-0'])
    expect(exact.sources[0]!.ordering).toBe('EXACT')
    const partial = await listOnce([source], { order, first: 2 }, { scanLimit: 3 })
    expect(partial.sources[0]!.ordering).toBe('BEST_EFFORT')
    // The three latest updates are t-4, t-3 and t-2, created at seconds 3, 2 and 4.
    expect(idsOf(partial)).toEqual(['t-3', 't-4'])
  })

  it('is that of the source where it sorts so: one call a page, without a full read', async () => {
    const source = filled('a', 300, { paginationStyle: 'offset', sorts: true })
    const order = { field: 'CREATED_AT', direction: 'ASC' } as const
    const first = await listOnce([source], { order, first: 20 }, { scanLimit: 50 })
    source.touch('a-3')
    const second = await listOnce([source], { order, first: 20, after: first.endCursor }, { scanLimit: 50 })
    expect([...idsOf(first), ...idsOf(second)]).toEqual(Array.from({ length: 40 }, (_, index) => `a-${index}`))
    expect([first, second].map((page) => page.sources[0]!.ordering)).toEqual(['EXACT', 'EXACT'])
    expect(source.calls.list.map((request) => request.order)).toEqual([order, order])
  })

  it('is never asked of a source that does not sort so', async () => {
    const source = filled('a', 30, { paginationStyle: 'offset' })
    await listOnce([source], { order: { field: 'PRIORITY', direction: 'DESC' } })
    expect(source.calls.list.map(({ order }) => order)).toEqual([{ field: 'UPDATED_AT', direction: 'DESC' }])
  })

  it('is BEST_EFFORT and counted when a page contradicts the assumed one', async () => {
    const source = createMemorySource('a', { paginationStyle: 'offset', listOrder: 'scrambled' })
    for (let i = 0; i < 20; i++) source.put(`t-${i}`)
    const { service, counted } = createService([source])
    const page = await service.begin(toCall()).reads.list(toRequest())
    expect(page.sources[0]!.ordering).toBe('BEST_EFFORT')
    expect(counted.get('order_contradictions_total')).toBe(1)
  })

  it('reads the page before again when records have gone, and misses none', async () => {
    const source = filled('a', 30, { paginationStyle: 'offset' })
    const first = await listOnce([source], { first: 10 })
    source.remove('a-29')
    source.remove('a-28')
    const second = await listOnce([source], { first: 5, after: first.endCursor })
    expect(idsOf(second)).toEqual(['a-19', 'a-18', 'a-17', 'a-16', 'a-15'])
    expect(second.sources[0]!.ordering).toBe('EXACT')
  })

  it('gives none twice when tickets have changed and stand in front', async () => {
    const source = filled('a', 30, { paginationStyle: 'offset' })
    const first = await listOnce([source], { first: 10 })
    for (const id of ['a-25', 'a-20', 'a-5']) source.touch(id)
    const second = await listOnce([source], { first: 5, after: first.endCursor })
    expect(idsOf(second)).toEqual(['a-19', 'a-18', 'a-17', 'a-16', 'a-15'])
  })
})

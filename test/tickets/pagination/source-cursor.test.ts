import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import { noLogger } from '../../../src/domain/telemetry.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { assumedOrder } from '../../../src/sources/pagination/ticket-order.ts'
import type { TicketFilter, TicketOrder } from '../../../src/sources/source.ts'
import type { WantedFields } from '../../../src/sources/wanted-fields.ts'
import type { SourcePosition } from '../../../src/tickets/pagination/page-cursor.ts'
import { createSourceCursor, sortsInGateway } from '../../../src/tickets/pagination/source-cursor.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../../support/memory-source.ts'

const byCreation: TicketOrder = { field: 'CREATED_AT', direction: 'ASC' }

/** t1 to t3, the last one updated last. */
function threeTickets(options: MemorySourceOptions = {}): MemorySource {
  const source = createMemorySource('desk', options)
  for (let i = 1; i <= 3; i++) source.put(`t${i}`, { tags: i === 2 ? ['vip'] : [], messages: [] })
  return source
}

interface Given {
  readonly conditions?: TicketFilter
  readonly order?: TicketOrder
  readonly start?: SourcePosition
  readonly scanLimit?: number
  readonly selected?: WantedFields | null
}

/** A cursor whose clock moves on by 40 ms with each look at it. */
function cursorOver(
  source: MemorySource,
  { conditions = {}, order = assumedOrder, start, scanLimit = 100, selected }: Given = {},
) {
  let time = 1_000
  const clock = () => {
    time += 40
    return time
  }
  const deps = { metrics: countingMetrics(), logger: noLogger, clock, scanLimit }
  const known = selected === undefined ? deps : { ...deps, selected: () => selected }
  const cursor = createSourceCursor(source, conditions, { order, counted: true }, start, known)
  const ids = () => cursor.iterator?.buffer.map(({ externalId }) => externalId)
  return { cursor, ids, read: (want = 10) => cursor.read(want, someCall()) }
}

const healthy = { outcome: 'OK', code: null, error: null, retryAt: null, cause: null }

describe('the part of a source in a page', () => {
  it('is reported with what it gave, and the time up to its last answer', async () => {
    const source = threeTickets()
    const { cursor, read } = cursorOver(source)
    await read(1)
    cursor.emitted = 1
    expect([cursor.canRead, cursor.hasMore, cursor.isExact, cursor.totalCount]).toEqual([true, true, true, 3])
    const report = { source: source.info, ...healthy, ordering: 'EXACT', filtersApplied: [] }
    expect(cursor.report()).toEqual({ ...report, returned: 1, matching: 3, exhausted: false, latencyMs: 40 })
    await read()
    cursor.emitted = 3
    expect([cursor.canRead, cursor.hasMore]).toEqual([false, false])
    expect(cursor.report()).toEqual({ ...report, returned: 3, matching: 3, exhausted: true, latencyMs: 80 })
  })

  it('has more as long as a ticket of its buffer is not emitted', async () => {
    const { cursor, read } = cursorOver(threeTickets())
    await read()
    cursor.emitted = 2
    expect([cursor.canRead, cursor.hasMore, cursor.report().exhausted]).toEqual([false, true, false])
  })

  it.each([
    [1, '1 record of this source could not be understood and was left out.'],
    [2, '2 records of this source could not be understood and were left out.'],
  ])('says that %i could not be understood', async (dropped, error) => {
    const source = threeTickets()
    const list = source.listTickets
    source.listTickets = async (request, call) => ({ ...(await list(request, call)), dropped })
    const { cursor, read } = cursorOver(source)
    await read()
    expect(cursor.report()).toMatchObject({ outcome: 'OK', error })
  })

  it('that fails is read no more for this page, and has more later', async () => {
    const source = threeTickets()
    const failure = new DeskgraphError('UPSTREAM_RATE_LIMITED', 'Too much.', { source: 'desk', retryAfter: 2 })
    const { cursor, read } = cursorOver(source)
    await read(1)
    source.broken = failure
    await read(1)
    cursor.emitted = 1
    expect([cursor.error, cursor.canRead, cursor.hasMore, cursor.isExact, cursor.totalCount]).toEqual([
      ...[failure, false, false, false, null],
    ])
    // The clock stood at 1,040 at the beginning, and at 1,120 after the second read; the report looks at it again.
    expect(cursor.report()).toMatchObject({
      ...{ outcome: 'RATE_LIMITED', code: 'UPSTREAM_RATE_LIMITED', error: 'Too much.', retryAt: '1970-01-01T00:00:03.160Z' },
      ...{ cause: failure, matching: null, returned: 1, exhausted: false, latencyMs: 80 },
    })
  })

  it('rejects where the client has to correct its request', async () => {
    const source = threeTickets()
    source.broken = new DeskgraphError('BAD_USER_INPUT', 'No such text.')
    await expect(cursorOver(source).read()).rejects.toThrow('No such text.')
  })

  it('ends at the scan limit, and is not exact then unless its list has ended there', async () => {
    const source = threeTickets({ paginationStyle: 'offset' })
    const within = cursorOver(source, { scanLimit: 2 })
    await within.read(2)
    expect([within.cursor.canRead, within.cursor.hasMore, within.cursor.isExact]).toEqual([false, true, false])
    const whole = cursorOver(source, { scanLimit: 3 })
    await whole.read(3)
    expect([whole.cursor.canRead, whole.cursor.isExact]).toEqual([false, true])
  })

  it('is not exact where its list contradicts the order', async () => {
    const { cursor, read } = cursorOver(threeTickets({ paginationStyle: 'offset', listOrder: 'scrambled' }))
    await read()
    expect([cursor.isExact, cursor.report().ordering]).toEqual([false, 'BEST_EFFORT'])
  })

  it('has its entry in the cursor of the page, and none where it resumes at its beginning', async () => {
    const { cursor, read } = cursorOver(threeTickets({ paginationStyle: 'offset' }))
    await read()
    expect(cursor.entryAfter(0)).toBeNull()
    expect(cursor.entryAfter(2)).toMatch(/^"desk":\["o",\[2,/)
    expect(cursor.entryAfter(3)).toBe('"desk":["e",3]')
    expect(cursor.hintAfter(2, () => true)).toEqual({ kind: 'active', offset: 2 })
  })
})

describe('a source that a page does not read', () => {
  const tags = ['vip']

  it('is skipped where its list has ended, and still says how many tickets it had', async () => {
    const source = threeTickets({ info: { filters: [] } })
    const { cursor, read } = cursorOver(source, { conditions: { tags }, start: { kind: 'exhausted', totalCount: 5 } })
    await read()
    expect(source.calls.list).toEqual([])
    expect(cursor).toMatchObject({ source, iterator: null, emitted: 0, canRead: false, error: null, hasMore: false })
    expect(cursor).toMatchObject({ totalCount: 5, isExact: true, filters: false })
    expect(cursor.report()).toEqual({
      ...{ ...healthy, source: source.info, outcome: 'SKIPPED', returned: 0, matching: 5, exhausted: true },
      ...{ ordering: 'EXACT', filtersApplied: ['TAGS'], latencyMs: 0 },
    })
    expect(cursor.entryAfter(0)).toBe('"desk":["e",5]')
    expect(cursor.hintAfter(0, () => true)).toEqual({ kind: 'exhausted', totalCount: 5 })
  })

  it('is skipped without tickets where none of them can match', () => {
    const customer = { kind: 'customer', sourceKey: 'other', tenant: '', externalId: 'c' } as const
    const { cursor } = cursorOver(threeTickets({ info: { filters: [] } }), { conditions: { customer, tags } })
    expect(cursor.report()).toMatchObject({ outcome: 'SKIPPED', matching: 0, filtersApplied: [] })
  })
})

describe('the conditions of a list', () => {
  it('are those of the source, and in part those by which it narrows its list', async () => {
    const source = threeTickets({ info: { filters: ['STATUS'] }, methods: { narrowingFilters: () => ['TAGS'] } })
    const { cursor, ids, read } = cursorOver(source, { conditions: { status: ['OPEN'], tags: ['vip'], text: 't2' } })
    await read()
    expect(source.calls.list[0]?.filter).toEqual({ status: ['OPEN'], tags: ['vip'] })
    expect([cursor.filters, cursor.report().filtersApplied, ids()]).toEqual([true, ['TAGS', 'TEXT'], ['t2']])
  })

  it('are all left to a source that applies them', async () => {
    const methods: MemorySourceOptions['methods'] = { pushdownFilters: () => ['TAGS'] }
    const source = threeTickets({ info: { filters: [] }, methods })
    const { cursor, ids, read } = cursorOver(source, { conditions: { tags: ['vip'] } })
    await read()
    expect(source.calls.list[0]?.filter).toEqual({ tags: ['vip'] })
    expect([cursor.filters, cursor.report().filtersApplied, ids()]).toEqual([false, [], ['t2']])
  })
})

describe('the fields that a list reads', () => {
  const lazy = { lazyFields: ['messages', 'organization'], listedFields: ['messages'] } as const
  const selected: WantedFields = new Set<keyof Ticket>(['messages', 'organization'])

  it.each<[string, Given, readonly string[] | undefined]>([
    ['are those that the operation selects and the list can have', { selected }, ['messages']],
    ['are none where the operation selects none of these', { selected: new Set(['title'] as const) }, undefined],
    ['are none where it is not known what the operation selects', { selected: null }, undefined],
    ['are none where nothing says what the operation selects', {}, undefined],
    ['are none where the gateway filters', { selected, conditions: { tags: ['vip'] } }, undefined],
  ])('%s', async (_, given, wanted) => {
    const source = threeTickets({ ...lazy, info: { filters: [] } })
    await cursorOver(source, given).read()
    expect(source.calls.list.map((request) => request.wanted)).toEqual([wanted])
  })

  it('are with tickets that a filter names those that the operation selects or a condition tests', async () => {
    const conditions = { ids: [encodeId('ticket', 'desk', '', 't2')] }
    const costly = ['messages', 'description', 'organization'] as const
    const wantedOf = async (given: Given) => {
      const source = threeTickets({ lazyFields: costly, costlyFields: costly })
      await cursorOver(source, given).read()
      return source.calls.wanted
    }
    const onlyMessages: WantedFields = new Set(['messages'] as const)
    expect(await wantedOf({ conditions, selected: onlyMessages })).toEqual([['messages']])
    expect(await wantedOf({ conditions: { ...conditions, tags: ['vip'] }, selected: onlyMessages })).toEqual([
      ['messages', 'description'],
    ])
    expect(await wantedOf({ conditions })).toEqual([null])
  })
})

describe('the list of a source resumes', () => {
  const third = { kind: 'sorted', block: null, after: ['2024-01-01T00:00:01.000Z', '', 't1'] } as const

  it('at its own position in a list by keys, and begins anew at a position of another kind', async () => {
    const source = threeTickets()
    await cursorOver(source, { start: { kind: 'keyset', position: '["2024-01-01T00:00:02.000Z","","t2"]' } }).read()
    await cursorOver(source, { start: third }).read()
    expect(source.calls.list.map(({ position }) => position)).toEqual(['["2024-01-01T00:00:02.000Z","","t2"]', null])
  })

  it('sorted by the gateway where it began so, also where the source sorts now', async () => {
    const source = threeTickets({ paginationStyle: 'offset', sorts: true })
    const { ids, read } = cursorOver(source, { order: byCreation, start: third })
    await read(1)
    expect([ids(), source.calls.list.map(({ order }) => order)]).toEqual([['t2', 't3'], [assumedOrder]])
  })

  it('sorted by the gateway in an order that the source does not have, else as the source lists', async () => {
    const sorted = cursorOver(threeTickets({ paginationStyle: 'cursor' }), { order: byCreation })
    await sorted.read(1)
    expect(sorted.ids()).toEqual(['t1', 't2', 't3'])
    const source = threeTickets({ paginationStyle: 'cursor' })
    const listed = cursorOver(source)
    await listed.read(1)
    const entry = listed.cursor.entryAfter(1)
    expect([listed.ids(), entry]).toEqual([['t3'], expect.stringContaining('"desk":["k",')])
    const position = JSON.parse(`{${entry}}`).desk[1] as string
    const next = cursorOver(source, { start: { kind: 'keyset', position } })
    await next.read(1)
    expect(next.ids()).toEqual(['t2'])
  })

  it('after its cursor where its pages are counted', async () => {
    const source = threeTickets({ paginationStyle: 'offset' })
    const start = { kind: 'offset', cursor: { offset: 2, lastValue: null, anchors: '', orderBroken: true } } as const
    await cursorOver(source, { start }).read(1)
    expect(source.calls.list[0]?.position).toBe('1')
  })
})

describe('a list is sorted by the gateway', () => {
  it('where its source has not this order', () => {
    const offset = threeTickets({ paginationStyle: 'offset' })
    expect(sortsInGateway(offset, { field: 'UPDATED_AT', direction: 'DESC' })).toBe(false)
    expect(sortsInGateway(offset, { field: 'UPDATED_AT', direction: 'ASC' })).toBe(true)
    expect(sortsInGateway(offset, { field: 'CREATED_AT', direction: 'DESC' })).toBe(true)
    expect(sortsInGateway(threeTickets({ paginationStyle: 'offset', sorts: true }), byCreation)).toBe(false)
    expect(sortsInGateway(threeTickets(), byCreation)).toBe(false)
  })
})

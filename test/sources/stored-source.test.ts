import { getEventListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { EntityRef } from '../../src/domain/ids.ts'
import { type Metrics, noMetrics } from '../../src/domain/telemetry.ts'
import type { ListRequest, SourceHealth } from '../../src/sources/source.ts'
import { createStoredSource, type SourceActivity, type TicketStore } from '../../src/sources/stored-source.ts'
import { countingMetrics, someCall } from '../support/call.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

const info = toSourceInfo('vcc', { label: 'VCC Live', mode: 'EVENT_FED' })
const ref: EntityRef = { kind: 'ticket', sourceKey: 'vcc', tenant: '', externalId: '1-1' }
const request: ListRequest = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 500 }
const emptySlice = { tickets: [], positions: [], end: true, totalCount: 0, dropped: 0 }

function sourceOver(tickets: Partial<TicketStore>, metrics: Metrics = noMetrics) {
  const store: TicketStore = {
    find: async () => [],
    list: async () => emptySlice,
    toPosition: () => 'position',
    count: async () => ({ total: 0, groups: [], complete: true }),
    findActivity: async () => ({ lastEventAt: null, lastHeldAt: null, events: 0, held: 0 }),
    ...tickets,
  }
  return createStoredSource({ info, tenant: '', tickets: store, clock: () => Date.parse('2024-06-01T12:00:00Z'), metrics })
}

/** A store whose database never answers. */
const silent = sourceOver({ find: () => new Promise(() => {}), list: () => new Promise(() => {}) })

describe('a stored source', () => {
  it("fails with UPSTREAM_TIMEOUT when its caller's signal aborts during a query", async () => {
    const caller = new AbortController()
    const call = someCall({ signal: caller.signal })
    const reads = Promise.allSettled([silent.listTickets(request, call), silent.loadTickets([ref], call)])
    caller.abort()
    expect(await reads).toMatchObject([
      { status: 'rejected', reason: { code: 'UPSTREAM_TIMEOUT', source: 'vcc' } },
      { status: 'fulfilled', value: [{ code: 'UPSTREAM_TIMEOUT', source: 'vcc' }] },
    ])
  })

  it('sends no query for a caller that has gone', async () => {
    let queries = 0
    const source = sourceOver({ list: async () => ({ ...emptySlice, totalCount: ++queries }) })
    await expect(source.listTickets(request, someCall({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ source: 'vcc' })
    expect(queries).toBe(0)
  })

  it('keeps the code of a fault of the store, and adds its name', async () => {
    const fault = new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be used now.', { retryAfter: 3 })
    const source = sourceOver({ find: () => Promise.reject(fault), list: () => Promise.reject(fault) })
    const named = { code: 'STORAGE_UNAVAILABLE', message: fault.message, source: 'vcc', retryAfter: 3, retryable: true }
    await expect(source.listTickets(request, someCall())).rejects.toMatchObject(named)
    expect(await source.loadTickets([ref], someCall())).toMatchObject([named])
  })

  it('passes on a fault that names another source, and one that is none of the store', async () => {
    for (const fault of [new DeskgraphError('UPSTREAM_TIMEOUT', 'Late.', { source: 'desk' }), new TypeError('A mistake.')]) {
      const source = sourceOver({ list: () => Promise.reject(fault) })
      await expect(source.listTickets(request, someCall())).rejects.toBe(fault)
    }
    const mistake = new TypeError('A mistake.')
    const broken = sourceOver({ find: () => Promise.reject(mistake), findActivity: () => Promise.reject(mistake) })
    await expect(broken.loadTickets([ref], someCall())).rejects.toBe(mistake)
    await expect(broken.health()).rejects.toBe(mistake)
  })

  it('says which source was no longer waited for, and gives a fault to its own references alone', async () => {
    const found = await silent.loadTickets([{ ...ref, sourceKey: 'wasabi' }, ref], someCall({ signal: AbortSignal.abort() }))
    expect(found).toMatchObject([null, { message: 'VCC Live was no longer waited for.', source: 'vcc' }])
  })

  it('waits for its database as long as its caller does, and leaves no listener behind', async () => {
    const { signal } = new AbortController()
    const source = sourceOver({
      async list() {
        await setImmediate()
        return emptySlice
      },
    })
    expect(await source.listTickets(request, someCall({ signal }))).toEqual(emptySlice)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('counts by its store, and lists by keyset with every field', async () => {
    const counted = { total: 3, groups: [], complete: true }
    const source = sourceOver({ count: async (key) => ({ ...counted, total: key === 'vcc' ? 3 : 0 }) })
    expect(await source.countTickets!({ filter: {}, by: 'SOURCE' }, someCall())).toEqual(counted)
    expect([source.paginationStyle, source.lazyFields, source.tenant]).toEqual(['keyset', [], ''])
  })

  it('queries for its own references only, and for one page at most', async () => {
    const queries: unknown[] = []
    const source = sourceOver({
      async find(refs) {
        queries.push(refs)
        return refs.map(({ externalId }) => toTicket(info, externalId))
      },
      async list(_key, { limit }) {
        queries.push(limit)
        return emptySlice
      },
    })
    const tickets = await source.loadTickets([{ ...ref, sourceKey: 'wasabi' }, ref], someCall())
    await source.listTickets(request, someCall())
    expect(tickets).toMatchObject([null, { externalId: '1-1' }])
    expect(queries).toEqual([[ref], 100])
  })

  it('leaves out the tickets of an earlier version whose id is refused now, counts them, and reads on where none is left', async () => {
    const stored = ['a/1', 'a/2', 'a/3', 'b', 'c?', 'd'].map((externalId) => toTicket(info, externalId))
    const metrics = countingMetrics()
    const store: Partial<TicketStore> = {
      async list(_key, { position, limit }) {
        const start = Number(position ?? 0)
        const tickets = stored.slice(start, start + limit)
        const positions = tickets.map((_, index) => String(start + index + 1))
        return { tickets, positions, end: start + limit >= stored.length, totalCount: stored.length, dropped: 0 }
      },
    }
    const source = sourceOver(store, metrics)
    const list = async (position: string | null, limit: number) => {
      const slice = await source.listTickets({ ...request, position, limit }, someCall())
      return { ...slice, tickets: slice.tickets.map(({ externalId }) => externalId) }
    }
    expect(await list(null, 2)).toEqual({ tickets: ['b'], positions: ['4'], end: false, totalCount: 6, dropped: 3 })
    expect(await list('4', 2)).toEqual({ tickets: ['d'], positions: ['6'], end: true, totalCount: 6, dropped: 1 })
    expect(metrics.total('dropped_records_total', { source: 'vcc' })).toBe(4)
    // All three of the first slice, and one of the next.
    expect(await list(null, 3)).toMatchObject({ tickets: ['b', 'd'], positions: ['4', '6'], dropped: 4 })
    expect(await list('2', 1)).toEqual({ tickets: ['b'], positions: ['4'], end: false, totalCount: 6, dropped: 1 })
  })

  const at = '2024-06-01T11:00:00.000Z'
  it.each<[string, SourceActivity, Partial<SourceHealth>]>([
    [
      'UNKNOWN before its first event',
      { lastEventAt: null, lastHeldAt: null, events: 0, held: 0 },
      { state: 'UNKNOWN', checkedAt: null },
    ],
    [
      'UP with the time of its last event, however long ago it was',
      { lastEventAt: '2020-01-01T00:00:00.000Z', lastHeldAt: null, events: 128, held: 0 },
      { state: 'UP', checkedAt: '2020-01-01T00:00:00.000Z', errorRate: 0, lastError: null },
    ],
    [
      'UP when its last events are no longer stored',
      { lastEventAt: at, lastHeldAt: null, events: 0, held: 0 },
      { state: 'UP', checkedAt: at, errorRate: null },
    ],
    [
      'DEGRADED for 15 minutes after a dead letter, among hundreds of good events',
      { lastEventAt: at, lastHeldAt: '2024-06-01T11:45:00.001Z', events: 128, held: 1 },
      { state: 'DEGRADED', errorRate: 1 / 128, lastError: 'EVENT_QUARANTINED' },
    ],
    [
      'UP behind these 15 minutes',
      { lastEventAt: at, lastHeldAt: '2024-06-01T11:45:00.000Z', events: 128, held: 1 },
      { state: 'UP' },
    ],
    [
      'DEGRADED while a tenth of its latest events is held',
      { lastEventAt: at, lastHeldAt: '2024-01-01T00:00:00.000Z', events: 20, held: 2 },
      { state: 'DEGRADED', errorRate: 0.1 },
    ],
  ])('is %s', async (_, activity, health) => {
    expect(await sourceOver({ findActivity: async () => activity }).health()).toMatchObject(health)
  })

  it('is DOWN while its store does not answer', async () => {
    const fault = new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be used now.')
    const source = sourceOver({ findActivity: () => Promise.reject(fault) })
    expect(await source.health()).toMatchObject({ state: 'DOWN', lastError: 'STORAGE_UNAVAILABLE' })
  })
})

import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { KeysetIterator } from '../../../src/tickets/pagination/keyset-iterator.ts'
import type { ReadPlan } from '../../../src/tickets/pagination/ticket-iterator.ts'
import { countingMetrics, someCall } from '../../support/call.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'
import { latestFirst } from '../ticket-service-fixture.ts'

const info = toSourceInfo('desk')
const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`

/** A ticket whose last update was in this minute. Those with an even minute are CLOSED. */
function ticket(minute: number): Ticket {
  return toTicket(info, `t${minute}`, { tenant: 'acme', updatedAt: at(minute), status: minute % 2 === 0 ? 'CLOSED' : 'OPEN' })
}

/** Reads a list of tickets that were updated in these minutes. The position after each is `after t…`. */
function iteratorOver(
  minutes: readonly number[],
  { start = null, ...differences }: Partial<ReadPlan> & { readonly start?: string | null } = {},
) {
  const all = minutes.map(ticket)
  const positions = all.map(({ externalId }) => `after ${externalId}`)
  const requested: { readonly position: string | null; readonly limit: number }[] = []
  const methods: Partial<TicketSource> = {
    async listTickets({ position, limit }) {
      requested.push({ position, limit })
      const from = positions.indexOf(position ?? '') + 1
      const to = Math.min(from + limit, all.length)
      const slice = { tickets: all.slice(from, to), positions: positions.slice(from, to), end: to === all.length }
      return { ...slice, totalCount: all.length, dropped: 0 }
    },
  }
  const metrics = countingMetrics()
  const source = createMemorySource(info, { methods, maxPageSize: 2 })
  const conditions = { pushedDown: {}, matches: null, counted: true, scanLimit: 100 }
  const plan: ReadPlan = { source, order: latestFirst, listOrder: latestFirst, ...conditions, metrics, ...differences }
  const iterator = new KeysetIterator(plan, start)
  return { iterator, requested, metrics, read: (want = 2) => iterator.read(want, someCall()) }
}

const isOpen = ({ status }: Ticket) => status === 'OPEN'

describe('the order of a list by keys', () => {
  it('gives the value behind which every unread ticket lies: that of the last record', async () => {
    const { iterator, read } = iteratorOver([9, 7, 5, 3])
    expect(iterator.lowWatermark).toBeUndefined()
    await read()
    expect(iterator.lowWatermark).toBe(at(7))
    await read()
    expect([iterator.lowWatermark, iterator.ordering]).toEqual([at(3), 'EXACT'])
  })

  it('is of records, also of those that do not match', async () => {
    const { iterator, read } = iteratorOver([9, 6, 5], { matches: isOpen })
    await read()
    expect(iterator.buffer.map(({ externalId }) => externalId)).toEqual(['t9'])
    expect(iterator.lowWatermark).toBe(at(6))
  })

  it('that a slice contradicts is a best effort from then on, gives no such value, and is counted', async () => {
    const { iterator, read, metrics } = iteratorOver([5, 7, 4, 3])
    await read()
    expect([iterator.ordering, iterator.lowWatermark]).toEqual(['BEST_EFFORT', undefined])
    await read()
    expect([iterator.ordering, iterator.lowWatermark]).toEqual(['BEST_EFFORT', undefined])
    expect(metrics.total('order_contradictions_total', { source: 'desk' })).toBe(1)
  })
})

describe('the reads of a list by keys', () => {
  it('continue behind the last record, and ask for whole pages where the gateway filters', async () => {
    const plain = iteratorOver([9, 7, 5], { start: 'after t9' })
    await plain.read(1)
    await plain.read(1)
    expect(plain.requested).toEqual([
      { position: 'after t9', limit: 1 },
      { position: 'after t7', limit: 1 },
    ])
    const filtered = iteratorOver([9, 7, 5], { matches: isOpen })
    await filtered.read(1)
    expect(filtered.requested).toEqual([{ position: null, limit: 2 }])
  })

  it('end at the scan limit', async () => {
    const { iterator, read } = iteratorOver([9, 7, 5, 3], { scanLimit: 2 })
    await read(1)
    expect(iterator.scanLimitReached).toBe(false)
    await read(1)
    expect(iterator.scanLimitReached).toBe(true)
    await read(1)
    expect(iterator.scanLimitReached).toBe(true)
  })
})

describe('where a later page resumes in a list by keys', () => {
  it("is the source's position after the last emitted ticket", async () => {
    const { iterator, read } = iteratorOver([9, 7, 5])
    expect(iterator.positionAfter(0)).toBeNull()
    await read()
    expect(iterator.positionAfter(1)).toEqual({ kind: 'keyset', position: 'after t9' })
    expect(iterator.positionAfter(2)).toEqual({ kind: 'keyset', position: 'after t7' })
    expect(iterator.placeAfter(2)).toEqual({ kind: 'key', key: { tenant: 'acme', externalId: 't7' } })
  })

  it('is where this page began when it emitted nothing', async () => {
    const { iterator, read } = iteratorOver([9, 7, 5], { start: 'after t9' })
    await read(1)
    expect(iterator.positionAfter(0)).toEqual({ kind: 'keyset', position: 'after t9' })
  })

  it('is behind the records that do not match, so that they are read once', async () => {
    const { iterator, read } = iteratorOver([9, 8, 7, 5], { matches: isOpen })
    await read()
    await read()
    expect(iterator.positionAfter(1)).toEqual({ kind: 'keyset', position: 'after t8' })
  })

  it('is nowhere after the last ticket of the list', async () => {
    const { iterator, read } = iteratorOver([9, 7])
    await read()
    expect(iterator.positionAfter(1)).toEqual({ kind: 'keyset', position: 'after t9' })
    expect(iterator.positionAfter(2)).toEqual({ kind: 'exhausted', totalCount: 2 })
    expect(iterator.hintAfter(2, () => true)).toEqual({ kind: 'exhausted', totalCount: 2 })
  })
})

describe('the hint by which an edge of a list by keys resumes', () => {
  /** The hint after the first `emitted` tickets, for an edge at a time: records at or after it are passed. */
  async function hintAfter(emitted: number, edge: string, ...given: Parameters<typeof iteratorOver>) {
    const { iterator, read } = iteratorOver(...given)
    for (let turn = 0; turn < 3 && !iterator.exhausted; turn++) await read()
    return iterator.hintAfter(emitted, ({ updatedAt }) => updatedAt !== null && updatedAt >= edge)
  }
  const byKey = { kind: 'active', offset: 0 }

  it('is the key of its ticket', async () => {
    expect(await hintAfter(1, at(9), [9, 7, 5])).toEqual(byKey)
    expect(await hintAfter(0, at(9), [9, 7, 5], { start: 'after t9' })).toEqual(byKey)
  })

  it('is none where the source finds no position by a key', async () => {
    const { toPosition: _, ...source } = createMemorySource(info, { maxPageSize: 2 })
    const iterator = new KeysetIterator(
      {
        source,
        order: latestFirst,
        listOrder: latestFirst,
        pushedDown: {},
        matches: null,
        counted: true,
        scanLimit: 9,
        metrics: countingMetrics(),
      },
      null,
    )
    expect(iterator.hintAfter(0, () => true)).toBeNull()
  })

  it('is the key also where as many records as a page follow the edge and do not match, but not with one more', async () => {
    expect(await hintAfter(1, at(9), [9, 8, 6, 5, 3], { matches: isOpen })).toEqual(byKey)
    expect(await hintAfter(1, at(9), [9, 8, 6, 4, 3], { matches: isOpen })).toBeNull()
  })

  it('is none before the first record where the gateway filters and the page began within the list', async () => {
    expect(await hintAfter(0, at(9), [9, 7, 5], { matches: isOpen, start: 'after t9' })).toBeNull()
    expect(await hintAfter(0, at(9), [7, 5, 3], { matches: isOpen })).toEqual(byKey)
    expect(await hintAfter(1, at(7), [9, 7, 5], { matches: isOpen, start: 'after t9' })).toEqual(byKey)
  })
})

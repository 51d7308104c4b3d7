import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { withFields } from '../../../src/domain/ticket-view.ts'
import { readCursorPage, type Walk } from '../../../src/sources/freshdesk/walk.ts'
import { readCursorSlice } from '../../../src/sources/pagination/cursor-list.ts'
import type { TicketOrder } from '../../../src/sources/source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }
const oldestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'ASC' }
const info = toSourceInfo('freshdesk')

const startMs = Date.UTC(2026, 0, 1)
const at = (second: number) => new Date(startMs + second * 1000).toISOString()
const secondOf = ({ updatedAt }: Ticket) => (Date.parse(updatedAt!) - startMs) / 1000

/** Tickets by the seconds of their updates, from 2026 on. Their ids are 1, 2, 3, … */
function toTickets(seconds: readonly number[]): readonly Ticket[] {
  return seconds.map((second, index) => toTicket(info, String(index + 1), { updatedAt: at(second) }))
}

interface Asked {
  readonly order: 'asc' | 'desc'
  readonly page: number
  readonly perPage: number
}

/** Lists as Freshdesk gives them: a lower bound of the update, and 300 pages. */
function createVendor(initial: readonly Ticket[]) {
  const upwards = (list: readonly Ticket[]) => list.toSorted((one, other) => secondOf(one) - secondOf(other))
  let sorted = upwards(initial)
  let times = sorted.map(secondOf)
  const asked: Asked[] = []
  const readPage: Walk['readPage'] = async ({ order, page, perPage, since }) => {
    asked.push({ order, page, perPage })
    if (page > 300) throw new Error('It should be less than or equal to 300')
    const from = times.findIndex((second) => second >= since - startMs / 1000)
    const found = from < 0 ? [] : sorted.slice(from)
    const [start, end] = [(page - 1) * perPage, page * perPage]
    const records =
      order === 'asc'
        ? found.slice(start, end)
        : found.slice(Math.max(0, found.length - end), Math.max(0, found.length - start)).toReversed()
    return { records, isFull: records.length >= perPage }
  }
  return {
    readPage,
    asked,
    change(to: (list: readonly Ticket[]) => readonly Ticket[]) {
      sorted = upwards(to(sorted))
      times = sorted.map(secondOf)
    },
  }
}

interface Options {
  readonly pageSize: number
  readonly limit: number
  readonly order?: TicketOrder
  readonly bounds?: Walk['bounds']
  readonly onSlice?: (index: number) => void
}

/** The ids of a whole list. */
async function walk({ readPage }: Pick<Walk, 'readPage'>, options: Options): Promise<readonly string[]> {
  const { pageSize, limit, order = latestFirst, bounds = { after: null, before: null }, onSlice } = options
  const list = { readPage, bounds, order, maxPageSize: pageSize, info }
  const ids: string[] = []
  for (let position: string | null = null, index = 0; index < 10_000; index++) {
    const slice = await readCursorSlice({ position, order, limit }, { info, maxPageSize: pageSize }, (cursor, wanted) =>
      readCursorPage({ ...list, wanted }, cursor),
    )
    const given = slice.tickets.slice(0, limit)
    ids.push(...given.map(({ externalId }) => externalId))
    if (slice.end && given.length === slice.tickets.length) return ids
    position = slice.positions[given.length - 1] ?? position
    onSlice?.(index)
  }
  throw new Error('the list does not end')
}

describe('the walk through a list of Freshdesk', () => {
  it('FRESHDESK-02 goes on behind 300 pages, latest update first, and gives each ticket once', async () => {
    // Two in a second, seven seconds between, and a quiet month behind 31,000 tickets.
    const count = 32_000
    const tickets = toTickets(
      Array.from({ length: count }, (_, index) => -Math.floor(index / 2) * 7 - (index >= 31_000 ? 2_592_000 : 0)),
    )
    const vendor = createVendor(tickets)
    const ids = await walk(vendor, { pageSize: 100, limit: 100 })
    expect(ids).toHaveLength(count)
    expect(new Set(ids).size).toBe(count)
    const seconds = ids.map((id) => secondOf(tickets[Number(id) - 1]!))
    expect(seconds).toEqual(seconds.toSorted((one, other) => other - one))
    const latest = vendor.asked.filter(({ order }) => order === 'desc')
    expect(Math.max(...latest.map(({ page }) => page))).toBeGreaterThan(290)
    // Little more than a call for each hundred.
    expect(vendor.asked.length).toBeLessThan(480)
  })

  it('FRESHDESK-02 never asks for a page behind the 300th, which Freshdesk refuses', async () => {
    const vendor = createVendor(toTickets(Array.from({ length: 3500 }, (_, index) => -index)))
    expect(new Set(await walk(vendor, { pageSize: 11, limit: 11 })).size).toBe(3500)
    expect(Math.max(...vendor.asked.map(({ page }) => page))).toBe(300)
  })

  it('FRESHDESK-02 goes on from the last time, again from page 1, with the oldest update first', async () => {
    const tickets = toTickets(Array.from({ length: 3400 }, (_, index) => Math.floor(index / 3)))
    const vendor = createVendor(tickets)
    expect(await walk(vendor, { pageSize: 10, limit: 10, order: oldestFirst })).toEqual(
      tickets.map(({ externalId }) => externalId),
    )
    expect(new Set(vendor.asked.map(({ page }) => page))).toEqual(new Set([1]))
  })

  it('gives every ticket once of a second that holds more than a page', async () => {
    const tickets = toTickets([5, ...Array.from({ length: 31 }, () => 0), -5])
    const everything = tickets.map(({ externalId }) => externalId).toSorted()
    for (const options of [{}, { order: oldestFirst }, { bounds: { after: null, before: at(6) } }]) {
      const ids = await walk(createVendor(tickets), { pageSize: 4, limit: 4, ...options })
      expect(ids.toSorted()).toEqual(everything)
    }
  })

  it('misses none where tickets are deleted, and repeats none where they change, while it is read', async () => {
    const vendor = createVendor(toTickets(Array.from({ length: 60 }, (_, index) => -index)))
    const gone = new Set(['2', '5', '9', '14'])
    const ids = await walk(vendor, {
      ...{ pageSize: 10, limit: 6 },
      onSlice(index) {
        if (index === 1) vendor.change((list) => list.filter(({ externalId }) => !gone.has(externalId)))
        if (index === 3)
          vendor.change((list) => list.map((one) => (one.externalId === '3' ? withFields(one, { updatedAt: at(10) }) : one)))
      },
    })
    expect(new Set(ids).size).toBe(ids.length)
    const all = Array.from({ length: 60 }, (_, index) => String(index + 1))
    expect(all.filter((id) => !ids.includes(id) && !gone.has(id))).toEqual([])
  })

  it('has exactly the tickets between two times, each once, however the updates lie', async () => {
    const near = fc.integer({ min: -40, max: 40 })
    const far = fc.integer({ min: -90_000_000, max: 9_000_000 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(near, far), { maxLength: 40 }),
        fc.record({ pageSize: fc.integer({ min: 1, max: 12 }), limit: fc.integer({ min: 1, max: 12 }), upwards: fc.boolean() }),
        fc.record({ after: fc.option(fc.integer({ min: -50, max: 30 })), before: fc.option(fc.integer({ min: -30, max: 50 })) }),
        async (seconds, { pageSize, limit, upwards }, { after, before }) => {
          const bounds = { after: after === null ? null : at(after), before: before === null ? null : at(before) }
          const order = upwards ? oldestFirst : latestFirst
          const ids = await walk(createVendor(toTickets(seconds)), { pageSize, limit: Math.min(limit, pageSize), order, bounds })
          const expected = seconds.flatMap((second, index) =>
            (after === null || second > after) && (before === null || second < before) ? [String(index + 1)] : [],
          )
          expect(ids.toSorted()).toEqual(expected.toSorted())
          const times = ids.map((id) => seconds[Number(id) - 1]!)
          expect(times).toEqual(times.toSorted((one, other) => (upwards ? one - other : other - one)))
        },
      ),
      { numRuns: 300 },
    )
  })
})

import { expect } from 'vitest'
import type { Ticket } from '../../src/domain/ticket.ts'
import { toPlainTicket } from '../../src/domain/ticket-view.ts'
import type { ListPoint } from '../../src/sources/pagination/list-point.ts'
import { isInOrder } from '../../src/sources/pagination/ticket-order.ts'
import type { CountKey, FilterField, TicketFilter, TicketOrder, TicketSource } from '../../src/sources/source.ts'
import { matchesFilter, splitFilter } from '../../src/tickets/ticket-filter.ts'
import { someCall } from '../support/call.ts'
import { toSampleFilters } from './filter-samples.ts'
import { expectModel } from './reading-checks.ts'
import { type ContractCheck, idOf, latestFirst, type Subject, toRef } from './source-fixture.ts'

/** Lists, with their pages, filters and orders, and counts. */
export const listingChecks: readonly ContractCheck[] = [
  {
    name: 'lists the fields that it can list, where they are wanted, as single reads have them',
    async run(subject) {
      const { source } = subject
      const { lazyFields, listedFields = [] } = source
      expect(lazyFields).toEqual(expect.arrayContaining([...listedFields]))
      if (listedFields.length === 0) return
      const request = { filter: {}, order: latestFirst, position: null, limit: 10, wanted: listedFields }
      const { tickets } = await source.listTickets(request, someCall({ fresh: true }))
      const single = await subject.load(tickets.map(toRef))
      for (const [index, ticket] of tickets.entries()) {
        expect(ticket.lazyFieldsRead).toEqual(expect.arrayContaining([...listedFields]))
        for (const field of lazyFields) {
          const expected = ticket.lazyFieldsRead?.includes(field) ? single[index]![field] : null
          expect([field, ticket[field]]).toEqual([field, expected])
        }
      }
    },
  },
  {
    name: 'lists every ticket once for each slice size, and ends',
    async run(subject) {
      const { maxPageSize } = subject.source
      const expected = subject.fixture.refs.map(idOf).sort()
      for (const limit of [7, maxPageSize, maxPageSize + 1, maxPageSize * 5]) {
        const ids = (await subject.listAll(limit)).map(({ id }) => id)
        expect([limit, ids.sort()]).toEqual([limit, expected])
      }
    },
  },
  {
    name: 'returns a position behind each ticket, at which a list resumes',
    async run(subject) {
      const slice = await subject.list({ limit: 5 })
      expect(slice.positions).toHaveLength(slice.tickets.length)
      for (const [index, position] of slice.positions.slice(0, 3).entries()) {
        const next = await subject.list({ position, limit: 2 })
        expect(next.tickets.map(({ id }) => id)).toEqual(slice.tickets.slice(index + 1, index + 3).map(({ id }) => id))
      }
      const single = await subject.list({ position: slice.positions[0]!, limit: 1 })
      expect(single.tickets.map(({ id }) => id)).toEqual([slice.tickets[1]?.id])
    },
  },
  {
    name: 'returns at most one page, and nothing behind the end',
    async run(subject) {
      const { source, fixture } = subject
      expect((await subject.list({ limit: source.maxPageSize * 5 })).tickets.length).toBeLessThanOrEqual(source.maxPageSize)
      const last = (await subject.slices(source.maxPageSize)).at(-1)!
      expect(last.end).toBe(true)
      expect(last.totalCount ?? fixture.refs.length).toBe(fixture.refs.length)
      const position = last.positions.at(-1)
      if (position !== undefined)
        expect(await subject.list({ position })).toMatchObject({ tickets: [], positions: [], end: true })
    },
  },
  {
    name: 'lists tickets that equal those of single reads, except in lazy fields',
    async run(subject) {
      const { source } = subject
      const { tickets } = await subject.list({ limit: 20 })
      const complete = await subject.load(tickets.map(toRef))
      for (const [index, ticket] of tickets.entries()) {
        expectModel(ticket, source)
        expect(ticket.isSummary).toBe(source.lazyFields.length > 0)
        expect(withoutLazyFields(ticket, source)).toEqual(withoutLazyFields(complete[index]!, source))
      }
    },
  },
  {
    name: 'has exactly the requested order with keyset pagination, and with offsets the latest update first and each order that it sorts',
    async run(subject) {
      for (const order of toOrders(subject.source)) {
        // About five pages: the order holds over their ends.
        const tickets = await subject.listAll(Math.ceil(subject.fixture.refs.length / 5), { order })
        expect([order, isInOrder(tickets, order)]).toEqual([order, true])
      }
    },
  },
  {
    name: 'resumes at any point of an order with keyset pagination: behind a ticket, before its value and behind it',
    async run(subject) {
      const { toPosition, paginationStyle } = subject.source
      expect(typeof toPosition).toBe(paginationStyle === 'keyset' ? 'function' : 'undefined')
      if (!toPosition) return
      for (const order of toOrders(subject.source)) {
        const all = await subject.listAll(100, { order })
        const values = all.map((ticket) => toSortValue(ticket, order))
        for (const [index, { tenant, externalId }] of all.entries()) {
          const value = values[index]!
          const expectRest = async (passed: ListPoint['passed'], from: number) => {
            const { tickets } = await subject.list({ order, position: toPosition({ value, passed }, order), limit: 3 })
            expect([order, passed, tickets.map(({ id }) => id)]).toEqual([
              order,
              passed,
              all.slice(from, from + 3).map(({ id }) => id),
            ])
          }
          await expectRest({ tenant, externalId }, index + 1)
          await expectRest('NONE', values.indexOf(value))
          await expectRest('ALL', values.lastIndexOf(value) + 1)
        }
      }
    },
  },
  {
    name: 'applies each filter that it claims exactly as a full read does: it leaves out nothing that matches, and nothing else is in it',
    async run(subject) {
      const all = await subject.listed()
      for (const filter of toSampleFilters(all, subject.source.info.key)) await expectFiltered(subject, filter, all)
    },
  },
  {
    name: 'narrows by each filter that it claims to narrow by',
    async run(subject) {
      const { source } = subject
      if (!source.narrowingFilters) return
      const all = await subject.listed()
      const untried = new Set<FilterField>()
      const narrowed = new Set<FilterField>()
      for (const filter of toSampleFilters(all, source.info.key)) {
        const [field, ...others] = source.narrowingFilters(filter)
        if (!field || others.length > 0 || isApplied(source, filter).length > 0) continue
        if (all.some((ticket) => !matchesFilter(ticket, filter))) untried.add(field)
        if ((await subject.listAll(source.maxPageSize, { filter })).length < all.length) narrowed.add(field)
      }
      expect([...narrowed].sort()).toEqual([...untried].sort())
    },
  },
  {
    name: 'DECISION-37 counts by the keys of its capabilities, as many tickets as it lists, and by no key without them',
    async run(subject) {
      const { source, fixture } = subject
      const { counts, countsBy, callsPerCount } = source.info.capabilities
      expect([counts, typeof source.countTickets]).toEqual([countsBy.length > 0, countsBy.length > 0 ? 'function' : 'undefined'])
      expect(callsPerCount > 0).toBe(counts && source.info.mode === 'PULL')
      const tickets = await subject.complete()
      for (const by of countsBy) {
        const tally = (await source.countTickets!({ filter: {}, by }, someCall()))!
        expect([by, tally.total, tally.complete]).toEqual([by, fixture.refs.length, true])
        const counted = new Map(tally.groups.filter(({ count }) => count > 0).map(({ key, count }) => [key, count]))
        const expected = new Map<string | null, number>()
        for (const ticket of by === 'SOURCE' ? [] : tickets) {
          const key = toKey(ticket!, by)
          expected.set(key, (expected.get(key) ?? 0) + 1)
        }
        expect([by, counted]).toEqual([by, expected])
      }
    },
  },
]

/** A source with offsets is asked for the order that its lists are assumed to have, and for those that it sorts. */
function toOrders(source: TicketSource): readonly TicketOrder[] {
  const orders = (['UPDATED_AT', 'CREATED_AT', 'PRIORITY'] as const).flatMap((field) => [
    { field, direction: 'ASC' as const },
    { field, direction: 'DESC' as const },
  ])
  return source.paginationStyle === 'keyset' ? orders : [latestFirst, ...orders.filter((order) => source.sorts?.(order))]
}

/** What an order sorts by: a time, or '1' (LOW) to '4' (URGENT); null: unknown. */
function toSortValue({ priority, createdAt, updatedAt }: Ticket, { field }: TicketOrder): string | null {
  if (field !== 'PRIORITY') return field === 'CREATED_AT' ? createdAt : updatedAt
  const number = ['LOW', 'MEDIUM', 'HIGH', 'URGENT'].indexOf(priority ?? 'UNKNOWN') + 1
  return number === 0 ? null : String(number)
}

/** The fields of a filter that the source says to apply exactly. */
function isApplied(source: TicketSource, filter: TicketFilter): readonly FilterField[] {
  return source.pushdownFilters?.(filter) ?? source.info.filters
}

/** Compares a filtered list, asked for as the gateway asks, with the same condition over all tickets. */
async function expectFiltered(subject: Subject, filter: TicketFilter, all: readonly Ticket[]): Promise<void> {
  const { source } = subject
  const { pushedDown, clientSide } = splitFilter(filter, isApplied(source, filter))
  const narrowing = splitFilter(clientSide, source.narrowingFilters?.(clientSide) ?? []).pushedDown
  const sent = { ...pushedDown, ...narrowing }
  if (Object.keys(sent).length === 0) return
  const slices = await subject.slices(source.maxPageSize, { filter: sent })
  const known = new Map(all.map((ticket) => [ticket.id, ticket]))
  const listed = slices.flatMap(({ tickets }) => tickets).map((ticket) => known.get(ticket.id) ?? ticket)
  const idsWhere = (tickets: readonly Ticket[], condition: TicketFilter) =>
    tickets.filter((ticket) => matchesFilter(ticket, condition)).map(({ id }) => id)
  expect([filter, idsWhere(listed, filter).sort()]).toEqual([filter, idsWhere(all, filter).sort()])
  expect([filter, idsWhere(listed, pushedDown).length]).toEqual([filter, listed.length])
  if (Object.keys(narrowing).length > 0) return
  const expected = idsWhere(all, pushedDown).length
  expect([filter, slices[0]!.totalCount ?? expected]).toEqual([filter, expected])
  const tally = await source.countTickets?.({ filter: pushedDown, by: 'SOURCE' }, someCall())
  expect([filter, tally?.total ?? expected]).toEqual([filter, expected])
}

/** By what a count groups a ticket. */
function toKey({ status, priority, channel, assignee, queue, queueKey }: Ticket, by: CountKey): string | null {
  const values = { STATUS: status, PRIORITY: priority, CHANNEL: channel, SOURCE: null }
  if (by === 'ASSIGNEE') return assignee?.externalId ?? null
  return by === 'QUEUE' ? (queueKey ?? queue) : values[by]
}

/** The fields that a list and a single read agree on. `raw` is the record as each of them received it. */
function withoutLazyFields(ticket: Ticket, source: TicketSource): object {
  const differing: readonly string[] = [...source.lazyFields, 'isSummary', 'freshness', 'raw']
  const links = ticket.links?.filter(({ kind }) => !source.lazyLinkKinds?.includes(kind))
  const fields = { ...toPlainTicket(ticket), ...(links && { links }) }
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !differing.includes(name)))
}

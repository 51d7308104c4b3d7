import { describe, expect, it } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import type { TicketFilter } from '../../src/sources/source.ts'
import {
  concernsSource,
  conditionsOf,
  matchesFilter,
  refsOfSource,
  splitFilter,
  toTest,
} from '../../src/tickets/ticket-filter.ts'
import { toCustomer, toSourceInfo, toTicket, toVendor } from '../support/memory-ticket.ts'

const source = toSourceInfo('a')
const ticket = toTicket(source, 'abc-1', {
  number: 'NO-77',
  title: 'Missing ITEM',
  description: 'The fries are missing...',
  status: 'OPEN',
  priority: 'HIGH',
  channel: 'CHAT',
  category: { code: 'food', label: 'Food', path: [] },
  assignee: { id: 'x', externalId: 'ag-1', name: 'Ada Lovelace', email: 'ada@example.org' },
  customer: toCustomer(source, 'c1', { email: 'Guest@Example.org' }),
  vendor: toVendor(source, 'v1'),
  orders: [{ id: 'o', externalId: 'order-9', entityId: null, placedAt: null }],
  tags: ['vip', 'late'],
  createdAt: '2024-01-01T00:00:00.000Z',
  updatedAt: '2024-01-02T00:00:00.000Z',
})
const ticketId = encodeId('ticket', 'a', '', 'abc-1')
const bare = toTicket(source, 'bare')
const customer = { kind: 'customer', sourceKey: 'a', tenant: '', externalId: 'c1' } as const
const vendor = { kind: 'vendor', sourceKey: 'a', tenant: '', externalId: 'v1' } as const

describe('a filter matches', () => {
  it.each<[string, TicketFilter, TicketFilter]>([
    ['any of the statuses', { status: ['NEW', 'OPEN'] }, { status: ['CLOSED'] }],
    ['any of the priorities', { priority: ['HIGH'] }, { priority: ['LOW'] }],
    ['any of the channels', { channel: ['CHAT'] }, { channel: ['EMAIL'] }],
    ['any of the category codes', { category: ['food'] }, { category: ['Food'] }],
    ["an assignee's id", { assignee: 'AG-1' }, { assignee: 'ag' }],
    ["an assignee's name", { assignee: 'ada lovelace' }, { assignee: 'ada' }],
    ["an assignee's e-mail", { assignee: 'ADA@example.org' }, { assignee: 'bob@example.org' }],
    ['the assignee that a source has as this one', { assignedTo: { a: 'ADA@example.org' } }, { assignedTo: { a: 'bob' } }],
    ['the assignee of its own source only', { assignedTo: { a: 'ag-1', b: 'bob' } }, { assignedTo: { b: 'ag-1' } }],
    ['any of the ids', { ids: [ticketId, 'other'] }, { ids: ['other'] }],
    ['a customer', { customer }, { customer: { ...customer, externalId: 'c2' } }],
    ['a customer by its whole id', { customer }, { customer: { ...customer, tenant: 'x' } }],
    ['a customer of the same source only', { customer }, { customer: { ...customer, sourceKey: 'b' } }],
    ["a customer's e-mail, in any case of letters", { customerEmail: 'guest@example.org' }, { customerEmail: 'example.org' }],
    ['a vendor', { vendor }, { vendor: { ...vendor, tenant: 'x' } }],
    ['an order', { orderId: 'order-9' }, { orderId: 'order' }],
    ['any of the tags', { tags: ['new', 'vip'] }, { tags: ['VIP'] }],
    ['text in the title', { text: ' missing item ' }, { text: 'missing items' }],
    ['text in the description', { text: 'fries' }, { text: 'burger' }],
    ['text in the number', { text: 'no-77' }, { text: 'no-78' }],
    ['text in the external id', { text: 'ABC' }, { text: 'abd' }],
    ['after a time, exclusively', { createdAfter: '2023-12-31T23:59:59.999Z' }, { createdAfter: '2024-01-01T00:00:00.000Z' }],
    ['before a time, exclusively', { createdBefore: '2024-01-01T00:00:00.001Z' }, { createdBefore: '2024-01-01T00:00:00.000Z' }],
    ['updated after', { updatedAfter: '2024-01-01T12:00:00.000Z' }, { updatedAfter: '2024-01-02T00:00:00.000Z' }],
    ['updated before', { updatedBefore: '2024-01-03T00:00:00.000Z' }, { updatedBefore: '2024-01-02T00:00:00.000Z' }],
    ['only when every condition holds', { status: ['OPEN'], tags: ['vip'] }, { status: ['OPEN'], tags: ['no'] }],
  ])('%s', (_, matching, other) => {
    expect([matchesFilter(ticket, matching), matchesFilter(ticket, other)]).toEqual([true, false])
  })

  it('everything when it has no conditions', () => {
    expect(matchesFilter(bare, { status: null, tags: [], text: null })).toBe(true)
  })

  it('no ticket that lacks the field', () => {
    const conditions: TicketFilter[] = [
      { priority: ['HIGH'] },
      { channel: ['CHAT'] },
      { category: ['food'] },
      { assignee: 'ada' },
      { customer },
      { customerEmail: 'a@example.org' },
      { vendor },
      { orderId: '1' },
      { tags: ['vip'] },
      { assignedTo: { a: 'ada' } },
      { text: 'x' },
      { createdAfter: '2000-01-01T00:00:00.000Z' },
      { createdBefore: '2100-01-01T00:00:00.000Z' },
      { updatedAfter: '2000-01-01T00:00:00.000Z' },
      { updatedBefore: '2100-01-01T00:00:00.000Z' },
    ]
    expect(conditions.filter((filter) => matchesFilter(bare, filter))).toEqual([])
  })
})

describe('a filter by the lack of an assignee', () => {
  it('matches the tickets without one', () => {
    expect([matchesFilter(bare, { unassigned: true }), matchesFilter(ticket, { unassigned: true })]).toEqual([true, false])
  })
})

describe('the conditions of a filter', () => {
  it('are those that are not null and not empty lists, except of ids: no id is a condition that no ticket meets', () => {
    const filter: TicketFilter = { status: [], tags: null, assignee: null, ids: [], priority: ['HIGH'] }
    expect(conditionsOf(filter)).toEqual({ ids: [], priority: ['HIGH'] })
    expect(matchesFilter(ticket, { ids: [] })).toBe(false)
  })

  it('have no blanks around the searched text, and keep every other text', () => {
    expect(conditionsOf({ text: ' two words ', orderId: ' 9 ' })).toEqual({ text: 'two words', orderId: ' 9 ' })
  })
})

describe('a filter over sources', () => {
  it('is split into what the source applies and what is left', () => {
    expect(splitFilter({ status: ['OPEN'], customer, tags: ['x'] }, ['STATUS', 'VENDOR'])).toEqual({
      pushedDown: { status: ['OPEN'] },
      clientSide: { customer, tags: ['x'] },
      clientSideFilters: ['CUSTOMER', 'TAGS'],
    })
  })

  it('names a condition with two bounds once', () => {
    const bounds = { createdAfter: '2000-01-01T00:00:00.000Z', createdBefore: '2100-01-01T00:00:00.000Z' }
    expect(splitFilter(bounds, []).clientSideFilters).toEqual(['CREATED'])
    expect(splitFilter(bounds, ['CREATED']).pushedDown).toEqual(bounds)
  })

  it('by a customer or vendor concerns one source', () => {
    expect([concernsSource({ customer }, 'a'), concernsSource({ customer }, 'b'), concernsSource({}, 'b')]).toEqual([
      true,
      false,
      true,
    ])
    expect(concernsSource({ customer, vendor: { ...vendor, sourceKey: 'b' } }, 'a')).toBe(false)
  })

  it('by logins concerns the sources that have one', () => {
    const filter = { assignedTo: { a: 'ada' } }
    expect([concernsSource(filter, 'a'), concernsSource(filter, 'b'), concernsSource(filter, 'toString')]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('by ids concerns the sources of these tickets, and asks each of its own, once', () => {
    const inB = encodeId('ticket', 'b', 'acme', '7')
    const ids = [inB, 'nonsense', encodeId('customer', 'a', '', 'c1'), inB]
    expect([concernsSource({ ids }, 'b'), concernsSource({ ids }, 'a')]).toEqual([true, false])
    expect(refsOfSource(ids, 'b')).toEqual([{ kind: 'ticket', sourceKey: 'b', tenant: 'acme', externalId: '7' }])
    expect(refsOfSource(ids, 'a')).toEqual([])
  })
})

const empties: readonly TicketFilter[] = ['', ' ', '\n\u2003'].flatMap((text) => [
  { assignee: text },
  { customerEmail: text },
  { orderId: text },
  { text },
  { category: [text] },
  { tags: ['vip', text] },
])

it.each(empties)('an empty text is no condition and no filter: %j (DECISION-38)', (filter) => {
  const [field] = Object.keys(filter)
  expect(() => toTest(filter)).toThrow(
    `"filter.${field}" has an empty text. Leave the field out, or send null, for no condition.`,
  )
})

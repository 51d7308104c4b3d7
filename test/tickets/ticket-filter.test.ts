import { describe, expect, it } from 'vitest'
import type { TicketFilter } from '../../src/sources/source.ts'
import { concernsSource, matchesFilter, splitFilter, toTest } from '../../src/tickets/ticket-filter.ts'
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
    ['a customer', { customer }, { customer: { ...customer, externalId: 'c2' } }],
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
      { text: 'x' },
      { createdAfter: '2000-01-01T00:00:00.000Z' },
      { updatedBefore: '2100-01-01T00:00:00.000Z' },
    ]
    expect(conditions.filter((filter) => matchesFilter(bare, filter))).toEqual([])
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

import { describe, expect, it } from 'vitest'
import { toOneViewPage, toOneViewTicket } from '../../../src/sources/oneview/decode.ts'

// Records as "pd-oneview-ticket-detail 1.0.0" describes them.

const ticket = {
  ...{ id: 'T-1', Assignee: 'ann@desk.example', UpdatedAt: 1_767_312_000, createdAt: 1_767_225_600, queue: 'Riders' },
  ...{ channel: 'chat', type: 'customer', status: 'open', statusReason: 'new', priority: 2, source: 'app' },
  metadata: {
    ...{ ccr: 'c-1', localCcr: 'l-1', country: 'de', language: 'en', orderId: 'o-1', entityId: 'e-1', geid: 'g-1', sla: 30 },
    tags: ['vip', 7],
    childrenLinks: [
      { ticketId: 'T-2', ticketIdType: 'id', ticketCategory: 'c', creator: 'ann', createdAt: 1_767_225_600, reason: 'split' },
      { ticketId: 3 },
      ...[{ creator: 'ann' }, null],
    ],
  },
  customer: { id: 7, firstName: 'Mia', lastName: 'Krystof', name: 'Mia Krystof', email: 'mia@example.com' },
  vendor: { id: 'v-1', vertical: 'food' },
}
const decoded = {
  ...{ id: 'T-1', assignee: 'ann@desk.example', updatedAt: '2026-01-02T00:00:00.000Z', createdAt: '2026-01-01T00:00:00.000Z' },
  ...{ queue: 'Riders', channel: 'chat', type: 'customer', status: 'open', statusReason: 'new', priority: 2, source: 'app' },
  metadata: {
    ...{ ccr: 'c-1', localCcr: 'l-1', country: 'de', language: 'en', orderId: 'o-1', entityId: 'e-1', sla: 30, tags: ['vip'] },
    childrenLinks: [
      {
        ...{ ticketId: 'T-2', ticketIdType: 'id', ticketCategory: 'c', creator: 'ann', reason: 'split' },
        createdAt: '2026-01-01T00:00:00.000Z',
      },
      { ticketId: '3', ticketIdType: null, ticketCategory: null, creator: null, createdAt: null, reason: null },
    ],
  },
  customer: { id: '7', firstName: 'Mia', lastName: 'Krystof', name: 'Mia Krystof', email: 'mia@example.com' },
  vendor: { id: 'v-1', vertical: 'food' },
}

/** Every key in this casing. */
function recase(value: unknown, change: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => recase(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), recase(item, change)]))
}

describe('a ticket of OneView', () => {
  it('has what its record tells, by keys in any casing', () => {
    expect(toOneViewTicket(ticket)).toMatchObject({ ...decoded, record: ticket })
    for (const change of [(key: string) => key.toLowerCase(), (key: string) => key.toUpperCase()]) {
      const record = recase(ticket, change)
      expect(toOneViewTicket(record)).toMatchObject({ ...decoded, record })
    }
  })

  it('needs only its id', () => {
    const texts = { assignee: null, queue: null, channel: null, type: null, status: null, statusReason: null, source: null }
    const others = { updatedAt: null, createdAt: null, metadata: null, priority: null, customer: null, vendor: null }
    const record = { id: 7, metadata: 'none', customer: 7, vendor: [] }
    expect(toOneViewTicket(record)).toMatchObject({ id: '7', ...texts, ...others, record })
  })

  it('has parts of which nothing is known', () => {
    const metadata = { ccr: null, localCcr: null, country: null, language: null, orderId: null, entityId: null, sla: null }
    expect(toOneViewTicket({ id: '1', metadata: {}, customer: {}, vendor: {} })).toMatchObject({
      metadata: { ...metadata, tags: null, childrenLinks: null },
      customer: { id: null, firstName: null, lastName: null, name: null, email: null },
      vendor: { id: null, vertical: null },
    })
  })

  it('tells a ticket without an order from one that says nothing of it', () => {
    const orderId = (value: unknown) => toOneViewTicket({ id: '1', metadata: { orderId: value } })?.metadata?.orderId
    expect(['', ' ', null, undefined, 7, 'o-1'].map(orderId)).toEqual(['', null, null, null, '7', 'o-1'])
  })

  it('has its entity under one of two keys', () => {
    const entityId = (metadata: object) => toOneViewTicket({ id: '1', metadata })?.metadata?.entityId
    expect([entityId({ geid: 'g-1' }), entityId({ entityId: '', geid: 'g-1' })]).toEqual(['g-1', 'g-1'])
  })

  it('is none without an id, or where it is nested more than 64 levels deep', () => {
    for (const value of [null, [], {}, 'T-1', { id: '' }, { id: 1.5 }]) expect(toOneViewTicket(value)).toBeNull()
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect([toOneViewTicket({ id: 'a', a: nested(63) })?.id, toOneViewTicket({ id: 'a', a: nested(64) })]).toEqual(['a', null])
  })
})

describe('a page of OneView', () => {
  it('has no total, and one that is no ticket keeps its place', () => {
    const page = toOneViewPage({ List: [{ id: 'a' }, {}, { id: 'b' }], PAGE: 2, pagesize: '50' })
    expect(page).toMatchObject({ list: [{ id: 'a' }, null, { id: 'b' }], page: 2, pageSize: 50, total: null })
    expect(toOneViewPage({ list: [] })).toEqual({ list: [], page: null, pageSize: null, total: null })
    for (const value of [null, [], {}, 'list', { list: {} }]) expect(toOneViewPage(value)).toBeNull()
  })
})

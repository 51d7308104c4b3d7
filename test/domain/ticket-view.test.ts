import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import type { Ticket } from '../../src/domain/ticket.ts'
import { createTicketView, type TicketReaders, toPlainTicket, unknownFields, withFields } from '../../src/domain/ticket-view.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

interface Record {
  readonly id: string
  readonly subject: string | null
}
const info = toSourceInfo('desk')
const freshness = { mode: 'LIVE', observedAt: '2026-01-01T00:00:00.000Z' } as const

function viewOf(record: Record, more: TicketReaders<Record, string> = {}) {
  const reads: string[] = []
  const toView = createTicketView<Record, string>({
    id: ({ id }, context) => `${context}:${id}`,
    source: () => info,
    tenant: () => '',
    externalId: ({ id }) => id,
    freshness: () => freshness,
    title(wire) {
      reads.push(wire.id)
      return wire.subject
    },
    raw: (wire) => wire,
    ...more,
  })
  return { ticket: toView(record, 'context'), reads }
}

test('a field is read from the record when it is first asked for, once, also where it is null', () => {
  const { ticket, reads } = viewOf({ id: '1', subject: null })
  expect(ticket.id).toBe('context:1')
  expect(reads).toEqual([])
  expect([ticket.title, ticket.title]).toEqual([null, null])
  expect(reads).toEqual(['1'])
})

test('a field without a reader is not known', () => {
  const { ticket } = viewOf({ id: '1', subject: 'A' })
  const { title, raw, ...others } = unknownFields
  for (const [field, value] of Object.entries(others)) expect([field, ticket[field as keyof Ticket]]).toEqual([field, value])
  expect(ticket.lazyFieldsRead).toBeUndefined()
})

test('a copy has other values, and leaves the ticket as it is', () => {
  const { ticket, reads } = viewOf({ id: '1', subject: 'A' })
  const copy = withFields(ticket, { status: 'CLOSED', messages: [], title: 'B' })
  expect([copy.status, copy.messages, copy.title, copy.id]).toEqual(['CLOSED', [], 'B', 'context:1'])
  expect(reads).toEqual([])
  expect([ticket.status, ticket.messages, ticket.title]).toEqual(['UNKNOWN', null, 'A'])
  expect(withFields(copy, { status: 'OPEN' }).title).toBe('B')
})

test('a copy of plain data is plain data', () => {
  const plain = toTicket(info, '1', { title: 'A' })
  expect(withFields(plain, { title: 'B' })).toEqual({ ...plain, title: 'B' })
  expect(plain.title).toBe('A')
  expect(toPlainTicket(plain)).toBe(plain)
})

test('plain data has every field as a property, as JSON has them', () => {
  const { ticket } = viewOf({ id: '1', subject: 'A' })
  const plain = toPlainTicket(ticket)
  const expected = { ...unknownFields, id: 'context:1', source: info, tenant: '', externalId: '1', freshness, title: 'A' }
  expect(plain).toEqual({ ...expected, raw: { id: '1', subject: 'A' } })
  expect('lazyFieldsRead' in plain).toBe(false)
  expect(JSON.parse(JSON.stringify([ticket]))).toEqual([JSON.parse(JSON.stringify(plain))])
  const summary = toPlainTicket(withFields(ticket, { isSummary: true, lazyFieldsRead: ['messages'] }))
  expect([summary.isSummary, summary.lazyFieldsRead]).toEqual([true, ['messages']])
})

test('views of different records are not equal', () => {
  const [one, other] = [viewOf({ id: '1', subject: 'A' }).ticket, viewOf({ id: '1', subject: 'B' }).ticket]
  expect(isDeepStrictEqual(one, other)).toBe(false)
})

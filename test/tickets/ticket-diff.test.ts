import { expect, it } from 'vitest'
import { diffTickets } from '../../src/tickets/ticket-diff.ts'
import { toCustomer, toSourceInfo, toTicket } from '../support/memory-ticket.ts'

const source = toSourceInfo('a')
const ticket = toTicket(source, 'x', { title: 'Late', status: 'OPEN', tags: ['vip', 'late'] })

it('a diff names each field that differs, with both values as text', () => {
  const after = toTicket(source, 'x', { title: 'Late', status: 'CLOSED', tags: ['vip'] })
  expect(diffTickets(ticket, after)).toEqual([
    { field: 'status', before: 'OPEN', after: 'CLOSED' },
    { field: 'tags', before: 'vip, late', after: 'vip' },
  ])
})

it('a diff of a ticket that was not known names every field that is set', () => {
  const changes = diffTickets(null, ticket)
  expect(changes).toContainEqual({ field: 'title', before: null, after: 'Late' })
  expect(changes.every(({ before, after }) => before === null && after !== null)).toBe(true)
})

it('a diff has no personal data (INPUT-08)', () => {
  const customer = toCustomer(source, 'c1', { name: 'Ada', email: 'ada@example.org' })
  expect(diffTickets(ticket, { ...ticket, description: 'My phone is 555-0100', customer })).toEqual([])
})

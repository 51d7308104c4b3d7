import { describe, expect, it } from 'vitest'
import type { ThreadMessage } from '../../src/domain/ticket.ts'
import { changesOf, diffTickets } from '../../src/domain/ticket-diff.ts'
import { toAgent, toCustomer, toMessage, toSourceInfo, toTicket } from '../support/memory-ticket.ts'

const source = toSourceInfo('a')
const ticket = toTicket(source, 'x', { title: 'Late', status: 'OPEN', tags: ['vip', 'late'] })

it('a diff names each field that differs, with both values as text', () => {
  const after = toTicket(source, 'x', { title: 'Late', status: 'CLOSED', tags: ['vip'] })
  expect(diffTickets(ticket, after)).toEqual([
    { field: 'status', before: 'OPEN', after: 'CLOSED' },
    { field: 'tags', before: 'vip, late', after: 'vip' },
  ])
})

it('a diff has no personal data (INPUT-08)', () => {
  const customer = toCustomer(source, 'c1', { name: 'Ada', email: 'ada@example.org' })
  expect(diffTickets(ticket, { ...ticket, description: 'My phone is 555-0100', customer })).toEqual([])
})

describe('DECISION-35: the changes of an entry', () => {
  const asked = [{ field: 'assignee', before: null, after: 'ann' }]

  it('are null where the ticket before is not known, and what a write asked for where there was one', () => {
    expect(changesOf({ before: null, ticket })).toBeNull()
    expect(changesOf({ before: null, ticket, asked: [] })).toBeNull()
    expect(changesOf({ before: null, ticket, asked })).toEqual([{ field: 'assignee', before: null, after: 'ann' }])
  })

  it('are the difference from a known ticket, then what was asked and the source does not show', () => {
    const escalated = toTicket(source, 'x', { title: 'Late', status: 'ESCALATED', tags: ['vip', 'late'] })
    expect(
      changesOf({ before: ticket, ticket: escalated, asked: [{ field: 'escalation', before: null, after: 'lost' }] }),
    ).toEqual([
      { field: 'status', before: 'OPEN', after: 'ESCALATED' },
      { field: 'escalation', before: null, after: 'lost' },
    ])
    expect(changesOf({ before: ticket, ticket })).toEqual([])
  })

  it('name a field once, and not one that already was as asked', () => {
    const [ann, bob] = [toAgent(source, '7', { name: 'Ann' }), toAgent(source, 'bob')]
    const change = (from: typeof ann, to: typeof ann) =>
      changesOf({
        before: { ...ticket, assignee: from },
        ticket: { ...ticket, assignee: to },
        asked: [{ ...asked[0]!, after: 'Ann' }],
      })
    expect(change(bob, ann)).toEqual([{ field: 'assignee', before: 'bob', after: 'Ann' }])
    expect(change(ann, ann)).toEqual([])
  })

  it('have the id of the newest message that came, where both states show their messages', () => {
    const [one, two, three] = ['1', '2', '3'].map((id) => toMessage(source, 'x', id)) as [
      ThreadMessage,
      ThreadMessage,
      ThreadMessage,
    ]
    const known = { ...ticket, messages: [one] }
    expect(diffTickets(known, { ...ticket, messages: [one, two, three] })).toEqual([
      { field: 'message', before: null, after: three.id },
    ])
    expect(diffTickets(known, { ...ticket, messages: [one] })).toEqual([])
    expect(diffTickets(ticket, { ...ticket, messages: [one] })).toEqual([])
    expect(diffTickets(known, { ...ticket, messages: null })).toEqual([])
  })
})

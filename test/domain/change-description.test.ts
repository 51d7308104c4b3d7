import { describe, expect, it } from 'vitest'
import { kindOf, summarize } from '../../src/domain/change-description.ts'
import type { FieldChange, TicketEventKind } from '../../src/domain/events.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { toAgent, toMessage, toSourceInfo, toTicket } from '../support/memory-ticket.ts'

const source = toSourceInfo('a')
const [first, second] = [toMessage(source, 'x', '1'), toMessage(source, 'x', '2')]
const before = toTicket(source, 'x', { status: 'OPEN', queue: 'chat', title: 'Late', messages: [first] })

describe('DECISION-35: the kind of a change', () => {
  it.each<[TicketEventKind, Partial<Ticket>]>([
    ['UPDATED', { title: 'Later' }],
    ['CLOSED', { status: 'CLOSED', queue: 'mail' }],
    ['ESCALATED', { status: 'ESCALATED', assignee: toAgent(source, 'ann') }],
    ['STATUS_CHANGED', { status: 'PENDING', messages: [first, second] }],
    ['STATUS_CHANGED', { status: 'RESOLVED' }],
    ['DELETED', { status: 'CLOSED', deletedAt: '2026-01-01T00:00:00.000Z' }],
    ['TRANSFERRED', { queue: 'mail', assignee: toAgent(source, 'ann') }],
    ['REASSIGNED', { assignee: toAgent(source, 'ann'), messages: [first, second] }],
    ['MESSAGE', { messages: [first, second], title: 'Later' }],
  ])('is %s after %o', (kind, after) => {
    expect(kindOf(before, { ...before, ...after })).toBe(kind)
  })

  it('is UPDATED where the ticket before is not known, also of a closed ticket', () => {
    expect(kindOf(null, { ...before, status: 'CLOSED' })).toBe('UPDATED')
  })
})

describe('DECISION-35: the summary of a change', () => {
  const change = (field: string, from: string | null, to: string | null): FieldChange => ({ field, before: from, after: to })
  it.each<[string, TicketEventKind, readonly FieldChange[] | null]>([
    ['Created', 'CREATED', null],
    ['Closed', 'CLOSED', null],
    ['Deleted', 'DELETED', null],
    [
      'Escalated to partner-service',
      'ESCALATED',
      [change('status', 'OPEN', 'ESCALATED'), change('escalation', null, 'partner-service')],
    ],
    ['Escalated', 'ESCALATED', [change('status', 'OPEN', 'ESCALATED')]],
    ['Reassigned to ann', 'REASSIGNED', [change('assignee', null, 'ann')]],
    ['Reassigned to second line', 'REASSIGNED', [change('assignee', 'ann', null), change('group', null, 'second line')]],
    ['Unassigned', 'REASSIGNED', [change('assignee', 'ann', null)]],
    ['Transferred to chat-sg-en', 'TRANSFERRED', [change('queue', null, 'chat-sg-en')]],
    ['Reopened', 'STATUS_CHANGED', [change('status', 'RESOLVED', 'OPEN')]],
    ['Status changed from OPEN to PENDING', 'STATUS_CHANGED', [change('status', 'OPEN', 'PENDING')]],
    ['Status changed from RESOLVED to CANCELLED', 'STATUS_CHANGED', [change('status', 'RESOLVED', 'CANCELLED')]],
    ['New message', 'MESSAGE', [change('message', null, 'm2')]],
    [
      'Updated title, tags and priority',
      'UPDATED',
      [change('title', 'a', 'b'), change('tags', '', 'x'), change('priority', null, 'LOW')],
    ],
    ['Updated title', 'UPDATED', [change('title', 'a', 'b')]],
    ['Updated', 'UPDATED', null],
  ])('is "%s"', (summary, kind, changes) => {
    expect(summarize(kind, changes)).toBe(summary)
  })
})

import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../src/domain/ticket.ts'
import type { UpdateTicket } from '../../src/domain/writes.ts'
import { type DoneWrite, describeWrite } from '../../src/tickets/recorded-write.ts'
import { toAgent, toMessage, toSourceInfo, toTicket } from '../support/memory-ticket.ts'

const info = toSourceInfo('a')
const ticketWith = (known: Partial<Ticket> = {}) => toTicket(info, 'x', known)

function describeOf({ ticket, ...write }: Partial<Omit<DoneWrite, 'ticket'>> & { readonly ticket?: Partial<Ticket> }) {
  return describeWrite({ action: 'UPDATE', asked: {}, before: null, message: null, ...write, ticket: ticketWith(ticket) })
}
const changeTo = (field: string, after: string | null) => ({ field, before: null, after })

describe('the entry of a write for which nothing was asked', () => {
  it.each<[DoneWrite['action'], string, string]>([
    ['CREATE', 'CREATED', 'Created'],
    ['UPDATE', 'UPDATED', 'Updated'],
    ['REPLY', 'MESSAGE', 'Replied'],
    ['NOTE', 'MESSAGE', 'Added a note'],
    ['ESCALATE', 'ESCALATED', 'Escalated'],
    ['CLOSE', 'CLOSED', 'Closed'],
    ['REOPEN', 'STATUS_CHANGED', 'Reopened'],
    ['REASSIGN', 'REASSIGNED', 'Reassigned'],
    ['TRANSFER', 'TRANSFERRED', 'Transferred'],
    ['ROUTE', 'ROUTED', 'Routed'],
  ])('%s is %s: %s', (action, kind, summary) => {
    expect(describeOf({ action })).toEqual({ kind, summary, asked: [] })
  })
})

describe('what a write asked for', () => {
  it('is one change for each part, in the words of the request where the ticket shows none of them', () => {
    const asked = { department: 'partners', queue: 'q-7', assignee: 'ann', group: 'g-1', unassign: true }
    const message = toMessage(info, 'x', '1')
    expect(describeOf({ action: 'REASSIGN', asked, message })).toEqual({
      kind: 'REASSIGNED',
      summary: 'Reassigned to ann',
      asked: [
        changeTo('escalation', 'partners'),
        changeTo('queue', 'q-7'),
        changeTo('assignee', 'ann'),
        changeTo('group', 'g-1'),
        changeTo('assignee', null),
        changeTo('message', message.id),
      ],
    })
  })

  it('is nothing where a part is null or empty', () => {
    const asked = { department: null, queue: '', assignee: null, group: '', unassign: false }
    expect(describeOf({ action: 'REASSIGN', asked }).asked).toEqual([])
  })

  it('is the department in the words of the request, also where the ticket shows another one', () => {
    const escalation = { department: 'finance' } as NonNullable<Ticket['escalation']>
    expect(describeOf({ action: 'ESCALATE', asked: { department: 'partners' }, ticket: { escalation } }).summary).toBe(
      'Escalated to partners',
    )
  })

  it.each<[string, Partial<Ticket>, string]>([
    ['its name where the ticket is in it', { queue: 'chat-sg-en', queueKey: 'q-7' }, 'chat-sg-en'],
    ['its key where the ticket shows no name', { queue: null, queueKey: 'q-7' }, 'q-7'],
    ['its key where the ticket is in another one', { queue: 'chat-de', queueKey: 'q-8' }, 'q-7'],
  ])('is of a queue %s', (_, ticket, after) => {
    expect(describeOf({ action: 'TRANSFER', asked: { queue: 'q-7' }, ticket })).toEqual({
      kind: 'TRANSFERRED',
      summary: `Transferred to ${after}`,
      asked: [changeTo('queue', after)],
    })
  })

  it.each([
    ['7', 'Ann Lee'],
    ['ann@desk.example', 'Ann Lee'],
    ['Ann Lee', 'Ann Lee'],
    ['bob', 'bob'],
  ])('is of the agent %s the name where the ticket shows that agent: %s', (assignee, after) => {
    const agent = toAgent(info, '7', { name: 'Ann Lee', email: 'ann@desk.example' })
    expect(describeOf({ action: 'REASSIGN', asked: { assignee }, ticket: { assignee: agent } }).asked).toEqual([
      changeTo('assignee', after),
    ])
  })

  it.each([
    ['g-1', 'Second level'],
    ['g-2', 'g-2'],
  ])('is of the group %s the name where the ticket shows that group: %s', (group, after) => {
    const shown = { externalId: 'g-1', name: 'Second level' } as NonNullable<Ticket['group']>
    expect(describeOf({ action: 'REASSIGN', asked: { group }, ticket: { group: shown } })).toMatchObject({
      summary: `Reassigned to ${after}`,
      asked: [changeTo('group', after)],
    })
  })
})

describe('the entry of an update', () => {
  const updateOf = (update: UpdateTicket, more: Parameters<typeof describeOf>[0] = {}) => {
    const { kind, summary } = describeOf({ asked: { update }, ...more })
    return [kind, summary]
  }

  it.each<[UpdateTicket, string]>([
    [{ title: 'New' }, 'Updated title'],
    [{ title: '', description: 'x', priority: 'LOW' }, 'Updated title, description and priority'],
    [{ title: null, description: undefined as never, priority: 'LOW' }, 'Updated priority'],
    [{ addTags: ['a'], removeTags: ['b'] }, 'Updated tags'],
    [{ customFields: [], contactReasonCode: 'r', orderId: '' }, 'Updated custom fields, reason and orders'],
    [{ ifUpdatedAt: '2026-01-01T00:00:00.000Z', entityId: 'e', event: 'PICKED_TIME' }, 'Updated'],
  ])('names the fields of the request by their names in the ticket: %j', (update, summary) => {
    expect(updateOf(update)).toEqual(['UPDATED', summary])
  })

  it.each<[UpdateTicket, Ticket['status'], string, string]>([
    [{ status: 'CLOSED' }, 'CLOSED', 'CLOSED', 'Closed'],
    [{ statusOption: '4' }, 'ESCALATED', 'ESCALATED', 'Escalated'],
    [{ status: 'PENDING', title: 'New' }, 'PENDING', 'STATUS_CHANGED', 'Status changed to PENDING'],
    [{ title: 'New' }, 'CLOSED', 'UPDATED', 'Updated title'],
    [{ statusOption: '4' }, 'UNKNOWN', 'UPDATED', 'Updated status'],
  ])('has the kind of the asked status where the status before is not known: %j to %s', (update, status, kind, summary) => {
    expect(updateOf(update, { ticket: { status } })).toEqual([kind, summary])
  })

  it.each<[Partial<Ticket>, Partial<Ticket>, string, string]>([
    [{ status: 'OPEN' }, { status: 'PENDING' }, 'STATUS_CHANGED', 'Status changed from OPEN to PENDING'],
    [{ status: 'OPEN' }, { status: 'CLOSED' }, 'CLOSED', 'Closed'],
    [{ status: 'OPEN' }, { status: 'OPEN' }, 'UPDATED', 'Updated status'],
    // Only the status makes another kind: the request asked for no queue.
    [{ queue: 'a' }, { queue: 'b' }, 'UPDATED', 'Updated status'],
  ])('has the kind of the change of a known status: %j to %j', (before, ticket, kind, summary) => {
    expect(updateOf({ status: 'PENDING' }, { before: ticketWith(before), ticket })).toEqual([kind, summary])
  })
})

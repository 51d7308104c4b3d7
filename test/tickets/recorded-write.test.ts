import { describe, expect, it } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import type { SourceInfo } from '../../src/domain/source-info.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { changesOf } from '../../src/domain/ticket-diff.ts'
import { applied } from '../../src/domain/writes.ts'
import type { TicketWrites } from '../../src/tickets/ticket-service.ts'
import { createMemorySource, type MemorySource } from '../support/memory-source.ts'
import { toAgent, toMessage, toSourceInfo } from '../support/memory-ticket.ts'
import { createService, toCall } from './ticket-service-fixture.ts'

const to = { id: encodeId('ticket', 'a', '', 'x'), idempotencyKey: null }
const ref = { kind: 'ticket', sourceKey: 'a', tenant: '', externalId: 'x' } as const
const info = toSourceInfo('a')
const rich: Partial<Ticket> = { title: 'Late', country: 'SG', priority: 'HIGH', sourceStatus: 'open' }

/** Writes to a ticket with many fields. Returns the entry of the change log. */
async function recorded(
  write: (writes: TicketWrites) => Promise<unknown>,
  {
    known = false,
    set = () => {},
    from = info,
  }: { known?: boolean; set?: (source: MemorySource) => void; from?: SourceInfo } = {},
) {
  const source = createMemorySource(from)
  source.put('x', rich)
  set(source)
  const { service, changeLog } = createService([source])
  const { reads, writes } = service.begin(toCall())
  if (known) await reads.ticket(ref)
  await write(writes)
  const [change] = changeLog
  return { kind: change!.kind, summary: change!.summary, changes: changesOf(change!), calls: source.calls }
}

/** The source answers a write with this change of the ticket. */
function answering(method: 'reassignTicket' | 'transferTicket' | 'updateTicket', change: Partial<Ticket>) {
  return (source: MemorySource) => {
    source[method] = async () => {
      source.touch('x', change)
      return applied(source.tickets()[0]!)
    }
  }
}

describe('DECISION-35: a write to a ticket that was not read before', () => {
  it('has what was asked as its only change, and its target in the summary', async () => {
    expect(await recorded((writes) => writes.reassign(to, { assignee: 'ann' }))).toMatchObject({
      kind: 'REASSIGNED',
      summary: 'Reassigned to ann',
      changes: [{ field: 'assignee', before: null, after: 'ann' }],
      calls: { load: [] },
    })
    expect(await recorded((writes) => writes.escalate(to, { department: 'partner-service' }))).toMatchObject({
      kind: 'ESCALATED',
      summary: 'Escalated to partner-service',
      changes: [{ field: 'escalation', before: null, after: 'partner-service' }],
    })
    expect(await recorded((writes) => writes.transfer(to, { queue: 'q-7' }))).toMatchObject({
      kind: 'TRANSFERRED',
      summary: 'Transferred to q-7',
      changes: [{ field: 'queue', before: null, after: 'q-7' }],
    })
    expect(await recorded((writes) => writes.reassign(to, { unassign: true }))).toMatchObject({
      summary: 'Unassigned',
      changes: [{ field: 'assignee', before: null, after: null }],
    })
  })

  it('has no changes where nothing of this kind was asked', async () => {
    const plain = [
      ['Closed', 'CLOSED', await recorded((writes) => writes.close(to, {}))],
      ['Reopened', 'STATUS_CHANGED', await recorded((writes) => writes.reopen(to, {}))],
      ['Escalated', 'ESCALATED', await recorded((writes) => writes.escalate(to, {}))],
      ['Updated title and tags', 'UPDATED', await recorded((writes) => writes.update(to, { title: 'Later', addTags: ['vip'] }))],
    ] as const
    for (const [summary, kind, entry] of plain) expect(entry).toMatchObject({ summary, kind, changes: null })
  })

  it('shows the names of an agent and of a queue where the ticket shows that they are what was asked for', async () => {
    const assignee = toAgent(info, '7', { name: 'Ann Lee', email: 'ann@desk.example' })
    for (const asked of ['7', 'ann@desk.example'])
      expect(
        await recorded((writes) => writes.reassign(to, { assignee: asked }), { set: answering('reassignTicket', { assignee }) }),
      ).toMatchObject({ summary: 'Reassigned to Ann Lee' })
    const other = { set: answering('reassignTicket', { assignee }) }
    expect(await recorded((writes) => writes.reassign(to, { assignee: 'bob' }), other)).toMatchObject({
      summary: 'Reassigned to bob',
    })
    const moved = { set: answering('transferTicket', { queue: 'chat-sg-en', queueKey: 'q-7' }) }
    expect(await recorded((writes) => writes.transfer(to, { queue: 'q-7' }), moved)).toMatchObject({
      summary: 'Transferred to chat-sg-en',
      changes: [{ field: 'queue', before: null, after: 'chat-sg-en' }],
    })
  })

  it('has the id of the message that it wrote', async () => {
    const message = toMessage(info, 'x', '2')
    const set = (source: MemorySource) => {
      source.replyToTicket = async () => {
        source.touch('x', { messages: [toMessage(info, 'x', '1'), message] })
        return { ...applied(source.tickets()[0]!), message }
      }
    }
    const reply = (visibility: 'PUBLIC' | 'INTERNAL') =>
      recorded((writes) => writes.reply(to, { body: 'Hello', visibility }), { set })
    const changes = [{ field: 'message', before: null, after: message.id }]
    expect(await reply('PUBLIC')).toMatchObject({ kind: 'MESSAGE', summary: 'Replied', changes })
    expect(await reply('INTERNAL')).toMatchObject({ kind: 'MESSAGE', summary: 'Added a note', changes })
  })

  it('has the kind of the status that was asked for', async () => {
    const closed = { set: answering('updateTicket', { status: 'CLOSED' as const }) }
    expect(await recorded((writes) => writes.update(to, { status: 'CLOSED' }), closed)).toMatchObject({
      kind: 'CLOSED',
      changes: null,
    })
    const pending = { set: answering('updateTicket', { status: 'PENDING' as const }) }
    expect(await recorded((writes) => writes.update(to, { statusOption: '4' }), pending)).toMatchObject({
      kind: 'STATUS_CHANGED',
      summary: 'Status changed to PENDING',
    })
  })
})

describe('DECISION-35: a write to a ticket that was read before', () => {
  it('has the difference, and the department that the source does not show', async () => {
    const entry = await recorded((writes) => writes.escalate(to, { department: 'partner-service' }), { known: true })
    expect(entry.changes).toEqual([
      { field: 'status', before: 'OPEN', after: 'ESCALATED' },
      { field: 'escalation', before: null, after: 'partner-service' },
    ])
  })

  it('has it also where the ticket was read for its condition', async () => {
    const takes = { ...info.capabilities.takes, UPDATE: ['title'] as const }
    const from = toSourceInfo('a', { capabilities: { ...info.capabilities, takes } })
    const set = answering('updateTicket', { title: 'Later', status: 'RESOLVED' })
    const entry = await recorded((writes) => writes.update(to, { title: 'Later', ifUpdatedAt: '2030-01-01T00:00:00.000Z' }), {
      set,
      from,
    })
    expect(entry).toMatchObject({
      kind: 'STATUS_CHANGED',
      summary: 'Status changed from OPEN to RESOLVED',
      changes: [
        { field: 'title', before: 'Late', after: 'Later' },
        { field: 'status', before: 'OPEN', after: 'RESOLVED' },
      ],
    })
  })
})

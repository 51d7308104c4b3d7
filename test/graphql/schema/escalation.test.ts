import { describe, expect, it, vi } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { TicketEvent } from '../../../src/domain/events.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createMemoryHistory } from '../../support/graph/memory-services.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('a')
const at = '2026-01-01T10:00:00.000Z'
const untold: Ticket['escalation'] = { department: null, reason: 'It is late.', escalatedAt: at }

function escalated(id: string, department: string | null, kind: TicketEvent['kind'] = 'ESCALATED'): TicketEvent {
  const changes = department === null ? null : [{ field: 'escalation', before: null, after: department }]
  return { id, kind, at, actor: null, summary: 'Escalated', changes }
}

/** A graph over these tickets and the change log of each. */
function graphOf(tickets: Record<string, { readonly known: Partial<Ticket>; readonly log?: readonly TicketEvent[] }>) {
  const all = Object.entries(tickets).map(([id, { known, log = [] }]) => ({ ticket: toTicket(info, id, known), log }))
  const { history } = createMemoryHistory(Object.fromEntries(all.map(({ ticket, log }) => [ticket.id, [...log]])))
  const departmentsOf = vi.spyOn(history, 'departmentsOf')
  const source = createMemorySource(info, { tickets: all.map(({ ticket }) => ticket) })
  const graph = createTestGraph({ sources: [source], services: { history } })
  const read = async (selection = 'department reason') => {
    const { data, errors } = await graph.ask(`{ tickets { nodes { externalId escalation { ${selection} } } } }`)
    const nodes = (data as { tickets: { nodes: { externalId: string; escalation: object | null }[] } }).tickets.nodes
    return { errors, byId: Object.fromEntries(nodes.map(({ externalId, escalation }) => [externalId, escalation])) }
  }
  return { departmentsOf, read }
}

describe('DECISION-36: the department of an escalation', () => {
  it('is that of the latest escalation in the change log where the source does not tell, while the ticket is ESCALATED', async () => {
    const log = [escalated('1', 'first-line'), escalated('2', 'partner-service'), escalated('3', 'lost', 'UPDATED')]
    const { read, departmentsOf } = graphOf({
      silent: { known: { status: 'ESCALATED', escalation: untold }, log },
      telling: { known: { status: 'ESCALATED', escalation: { ...untold, department: 'rider-help' } }, log },
      over: { known: { status: 'CLOSED', escalation: untold }, log },
      never: { known: { status: 'OPEN' }, log },
      elsewhere: { known: { status: 'ESCALATED', escalation: untold }, log: [...log, escalated('4', null)] },
      unseen: { known: { status: 'ESCALATED', escalation: untold } },
    })
    const { byId } = await read()
    expect(byId).toEqual({
      silent: { department: 'partner-service', reason: 'It is late.' },
      telling: { department: 'rider-help', reason: 'It is late.' },
      over: { department: null, reason: 'It is late.' },
      never: null,
      elsewhere: { department: null, reason: 'It is late.' },
      unseen: { department: null, reason: 'It is late.' },
    })
    expect(departmentsOf.mock.calls.map(([ids]) => ids.length)).toEqual([3])
  })

  it('is looked up only when it is selected', async () => {
    const { read, departmentsOf } = graphOf({ x: { known: { status: 'ESCALATED', escalation: untold } } })
    await read('reason')
    expect(departmentsOf).not.toHaveBeenCalled()
  })

  it('is null while the store fails, and the ticket is shown', async () => {
    const { read, departmentsOf } = graphOf({ x: { known: { status: 'ESCALATED', escalation: untold } } })
    departmentsOf.mockRejectedValue(new DeskgraphError('STORAGE_UNAVAILABLE', 'The database is down.'))
    expect(await read()).toEqual({ errors: undefined, byId: { x: { department: null, reason: 'It is late.' } } })
  })
})

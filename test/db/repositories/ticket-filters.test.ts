import { expect, test } from 'vitest'
import { encodeId } from '../../../src/domain/ids.ts'
import type { TicketFilter } from '../../../src/sources/source.ts'
import { testEngines } from '../../support/engines.ts'
import { findTestSource } from '../../support/ingestion-fixture.ts'
import { toTicket } from '../../support/memory-ticket.ts'

const id = (externalId: string, tenant = 'acme') => encodeId('ticket', 'vcc', tenant, externalId)

test.each(testEngines)(
  'on $name stored tickets are filtered by their ids and by the own or no assignee',
  async (engine) => {
    const { store, close } = await engine.open({ findSource: findTestSource })
    const source = findTestSource('vcc')!
    const agent = { id: 'x', externalId: 'ann', name: 'Ann', email: 'Ann@Desk.example' }
    const tickets = [
      toTicket(source, '1-1', { tenant: 'acme', assignee: agent, updatedAt: '2024-01-01T00:00:01.000Z' }),
      toTicket(source, '1-2', { tenant: 'acme', updatedAt: '2024-01-01T00:00:02.000Z' }),
      toTicket(source, '1-2', { tenant: 'other', updatedAt: '2024-01-01T00:00:03.000Z' }),
    ]
    await store.transaction((tx) => tx.saveTickets(tickets.map((ticket) => ({ ticket, state: null, submission: null }))))
    const list = async (filter: TicketFilter) => {
      const order = { field: 'UPDATED_AT', direction: 'ASC' } as const
      const { tickets: found } = await store.tickets.list('vcc', { filter, order, position: null, limit: 10 })
      return found.map((ticket) => `${ticket.tenant} ${ticket.externalId}`)
    }
    expect(await list({ ids: [id('1-2'), id('1-9'), id('1-1', 'other')] })).toEqual(['acme 1-2'])
    expect(await list({ ids: [] })).toEqual([])
    expect(await list({ assignedTo: { vcc: 'ann@desk.example', other: 'bob' } })).toEqual(['acme 1-1'])
    expect(await list({ assignedTo: { other: 'ann@desk.example' } })).toEqual([])
    expect(await list({ unassigned: true })).toEqual(['acme 1-2', 'other 1-2'])
    await close()
  },
  60_000,
)

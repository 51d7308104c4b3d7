import { describe, expect, it } from 'vitest'
import { anonymous } from '../../src/domain/permissions.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import type { SourceHealth } from '../../src/sources/source.ts'
import { ticketActions } from '../../src/tickets/available-actions.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'
import { viewerWith } from './ticket-service-fixture.ts'

const up: SourceHealth = {
  state: 'UP',
  checkedAt: null,
  latencyP50Ms: null,
  latencyP99Ms: null,
  errorRate: null,
  lastError: null,
}
const down: SourceHealth = { ...up, state: 'DOWN' }
const source = toSourceInfo('a', { actions: ['UPDATE', 'REPLY', 'CLOSE'] })
const router = toSourceInfo('r', { actions: ['ROUTE'] })

const reasons = (ticket: Ticket, viewer = anonymous, health = up) =>
  Object.fromEntries(
    ticketActions(ticket, viewer, health).map(({ action, allowed, reason }) => [action, allowed ? 'allowed' : reason]),
  )

describe('what may be done to a ticket', () => {
  it('is what its source can do, and nothing else', () => {
    expect(reasons(toTicket(source, '1'))).toEqual({
      UPDATE: 'allowed',
      REPLY: 'allowed',
      ESCALATE: 'NOT_SUPPORTED_BY_SOURCE',
      CLOSE: 'allowed',
      REASSIGN: 'NOT_SUPPORTED_BY_SOURCE',
      TRANSFER: 'NOT_SUPPORTED_BY_SOURCE',
    })
  })

  it('is nothing without the right to write', () => {
    expect(reasons(toTicket(source, '1'), viewerWith('tickets:read', 'source:a'))).toMatchObject({
      UPDATE: 'FORBIDDEN',
      REPLY: 'FORBIDDEN',
    })
  })

  it.each(['CLOSED', 'CANCELLED'] as const)('is only to reply when it is %s', (status) => {
    expect(reasons(toTicket(source, '1', { status }))).toMatchObject({
      UPDATE: 'WRONG_STATE',
      REPLY: 'allowed',
      CLOSE: 'WRONG_STATE',
    })
  })

  it('is nothing when it was deleted', () => {
    const deleted = toTicket(source, '1', { deletedAt: '2024-01-01T00:00:00.000Z' })
    expect(reasons(deleted)).toMatchObject({ UPDATE: 'WRONG_STATE', REPLY: 'WRONG_STATE' })
  })

  it('waits for a source that is down', () => {
    expect(reasons(toTicket(source, '1'), anonymous, down)).toMatchObject({
      REPLY: 'SOURCE_DOWN',
      ESCALATE: 'NOT_SUPPORTED_BY_SOURCE',
    })
  })

  it('is to route where nobody has received it yet', () => {
    const routing = { partner: null, rule: 'NO_PARTNER', trace: [] }
    expect(reasons(toTicket(router, '1', { routing: { ...routing, type: 'NONE' } })).ROUTE).toBe('allowed')
    expect(reasons(toTicket(router, '1', { routing: { ...routing, type: 'STORE' } })).ROUTE).toBe('WRONG_STATE')
  })
})

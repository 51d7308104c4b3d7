import { describe, expect, it } from 'vitest'
import { anonymous } from '../../src/domain/permissions.ts'
import type { Ticket, TicketAction } from '../../src/domain/ticket.ts'
import { availableActions } from '../../src/tickets/available-actions.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'
import { viewerWith } from './ticket-service-fixture.ts'

const [up, down] = [false, true]
const source = toSourceInfo('a', { actions: ['UPDATE', 'REPLY', 'CLOSE'] })
const router = toSourceInfo('r', { actions: ['ROUTE'] })

const reasons = (ticket: Ticket, viewer = anonymous, isDown = up) =>
  Object.fromEntries(
    availableActions(ticket, viewer, isDown).map(({ action, allowed, reason }) => [action, allowed ? 'allowed' : reason]),
  )

describe('the available actions of a ticket (DECISION-19)', () => {
  it('are those that its source supports', () => {
    expect(reasons(toTicket(source, '1'))).toEqual({
      UPDATE: 'allowed',
      REPLY: 'allowed',
      NOTE: 'NOT_SUPPORTED_BY_SOURCE',
      ESCALATE: 'NOT_SUPPORTED_BY_SOURCE',
      CLOSE: 'allowed',
      REOPEN: 'NOT_SUPPORTED_BY_SOURCE',
      REASSIGN: 'NOT_SUPPORTED_BY_SOURCE',
      TRANSFER: 'NOT_SUPPORTED_BY_SOURCE',
    })
  })

  it('are none without tickets:write', () => {
    expect(reasons(toTicket(source, '1'), viewerWith('tickets:read', 'source:a'))).toMatchObject({
      UPDATE: 'FORBIDDEN',
      REPLY: 'FORBIDDEN',
    })
  })

  const all = toSourceInfo('all')
  const others = { UPDATE: 'allowed', ESCALATE: 'allowed', CLOSE: 'allowed', REASSIGN: 'allowed', TRANSFER: 'allowed' }

  it.each(['CLOSED', 'CANCELLED'] as const)('are only REPLY, NOTE and REOPEN when it is %s', (status) => {
    expect(reasons(toTicket(all, '1', { status }))).toEqual({
      UPDATE: 'WRONG_STATE',
      REPLY: 'allowed',
      NOTE: 'allowed',
      ESCALATE: 'WRONG_STATE',
      CLOSE: 'WRONG_STATE',
      REOPEN: 'allowed',
      REASSIGN: 'WRONG_STATE',
      TRANSFER: 'WRONG_STATE',
    })
  })

  it.each(['RESOLVED', 'UNKNOWN'] as const)('include REOPEN and all others when it is %s', (status) => {
    expect(reasons(toTicket(all, '1', { status }))).toMatchObject({ ...others, REOPEN: 'allowed' })
  })

  it.each(['NEW', 'OPEN', 'IN_PROGRESS', 'PENDING', 'ON_HOLD', 'ESCALATED'] as const)(
    'are all but REOPEN when it is %s',
    (status) => {
      expect(reasons(toTicket(all, '1', { status }))).toMatchObject({ ...others, REOPEN: 'WRONG_STATE' })
    },
  )

  it('are narrowed and widened by a source that knows better', () => {
    const suitsState = (action: TicketAction) => (action === 'UPDATE' ? true : action === 'REPLY' ? false : undefined)
    const actions = availableActions(toTicket(all, '1', { status: 'CLOSED' }), anonymous, up, { suitsState })
    const allowed = actions.filter((action) => action.allowed).map(({ action }) => action)
    expect(allowed).toEqual(['UPDATE', 'NOTE', 'REOPEN'])
  })

  it('say for UPDATE which fields the source can change, a condition not among them', () => {
    const [update, reply] = availableActions(toTicket(all, '1'), anonymous, up)
    expect(update?.fields).toEqual(expect.arrayContaining(['title', 'addTags', 'customFields']))
    expect(update?.fields).not.toContain('ifUpdatedAt')
    expect(reply?.fields).toEqual([])
  })

  it('are none when it was deleted', () => {
    const deleted = toTicket(source, '1', { deletedAt: '2024-01-01T00:00:00.000Z' })
    expect(reasons(deleted)).toMatchObject({ UPDATE: 'WRONG_STATE', REPLY: 'WRONG_STATE' })
  })

  it('are none while the source is down', () => {
    expect(reasons(toTicket(source, '1'), anonymous, down)).toMatchObject({
      REPLY: 'SOURCE_DOWN',
      ESCALATE: 'NOT_SUPPORTED_BY_SOURCE',
    })
  })

  it('include ROUTE only while it has no recipient', () => {
    const routing = { partners: [], rule: 'NO_PARTNER', trace: [] }
    expect(reasons(toTicket(router, '1', { routing: { ...routing, type: 'NONE' } })).ROUTE).toBe('allowed')
    expect(reasons(toTicket(router, '1', { routing: { ...routing, type: 'STORE' } })).ROUTE).toBe('WRONG_STATE')
  })
})

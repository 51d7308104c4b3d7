import { describe, expect, it } from 'vitest'
import { encodeId } from '../../../src/domain/ids.ts'
import { findUnknownFields, toTicket } from '../../../src/sources/vcc/mapping.ts'
import { emptyState, type VccState } from '../../../src/sources/vcc/state.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

// Records as VCC Live's "Ticket Status (Async)" shows them.

const observedAt = '2024-06-01T12:00:00.000Z'
const origin = { source: toSourceInfo('vcc'), tenant: 'acme', observedAt }
const ids = { projectId: '130', ticketId: '21' }
/** The ticket after an update with these fields. */
const ticketOf = (
  fields: Readonly<Record<string, unknown>>,
  knownSubStatus: string | null = null,
  deletedAt: string | null = null,
) => {
  const state: VccState = { ...emptyState, update: { fields, knownSubStatus }, deletedAt }
  return toTicket(state, ids, origin, '2024-06-02T12:00:00.000Z')
}
const agent = (externalId: string, name: string | null) => ({
  ...{ id: encodeId('agent', 'vcc', 'acme', externalId), externalId, name, email: null },
})

describe('a ticket of VCC Live', () => {
  it('has nothing that its events do not tell', () => {
    expect(ticketOf({})).toMatchObject({
      ...{ externalId: '130-21', tenant: 'acme', status: 'UNKNOWN', sourceStatus: null, updatedAt: '2024-06-02T12:00:00.000Z' },
      ...{ number: null, title: null, description: null, type: null, queue: null, assignee: null, createdBy: null },
      ...{ updatedBy: null, customer: null, resolution: null, slaTargets: null, dueAt: null, createdAt: null },
      ...{ firstOpenedAt: null, lastOpenedAt: null, deletedAt: null, raw: {} },
    })
  })

  it('VCC-07: has agents by their user names, or else by the names that people see', () => {
    expect(ticketOf({ agentUserName: 'john', agentName: 'John Smith' }).assignee).toEqual(agent('john', 'John Smith'))
    expect(ticketOf({ agentUserName: 'john' }).assignee).toEqual(agent('john', null))
    expect(ticketOf({ agentName: 'John Smith' }).assignee).toEqual(agent('John Smith', 'John Smith'))
    expect(ticketOf({ createdUserId: 6, createdUserName: 'John Smith', userId: 8 })).toMatchObject({
      ...{ createdBy: agent('6', 'John Smith'), updatedBy: agent('8', null) },
    })
    expect(ticketOf({ createdUserName: 'John Smith' }).createdBy).toBeNull()
  })

  it('VCC-07: has a customer of its project, of whom only the id is known', () => {
    const unnamed = { name: null, firstName: null, lastName: null, email: null, phone: null }
    const id = encodeId('customer', 'vcc', 'acme/130', '1814')
    expect(ticketOf({ entityId: 1814 }).customer).toEqual({ id, externalId: '1814', ...unnamed })
  })

  it('has a deadline of which is not said what it is for', () => {
    const dueAt = '2024-02-15T14:46:00.000Z'
    const target = { name: 'Soft deadline', kind: 'OTHER', dueAt, breached: null, paused: null, completedAt: null }
    expect(ticketOf({ softDeadline: '2024-02-15T15:46:00+01:00' })).toMatchObject({ dueAt, slaTargets: [target] })
  })

  it('VCC-05: has times as text or in seconds', () => {
    const [first, last] = ['2024-02-15T14:46:46.000Z', '2024-02-16T14:46:46.000Z']
    expect(ticketOf({ firstOpenTime: '2024-02-15T15:46:46+01:00', lastOpenTime: 1_708_094_806 })).toMatchObject({
      ...{ createdAt: first, firstOpenedAt: first, lastOpenedAt: last },
    })
  })

  it('has an outcome only where it is closed with one', () => {
    const resolution = (status: string, subStatus: string | null) => ticketOf({ status }, subStatus).resolution
    expect(resolution('closed', 'successful')).toEqual({ status: 'successful', reason: null, resolvedAt: null })
    expect(resolution('closed', 'unsuccessful')).toMatchObject({ status: 'unsuccessful' })
    expect([resolution('closed', 'waiting4agent'), resolution('closed', null), resolution('park', 'successful')]).toEqual([
      ...[null, null, null],
    ])
  })

  it('VCC-09: shows the last words, and has the status of the last ones that are documented', () => {
    expect(ticketOf({ status: 'park', subStatus: 'waiting4moon' }, 'waiting4entity')).toMatchObject({
      ...{ status: 'PENDING', sourceStatus: 'park/waiting4moon' },
    })
    expect(ticketOf({ status: 'park' }, null, observedAt)).toMatchObject({
      status: 'OPEN',
      sourceStatus: 'park',
      deletedAt: observedAt,
    })
  })

  it('has words that are not documented', () => {
    const found = (fields: object) => findUnknownFields({ action: 'update', ...ids, fields: fields as Record<string, unknown> })
    expect([found({}), found({ status: 'park', subStatus: 'successful' }), found({ status: null, subStatus: '' })]).toEqual([
      ...[[], [], []],
    ])
    expect([found({ status: 'melted' }), found({ subStatus: 'waiting4moon' })]).toEqual([['status'], ['subStatus']])
    expect(found({ status: 'successful', subStatus: 'park' })).toEqual(['status', 'subStatus'])
  })
})

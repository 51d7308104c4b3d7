import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { EscalateTicket, UpdateTicket } from '../../../src/domain/writes.ts'
import { applied, rejected } from '../../../src/domain/writes.ts'
import {
  CreateTicketDocument,
  EscalateTicketDocument,
  RouteTicketDocument,
  UpdateTicketDocument,
} from '../../generated/graphql.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createGraphFixture, ids, oneview, theTicket } from '../../support/graph/graph-fixture.ts'
import { createMemorySource } from '../../support/memory-source.ts'

describe('mutations', () => {
  it('pass the reference of the ticket and the input without id and key to the source, and return the ticket', async () => {
    const seen: unknown[] = []
    const escalateTicket = async (ref: unknown, input: EscalateTicket) => {
      seen.push(ref, input)
      return applied({ ...theTicket, status: 'ESCALATED' as const })
    }
    const graph = createTestGraph({
      sources: [createMemorySource(oneview, { tickets: [theTicket], methods: { escalateTicket } })],
    })
    const input = { id: ids.ticket, department: 'partner-service', statusReason: 'late', idempotencyKey: 'k1' }
    const { data, errors } = await graph.ask(EscalateTicketDocument, { variables: { input } })
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      escalateTicket: {
        outcome: 'APPLIED',
        userErrors: [],
        ticket: { id: ids.ticket, externalId: 't1', status: 'ESCALATED', sourceStatus: null },
      },
    })
    expect(seen).toEqual([
      { kind: 'ticket', sourceKey: 'oneview', tenant: '', externalId: 't1' },
      { department: 'partner-service', statusReason: 'late' },
    ])
  })

  it('return a rejection of the source as data', async () => {
    const updateTicket = async (_ref: unknown, _input: UpdateTicket) => rejected('CONFLICT', 'It is closed.', ['input', 'status'])
    const graph = createTestGraph({ sources: [createMemorySource(oneview, { tickets: [theTicket], methods: { updateTicket } })] })
    const { data, errors } = await graph.ask(UpdateTicketDocument, { variables: { input: { id: ids.ticket, status: 'OPEN' } } })
    expect(errors).toBeUndefined()
    expect(data!.updateTicket).toMatchObject({
      outcome: 'REJECTED',
      userErrors: [{ code: 'CONFLICT', message: 'It is closed.', field: ['input', 'status'] }],
    })
  })

  it('return a failure of the source as an error that is not retryable', async () => {
    const failure = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'ONEVIEW cannot be reached.', {
      source: 'oneview',
      retryable: false,
    })
    const updateTicket = async () => {
      throw failure
    }
    const graph = createTestGraph({ sources: [createMemorySource(oneview, { tickets: [theTicket], methods: { updateTicket } })] })
    const { data, errors } = await graph.ask(UpdateTicketDocument, { variables: { input: { id: ids.ticket, title: 'x' } } })
    expect(data).toBeNull()
    expect(errors![0]).toMatchObject({
      message: 'ONEVIEW cannot be reached.',
      path: ['updateTicket'],
      extensions: { code: 'UPSTREAM_UNAVAILABLE', retryable: false, source: 'oneview', requestId: 'req-1' },
    })
  })

  it('create a ticket in the named source, and route one that no partner received', async () => {
    const { graph } = createGraphFixture()
    const created = await graph.ask(CreateTicketDocument, { variables: { input: { source: 'oneview', title: 'Late' } } })
    expect(created.data!.createTicket).toMatchObject({ outcome: 'APPLIED', ticket: { externalId: 't1' } })
    const routed = await graph.ask(RouteTicketDocument, { variables: { input: { id: ids.routed } } })
    expect(routed.data!.routeTicket).toMatchObject({ outcome: 'APPLIED', ticket: { externalId: 'r1' } })
  })

  it('normalise times and reject invalid addresses before the source is called', async () => {
    const seen: unknown[] = []
    const createTicket = async (input: unknown) => {
      seen.push(input)
      return applied(theTicket)
    }
    const graph = createTestGraph({ sources: [createMemorySource(oneview, { tickets: [theTicket], methods: { createTicket } })] })
    const order = { externalId: '9', placedAt: '2026-01-01T10:00:00+02:00' }
    await graph.ask(CreateTicketDocument, { variables: { input: { source: 'oneview', order } } })
    expect(seen).toEqual([expect.objectContaining({ order: { externalId: '9', placedAt: '2026-01-01T08:00:00.000Z' } })])
    for (const wrong of [
      { customer: { email: 'not an address' } },
      { order: { externalId: '9', placedAt: 'yesterday' } },
      { attachments: [{ filename: 'a', url: 'nowhere' }] },
    ]) {
      const { errors } = await graph.ask(CreateTicketDocument, { variables: { input: { source: 'oneview', ...wrong } } })
      expect(errors![0]!.extensions!.code).toBe('BAD_USER_INPUT')
    }
    expect(seen).toHaveLength(1)
  })
})

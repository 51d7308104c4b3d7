import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { Failure } from '../../../src/domain/telemetry.ts'
import type { EscalateTicket, UpdateTicket } from '../../../src/domain/writes.ts'
import { applied, rejected } from '../../../src/domain/writes.ts'
import {
  CreateTicketDocument,
  EscalateTicketDocument,
  ReplyToTicketDocument,
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
        message: null,
      },
    })
    expect(seen).toEqual([
      { kind: 'ticket', sourceKey: 'oneview', tenant: '', externalId: 't1' },
      { department: 'partner-service', statusReason: 'late' },
    ])
  })

  it('return the message that a reply wrote', async () => {
    const graph = createTestGraph({ sources: [createMemorySource(oneview, { tickets: [theTicket] })] })
    const input = { id: ids.ticket, body: 'We are on it.', visibility: 'PUBLIC' }
    const { data } = await graph.ask(ReplyToTicketDocument, { variables: { input } })
    expect(data!.replyToTicket).toMatchObject({
      outcome: 'APPLIED',
      message: { id: expect.any(String), body: 'We are on it.', visibility: 'PUBLIC', createdAt: expect.stringMatching(/Z$/) },
    })
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

  it('return a failure of the source as data, of which the log is told', async () => {
    const failure = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'ONEVIEW could not be reached; nothing was changed.', {
      source: 'oneview',
      retryAfter: 5,
    })
    const reported: Failure[] = []
    const updateTicket = async () => {
      throw failure
    }
    const graph = createTestGraph({
      sources: [createMemorySource(oneview, { tickets: [theTicket], methods: { updateTicket } })],
      failures: { report: (failure) => void reported.push(failure) },
    })
    const { data, errors } = await graph.ask(UpdateTicketDocument, { variables: { input: { id: ids.ticket, title: 'x' } } })
    expect(errors).toBeUndefined()
    expect(data!.updateTicket).toMatchObject({
      outcome: 'REJECTED',
      ticket: { id: ids.ticket },
      userErrors: [
        {
          code: 'SOURCE_UNAVAILABLE',
          message: 'ONEVIEW could not be reached; nothing was changed.',
          field: null,
          retryable: true,
          retryAt: expect.stringMatching(/Z$/),
        },
      ],
    })
    expect(reported).toMatchObject([
      {
        code: 'UPSTREAM_UNAVAILABLE',
        source: 'oneview',
        path: ['updateTicket'],
        operationName: 'UpdateTicket',
        requestId: 'req-1',
        error: failure,
      },
    ])
  })

  it('keep the result of one when another fails, or is forbidden', async () => {
    const closeTicket = async () => {
      throw new DeskgraphError('UPSTREAM_AUTH_FAILED', 'ONEVIEW refuses.', { source: 'oneview' })
    }
    const graph = createTestGraph({ sources: [createMemorySource(oneview, { tickets: [theTicket], methods: { closeTicket } })] })
    const both = `mutation ($id: ID!) {
      a: replyToTicket(input: { id: $id, body: "x", visibility: PUBLIC }) { outcome }
      b: closeTicket(input: { id: $id }) { outcome userErrors { code retryable retryAt } }
    }`
    expect(await graph.ask(both, { variables: { id: ids.ticket } })).toEqual({
      data: {
        a: { outcome: 'APPLIED' },
        b: { outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_AUTH_FAILED', retryable: false, retryAt: null }] },
      },
    })
    const withAdmin = `mutation ($id: ID!, $delivery: ID!) {
      a: replyToTicket(input: { id: $id, body: "x", visibility: PUBLIC }) { outcome }
      b: replayDelivery(id: $delivery) { id }
    }`
    const answer = await graph.ask(withAdmin, {
      variables: { id: ids.ticket, delivery: ids.delivery },
      scopes: ['tickets:write', 'source:*'],
    })
    expect(answer.data).toEqual({ a: { outcome: 'APPLIED' }, b: null })
    expect(answer.errors).toMatchObject([{ path: ['b'], extensions: { code: 'FORBIDDEN' } }])
  })

  it.each(['not an address', ' ann@example.com', `${'a'.repeat(250)}@example.com`])(
    'make a bad e-mail address a user error: %j',
    async (email) => {
      const source = createMemorySource(oneview, { tickets: [theTicket] })
      const graph = createTestGraph({ sources: [source] })
      const { data, errors } = await graph.ask(CreateTicketDocument, {
        variables: { input: { source: 'oneview', customer: { email } } },
      })
      expect(errors).toBeUndefined()
      expect(data!.createTicket).toMatchObject({
        outcome: 'REJECTED',
        userErrors: [{ code: 'INVALID', field: ['input', 'customer', 'email'], retryable: false }],
      })
      expect(source.calls.write).toEqual([])
    },
  )

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
      { order: { externalId: '9', placedAt: 'yesterday' } },
      { attachments: [{ filename: 'a', url: 'nowhere' }] },
    ]) {
      const { errors } = await graph.ask(CreateTicketDocument, { variables: { input: { source: 'oneview', ...wrong } } })
      expect(errors![0]!.extensions!.code).toBe('BAD_USER_INPUT')
    }
    expect(seen).toHaveLength(1)
  })
})

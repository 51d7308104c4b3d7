import { describe, expect, it } from 'vitest'
import { encodeId } from '../../../src/domain/ids.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { at, createListFixture, oneview } from '../../support/graph/list-fixture.ts'
import { ticket } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

describe('one full ticket', () => {
  it('is read once, also when several fields of the operation name it', async () => {
    const { b, graph } = createListFixture()
    const id = encodeId('ticket', 'verifik', '', 'f1')
    const { data } = await graph.ask(
      `query ($id: ID!) { a: ticket(id: $id) { description } b: node(id: $id) { ... on Ticket { title } }
       c: ticketByExternalId(source: "verifik", externalId: "f1") { externalId } }`,
      { variables: { id } },
    )
    expect(data).toEqual({ a: { description: 'long 1' }, b: { title: null }, c: { externalId: 'f1' } })
    expect(b.loadedIds()).toEqual([['f1']])
  })

  it('is found by its external id in every tenant of its source', async () => {
    const routed = { ...ticket(oneview, 'r1'), tenant: 'plk-eu', id: encodeId('ticket', 'oneview', 'plk-eu', 'r1') }
    const source = createMemorySource(oneview, { tickets: [routed], tenant: null, methods: { tenants: () => ['', 'plk-eu'] } })
    const graph = createTestGraph({ sources: [source] })
    const query = '{ ticketByExternalId(source: "oneview", externalId: "r1") { id } }'
    expect((await graph.ask(query)).data).toEqual({ ticketByExternalId: { id: routed.id } })
    const missing = await graph.ask(query.replace('r1', 'r2'))
    expect(missing).toEqual({ data: { ticketByExternalId: null } })
    expect(source.loadedIds()).toEqual([
      ['r1', 'r1'],
      ['r2', 'r2'],
    ])
  })

  it('has the type of reason that its data tells', async () => {
    const order = { id: encodeId('order', 'oneview', '', '9'), externalId: '9', entityId: null, placedAt: null }
    const reasons: NonNullable<Ticket['reason']>[] = [
      { kind: 'ORDER', code: 'LATE_DELIVERY', label: 'Late delivery', orders: [order] },
      { kind: 'CANCELLATION', code: 'CANCELLATION', label: 'Cancellation', subscriptionContractIds: ['s1'] },
      { kind: 'SUBJECT_ACCESS_REQUEST', code: 'SAR', label: 'Subject access request', subtype: null },
      { kind: 'GENERAL', code: '1A.1', label: 'Late', localLabel: 'Spät' },
    ]
    const tickets = reasons.map((reason, index) => ticket(oneview, `r${index}`, { reason, updatedAt: at(9 - index) }))
    const graph = createTestGraph({ sources: [createMemorySource(oneview, { tickets })] })
    const { data } = await graph.ask(`{ tickets { nodes { reason { __typename code ... on OrderReason { orders { externalId } }
      ... on CancellationReason { subscriptionContractIds } ... on SubjectAccessRequestReason { subtype } ... on GeneralReason { localLabel } } } } }`)
    expect((data!.tickets as { nodes: { reason: unknown }[] }).nodes.map((node) => node.reason)).toEqual([
      { __typename: 'OrderReason', code: 'LATE_DELIVERY', orders: [{ externalId: '9' }] },
      { __typename: 'CancellationReason', code: 'CANCELLATION', subscriptionContractIds: ['s1'] },
      { __typename: 'SubjectAccessRequestReason', code: 'SAR', subtype: null },
      { __typename: 'GeneralReason', code: '1A.1', localLabel: 'Spät' },
    ])
  })
})

import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import { CountTicketsDocument, ListTicketsDocument } from '../../generated/graphql.ts'
import { createListFixture } from '../../support/graph/list-fixture.ts'

const failure = new DeskgraphError('UPSTREAM_RATE_LIMITED', 'VERIFIK asks for fewer calls.', { source: 'verifik', retryAfter: 7 })
const byStatus = { variables: { by: 'STATUS' } }

describe('Query.ticketCounts', () => {
  it('DECISION-37 has the groups and a report per source, and reads no ticket', async () => {
    const { a, b, graph } = createListFixture()
    expect(await graph.ask(CountTicketsDocument, byStatus)).toEqual({
      data: {
        ticketCounts: {
          groups: [{ key: 'OPEN', label: null, count: 20, exact: true }],
          sources: ['oneview', 'verifik'].map((key) => ({
            source: { key },
            outcome: 'OK',
            counted: true,
            matching: 10,
            code: null,
            error: null,
            retryAt: null,
          })),
        },
      },
    })
    for (const { calls } of [a, b]) expect(calls).toMatchObject({ list: [], load: [], count: [{ by: 'STATUS', filter: {} }] })
  })

  it('has the conditions of `tickets`, and refuses what `tickets` refuses', async () => {
    const { a, b, graph } = createListFixture()
    const ask = async (filter: object) => graph.ask(CountTicketsDocument, { variables: { by: 'SOURCE', filter } })
    const customerId = encodeId('customer', 'oneview', '', 'c1')
    const { data } = await ask({ customerId, status: ['OPEN'] })
    expect(data!.ticketCounts).toMatchObject({
      groups: [{ key: 'oneview', label: 'ONEVIEW', count: 10, exact: true }],
      sources: [{ outcome: 'OK' }, { outcome: 'SKIPPED', counted: true, matching: 0 }],
    })
    expect([a.calls.count.length, b.calls.count.length]).toEqual([1, 0])
    for (const filter of [{ sources: ['nope'] }, { assignee: '' }, { customerId: 'garbage' }]) {
      const refused = await ask(filter)
      expect(refused.errors).toMatchObject([{ path: ['ticketCounts'], extensions: { code: 'BAD_USER_INPUT' } }])
      expect(refused.data).toEqual({ ticketCounts: null })
    }
    const scopes = ['tickets:read', 'source:*']
    const variables = { by: 'SOURCE', filter: { customerEmail: 'ann.lee@example.com' } }
    const { errors } = await graph.ask(CountTicketsDocument, { variables, scopes })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })

  it('counts in the sources that the viewer may see alone', async () => {
    const { b, graph } = createListFixture()
    const { data } = await graph.ask(CountTicketsDocument, { ...byStatus, scopes: ['tickets:read', 'source:oneview'] })
    expect(data!.ticketCounts).toMatchObject({ groups: [{ count: 10, exact: true }], sources: [{ source: { key: 'oneview' } }] })
    expect(b.calls.count).toEqual([])
  })

  it('DECISION-37 reports a source that fails as data, and as an error only when every source failed', async () => {
    const { a, graph } = createListFixture(failure)
    const retryAt = expect.stringMatching(/^20.*Z$/)
    const one = await graph.ask(CountTicketsDocument, byStatus)
    expect(one.errors).toBeUndefined()
    expect(one.extensions).toEqual({ partial: [{ source: 'verifik', code: 'UPSTREAM_RATE_LIMITED', retryAt }] })
    expect(one.data!.ticketCounts).toMatchObject({
      groups: [{ key: 'OPEN', count: 10, exact: false }],
      sources: [
        { outcome: 'OK' },
        { outcome: 'RATE_LIMITED', counted: false, code: 'UPSTREAM_RATE_LIMITED', error: failure.message, retryAt },
      ],
    })
    a.broken = failure
    const all = await graph.ask(CountTicketsDocument, byStatus)
    expect(all.errors).toMatchObject([{ path: ['ticketCounts'], extensions: { code: 'ALL_SOURCES_FAILED' } }])
    expect(all.data!.ticketCounts).toMatchObject({ groups: [] })
  })
})

describe('Query.tickets with first: 0', () => {
  it('DECISION-37 has the number of each source and in all, and reads no ticket', async () => {
    const { a, b, graph } = createListFixture()
    const { data } = await graph.ask(ListTicketsDocument, { variables: { first: 0 } })
    expect(data!.tickets).toMatchObject({
      edges: [],
      totalCount: 20,
      pageInfo: { hasNextPage: false, endCursor: null },
      sources: [
        { source: { key: 'oneview' }, outcome: 'OK', returned: 0, matching: 10 },
        { source: { key: 'verifik' }, outcome: 'OK', returned: 0, matching: 10 },
      ],
    })
    for (const { calls } of [a, b]) expect(calls).toMatchObject({ list: [], load: [], count: [{ by: 'SOURCE' }] })
  })

  it('DECISION-37 has no total when a source fails, and the number of the other', async () => {
    const { data, errors } = await createListFixture(failure).graph.ask(ListTicketsDocument, { variables: { first: 0 } })
    expect(errors).toBeUndefined()
    expect(data!.tickets).toMatchObject({
      totalCount: null,
      sources: [{ matching: 10 }, { matching: null, outcome: 'RATE_LIMITED' }],
    })
  })
})

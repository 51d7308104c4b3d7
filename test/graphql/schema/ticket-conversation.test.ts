import { describe, expect, it } from 'vitest'
import { encodeId } from '../../../src/domain/ids.ts'
import { createListFixture } from '../../support/graph/list-fixture.ts'

interface Page {
  edges: { node: { externalId: string } }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

describe('Ticket.threads', () => {
  const id = encodeId('ticket', 'verifik', '', 'f3')
  const query = `query ($id: ID!, $first: Int, $after: String) { ticket(id: $id) { threads(first: $first, after: $after) {
    totalCount edges { cursor node { body } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`
  const threads = async (variables: object) => {
    const { data, errors } = await createListFixture().graph.ask(query, { variables: { id, ...variables } })
    return { threads: (data!.ticket as { threads: Page & { totalCount: number } } | null)?.threads, errors }
  }

  it('pages forward after a cursor', async () => {
    const one = (await threads({ first: 1 })).threads!
    expect(one.edges).toHaveLength(1)
    expect(one.totalCount).toBe(2)
    expect(one.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false, startCursor: one.pageInfo.endCursor })
    const two = (await threads({ first: 1, after: one.pageInfo.endCursor })).threads!
    expect(two.edges).toMatchObject([{ node: { body: 'second' } }])
    expect(two.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  })

  it('returns an empty page for first 0 and rejects a cursor of another list', async () => {
    expect((await threads({ first: 0 })).threads).toEqual({
      totalCount: 2,
      edges: [],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null },
    })
    const refused = await threads({ after: 'nonsense' })
    expect(refused.errors![0]).toMatchObject({ path: ['ticket', 'threads'], extensions: { code: 'BAD_USER_INPUT' } })
  })
})

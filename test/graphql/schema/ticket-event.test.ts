import { describe, expect, it } from 'vitest'
import { createGraphFixture, ids } from '../../support/graph/graph-fixture.ts'

describe('Ticket.events', () => {
  it('pages over the change log of the ticket, oldest event first', async () => {
    const { graph } = createGraphFixture()
    const { data } = await graph.ask(
      `{ ticket(id: "${ids.ticket}") { events(first: 1) { nodes { kind summary } pageInfo { hasNextPage } } } }`,
    )
    expect(data!.ticket).toEqual({
      events: { nodes: [{ kind: 'CREATED', summary: 'Raised' }], pageInfo: { hasNextPage: false } },
    })
  })
})

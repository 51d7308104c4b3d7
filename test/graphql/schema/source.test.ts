import { describe, expect, it } from 'vitest'
import { createGraphFixture, ids } from '../../support/graph/graph-fixture.ts'

describe('Source.health', () => {
  it('is what the source measured', async () => {
    const { graph } = createGraphFixture()
    const { data } = await graph.ask(`{ ticket(id: "${ids.ticket}") { source { health { state latencyP50Ms } } } }`)
    expect(data!.ticket).toEqual({ source: { health: { state: 'UP', latencyP50Ms: 5 } } })
  })
})

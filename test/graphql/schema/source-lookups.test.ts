import { describe, expect, it } from 'vitest'
import { LookupsDocument } from '../../generated/graphql.ts'
import { createGraphFixture } from '../../support/graph/graph-fixture.ts'

describe('look-ups', () => {
  it('call the source that offers them', async () => {
    const { graph } = createGraphFixture()
    const { data, errors } = await graph.ask(LookupsDocument, { variables: { source: 'oneview' } })
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      escalationDepartments: [{ key: 'partner-service', label: 'Partner service' }],
      transferQueues: [{ key: '7', name: 'chat-eng-sg', language: 'en' }],
      resolutionStatuses: ['NO_ACTION', 'REFUNDED'],
      contactReasons: [{ code: '1A', label: 'Order', level: 1, parents: [] }],
    })
  })

  it('are UPSTREAM_NOT_SUPPORTED for a source that does not', async () => {
    const { graph } = createGraphFixture()
    const { data, errors } = await graph.ask('{ transferQueues(source: "vcc") { key } }')
    expect(data).toBeNull()
    expect(errors![0]).toMatchObject({
      message: 'VCC does not offer this.',
      extensions: { code: 'UPSTREAM_NOT_SUPPORTED', source: 'vcc', retryable: false },
    })
  })
})

import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { LookupsDocument } from '../../generated/graphql.ts'
import { createFullSource, fullKey, idOf } from '../../support/full-source.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { createGraphFixture } from '../../support/graph/graph-fixture.ts'
import { sourceInfo, ticket } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

describe('look-ups', () => {
  it('call the source that offers them', async () => {
    const { data, errors } = await createTestGraph({ sources: [createFullSource()] }).ask(LookupsDocument, {
      variables: { source: fullKey },
    })
    expect(errors).toBeUndefined()
    const options = [{ key: 'late', label: 'Late', parent: 'delivery' }]
    expect(data!.source).toEqual({
      key: fullKey,
      escalationDepartments: [{ key: 'partner-service', label: 'Partner service' }],
      transferQueues: [{ key: 'q1', name: 'chat-en', language: 'en' }],
      resolutionStatuses: [{ key: 'REFUNDED', label: 'Refunded' }],
      contactReasons: [{ code: '1A', label: 'Late', language: 'en', level: 2, parents: [{ code: '1' }] }],
      agents: [{ id: idOf('agent', 'ann'), externalId: 'ann', name: 'Agent ann', email: 'ann@desk.example' }],
      groups: [{ id: idOf('group', 'g1'), externalId: 'g1', name: 'First line' }],
      createForm: [{ key: 'subcategory', label: 'Sub-category', type: 'CHOICE', required: true, dependsOn: 'category', options }],
      customFieldDefinitions: [{ key: 'tier', label: 'Tier', type: 'CHOICE', required: false, writable: true, options }],
    })
  })

  it('that the source does not offer are null, without an error, beside everything else of the answer', async () => {
    const { graph } = createGraphFixture()
    const { data, errors } = await graph.ask(
      '{ viewer { key } source(key: "vcc") { key transferQueues { key } createForm { key } agents { id } } missing: source(key: "x") { key } }',
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      viewer: { key: 'anonymous' },
      source: { key: 'vcc', transferQueues: null, createForm: null, agents: null },
      missing: null,
    })
  })

  it('that fail are null with an error, beside everything else of the answer', async () => {
    const failing = createMemorySource(sourceInfo('desk'), {
      methods: {
        transferQueues: () => Promise.reject(new DeskgraphError('UPSTREAM_TIMEOUT', 'Desk did not answer.', { source: 'desk' })),
      },
    })
    const { data, errors } = await createTestGraph({ sources: [failing] }).ask(
      '{ source(key: "desk") { label transferQueues { key } } viewer { key } }',
    )
    expect(data).toEqual({ source: { label: 'DESK', transferQueues: null }, viewer: { key: 'anonymous' } })
    expect(errors).toMatchObject([
      { path: ['source', 'transferQueues'], extensions: { code: 'UPSTREAM_TIMEOUT', source: 'desk', retryable: true } },
    ])
  })

  it('of the tickets of a page are read once for each source', async () => {
    const info = sourceInfo('desk')
    let calls = 0
    const desk = createMemorySource(info, {
      tickets: Array.from({ length: 5 }, (_, index) => ticket(info, `t${index}`)),
      methods: {
        transferQueues: async () => {
          calls += 1
          return [{ key: 'q1', name: 'chat', language: null }]
        },
      },
    })
    const { data } = await createTestGraph({ sources: [desk] }).ask('{ tickets { nodes { source { transferQueues { key } } } } }')
    expect((data!.tickets as { nodes: unknown }).nodes).toEqual(Array(5).fill({ source: { transferQueues: [{ key: 'q1' }] } }))
    expect(calls).toBe(1)
  })

  it('return at most `first` entries, which is checked like every page size', async () => {
    const graph = createTestGraph({ sources: [createFullSource()] })
    const { data } = await graph.ask(
      `{ source(key: "${fullKey}") { agents(first: 0) { id } contactReasons(first: 0) { code } } }`,
    )
    expect(data!.source).toEqual({ agents: [], contactReasons: [] })
    const { errors } = await graph.ask(`{ source(key: "${fullKey}") { groups(first: 101) { id } } }`)
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

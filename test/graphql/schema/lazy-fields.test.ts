import { type GraphQLResolveInfo, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { fieldOf } from '../../../src/graphql/schema/fields.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
import type { TicketSource } from '../../../src/sources/source.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { sourceInfo, ticket } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

describe('a lazy field', () => {
  it('must be a property of a ticket that the graph has', () => {
    const source = createMemorySource(sourceInfo('verifik'), { lazyFields: ['tenant'] })
    expect(() => createSchema({ sources: [source] })).toThrow('Ticket has no field for the lazy fields tenant')
  })

  it('gets a resolver when a source leaves it out of its lists', () => {
    const source = createMemorySource(sourceInfo('verifik'), { lazyFields: ['description', 'messages'] })
    const ticket = createSchema({ sources: [source] }).getType('Ticket')
    const resolved = isObjectType(ticket) ? Object.values(ticket.getFields()).filter((field) => field.resolve) : []
    expect(resolved.map((field) => field.name).sort()).toEqual([
      'actions',
      'customFields',
      'description',
      'escalation',
      'events',
      'raw',
      'routing',
      'threads',
      'timeline',
      'url',
    ])
  })

  it('is read from a full ticket at once, without a promise', () => {
    const source = createMemorySource(sourceInfo('verifik'), { lazyFields: ['description'] })
    const context = createTestGraph({ sources: [source] }).contextFor({})
    const resolve = fieldOf(createSchema({ sources: [source] }), 'Ticket', 'description').resolve!
    const full = ticket(source.info, 't1', { description: 'long' })
    const answer = (of: Ticket) => resolve(of, {}, context, {} as GraphQLResolveInfo)
    expect(answer(full)).toBe('long')
    expect(answer({ ...full, isSummary: true })).toBeInstanceOf(Promise)
  })
})

describe('a costly field', () => {
  const withServiceLevels = () => {
    const costlyFields = ['slaTargets'] as const
    const memory = createMemorySource(sourceInfo('verifik'), { lazyFields: ['description', ...costlyFields], costlyFields })
    const target = {
      name: 'First reply',
      kind: 'FIRST_REPLY',
      dueAt: null,
      breached: false,
      paused: null,
      completedAt: null,
    } as const
    const source: TicketSource = {
      ...memory,
      async loadTickets(refs, call, wanted) {
        const failed = new DeskgraphError('UPSTREAM_TIMEOUT', 'Verifik did not answer in time.', { source: 'verifik' })
        const loaded = await memory.loadTickets(refs, call, wanted)
        return loaded.map((one, index) => (refs[index]!.externalId === 't3' && wanted?.size !== 0 ? failed : one))
      },
    }
    for (const id of ['t1', 't2', 't3']) memory.put(id, ticket(source.info, id, { description: 'long', slaTargets: [target] }))
    return { graph: createTestGraph({ sources: [source] }), memory }
  }

  it('is read for the tickets of a page together, only where it is selected', async () => {
    const { graph, memory } = withServiceLevels()
    await graph.ask('{ tickets { nodes { title description } } }')
    const { data, errors } = await graph.ask('{ tickets { nodes { externalId title slaTargets { name } } } }')
    expect(memory.calls.wanted).toEqual([[], null])
    expect(memory.loadedIds().map((ids) => ids.toSorted())).toEqual(Array(2).fill(['t1', 't2', 't3']))
    const { nodes } = data!.tickets as { nodes: { externalId: string; slaTargets: unknown }[] }
    expect(new Map(nodes.map((node) => [node.externalId, node.slaTargets]))).toEqual(
      new Map<string, unknown>([
        ['t1', [{ name: 'First reply' }]],
        ['t2', [{ name: 'First reply' }]],
        // What the list has of a ticket stays there.
        ['t3', null],
      ]),
    )
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_TIMEOUT'])
  })
})

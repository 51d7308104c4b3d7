import { type GraphQLResolveInfo, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { fieldOf } from '../../../src/graphql/schema/fields.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
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

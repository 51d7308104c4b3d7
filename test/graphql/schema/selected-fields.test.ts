import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { createSchema } from '../../../src/graphql/schema/index.ts'
import { createFieldSelection, LazySelection } from '../../../src/graphql/schema/selected-fields.ts'
import { refOf } from '../../../src/tickets/ticket-loader.ts'
import { createTestGraph, resolverModes } from '../../support/graph/graph.ts'
import { sourceInfo, ticket } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

const costly: readonly (keyof Ticket)[] = ['messages', 'slaTargets']

function graphOf(resolvers: (typeof resolverModes)[number]) {
  const { info } = createMemorySource(sourceInfo('verifik'))
  const full = ['1', '2', '3'].map((id) => ticket(info, id, { messages: [], slaTargets: [], statusOptions: [] }))
  const source = createMemorySource(info, { tickets: full, lazyFields: [...costly, 'statusOptions'], costlyFields: costly })
  return { source, ids: full.map(({ id }) => id), ...createTestGraph({ sources: [source], resolvers }) }
}

describe.each(resolverModes)('fields that cost calls of their own (%s resolvers)', (resolvers) => {
  it('are read where the operation selects them, in one load', async () => {
    const { source, ids, ask } = graphOf(resolvers)
    const read = async (fields: string) => {
      const result = await ask(`{ ticket(id: "${ids[0]}") { ${fields} } }`)
      expect(result.errors).toBeUndefined()
      return result.data?.ticket
    }
    expect(await read('title')).toBeDefined()
    expect(await read('statusOptions { key }')).toEqual({ statusOptions: [] })
    expect(await read('slaTargets { name }')).toEqual({ slaTargets: [] })
    expect(await read('... on Ticket { threads { nodes { id } } } slaTargets { name }')).toEqual({
      threads: { nodes: [] },
      slaTargets: [],
    })
    expect(source.calls.wanted).toEqual([[], [], ['slaTargets'], null])
  })

  it('are read for a page of a list in one load, and for tickets that are named by their ids', async () => {
    const { source, ids, ask } = graphOf(resolvers)
    const { data } = await ask('{ tickets(first: 3) { nodes { slaTargets { name } statusOptions { key } } } }')
    expect(data?.tickets).toEqual({ nodes: Array(3).fill({ slaTargets: [], statusOptions: [] }) })
    await ask(`{ tickets(first: 3, filter: { ids: ["${ids[0]}", "${ids[1]}"] }) { nodes { threads { nodes { id } } } } }`)
    await ask(`{ tickets(first: 3, filter: { ids: ["${ids[0]}"], text: "a" }) { nodes { id } } }`)
    expect(source.calls.wanted).toEqual([['slaTargets'], ['messages'], []])
    expect(source.loadedIds()).toEqual([['1', '2', '3'], ['1', '2'], ['1']])
  })

  it('are listed where the source can list them, unless the gateway filters the list', async () => {
    const { info } = createMemorySource(sourceInfo('verifik'))
    const lazyFields = ['slaTargets', 'statusOptions'] as const
    const tickets = [ticket(info, '1', { slaTargets: [], statusOptions: [], title: 'a' })]
    const source = createMemorySource(info, { tickets, lazyFields, listedFields: ['statusOptions'] })
    const { ask } = createTestGraph({ sources: [source], resolvers })
    const fields = 'slaTargets { name } statusOptions { key }'
    await ask(`{ tickets(first: 3) { nodes { title } } }`)
    await ask(`{ tickets(first: 3) { nodes { statusOptions { key } } } }`)
    const { data } = await ask(`{ tickets(first: 3) { nodes { ${fields} } } }`)
    expect(data?.tickets).toEqual({ nodes: [{ slaTargets: [], statusOptions: [] }] })
    await ask(`{ tickets(first: 3, filter: { text: "a" }) { nodes { statusOptions { key } } } }`)
    expect(source.calls.list.map(({ wanted }) => wanted)).toEqual([undefined, ['statusOptions'], ['statusOptions'], undefined])
    expect(source.loadedIds()).toEqual([['1'], ['1']])
  })

  it('are read also where the selection did not show that they are needed', async () => {
    const { source, contextFor } = graphOf(resolvers)
    const context = contextFor({})
    const operation = { document: parse('{ __typename }'), operationName: null, variables: {} }
    context.selection = new LazySelection(() => ({ fields: new Set(['title']), totals: false }), operation)
    const [ref] = source.tickets().map(refOf)
    const partial = await context.reads.ticket(ref!)
    expect(partial).toMatchObject({ isSummary: true, lazyFieldsRead: ['statusOptions'], messages: null })
    expect(await context.reads.full(partial!, 'messages')).toMatchObject({ isSummary: false, messages: [] })
    expect(source.calls.wanted).toEqual([[], null])
  })
})

describe('the selected fields of an operation', () => {
  const select = createFieldSelection(createSchema())
  const fieldsOf = (text: string, variables = {}) => {
    const document = parse(text)
    const [first, second] = [1, 2].map(() => select({ document, operationName: null, variables }))
    expect(second).toEqual(first)
    return [...first!.fields].toSorted()
  }

  it('are those of tickets anywhere in it, by the names that tickets have', () => {
    const text = `query { tickets { nodes { ...F links { ticket { slaTargets { name } } } } } node(id: "1") { ... on Ticket { dueAt } } }
      fragment F on Ticket { threads { nodes { attachments { id } } } customer { name } }`
    expect(fieldsOf(text)).toEqual(['customer', 'dueAt', 'links', 'messages', 'slaTargets'])
  })

  it('depend on the variables of @include and @skip, and count where a variable has its default', () => {
    const text =
      'query($on: Boolean = true, $off: Boolean) { tickets { nodes { id title @include(if: $on) ... @skip(if: $off) { dueAt } tags @include(if: false) } } }'
    expect(fieldsOf(text)).toEqual(['dueAt', 'id', 'title'])
    expect(fieldsOf(text, { on: false, off: true })).toEqual(['id'])
  })

  it('say whether the operation reads how many tickets a list has', () => {
    const readsTotals = (text: string, variables = {}) =>
      select({ document: parse(text), operationName: null, variables })?.totals
    expect(readsTotals('{ tickets { nodes { id } pageInfo { hasNextPage } sources { returned } } }')).toBe(false)
    expect(readsTotals('{ tickets { totalCount } }')).toBe(true)
    expect(readsTotals('{ customer(id: "c") { tickets { sources { matching } } } }')).toBe(true)
    expect(readsTotals('query($on: Boolean!) { tickets { totalCount @include(if: $on) } }', { on: false })).toBe(false)
    // The number of messages is another thing.
    expect(readsTotals('{ tickets { nodes { messages { totalCount } } } }')).toBe(false)
  })

  it('are not known of an operation that the document does not have', () => {
    expect(select({ document: parse('query A { __typename }'), operationName: 'B', variables: {} })).toBeNull()
  })
})

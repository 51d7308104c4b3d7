import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type GraphQLResolveInfo,
  graphqlSync,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { fieldOf } from '../../../src/graphql/schema/fields.ts'
import { createSchema, emitSchema } from '../../../src/graphql/schema/index.ts'
import { createTestGraph } from '../../support/graph/graph.ts'
import { sourceInfo, ticket } from '../../support/graph/tickets.ts'
import { createMemorySource } from '../../support/memory-source.ts'

const emitted = emitSchema()
const builtIn = new Set(['String', 'Int', 'Float', 'Boolean', 'ID'])

describe('the emitted schema', () => {
  it('is the committed schema.graphql (npm run schema writes it anew)', () => {
    expect(readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8')).toBe(emitted)
  })

  it('is sorted, so that a change shows as itself alone', () => {
    const names = [...emitted.matchAll(/^(?:type|enum|interface|input|scalar) (\w+)/gm)].map((match) => match[1])
    expect(names).toEqual([...names].sort())
  })

  it('describes every type, field, argument and enum value with more than its name', () => {
    const bare: string[] = []
    const check = (name: string, description: string | null | undefined) => {
      const words = (description ?? '').toLowerCase().replaceAll(/[^a-z]/g, '')
      if (words.length < 4 || words === name.split('.').at(-1)?.toLowerCase()) bare.push(name)
    }
    for (const type of Object.values(buildSchema(emitted).getTypeMap())) {
      if (type.name.startsWith('__') || builtIn.has(type.name)) continue
      check(type.name, type.description)
      if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value.description)
      if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue
      for (const field of Object.values(type.getFields())) {
        check(`${type.name}.${field.name}`, field.description)
        for (const arg of 'args' in field ? field.args : []) check(`${type.name}.${field.name}.${arg.name}`, arg.description)
      }
    }
    expect(bare).toEqual([])
  })

  it('offers pages of 25, and of 50 for the parts of a ticket', () => {
    const schema = buildSchema(emitted)
    const defaultOf = (type: string, field: string) => {
      const parent = schema.getType(type)
      return isObjectType(parent) ? parent.getFields()[field]?.args.find((arg) => arg.name === 'first')?.defaultValue : undefined
    }
    expect(defaultOf('Query', 'tickets')).toBe(25)
    expect(defaultOf('Customer', 'tickets')).toBe(25)
    expect(defaultOf('Query', 'deliveries')).toBe(25)
    expect(defaultOf('Ticket', 'threads')).toBe(50)
    expect(defaultOf('Ticket', 'events')).toBe(50)
    expect(defaultOf('Query', 'contactReasons')).toBe(50)
  })
})

describe('building the schema', () => {
  it('leaves introspection to graphql-js, however often it is built', () => {
    for (const schema of [createSchema(), createSchema()]) {
      const { data, errors } = graphqlSync({
        schema,
        source: '{ __schema { queryType { name } } __type(name: "Ticket") { name } }',
      })
      expect(errors).toBeUndefined()
      expect(data).toEqual({ __schema: { queryType: { name: 'Query' } }, __type: { name: 'Ticket' } })
    }
  })

  it('leaves most fields without a resolver, and none to type-graphql', () => {
    const ticket = createSchema().getType('Ticket')
    const resolved = isObjectType(ticket) ? Object.values(ticket.getFields()).filter((field) => field.resolve) : []
    expect(resolved.map((field) => field.name).sort()).toEqual(['actions', 'events', 'raw', 'routing', 'threads'])
  })

  it('adds a resolver for a field that some source leaves out of its lists', () => {
    const source = createMemorySource(sourceInfo('verifik'), { lazyFields: ['description', 'messages'] })
    const ticket = createSchema({ sources: [source] }).getType('Ticket')
    const resolved = isObjectType(ticket) ? Object.values(ticket.getFields()).filter((field) => field.resolve) : []
    expect(resolved.map((field) => field.name).sort()).toEqual(['actions', 'description', 'events', 'raw', 'routing', 'threads'])
  })

  it('answers a detail field of a whole ticket at once, without a promise', () => {
    const source = createMemorySource(sourceInfo('verifik'), { lazyFields: ['description'] })
    const context = createTestGraph({ sources: [source] }).contextFor({})
    const resolve = fieldOf(createSchema({ sources: [source] }), 'Ticket', 'description').resolve!
    const whole = ticket(source.info, 't1', { description: 'long' })
    const answer = (of: Ticket) => resolve(of, {}, context, {} as GraphQLResolveInfo)
    expect(answer(whole)).toBe('long')
    expect(answer({ ...whole, isSummary: true })).toBeInstanceOf(Promise)
  })
})

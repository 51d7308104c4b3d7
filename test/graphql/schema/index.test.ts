import { readFileSync } from 'node:fs'
import { buildSchema, graphqlSync, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createSchema, emitSchema } from '../../../src/graphql/schema/index.ts'

const emitted = emitSchema()
const builtIn = new Set(['String', 'Int', 'Float', 'Boolean', 'ID'])

describe('the emitted schema', () => {
  it('is the committed schema.graphql (npm run schema writes it anew)', () => {
    expect(readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8')).toBe(emitted)
  })

  it('is sorted, so that a diff shows only real changes', () => {
    const names = [...emitted.matchAll(/^(?:type|enum|interface|input|scalar) (\w+)/gm)].map((match) => match[1])
    expect(names).toEqual([...names].sort())
  })

  it('describes every type, field, argument and enum value in sentences of at least two words', () => {
    const wrong: string[] = []
    const check = (name: string, description: string | null | undefined) => {
      if (!/^\S+ .+[.]$/s.test(description ?? '')) wrong.push(`${name}: ${description}`)
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
    expect(wrong).toEqual([])
  })

  it('offers pages of 25, and look-ups of 50', () => {
    const schema = buildSchema(emitted)
    const defaultOf = (type: string, field: string) => {
      const parent = schema.getType(type)
      return isObjectType(parent) ? parent.getFields()[field]?.args.find((arg) => arg.name === 'first')?.defaultValue : undefined
    }
    expect(defaultOf('Query', 'tickets')).toBe(25)
    expect(defaultOf('Customer', 'tickets')).toBe(25)
    expect(defaultOf('Query', 'deliveries')).toBe(25)
    expect(defaultOf('Source', 'contactReasons')).toBe(50)
  })
})

describe('the built schema', () => {
  it('answers introspection, also when it is built twice', () => {
    for (const schema of [createSchema(), createSchema()]) {
      const { data, errors } = graphqlSync({
        schema,
        source: '{ __schema { queryType { name } } __type(name: "Ticket") { name } }',
      })
      expect(errors).toBeUndefined()
      expect(data).toEqual({ __schema: { queryType: { name: 'Query' } }, __type: { name: 'Ticket' } })
    }
  })

  it('has plain properties for most fields of a ticket', () => {
    const ticket = createSchema().getType('Ticket')
    const resolved = isObjectType(ticket) ? Object.values(ticket.getFields()).filter((field) => field.resolve) : []
    expect(resolved.map((field) => field.name).sort()).toEqual([
      'actions',
      'customFields',
      'escalation',
      'events',
      'raw',
      'routing',
      'threads',
      'timeline',
      'url',
    ])
  })
})

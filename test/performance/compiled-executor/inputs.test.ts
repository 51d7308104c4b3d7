import { buildSchema, type FieldNode, type OperationDefinitionNode, parse } from 'graphql'
import { getArgumentValues, getVariableValues } from 'graphql/execution/values.js'
import { describe, expect, it } from 'vitest'
import type { ExecutionState } from '../../../src/performance/compiled-executor/execution-state.ts'
import { compileArguments, compileVariables } from '../../../src/performance/compiled-executor/inputs.ts'

const schema = buildSchema(`
  enum Colour { RED BLUE }
  input Filter { ids: [ID!], text: String = "all" }
  type Query {
    one(id: ID!, first: Int = 10, after: String, flag: Boolean! = true, colour: Colour, filter: Filter, texts: [String]): String
  }
`)
const field = schema.getQueryType()!.getFields().one!

const types = [
  'ID!',
  'ID',
  'String',
  'String! = "x"',
  'String = "x"',
  'Int',
  'Int!',
  'Boolean',
  'Colour',
  '[ID!]',
  'Filter',
  'Float',
]
const values = ['text', '', 1, 1.5, 2 ** 40, Number.NaN, true, null, undefined, [], ['a'], {}, { text: null }, 'RED', 'GREEN']

const operationOf = (text: string) => parse(text).definitions[0] as OperationDefinitionNode

describe('variables', () => {
  it.each(types)('of the type %s are coerced as graphql-js does, for every value', (type) => {
    const { variableDefinitions = [] } = operationOf(`query ($v: ${type}, $other: ID) { __typename }`)
    const coerce = compileVariables(schema, variableDefinitions)
    for (const value of values) {
      for (const sent of [{ v: value }, { v: value, other: 'o', unknown: 1 }, {}]) {
        // What a client sends is JSON, where nothing is undefined.
        const inputs = JSON.parse(JSON.stringify(sent)) as Record<string, unknown>
        expect(coerce(inputs), JSON.stringify(inputs)).toEqual(
          getVariableValues(schema, variableDefinitions, inputs).coerced ?? null,
        )
      }
    }
  })
  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('named %s are not what every object has', (name) => {
    const { variableDefinitions = [] } = operationOf(`query ($${name}: String, $id: ID!) { __typename }`)
    const coerce = compileVariables(schema, variableDefinitions)
    for (const inputs of [{ id: '1' }, JSON.parse(`{"id":"1","${name}":"sent"}`)]) {
      const expected = getVariableValues(schema, variableDefinitions, inputs).coerced
      expect(Object.entries(coerce(inputs)!).sort()).toEqual(Object.entries(expected!).sort())
    }
  })
})

describe('arguments', () => {
  const written = [
    '(id: "1")',
    '(id: $v)',
    '(id: $v, first: $n)',
    '(id: "1", first: null, colour: RED)',
    '(id: "1", filter: { ids: [$v] }, texts: ["a", "b"])',
    '(id: "1", filter: { ids: ["2"] })',
    '(id: "1", flag: $b)',
    '',
    '(id: null)',
    '(id: "1", colour: GREEN)',
  ]
  const variables: Record<string, unknown>[] = [{}, { v: 'x' }, { v: 'x', n: 3, b: false }, { v: null, n: null, b: null }]

  it.each(written)('written as %s are what graphql-js makes of them, or its error', (text) => {
    const node = operationOf(`query { one${text} }`).selectionSet.selections[0] as FieldNode
    const ours = compileArguments({ field, nodes: [node], key: 'one', parentType: schema.getQueryType()! })
    for (const coerced of variables) {
      const outcome = (make: () => unknown) => {
        try {
          return { ...(make() as object) }
        } catch (error) {
          return (error as Error).message
        }
      }
      expect(outcome(() => ours({ variables: coerced } as ExecutionState))).toEqual(
        outcome(() => getArgumentValues(field, node, coerced)),
      )
    }
  })
  it('are made anew for each call', () => {
    const node = operationOf('query { one(id: $v, first: 3) }').selectionSet.selections[0] as FieldNode
    const ours = compileArguments({ field, nodes: [node], key: 'one', parentType: schema.getQueryType()! })
    const run = { variables: { v: 'x' } } as unknown as ExecutionState
    expect(ours(run)).not.toBe(ours(run))
  })
})

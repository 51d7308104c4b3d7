import { type FieldNode, type GraphQLObjectType, OperationTypeNode } from 'graphql'
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js'
import type { Path } from 'graphql/jsutils/Path.js'
import type { Compiler, Text } from './complete.ts'
import type { ExecutionState, Operation } from './execution-state.ts'
import { compileField, type FieldPlan } from './field.ts'
import { needsEscape } from './leaf.ts'

/** The most fields of a plan, fragments expanded. graphql-js executes larger operations. */
const maxFields = 5_000

/**
 * Compiles an operation into the function that writes its data as JSON text. `conditions`: the variables that decide @skip and @include;
 * fields that they leave out are not in the plan. null: graphql-js has to execute the operation (introspection, or too many fields).
 */
export function compileOperation(operation: Operation, conditions: Record<string, unknown>): WriteObject | null {
  const { schema, fragments, definition } = operation
  const rootType = schema.getRootType(definition.operation)
  if (!rootType) return null
  let left = maxFields

  const compiler: Compiler = {
    fieldsOf: (type, { nodes }) => objectWriter(compileFields(type, subfieldsOf(type, nodes))),
    possibleTypes: (type) => schema.getPossibleTypes(type),
  }

  const subfieldsOf = (type: GraphQLObjectType, nodes: readonly FieldNode[]) =>
    collectSubfields(schema, fragments, conditions, type, nodes)

  function compileFields(type: GraphQLObjectType, selected: Map<string, readonly FieldNode[]>): FieldPlan[] {
    return [...selected].map(([key, nodes]) => compileSelected(type, key, nodes))
  }
  function compileSelected(type: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): FieldPlan {
    const name = nodes[0]!.name.value
    left -= 1
    if (name === '__typename') return { key, read: () => `"${type.name}"`, property: null }
    const field = type.getFields()[name]
    if (!field || left < 0) throw new NotCompiled()
    return compileField({ parentType: type, field, key, nodes }, compiler)
  }
  try {
    const fields = compileFields(rootType, collectFields(schema, fragments, conditions, rootType, definition.selectionSet))
    return definition.operation === OperationTypeNode.MUTATION ? serialWriter(fields) : objectWriter(fields)
  } catch (error) {
    if (error instanceof NotCompiled) return null
    throw error
  }
}

class NotCompiled extends Error {}

export type WriteObject = (source: unknown, at: Path | undefined, state: ExecutionState) => Text

/**
 * Compiles the function that writes an object's fields. Its code is generated, because V8's inline caches need code that names a property.
 * The names come from the schema and are GraphQL names: no text of a client becomes code.
 */
function objectWriter(fields: readonly FieldPlan[]): WriteObject {
  return fields.length === 0 ? () => '{}' : compileWriter(fields, headsOf(fields))
}

function compileWriter(fields: readonly FieldPlan[], heads: readonly string[]): WriteObject {
  const texts = fields.map((_, index) => `t${index}`)
  const code = `'use strict'
return (source, at, state) => {
  const object = typeof source === 'object' && source !== null ? source : nothing
  let value, pending = false, ${texts.join(', ')}
  try {
    ${fields.map((field, index) => fieldCode(field, index, heads[index]!)).join('\n    ')}
  } catch (error) {
    return fail(error, [${texts.join(', ')}])
  }
  return pending ? later([${texts.join(', ')}]) : ${texts.join(' + ')} + '}'
}`
  const later = (parts: Text[]) => joinLater(heads, parts)
  const names = ['fields', 'needsEscape', 'nothing', 'fail', 'later']
  return new Function(...names, code)(fields, needsEscape, nothing, fail, later) as WriteObject
}

const nothing = Object.freeze({})

/**
 * The code that writes one field behind its key, with as few string concatenations as possible: each is an object on the heap. Usual values
 * of a property are completed inline; `read` completes all others.
 */
function fieldCode({ property, key }: FieldPlan, index: number, head: string): string {
  const target = `t${index}`
  const before = JSON.stringify(head)
  const complete = (text: string) =>
    `{ value = ${text}; if (typeof value === 'string') ${target} = ${before} + value; else { pending = true; ${target} = value } }`
  const read = complete(`fields[${index}].read(source, at, state)`)
  if (!property) return read
  const { nullable, isText, attempt, typename, name } = property
  const usual: string[] = []
  if (nullable) usual.push(`if (value === null) ${target} = ${JSON.stringify(`${head}null`)};`)
  if (isText) {
    const plain = `${JSON.stringify(`${head}"`)} + value + '"'`
    const escaped = `${before} + JSON.stringify(value)`
    usual.push(`if (typeof value === 'string') ${target} = needsEscape.test(value) ? ${escaped} : ${plain};`)
  } else if (attempt) {
    usual.push(`if ((${target} = fields[${index}].property.attempt(value)) !== undefined) ${target} = ${before} + ${target};`)
  } else {
    const here = `{ prev: at, key: ${JSON.stringify(key)}, typename: ${JSON.stringify(typename)} }`
    usual.push(`if (typeof value === 'object') ${complete(`fields[${index}].property.settle(value, ${here}, state)`)}`)
  }
  return `value = object.${name}; ${[...usual, read].join(' else ')}`
}

/** A field that may not be null has failed. Waits for the other fields, as graphql-js does. */
function fail(error: unknown, parts: readonly (Text | undefined)[]): Promise<never> {
  if (parts.some((part) => part !== undefined && typeof part !== 'string')) return failAfter(error, parts)
  throw error
}

/** Joins the texts after the promises among them have resolved. Their keys are still missing. */
function joinLater(heads: readonly string[], parts: Text[]): Promise<string> {
  const waiting: number[] = []
  for (let index = 0; index < parts.length; index++) if (typeof parts[index] !== 'string') waiting.push(index)
  const join = (): string => {
    let text = ''
    for (const part of parts as string[]) text += part
    return `${text}}`
  }
  const [first] = waiting
  if (waiting.length === 1) {
    return (parts[first!] as Promise<string>).then((text) => {
      parts[first!] = heads[first!]! + text
      return join()
    })
  }
  return Promise.all(waiting.map((index) => parts[index])).then((texts) => {
    for (const [at, index] of waiting.entries()) parts[index] = heads[index]! + texts[at]!
    return join()
  })
}

/** The function for the root of a mutation: each field starts after the one before has ended. */
function serialWriter(fields: readonly FieldPlan[]): WriteObject {
  const heads = headsOf(fields)
  return async (source, at, state) => {
    let text = ''
    for (let index = 0; index < fields.length; index++) text += heads[index]! + (await fields[index]!.read(source, at, state))
    return text === '' ? '{}' : `${text}}`
  }
}

/** The text before each field: brace or comma, and the key. */
function headsOf(fields: readonly FieldPlan[]): string[] {
  return fields.map(({ key }, index) => `${index === 0 ? '{' : ','}"${key}":`)
}

/** Rejects with `error` after the others have settled, so that no rejection stays unhandled. */
function failAfter(error: unknown, pending: readonly unknown[]): Promise<never> {
  const fail = () => {
    throw error
  }
  return Promise.all(pending).then(fail, fail)
}

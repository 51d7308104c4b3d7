import type { Path } from 'graphql/jsutils/Path.js'
import type { Text } from './complete.ts'
import type { FieldPlan } from './field.ts'
import { failAfter } from './promise.ts'
import type { ExecutionState } from './run.ts'
import { needsEscape } from './text.ts'

export type WriteObject = (source: unknown, at: Path | undefined, run: ExecutionState) => Text

/**
 * Writes an object's fields one behind the other. Its code is generated, because only code that names a property lets
 * the engine remember where objects of that shape keep it. The names are GraphQL's, so no text of a client is ever code.
 */
export function objectWriter(fields: readonly FieldPlan[]): WriteObject {
  return fields.length === 0 ? () => '{}' : compileWriter(fields, headsOf(fields))
}

function compileWriter(fields: readonly FieldPlan[], heads: readonly string[]): WriteObject {
  const texts = fields.map((_, index) => `t${index}`)
  const code = `'use strict'
return (source, at, run) => {
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
 * A field's text with what stands before it, in as few pieces as may be: each is an object of the engine.
 * The usual values of a property are completed on the spot; anything else is left to `read`, which knows all of them.
 */
function fieldCode({ property, key }: FieldPlan, index: number, head: string): string {
  const target = `t${index}`
  const before = JSON.stringify(head)
  const complete = (text: string) =>
    `{ value = ${text}; if (typeof value === 'string') ${target} = ${before} + value; else { pending = true; ${target} = value } }`
  const read = complete(`fields[${index}].read(source, at, run)`)
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
    usual.push(`if (typeof value === 'object') ${complete(`fields[${index}].property.settle(value, ${here}, run)`)}`)
  }
  return `value = object.${name}; ${[...usual, read].join(' else ')}`
}

/** One field failed where it may not. What the others began is waited for, as graphql-js does. */
function fail(error: unknown, parts: readonly (Text | undefined)[]): Promise<never> {
  if (parts.some((part) => part !== undefined && typeof part !== 'string')) return failAfter(error, parts)
  throw error
}

/** Joins the texts when those that are promises have come: what stands before those is still missing. */
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

/** The same for a mutation's root: each field begins when the one before has ended. */
export function serialWriter(fields: readonly FieldPlan[]): WriteObject {
  const heads = headsOf(fields)
  return async (source, at, run) => {
    let text = ''
    for (let index = 0; index < fields.length; index++) text += heads[index]! + (await fields[index]!.read(source, at, run))
    return text === '' ? '{}' : `${text}}`
  }
}

/** What stands before each field. */
function headsOf(fields: readonly FieldPlan[]): string[] {
  return fields.map(({ key }, index) => `${index === 0 ? '{' : ','}"${key}":`)
}

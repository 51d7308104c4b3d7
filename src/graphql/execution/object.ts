import type { Path } from 'graphql/jsutils/Path.js'
import type { Text } from './complete.ts'
import type { FieldPlan, PropertyPlan } from './field.ts'
import { failAfter } from './promise.ts'
import type { Run } from './run.ts'
import { quote } from './text.ts'

export type WriteObject = (source: unknown, at: Path | undefined, run: Run) => Text

/**
 * Writes an object's fields one behind the other. Its code is generated, because only code that names a property lets
 * the engine remember where objects of that shape keep it. The names are GraphQL's, so no text of a client is ever code.
 */
export function objectWriter(fields: readonly FieldPlan[]): WriteObject {
  return fields.length === 0 ? () => '{}' : compileWriter(fields, headsOf(fields, '{'), '}')
}

/** The same without the braces, for a part of an object's fields. */
export function fieldsWriter(fields: readonly FieldPlan[]): WriteObject {
  return compileWriter(fields, headsOf(fields, ''), '')
}

function compileWriter(fields: readonly FieldPlan[], heads: readonly string[], tail: string): WriteObject {
  const texts = fields.map((_, index) => `t${index}`)
  const code = `'use strict'
return (source, at, run) => {
  const object = typeof source === 'object' && source !== null ? source : nothing
  let value, ${texts.join(', ')}
  try {
    ${fields.map(fieldCode).join('\n    ')}
  } catch (error) {
    return fail(error, [${texts.join(', ')}])
  }
  if (${texts.map((text) => `typeof ${text} === 'string'`).join(' && ')}) {
    return ${texts.map((text, index) => `${JSON.stringify(heads[index])} + ${text}`).join(' + ')} + ${JSON.stringify(tail)}
  }
  return later([${texts.join(', ')}])
}`
  const later = (parts: Text[]) => joinLater(heads, parts, tail)
  return new Function('fields', 'quote', 'nothing', 'fail', 'later', code)(fields, quote, nothing, fail, later) as WriteObject
}

const nothing = Object.freeze({})

/** The usual values of a property are completed on the spot; anything else is left to `read`, which knows all of them. */
function fieldCode({ property }: FieldPlan, index: number): string {
  const target = `t${index}`
  const read = `fields[${index}].read(source, at, run)`
  if (!property) return `${target} = ${read}`
  return `value = object.${property.name}; ${target} = ${usualCode(property, index)} ${read}`
}

function usualCode({ nullable, isText, attempt, typename }: PropertyPlan, index: number): string {
  const whenNull = nullable ? `value === null ? 'null' : ` : ''
  if (isText) return `${whenNull}typeof value === 'string' ? quote(value) :`
  if (attempt) return `${whenNull}fields[${index}].property.attempt(value) ??`
  const here = `{ prev: at, key: fields[${index}].key, typename: ${JSON.stringify(typename)} }`
  return `${whenNull}typeof value === 'object' ? fields[${index}].property.settle(value, ${here}, run) :`
}

/** One field failed where it may not. What the others began is waited for, as graphql-js does. */
function fail(error: unknown, parts: readonly (Text | undefined)[]): Promise<never> {
  if (parts.some((part) => part !== undefined && typeof part !== 'string')) return failAfter(error, parts)
  throw error
}

/** Joins the texts when those that are promises have come. */
function joinLater(heads: readonly string[], parts: Text[], tail: string): Promise<string> {
  const waiting: number[] = []
  for (let index = 0; index < parts.length; index++) if (typeof parts[index] !== 'string') waiting.push(index)
  const join = (): string => {
    let text = ''
    for (let index = 0; index < parts.length; index++) text += heads[index]! + (parts[index] as string)
    return text + tail
  }
  const [first] = waiting
  if (waiting.length === 1) {
    return (parts[first!] as Promise<string>).then((text) => {
      parts[first!] = text
      return join()
    })
  }
  return Promise.all(waiting.map((index) => parts[index])).then((texts) => {
    for (const [at, index] of waiting.entries()) parts[index] = texts[at]!
    return join()
  })
}

/** The same for a mutation's root: each field begins when the one before has ended. */
export function serialWriter(fields: readonly FieldPlan[]): WriteObject {
  const heads = headsOf(fields, '{')
  return async (source, at, run) => {
    let text = ''
    for (let index = 0; index < fields.length; index++) text += heads[index]! + (await fields[index]!.read(source, at, run))
    return text === '' ? '{}' : `${text}}`
  }
}

/** What stands before each field. */
function headsOf(fields: readonly FieldPlan[], opening: string): string[] {
  return fields.map(({ key }, index) => `${index === 0 ? opening : ','}${key === null ? '' : `"${key}":`}`)
}

import { type GraphQLEnumType, type GraphQLLeafType, isEnumType } from 'graphql'
import { inspect } from 'graphql/jsutils/inspect.js'

// The characters that JSON.stringify escapes, lone surrogates among them.
export const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

/** The same text as JSON.stringify. Most strings need no escape, and the test is cheaper than JSON.stringify. */
export function quote(value: string): string {
  return needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`
}

/** The JSON text of a leaf value that is not null. Throws the error of graphql-js for a value that the type does not allow. */
export type WriteLeaf = (value: unknown) => string

/** The JSON text of a usual value; undefined for every other value, also an invalid one. */
export type TryLeaf = (value: unknown) => string | undefined

export interface LeafWriter {
  readonly write: WriteLeaf
  readonly attempt: TryLeaf
  /** Strings are written by `quote` without a serializer. */
  readonly isText: boolean
}

export function leafWriter(type: GraphQLLeafType): LeafWriter {
  const serialize = serializer(type)
  const attempt = isEnumType(type) ? tryWords(type) : (tryBuiltIn[type.name] ?? tryCustom(serialize))
  return { attempt, write: (value) => attempt(value) ?? serialize(value), isText: type.name === 'String' || type.name === 'ID' }
}

/** The texts of enum values are written once. */
function tryWords(type: GraphQLEnumType): TryLeaf {
  const texts = new Map(type.getValues().map(({ name, value }) => [value as unknown, `"${name}"`]))
  return (value) => texts.get(value)
}

const tryText: TryLeaf = (value) => (typeof value === 'string' ? quote(value) : undefined)

/** Usual values of the built-in scalars need no serializer. */
const tryBuiltIn: Readonly<Record<string, TryLeaf>> = {
  String: tryText,
  ID: tryText,
  Boolean: (value) => (value === true ? 'true' : value === false ? 'false' : undefined),
  Int: (value) => (typeof value === 'number' && (value | 0) === value ? `${value}` : undefined),
  Float: (value) => (typeof value === 'number' && Number.isFinite(value) ? `${value}` : undefined),
}

function tryCustom(serialize: WriteLeaf): TryLeaf {
  return (value) => {
    if (typeof value !== 'string') return undefined
    try {
      return serialize(value)
    } catch {
      return undefined
    }
  }
}

function serializer(type: GraphQLLeafType): WriteLeaf {
  return (value) => {
    const serialized: unknown = type.serialize(value)
    if (typeof serialized === 'string') return quote(serialized)
    if (serialized == null) throw new Error(refusalOf(type, value, serialized))
    // JSON.stringify returns undefined for a value that JSON cannot represent, such as a function.
    return JSON.stringify(serialized) ?? 'null'
  }
}

function refusalOf(type: GraphQLLeafType, value: unknown, serialized: unknown): string {
  return `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(serialized)}`
}

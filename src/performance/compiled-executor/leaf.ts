import { type GraphQLEnumType, type GraphQLLeafType, isEnumType } from 'graphql'
import { inspect } from 'graphql/jsutils/inspect.js'

// The characters that JSON text cannot hold as they are, and lone surrogates, which JSON.stringify escapes too.
export const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

/** A string as JSON text, the same as JSON.stringify writes it. Most strings need no escape, and asking is cheaper than escaping. */
export function quote(value: string): string {
  return needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`
}

/** The JSON text of a leaf's value that is not null. Throws what graphql-js throws for a value that the type cannot hold. */
export type WriteLeaf = (value: unknown) => string

/** The same for the values that such a leaf usually has; undefined for any other, also for one that is wrong. */
export type TryLeaf = (value: unknown) => string | undefined

export interface LeafWriter {
  readonly write: WriteLeaf
  readonly attempt: TryLeaf
  /** Texts are written by `quote`, and no serializer is asked. */
  readonly isText: boolean
}

export function leafWriter(type: GraphQLLeafType): LeafWriter {
  const serialize = serializer(type)
  const attempt = isEnumType(type) ? tryWords(type) : (tryBuiltIn[type.name] ?? tryCustom(serialize))
  return { attempt, write: (value) => attempt(value) ?? serialize(value), isText: type.name === 'String' || type.name === 'ID' }
}

/** Enum values are few: their texts are written once. */
function tryWords(type: GraphQLEnumType): TryLeaf {
  const texts = new Map(type.getValues().map(({ name, value }) => [value as unknown, `"${name}"`]))
  return (value) => texts.get(value)
}

const tryText: TryLeaf = (value) => (typeof value === 'string' ? quote(value) : undefined)

/** The built-in scalars' usual values need no serializer. */
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
    // A value that JSON cannot hold at all, such as a function, is left out of objects; here it is null.
    return JSON.stringify(serialized) ?? 'null'
  }
}

function refusalOf(type: GraphQLLeafType, value: unknown, serialized: unknown): string {
  return `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(serialized)}`
}

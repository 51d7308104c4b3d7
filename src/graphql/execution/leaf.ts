import { type GraphQLEnumType, type GraphQLLeafType, isEnumType } from 'graphql'
import { inspect } from 'graphql/jsutils/inspect.js'
import { quote } from './text.ts'

/** The JSON text of a leaf's value that is not null. Throws what graphql-js throws for a value that the type cannot hold. */
export type WriteLeaf = (value: unknown) => string

export function leafWriter(type: GraphQLLeafType): WriteLeaf {
  return isEnumType(type) ? enumWriter(type) : (fastScalars[type.name]?.(serializer(type)) ?? serializer(type))
}

/** Enum values are few: their texts are written once. */
function enumWriter(type: GraphQLEnumType): WriteLeaf {
  const texts = new Map(type.getValues().map(({ name, value }) => [value as unknown, `"${name}"`]))
  const orThrow = serializer(type)
  return (value) => texts.get(value) ?? orThrow(value)
}

/** The built-in scalars' usual values need no serializer. */
const fastScalars: Readonly<Record<string, (otherwise: WriteLeaf) => WriteLeaf>> = {
  String: stringWriter,
  ID: stringWriter,
  Boolean: (otherwise) => (value) => (value === true ? 'true' : value === false ? 'false' : otherwise(value)),
  Int: (otherwise) => (value) => (typeof value === 'number' && (value | 0) === value ? `${value}` : otherwise(value)),
  Float: (otherwise) => (value) => (typeof value === 'number' && Number.isFinite(value) ? `${value}` : otherwise(value)),
}

function stringWriter(otherwise: WriteLeaf): WriteLeaf {
  return (value) => (typeof value === 'string' ? quote(value) : otherwise(value))
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

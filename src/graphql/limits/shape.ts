import type { DirectiveNode, FieldNode } from 'graphql'
import { depthOfLiteral } from './input-depth.ts'

/** What can be counted without a schema, of one operation with its fragments written out. */
export interface Shape {
  readonly depth: number
  readonly introspectionDepth: number
  readonly literalDepth: number
  readonly fields: number
  readonly rootFields: number
  readonly aliases: number
  readonly directives: number
}

export const nothing: Shape = {
  depth: 0,
  introspectionDepth: 0,
  literalDepth: 0,
  fields: 0,
  rootFields: 0,
  aliases: 0,
  directives: 0,
}

const add = (one: number, other: number) => one + other

/** Two selections side by side: depths stay the larger one, numbers add up. */
export function beside(one: Shape, other: Shape): Shape {
  return combine(one, other, add)
}

/** The larger of each measure. */
export function greatest(one: Shape, other: Shape): Shape {
  return combine(one, other, Math.max)
}

function combine(one: Shape, other: Shape, count: (one: number, other: number) => number): Shape {
  return {
    depth: Math.max(one.depth, other.depth),
    introspectionDepth: Math.max(one.introspectionDepth, other.introspectionDepth),
    literalDepth: Math.max(one.literalDepth, other.literalDepth),
    fields: count(one.fields, other.fields),
    rootFields: count(one.rootFields, other.rootFields),
    aliases: count(one.aliases, other.aliases),
    directives: count(one.directives, other.directives),
  }
}

/** A field around what it selects. Introspection has a depth of its own: a tool's question is deeper than an operation may be. */
export function shapeOfField(field: FieldNode, below: Shape): Shape {
  const introspects = field.name.value === '__schema' || field.name.value === '__type'
  return {
    depth: introspects ? 1 : below.depth + 1,
    introspectionDepth: introspects ? below.depth + 1 : below.introspectionDepth,
    literalDepth: Math.max(below.literalDepth, ...(field.arguments ?? []).map(({ value }) => depthOfLiteral(value))),
    fields: below.fields + 1,
    rootFields: 1,
    aliases: below.aliases + (field.alias ? 1 : 0),
    directives: below.directives,
  }
}

export function shapeOfDirectives(directives: readonly DirectiveNode[] | undefined): Shape {
  return directives?.length ? { ...nothing, directives: directives.length } : nothing
}

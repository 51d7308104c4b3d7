import { type FieldNode, type GraphQLField, getNullableType, isListType, type ValueNode } from 'graphql'
import type { FieldCost } from './field-cost.ts'

/** How many things a list holds: a number, or what a variable will say. */
export type Size = number | { readonly variable: string; readonly otherwise: number }

/** How many things hang below a field, and whether that is a page that the client sized. */
export interface ListSize {
  readonly size: Size
  readonly isPage: boolean
}

export type VariableDefaults = ReadonlyMap<string, ValueNode | undefined>

/** A list whose length nobody can know before it is read, and that has no pages: links, orders, tags. */
const assumedItems = 3

/** How many things a field holds: what its table entry says, else its `first`, else an assumption. */
export function listSizeOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  cost: FieldCost,
  defaults: VariableDefaults,
): ListSize {
  if (typeof cost.items === 'number') return { size: cost.items, isPage: false }
  const name = cost.items?.argument ?? 'first'
  const argument = field.args.find((candidate) => candidate.name === name)
  if (!argument) return { size: isListType(getNullableType(field.type)) ? assumedItems : 1, isPage: false }
  const given = node.arguments?.find((candidate) => candidate.name.value === name)?.value
  const otherwise = typeof argument.defaultValue === 'number' ? argument.defaultValue : assumedItems
  return { size: sizeOfValue(given, otherwise, defaults), isPage: name === 'first' }
}

function sizeOfValue(value: ValueNode | undefined, otherwise: number, defaults: VariableDefaults): Size {
  if (value?.kind === 'IntValue') return Number(value.value)
  if (value?.kind === 'ListValue') return value.values.length
  if (value?.kind !== 'Variable') return otherwise
  const fallback = defaults.get(value.name.value)
  return { variable: value.name.value, otherwise: fallback?.kind === 'IntValue' ? Number(fallback.value) : otherwise }
}

/** The size now that the variables are known. What is neither a number nor a list is refused later, by its type; it counts as the default. */
export function resolveSize(size: Size, variables: Readonly<Record<string, unknown>>): number {
  if (typeof size === 'number') return size
  const value = variables[size.variable]
  if (typeof value === 'number') return value
  return Array.isArray(value) ? value.length : size.otherwise
}

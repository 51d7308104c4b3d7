import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { extensionsOf, type FieldCost } from '../schema/fields.ts'
import type { Fragments } from './document-shape.ts'

/** A number, or the variable (or the field of a variable) that tells it. `otherwise` holds when that is absent. */
export type Size = number | { readonly variable: string; readonly field?: string; readonly otherwise: Size }

/** One selected field, with everything that its cost depends on. */
export interface PlanNode {
  /** "Query.tickets", for messages. */
  readonly name: string
  /** Objects that one value of the field adds: 1 for an object type, 0 for a scalar or enum. */
  readonly weight: number
  readonly calls: number
  /** The calls when `pageSize` is 0. */
  readonly callsOfEmptyPage: number
  /** Calls for the items of an input list, beside `calls`. */
  readonly callsForItems: Size
  readonly sharedCall: string | undefined
  /** How many of the field's values the response has. It multiplies the cost of the children. */
  readonly count: Size
  /** The page size that the client asks for with this field; undefined for a field without pages. */
  readonly pageSize: Size | undefined
  readonly children: readonly PlanNode[]
}

/** How many values a field has, and whether the client chose that number as a page size. */
interface ListSize {
  readonly size: Size
  readonly isPage: boolean
}
type VariableDefaults = ReadonlyMap<string, ValueNode | undefined>

const one: ListSize = { size: 1, isPage: false }

/** The assumed length of a list without pages (links, orders, tags), which is unknown before execution. */
const assumedItems = 3

/**
 * Compiles an operation into its cost plan. A page size multiplies the children of a connection's `nodes` and `edges`, not
 * its page info. Every branch of an abstract type counts, and `@skip` and `@include` are ignored.
 * Fragments are written out: `checkShape` has limited the written-out size before.
 */
export function planCost(schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments): readonly PlanNode[] {
  const defaults: VariableDefaults = new Map(
    operation.variableDefinitions?.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  )

  function planSelections(set: SelectionSetNode, type: GraphQLNamedType | undefined, page: ListSize): PlanNode[] {
    return set.selections.flatMap((selection) => {
      if (selection.kind === 'Field') return planField(selection, type, page) ?? []
      const fragment = selection.kind === 'InlineFragment' ? selection : fragments.get(selection.name.value)
      if (!fragment) return []
      const narrowed = fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : type
      return planSelections(fragment.selectionSet, narrowed, page)
    })
  }
  function planField(node: FieldNode, parent: GraphQLNamedType | undefined, page: ListSize): PlanNode | undefined {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined
    if (!parent || !field) return undefined
    const type = getNamedType(field.type)
    const { cost = {} } = extensionsOf(field)
    const list = listSizeOf(field, node, cost, defaults)
    return {
      name: `${parent.name}.${field.name}`,
      weight: isCompositeType(type) ? 1 : 0,
      calls: Number(cost.calls ?? 0),
      callsOfEmptyPage: Number(cost.callsOfEmptyPage ?? cost.calls ?? 0),
      callsForItems: itemsOfInput(node, cost.callsPerItemOf, defaults),
      sharedCall: cost.sharedCall,
      count: isItemsOfPage(parent, field.name) ? page.size : isConnection(type) ? 1 : list.size,
      pageSize: list.isPage ? list.size : undefined,
      children: node.selectionSet ? planSelections(node.selectionSet, type, isConnection(type) ? list : one) : [],
    }
  }
  return planSelections(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined, one)
}

/** The size of a range is `last`, else `first`; with both, the operation is refused later. */
function rangeSizeOf(node: FieldNode, otherwise: number, defaults: VariableDefaults): ListSize {
  const argumentOf = (wanted: string) => node.arguments?.find(({ name }) => name.value === wanted)?.value
  const first = sizeOfValue(argumentOf('first'), otherwise, defaults)
  return { size: sizeOfValue(argumentOf('last'), first, defaults), isPage: true }
}

/** The length of the list at "argument.field"; 0 without it. */
function itemsOfInput(node: FieldNode, path: string | undefined, defaults: VariableDefaults): Size {
  const [argument, field] = path?.split('.') ?? []
  const value = node.arguments?.find(({ name }) => name.value === argument)?.value
  if (value === undefined || field === undefined) return 0
  if (value.kind === 'Variable') {
    const fallback = defaults.get(value.name.value)
    return { variable: value.name.value, field, otherwise: fallback ? Number(sizeOfField(fallback, field, new Map())) : 0 }
  }
  return sizeOfField(value, field, defaults)
}

function sizeOfField(value: ValueNode, field: string, defaults: VariableDefaults): Size {
  const list = value.kind === 'ObjectValue' ? value.fields.find(({ name }) => name.value === field)?.value : undefined
  return list?.kind === 'ListValue' || list?.kind === 'Variable' ? sizeOfValue(list, 0, defaults) : 0
}

function isConnection(type: GraphQLNamedType): boolean {
  return type.name.endsWith('Connection')
}

function isItemsOfPage(parent: GraphQLNamedType, field: string): boolean {
  return isConnection(parent) && (field === 'nodes' || field === 'edges')
}

function listSizeOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  cost: FieldCost,
  defaults: VariableDefaults,
): ListSize {
  if (typeof cost.items === 'number') return { size: cost.items, isPage: false }
  if (cost.page !== undefined) return rangeSizeOf(node, cost.page, defaults)
  const name = typeof cost.items === 'object' ? cost.items.argument : 'first'
  const argument = field.args.find((candidate) => candidate.name === name)
  if (!argument) return { size: isListType(getNullableType(field.type)) ? assumedItems : 1, isPage: false }
  const value = node.arguments?.find((candidate) => candidate.name.value === name)?.value
  const otherwise = typeof argument.defaultValue === 'number' ? argument.defaultValue : assumedItems
  return { size: sizeOfValue(value, otherwise, defaults), isPage: cost.items === undefined }
}

function sizeOfValue(value: ValueNode | undefined, otherwise: Size, defaults: VariableDefaults): Size {
  if (value?.kind === 'IntValue') return Number(value.value)
  if (value?.kind === 'ListValue') return value.values.length
  if (value?.kind !== 'Variable') return otherwise
  const fallback = defaults.get(value.name.value)
  return { variable: value.name.value, otherwise: fallback?.kind === 'IntValue' ? Number(fallback.value) : otherwise }
}

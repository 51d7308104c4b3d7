import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Fragments } from './document-shape.ts'
import type { CostTable } from './field-cost.ts'
import { type ListSize, listSizeOf, type Size } from './list-size.ts'

/** One selected field, with all that its cost depends on. */
export interface PlanNode {
  /** "Query.tickets", for messages. */
  readonly name: string
  readonly weight: number
  readonly calls: number
  readonly shared: string | undefined
  /** How many of it there are, and how often what is below it comes. */
  readonly times: Size
  /** The page size that the client asked for here; undefined where there is none. */
  readonly page: Size | undefined
  readonly children: readonly PlanNode[]
}

const single: ListSize = { size: 1, isPage: false }

/**
 * Compiles an operation, once, into what its cost is computed from. A connection's page size multiplies what hangs
 * below its `nodes` and `edges`, not its page info. Every branch of an abstract type counts; `@skip` is not believed.
 * The document's written-out size is already limited, so fragments are simply written out.
 */
export function planCost(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
  table: CostTable,
): readonly PlanNode[] {
  const defaults = new Map(
    operation.variableDefinitions?.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  )

  function ofSelections(set: SelectionSetNode, type: GraphQLNamedType | undefined, page: ListSize): PlanNode[] {
    return set.selections.flatMap((selection) => {
      if (selection.kind === 'Field') return ofField(selection, type, page) ?? []
      const fragment = selection.kind === 'InlineFragment' ? selection : fragments.get(selection.name.value)
      if (!fragment) return []
      const narrowed = fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : type
      return ofSelections(fragment.selectionSet, narrowed, page)
    })
  }
  function ofField(node: FieldNode, parent: GraphQLNamedType | undefined, page: ListSize): PlanNode | undefined {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined
    if (!parent || !field) return undefined
    const type = getNamedType(field.type)
    const name = `${parent.name}.${field.name}`
    const cost = table[name] ?? {}
    const list = listSizeOf(field, node, cost, defaults)
    return {
      name,
      weight: cost.weight ?? (isCompositeType(type) ? 1 : 0),
      calls: cost.calls ?? 0,
      shared: cost.shared,
      times: isPageOf(parent, field.name) ? page.size : isConnection(type) ? 1 : list.size,
      page: list.isPage ? list.size : undefined,
      children: node.selectionSet ? ofSelections(node.selectionSet, type, isConnection(type) ? list : single) : [],
    }
  }
  return ofSelections(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined, single)
}

function isConnection(type: GraphQLNamedType): boolean {
  return type.name.endsWith('Connection')
}

function isPageOf(parent: GraphQLNamedType, field: string): boolean {
  return isConnection(parent) && (field === 'nodes' || field === 'edges')
}

import { type FieldNode, type GraphQLObjectType, OperationTypeNode } from 'graphql'
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js'
import type { Compiler } from './complete.ts'
import { compileField, type FieldPlan } from './field.ts'
import { objectWriter, serialWriter, type WriteObject } from './object.ts'
import type { Operation } from './run.ts'

/** The most fields that a plan may have, every fragment written out. More run on graphql-js, which looks only at what is there. */
const maxFields = 5_000

/**
 * Compiles an operation into the function that writes its answer.
 * `conditions` are the variables that decide @skip and @include: what they leave out is not in the plan.
 * null: this operation runs on graphql-js (introspection, or too many fields).
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

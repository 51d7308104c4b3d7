import { type FieldNode, type GraphQLField, type GraphQLObjectType, getNamedType, isLeafType, isObjectType } from 'graphql'

/**
 * Marks a field whose resolver looks at nothing but its object and who asks: for the same person the same object gives the
 * same value, or a promise. In the field's `extensions`.
 */
export const steadyField = 'deskgraphSteady'

type Subfields = (type: GraphQLObjectType, nodes: readonly FieldNode[]) => ReadonlyMap<string, readonly FieldNode[]>

/**
 * How many leaves a field writes when all of them are steady: plain properties, or marked, down to the last one.
 * 0: something in it depends on arguments, on the operation or on a look-up.
 */
export function steadyLeaves(field: GraphQLField<unknown, unknown>, nodes: readonly FieldNode[], subfieldsOf: Subfields): number {
  if (field.args.length > 0 || (field.resolve && !field.extensions[steadyField])) return 0
  const type = getNamedType(field.type)
  if (isLeafType(type)) return 1
  if (!isObjectType(type) || type.isTypeOf) return 0
  let leaves = 0
  for (const selected of subfieldsOf(type, nodes).values()) {
    const name = selected[0]!.name.value
    const inner = name === '__typename' ? 1 : steadyLeaves(type.getFields()[name]!, selected, subfieldsOf)
    if (inner === 0) return 0
    leaves += inner
  }
  return leaves
}

import type { FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo } from 'graphql'
import type { Path } from 'graphql/jsutils/Path.js'
import type { Run } from './run.ts'

/** One field as the operation selects it on one concrete type. */
export interface Site {
  readonly parentType: GraphQLObjectType
  readonly field: GraphQLField<unknown, unknown>
  /** The name in the answer. */
  readonly key: string
  readonly nodes: readonly FieldNode[]
}

/** What graphql-js hands a resolver as its fourth argument. */
export function infoOf(site: Site, path: Path, run: Run): GraphQLResolveInfo {
  const { schema, fragments, definition } = run.operation
  return {
    fieldName: site.field.name,
    fieldNodes: site.nodes,
    returnType: site.field.type,
    parentType: site.parentType,
    path,
    schema,
    fragments,
    rootValue: run.rootValue,
    operation: definition,
    variableValues: run.variables,
  }
}

/** The field's own path when `at` may be an item of its list. */
export function fieldPath(at: Path): Path {
  let path = at
  while (typeof path.key === 'number' && path.prev) path = path.prev
  return path
}

import type { FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo } from 'graphql'
import type { Path } from 'graphql/jsutils/Path.js'
import type { ExecutionState } from './run.ts'

/** One field as the operation selects it on one concrete type. */
export interface FieldNodeInfo {
  readonly parentType: GraphQLObjectType
  readonly field: GraphQLField<unknown, unknown>
  /** The name in the answer. */
  readonly key: string
  readonly nodes: readonly FieldNode[]
}

/** The field's place in the answer. */
export function placeOf({ key, parentType }: FieldNodeInfo, parent: Path | undefined): Path {
  return { prev: parent, key, typename: parentType.name }
}

/** What graphql-js hands a resolver as its fourth argument. Few resolvers look at it, so it is filled in as it is looked at. */
export class FieldInfo implements GraphQLResolveInfo {
  readonly #site: FieldNodeInfo
  readonly #parent: Path | undefined
  readonly #run: ExecutionState
  #path: Path | undefined

  constructor(site: FieldNodeInfo, parent: Path | undefined, run: ExecutionState) {
    this.#site = site
    this.#parent = parent
    this.#run = run
  }

  get fieldName() {
    return this.#site.field.name
  }
  get fieldNodes() {
    return this.#site.nodes
  }
  get returnType() {
    return this.#site.field.type
  }
  get parentType() {
    return this.#site.parentType
  }
  get path() {
    this.#path ??= placeOf(this.#site, this.#parent)
    return this.#path
  }
  get schema() {
    return this.#run.operation.schema
  }
  get fragments() {
    return this.#run.operation.fragments
  }
  get rootValue() {
    return this.#run.rootValue
  }
  get operation() {
    return this.#run.operation.definition
  }
  get variableValues() {
    return this.#run.variables as { [variable: string]: unknown }
  }
}

/** The info of the field whose value, or an item of it, stands at this place. */
export function infoAt(site: FieldNodeInfo, at: Path, run: ExecutionState): FieldInfo {
  let path = at
  while (typeof path.key === 'number' && path.prev) path = path.prev
  return new FieldInfo(site, path.prev, run)
}

import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLError,
  GraphQLField,
  GraphQLObjectType,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql'
import { locatedError } from 'graphql'
import { type Path, pathToArray } from 'graphql/jsutils/Path.js'

/** The parts of an operation that every execution shares. */
export interface Operation {
  readonly schema: GraphQLSchema
  readonly definition: OperationDefinitionNode
  readonly fragments: Record<string, FragmentDefinitionNode>
}

/** One execution of a plan. */
export class ExecutionState {
  readonly operation: Operation
  readonly rootValue: unknown
  readonly context: unknown
  /** Coerced. */
  readonly variables: Record<string, unknown>
  readonly errors: GraphQLError[] = []
  private readonly nulled = new Set<Path | undefined>()

  constructor(operation: Operation, rootValue: unknown, context: unknown, variables: Record<string, unknown>) {
    this.operation = operation
    this.rootValue = rootValue
    this.context = context
    this.variables = variables
  }

  /** Records that the value at this path is null because of the error. Later errors below the path are not part of the response. */
  recordNull(error: GraphQLError, at: Path | undefined): void {
    if (this.isNulled(at)) return
    this.nulled.add(at)
    this.errors.push(error)
  }

  private isNulled(at: Path | undefined): boolean {
    if (this.errors.length === 0) return false
    for (let path = at; path !== undefined; path = path.prev) if (this.nulled.has(path)) return true
    return this.nulled.has(undefined)
  }
}

/** The error with its location in the document and its path in the response. An error that has them already keeps them. */
export function locate(raw: unknown, nodes: readonly FieldNode[], at: Path): GraphQLError {
  return locatedError(raw, nodes, pathToArray(at))
}

/** One field that the operation selects on one concrete type. */
export interface FieldNodeInfo {
  readonly parentType: GraphQLObjectType
  readonly field: GraphQLField<unknown, unknown>
  /** The name in the response. */
  readonly key: string
  readonly nodes: readonly FieldNode[]
}

/** The path of the field in the response. */
export function placeOf({ key, parentType }: FieldNodeInfo, parent: Path | undefined): Path {
  return { prev: parent, key, typename: parentType.name }
}

/** The fourth argument of a resolver. Few resolvers read it, so that its parts are computed when they are read. */
export class FieldInfo implements GraphQLResolveInfo {
  readonly #site: FieldNodeInfo
  readonly #parent: Path | undefined
  readonly #run: ExecutionState
  #path: Path | undefined

  constructor(site: FieldNodeInfo, parent: Path | undefined, state: ExecutionState) {
    this.#site = site
    this.#parent = parent
    this.#run = state
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

/** The info of the field whose value, or an item of whose value, is at this path. */
export function infoAt(site: FieldNodeInfo, at: Path, state: ExecutionState): FieldInfo {
  let path = at
  while (typeof path.key === 'number' && path.prev) path = path.prev
  return new FieldInfo(site, path.prev, state)
}

import type { FieldNode, FragmentDefinitionNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql'
import { locatedError } from 'graphql'
import { type Path, pathToArray } from 'graphql/jsutils/Path.js'

/** What is the same for every execution of one operation. */
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

  /** Null stands at this position because of the error. What fails below it afterwards is no longer part of the answer. */
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

/** The error as a client sees it: with the field's place in the document and in the answer. The innermost place counts. */
export function locate(raw: unknown, nodes: readonly FieldNode[], at: Path): GraphQLError {
  return locatedError(raw, nodes, pathToArray(at))
}

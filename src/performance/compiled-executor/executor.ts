import {
  type DocumentNode,
  execute,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { conditionVariables } from './conditions.ts'
import { compileVariables } from './inputs.ts'
import { JsonText } from './json-text.ts'
import type { WriteObject } from './object.ts'
import { compileOperation } from './plan.ts'
import { ExecutionState, type Operation } from './run.ts'

export interface ExecutionRequest {
  /** Validated. */
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variables?: Record<string, unknown> | null | undefined
  readonly context: unknown
  readonly rootValue?: unknown
}

/** An answer. Its data is JSON text already when a plan wrote it. */
export interface Executed {
  readonly data?: JsonText | Record<string, unknown> | null
  readonly errors?: readonly GraphQLError[]
}

export interface Executor {
  /** null: nothing was executed, because the operation is not there or its variables do not fit. graphql-js says how. */
  execute(request: ExecutionRequest): Executed | Promise<Executed> | null
}

/** The most plans of one operation that differ in @skip and @include. */
const maxVariants = 16

/**
 * Executes validated documents: by the operation's compiled plan, or by graphql-js where there is none
 * (introspection, a condition that is null, an operation of too many fields).
 */
export function createExecutor(schema: GraphQLSchema): Executor {
  const compiled = new WeakMap<DocumentNode, Map<string | null, CompiledOperation>>()

  function operationOf(document: DocumentNode, name: string | null): CompiledOperation | null {
    const operations = compiled.get(document) ?? new Map<string | null, CompiledOperation>()
    compiled.set(document, operations)
    const known = operations.get(name)
    if (known) return known
    const operation = findOperation(schema, document, name)
    // A name that is not there is not remembered: anybody can send a million of them.
    if (!operation) return null
    const executable = compile(operation, document)
    operations.set(name, executable)
    return executable
  }
  return { execute: (request) => operationOf(request.document, request.operationName ?? null)?.(request) ?? null }
}

type CompiledOperation = (request: ExecutionRequest) => Executed | Promise<Executed> | null

function compile(operation: Operation, document: DocumentNode): CompiledOperation {
  const { schema, definition } = operation
  const definitions = definition.variableDefinitions ?? []
  const coerce = compileVariables(schema, definitions)
  const defined = new Set(definitions.map(({ variable }) => variable.name.value))
  const conditions = conditionVariables(document).filter((name) => defined.has(name))
  const variants = new Map<string, WriteObject | null>()

  function planFor(variables: Record<string, unknown>): WriteObject | null {
    const values = conditions.map((name) => variables[name])
    // A condition that is null is an error at its field.
    if (values.some((value) => typeof value !== 'boolean')) return null
    const key = values.join()
    const known = variants.get(key)
    if (known !== undefined || variants.size >= maxVariants) return known ?? null
    const plan = compileOperation(operation, variables)
    variants.set(key, plan)
    return plan
  }
  return ({ variables, context, rootValue, operationName }) => {
    const coerced = coerce(variables ?? {})
    if (!coerced) return null
    const plan = planFor(coerced)
    if (plan) return write(plan, new ExecutionState(operation, rootValue, context, coerced))
    return execute({ schema, document, operationName, variableValues: variables, contextValue: context, rootValue })
  }
}

function findOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): Operation | null {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null)
  const named: OperationDefinitionNode[] = []
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition
    else if (definition.kind === Kind.OPERATION_DEFINITION) {
      if (operationName == null || definition.name?.value === operationName) named.push(definition)
    }
  }
  return named.length === 1 ? { schema, definition: named[0]!, fragments } : null
}

function write(plan: WriteObject, run: ExecutionState): Executed | Promise<Executed> {
  try {
    const text = plan(run.rootValue, undefined, run)
    return typeof text === 'string'
      ? toResult(text, run)
      : text.then((came) => toResult(came, run)).catch((error) => toNull(error, run))
  } catch (error) {
    return toNull(error, run)
  }
}

function toResult(text: string, { errors }: ExecutionState): Executed {
  const data = new JsonText(text)
  return errors.length === 0 ? { data } : { errors, data }
}

/** An error that no position inside could hold: there is no data. */
function toNull(error: unknown, run: ExecutionState): Executed {
  if (!(error instanceof GraphQLError)) throw error
  run.recordNull(error, undefined)
  return { errors: run.errors, data: null }
}

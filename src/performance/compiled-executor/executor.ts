import {
  type DirectiveNode,
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql'
import { createExecutor, type ExecutionRequest, type Executor } from '../../graphql/executor.ts'
import { ExecutionState, type Operation } from './execution-state.ts'
import { compileVariables } from './inputs.ts'
import { compileOperation, type WriteObject } from './plan.ts'

/** The most plans of one operation that differ in @skip and @include. */
const maxVariants = 16

type Result = ExecutionResult | Promise<ExecutionResult>

/** Executes one operation by its plan; null: graphql-js has to execute it. */
type CompiledOperation = (request: ExecutionRequest) => Result | null

/**
 * An executor that compiles each operation into one function, which reads resolvers and properties and writes JSON text. graphql-js
 * executes what has no plan: introspection, a @skip or @include that is null, an operation of more than 5,000 fields, variables that do
 * not fit, an operation that does not exist.
 */
export function createCompiledExecutor(schema: GraphQLSchema): Executor {
  const reference = createExecutor(schema)
  const compiled = new WeakMap<DocumentNode, Map<string | null, CompiledOperation>>()

  function operationOf(document: DocumentNode, name: string | null): CompiledOperation | null {
    const operations = compiled.get(document) ?? new Map<string | null, CompiledOperation>()
    compiled.set(document, operations)
    const known = operations.get(name)
    if (known) return known
    const operation = findOperation(schema, document, name)
    // An unknown name is not cached: a client can send a million of them.
    if (!operation) return null
    const executable = compile(operation, document)
    operations.set(name, executable)
    return executable
  }
  return {
    execute: (request) => operationOf(request.document, request.operationName ?? null)?.(request) ?? reference.execute(request),
    stringify: (result) => stringify(result, reference),
  }
}

/** Data of a compiled operation: JSON text, written once and never parsed again on its way to the client. */
class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** Lets `JSON.stringify` of a whole result give the same text. */
  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}

function stringify(result: FormattedExecutionResult, reference: Executor): string {
  const data: unknown = result.data
  if (!(data instanceof JsonText)) return reference.stringify(result)
  const errors = result.errors === undefined ? '' : `"errors":${JSON.stringify(result.errors)},`
  const extensions = result.extensions === undefined ? '' : `,"extensions":${JSON.stringify(result.extensions)}`
  return `{${errors}"data":${data.text}${extensions}}`
}

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
  return ({ variables, context, rootValue }) => {
    const coerced = coerce(variables ?? {})
    const plan = coerced && planFor(coerced)
    return plan && write(plan, new ExecutionState(operation, rootValue, context, coerced))
  }
}

function findOperation(schema: GraphQLSchema, document: DocumentNode, operationName: string | null): Operation | null {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null)
  const named: OperationDefinitionNode[] = []
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition
    else if (definition.kind === Kind.OPERATION_DEFINITION) {
      if (operationName === null || definition.name?.value === operationName) named.push(definition)
    }
  }
  return named.length === 1 ? { schema, definition: named[0]!, fragments } : null
}

/** The variables that decide a @skip or @include anywhere in the document, in a fixed order. */
function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>()
  visit(document, { Directive: (directive) => addCondition(names, directive) })
  return [...names].sort()
}

function addCondition(names: Set<string>, { name, arguments: args = [] }: DirectiveNode): void {
  if (name.value !== 'skip' && name.value !== 'include') return
  for (const { value } of args) if (value.kind === 'Variable') names.add(value.name.value)
}

function write(plan: WriteObject, state: ExecutionState): Result {
  try {
    const text = plan(state.rootValue, undefined, state)
    return typeof text === 'string'
      ? toResult(text, state)
      : text.then((written) => toResult(written, state)).catch((error) => toNull(error, state))
  } catch (error) {
    return toNull(error, state)
  }
}

function toResult(text: string, { errors }: ExecutionState): ExecutionResult {
  const data = new JsonText(text) as unknown as ExecutionResult['data']
  return errors.length === 0 ? { data: data! } : { errors, data: data! }
}

/** An error that no nullable field around it could hold: `data` is null. */
function toNull(error: unknown, state: ExecutionState): ExecutionResult {
  if (!(error instanceof GraphQLError)) throw error
  state.recordNull(error, undefined)
  return { errors: state.errors, data: null }
}

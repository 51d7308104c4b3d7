import { type ExecutionResult, execute, type GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import { expect } from 'vitest'
import type { Executor } from '../../../src/graphql/executor.ts'
import type { RandomOperation } from './random-operation.ts'

export interface BothWays {
  readonly schema: GraphQLSchema
  readonly executor: Executor
  readonly operation: RandomOperation
  /** Made for each of the two executions. */
  newContext(): unknown
  readonly rootValue?: unknown
  /** Nothing in it is a promise: then even the order of the errors is the same. */
  readonly synchronous?: boolean
}

/**
 * Executes an operation by its plan and by graphql-js, and expects the same data, byte for byte, and the same errors.
 * Returns whether a plan wrote the data, or null where the operation is not valid.
 */
export async function expectSameAnswer({
  schema,
  executor,
  operation,
  newContext,
  rootValue,
  synchronous,
}: BothWays): Promise<boolean | null> {
  const document = parse(operation.text)
  if (validate(schema, document).length > 0) return null
  const { variables } = operation
  const theirs = await execute({ schema, document, variableValues: variables, contextValue: newContext(), rootValue })
  const ours = await executor.execute({ document, variables, context: newContext(), rootValue })
  if (theirs.data === undefined) {
    expect(ours).not.toHaveProperty('data')
    return false
  }
  expect(JSON.stringify(ours.data)).toBe(JSON.stringify(theirs.data))
  expect(executor.stringify({ data: ours.data ?? null })).toBe(JSON.stringify({ data: theirs.data }))
  expect(describeErrors(ours)).toEqual(describeErrors(theirs))
  if (synchronous) expect(ours.errors?.map(describeError)).toEqual(theirs.errors?.map(describeError))
  // Data of a plan is text that only turns into an object when it is read as one.
  return ours.data !== null && 'toJSON' in (ours.data ?? {})
}

/**
 * The positions that became null, each with its error. Where an error came up from below, which of several is told,
 * and which of the others were recorded before, is a matter of timing (GraphQL specification, "Handling execution
 * errors"): then only the position counts.
 */
function describeErrors({ data, errors = [] }: ExecutionResult): Record<string, unknown> {
  const plain: unknown = JSON.parse(JSON.stringify(data ?? null))
  const byPosition: Record<string, unknown> = {}
  for (const error of errors) {
    const path = error.path ?? []
    const nulled = nulledPrefix(path, plain)
    if (nulled.length === path.length) byPosition[nulled.join('.')] = describeError(error)
    else byPosition[nulled.join('.')] ??= 'came up from below'
  }
  return byPosition
}

function describeError({ message, path, locations, extensions, originalError }: GraphQLError): unknown {
  return { message, path, locations, extensions, cause: originalError?.message }
}

function nulledPrefix(path: readonly (string | number)[], data: unknown): readonly (string | number)[] {
  let value: unknown = data
  for (let depth = 0; depth < path.length; depth++) {
    if (value === null || value === undefined) return path.slice(0, depth)
    value = (value as Record<string | number, unknown>)[path[depth]!]
  }
  return path
}

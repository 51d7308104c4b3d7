import { type DocumentNode, type ExecutionResult, execute, type FormattedExecutionResult, type GraphQLSchema } from 'graphql'

/** One operation of a validated document, ready to be executed. */
export interface ExecutionRequest {
  /** Validated. */
  readonly document: DocumentNode
  /** null: the document's only operation. */
  readonly operationName?: string | null | undefined
  /** As the client sent them; not yet coerced. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  /** Handed to every resolver. */
  readonly context: unknown
  /** What the root fields read from: the event of a subscription. */
  readonly rootValue?: unknown
}

/** Executes operations and writes their results. `src/performance` has a second implementation that compiles each operation. */
export interface Executor {
  /**
   * The result with unformatted errors. An operation that does not exist and variables that do not fit are errors without `data`.
   * Synchronous where no resolver waits. Rejects only for a fault of the executor itself.
   */
  execute(request: ExecutionRequest): ExecutionResult | Promise<ExecutionResult>
  /** The JSON text of a result of this executor, `errors` first as the GraphQL specification advises. */
  stringify(result: FormattedExecutionResult): string
}

/** graphql-js. */
export function createExecutor(schema: GraphQLSchema): Executor {
  return {
    execute: ({ document, operationName, variables, context, rootValue }) =>
      execute({ schema, document, operationName, variableValues: variables, contextValue: context, rootValue }) as
        | ExecutionResult
        | Promise<ExecutionResult>,
    stringify: ({ errors, data, extensions }) => JSON.stringify({ errors, data, extensions }),
  }
}

export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

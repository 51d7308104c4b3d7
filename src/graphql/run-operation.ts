import type {
  DocumentNode,
  ExecutionResult,
  FormattedExecutionResult,
  GraphQLFormattedError,
  OperationDefinitionNode,
} from 'graphql'
import { DeskgraphError } from '../domain/errors.ts'
import type { Metrics } from '../domain/telemetry.ts'
import type { Executed, Executor } from '../performance/compiled-executor/executor.ts'
import { isPromise } from '../performance/compiled-executor/promise.ts'
import { createOperationMetrics } from './operation-metrics.ts'

export interface OperationDeps<Context> {
  readonly executor: Executor
  /** Masks what a client must not see and adds the documented extensions. */
  formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError
  /** Adds what the operation's own context knows to its answer: faults of lists, redactions, the request id. */
  complete(result: FormattedExecutionResult, context: Context): FormattedExecutionResult
  /** Refuses, by throwing, an operation that costs too much; gives what `extensions.cost` says to those who ask for it. */
  checkOperation(document: DocumentNode, operationName: string | null, variables: Record<string, unknown>): unknown
  readonly metrics: Metrics
}

/** One operation of a prepared document. */
export interface OperationCall<Context> {
  readonly document: DocumentNode
  readonly operationName: string | null
  readonly variables: Record<string, unknown>
  readonly context: Context
}

/** The steps between a prepared document and its answer, the same whoever reads the request. */
export interface OperationSteps<Context> {
  /** Throws a DeskgraphError for an operation that may not be executed here; gives its cost. */
  check(call: OperationCall<Context>, kind: OperationDefinitionNode['operation'] | undefined): unknown
  /** null: not there, or its variables do not fit. */
  execute(call: OperationCall<Context>): FormattedExecutionResult | Promise<FormattedExecutionResult> | null
  /** The answer with all that belongs to it; counts it. `cost` undefined: it was not asked for. */
  finish(result: FormattedExecutionResult, context: Context, told: Told): FormattedExecutionResult
}
export interface Told {
  readonly kind: OperationDefinitionNode['operation'] | undefined
  readonly startedAt: number
  readonly cost: unknown
}

export function createOperationSteps<Context>(deps: OperationDeps<Context>): OperationSteps<Context> {
  const count = createOperationMetrics(deps.metrics)

  function format({ data, errors }: Executed): FormattedExecutionResult {
    // JsonText is written out as the text that it is.
    const result = { data: data as ExecutionResult['data'] } as FormattedExecutionResult
    return errors ? { errors: errors.map((error) => deps.formatError(error.toJSON(), error)), ...result } : result
  }
  return {
    check({ document, operationName, variables }, kind) {
      if (kind === 'subscription') throw new DeskgraphError('BAD_REQUEST', 'Subscribe over WebSocket or server-sent events.')
      return deps.checkOperation(document, operationName, variables)
    },
    execute(call) {
      const executed = deps.executor.execute(call)
      return isPromise(executed) ? Promise.resolve(executed).then(format) : executed && format(executed)
    },
    finish(result, context, { kind, startedAt, cost }) {
      const completed = deps.complete(result, context)
      count(kind, completed, performance.now() - startedAt)
      return cost === undefined ? completed : { ...completed, extensions: { ...completed.extensions, cost } }
    },
  }
}

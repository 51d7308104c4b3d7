import {
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLError,
  getOperationAST,
  type OperationTypeNode,
} from 'graphql'
import type { OperationRecord } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { toWellFormedJson } from '../domain/sanitize-text.ts'
import type { Metrics, Tracer } from '../domain/telemetry.ts'
import type { ErrorBoundary, ErrorSite } from './errors.ts'
import { type Executor, isPromise } from './executor.ts'
import { completeResult, type ResponseContext } from './format-response.ts'
import { LazySelection, type OperationSelection } from './schema/selected-fields.ts'

/** One operation of a validated document with its variables and its context. */
export interface Operation<Context> {
  readonly document: DocumentNode
  /** null: the document's only operation. */
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
  readonly context: Context
}

export interface PipelineDeps {
  readonly executor: Executor
  readonly errors: ErrorBoundary
  /** The cost with these variables; throws a DeskgraphError when the operation may not cost so much. */
  checkCost(document: DocumentNode, operationName: string | null, variables: Readonly<Record<string, unknown>>): object
  /** The fields of tickets that an operation selects, for reads of sources. Absent: they read all. */
  select?(operation: Pick<Operation<unknown>, 'document' | 'operationName' | 'variables'>): OperationSelection | null
  readonly metrics: Metrics
  /** Absent: operations have no spans. */
  readonly tracer?: Tracer | undefined
}

/** What the log needs to know of an operation. Without a document only a name that the client sent is known. */
export type NamedOperation<Context> = Pick<Operation<Context>, 'context' | 'operationName'> &
  Partial<Pick<Operation<Context>, 'document'>>

/** What is told about an operation when its response is completed. */
export interface Completion {
  /** undefined: the operation was refused before it was known. */
  readonly type: OperationTypeNode | undefined
  /** `performance.now()` when the operation began. */
  readonly startedAt: number
  /** For `extensions.cost`; undefined: the client did not ask for it. */
  readonly cost?: object | undefined
}

type Result = FormattedExecutionResult | Promise<FormattedExecutionResult>

/**
 * The steps between a validated document and its response. Every transport takes the same steps: Apollo Server's plugin over HTTP,
 * server-sent events and WebSocket.
 */
export interface OperationPipeline<Context> {
  /** The operation's cost. Throws a DeskgraphError for an operation that costs too much. */
  check(operation: Operation<Context>): object
  /** Executes, and formats errors. `rootValue`: the event of a subscription. */
  execute(operation: Operation<Context>, rootValue?: unknown): Result
  /** The response with everything that belongs to it. Counts the operation. */
  complete(result: FormattedExecutionResult, operation: NamedOperation<Context>, completion: Completion): FormattedExecutionResult
  /** check, execute and complete: a query or mutation from its document to its response. Throws what `check` throws. */
  run(operation: Operation<Context>, tellCost?: boolean): Result
  /** The response to one event of a subscription; not counted as an operation. */
  respondToEvent(operation: Operation<Context>, event: object): Result
  /** A response as text, without lone surrogates: UPSTREAM-35. */
  stringify(result: FormattedExecutionResult): string
}

export function createOperationPipeline<Context extends ResponseContext>(deps: PipelineDeps): OperationPipeline<Context> {
  const { executor, errors, metrics } = deps

  function format({ data, errors: thrown }: ExecutionResult, operation: Operation<Context>): FormattedExecutionResult {
    if (!thrown) return { data } as FormattedExecutionResult
    const formatted = thrown.map((error) => errors.toClientError(error, siteOf(operation)))
    return (data === undefined ? { errors: formatted } : { errors: formatted, data }) as FormattedExecutionResult
  }

  const check: OperationPipeline<Context>['check'] = ({ document, operationName, variables }) =>
    deps.checkCost(document, operationName, variables)

  const executeUntraced: OperationPipeline<Context>['execute'] = (operation, rootValue) => {
    if (deps.select) operation.context.selection = new LazySelection(deps.select, operation)
    return whenSettled(executor.execute({ ...operation, rootValue }), (result) => format(result, operation))
  }
  const { tracer } = deps
  const execute: OperationPipeline<Context>['execute'] = tracer
    ? (operation, rootValue) => traceOperation(tracer, operation, async () => executeUntraced(operation, rootValue))
    : executeUntraced

  const complete: OperationPipeline<Context>['complete'] = (result, operation, { type, startedAt, cost }) => {
    const { context } = operation
    const upstreamCalls = context.call.stats?.upstreamCalls ?? 0
    if (upstreamCalls > 0) metrics.observe('graphql_upstream_calls', upstreamCalls)
    const completed = completeResult(result, context, siteOf(operation), errors)
    const record = toRecord(siteOf(operation).operationName, type, completed, context.failures)
    countOperation(metrics, record, completed, context.failures, performance.now() - startedAt)
    const { stats } = context.call
    if (stats?.operations) stats.operations.push(record)
    else if (stats) stats.operations = [record]
    return cost === undefined ? completed : { ...completed, extensions: { ...completed.extensions, cost } }
  }

  return {
    check,
    execute,
    complete,
    run(operation, tellCost = false) {
      const startedAt = performance.now()
      const type = typeOf(operation)
      const cost = check(operation)
      const completion = { type, startedAt, cost: tellCost ? cost : undefined }
      return whenSettled(execute(operation), (result) => complete(result, operation, completion))
    },
    respondToEvent: (operation, event) =>
      whenSettled(execute(operation, event), (result) => completeResult(result, operation.context, siteOf(operation), errors)),
    stringify: (result) => toWellFormedJson(executor.stringify(result)),
  }
}

/** Goes on at once where nothing waits: a promise for each step costs more than most steps. */
function whenSettled<T, R>(value: T | PromiseLike<T>, next: (value: T) => R): R | Promise<R> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value)
}

/** Executes in a span. A document may hold personal data, so it is no attribute. */
function traceOperation<Context extends ResponseContext>(
  tracer: Tracer,
  { document, operationName, context }: Operation<Context>,
  execute: () => Promise<FormattedExecutionResult>,
): Promise<FormattedExecutionResult> {
  const definition = getOperationAST(document, operationName)
  const type = definition?.operation ?? 'operation'
  const name = definition?.name?.value
  const attributes = {
    'graphql.operation.type': type,
    ...(name !== undefined && { 'graphql.operation.name': name }),
    'deskgraph.request_id': context.call.requestId,
  }
  return tracer.span(type, attributes, async (span) => {
    const result = await execute()
    if (result.errors?.[0]) span.set({ 'error.type': String(result.errors[0].extensions?.code ?? 'INTERNAL_SERVER_ERROR') })
    return result
  })
}

/** Where an operation's errors occurred, for the log. The name of the document's only operation counts where the client sent none. */
export function siteOf<Context extends ResponseContext>({
  context,
  document,
  operationName,
}: NamedOperation<Context>): ErrorSite {
  const name = operationName ?? (document && getOperationAST(document, null)?.name?.value) ?? null
  return { requestId: context.call.requestId, operationName: name, transport: context.transport }
}

/** The type of a query or mutation. Throws OPERATION_RESOLUTION_FAILURE, and BAD_REQUEST for a subscription, which needs a transport of its own. */
function typeOf<Context>({ document, operationName }: Operation<Context>): OperationTypeNode {
  const definition = getOperationAST(document, operationName)
  if (!definition) throw new DeskgraphError('OPERATION_RESOLUTION_FAILURE', 'The document has no operation of that name.')
  refuseSubscription(definition.operation)
  return definition.operation
}

/** Throws BAD_REQUEST for a subscription where only queries and mutations are served. */
export function refuseSubscription(type: string | undefined): void {
  if (type === 'subscription') throw new DeskgraphError('BAD_REQUEST', 'Subscribe over WebSocket or server-sent events.')
}

/** What the metrics and the access log say of an answered operation. */
function toRecord(
  name: string | null,
  type: string | undefined,
  result: FormattedExecutionResult,
  failures: readonly GraphQLError[],
): OperationRecord {
  const outcome = outcomeOf(result, failures)
  const codes = outcome === 'ok' ? noCodes : [...new Set(codesOf(result, failures))]
  return { name, type: type ?? 'refused', outcome, codes }
}

const noCodes: readonly string[] = []

/** The codes of the errors, and of the failures that are data: one for each. */
function codesOf({ errors = [] }: FormattedExecutionResult, failures: readonly GraphQLError[]): string[] {
  const asData = failures.flatMap(({ originalError }) => (originalError instanceof DeskgraphError ? [originalError.code] : []))
  return [...errors.map(({ extensions }) => String(extensions?.code ?? 'INTERNAL_SERVER_ERROR')), ...asData]
}

/** Counts one answered operation by type and outcome, its duration, and by code its errors and the failures that are data. */
function countOperation(
  metrics: Metrics,
  { type, outcome }: OperationRecord,
  result: FormattedExecutionResult,
  failures: readonly GraphQLError[],
  durationMs: number,
): void {
  metrics.count('graphql_operations_total', { type, outcome })
  metrics.observe('graphql_operation_seconds', durationMs / 1000, { type })
  if (outcome !== 'ok') for (const code of codesOf(result, failures)) metrics.count('graphql_errors_total', { code })
}

function outcomeOf(result: FormattedExecutionResult, failures: readonly GraphQLError[]): OperationRecord['outcome'] {
  if (!result.errors?.length) return failures.length > 0 ? 'partial' : 'ok'
  return result.data == null ? 'failed' : 'partial'
}

import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute as executeByGraphql,
  type FormattedExecutionResult,
  GraphQLError,
} from 'graphql'
import { PullStream } from '../domain/pull-stream.ts'
import { isPromise } from '../performance/compiled-executor/promise.ts'
import type { PayloadsOfOperation } from '../performance/shared-payloads.ts'
import type { GraphContext } from './context.ts'
import type { Graph } from './create-graph.ts'
import { formatAnswer } from './format-response.ts'
import { stringifyResult } from './stringify.ts'

export interface LiveOperation {
  /** Prepared. */
  readonly document: DocumentNode
  readonly operationName: string | null
  readonly variables: Record<string, unknown>
}

/**
 * The bodies of a subscription's events, each written out, as many at a time as have come; or why there are none. A stream that
 * breaks ends with its error.
 */
export async function subscribe(
  graph: Graph,
  operation: LiveOperation,
  context: GraphContext,
): Promise<PullStream<readonly string[]> | FormattedExecutionResult> {
  const { document, operationName, variables } = operation
  const { schema, answerOptions } = graph
  const args = { schema, document, operationName, variableValues: variables, contextValue: context }
  const stream = await createSourceEventStream(args)
  // Every subscription field of ours gives such a stream.
  if (Symbol.asyncIterator in stream) return new EventBodies(graph, operation, context, stream as PullStream<object>)
  return formatAnswer(stream, context, answerOptions)
}

/** The bodies of events, all that have come at a time. */
class EventBodies extends PullStream<readonly string[]> {
  readonly #graph: Graph
  readonly #operation: LiveOperation
  readonly #context: GraphContext
  readonly #shared: PayloadsOfOperation
  readonly #events: PullStream<object>
  #ready: string[] = []
  /** An event for whose body something is looked up: the next wait for it, those before it do not. */
  #pending: Promise<boolean> | null = null
  #ended = false

  constructor(graph: Graph, operation: LiveOperation, context: GraphContext, events: PullStream<object>) {
    super()
    this.#graph = graph
    this.#operation = operation
    this.#context = context
    this.#shared = graph.sharedBodies.of(operation, context.viewer)
    this.#events = events
  }

  poll(): readonly string[] | undefined {
    try {
      this.#writeOn()
    } catch (error) {
      this.#break(error)
    }
    if (this.#ready.length === 0) return undefined
    const ready = this.#ready
    this.#ready = []
    return ready
  }

  ready(): Promise<boolean> {
    return this.#ended ? Promise.resolve(false) : (this.#pending ?? this.#events.ready())
  }

  cancel(): void {
    this.#ended = true
    this.#events.cancel()
  }

  #writeOn(): void {
    while (!this.#pending && !this.#ended) {
      const event = this.#events.poll()
      if (event === undefined) return
      const body = this.#bodyOf(event)
      if (typeof body === 'string') this.#ready.push(body)
      else this.#pending = this.#await(body)
    }
  }

  async #await(coming: Promise<string>): Promise<boolean> {
    try {
      this.#ready.push(await coming)
    } catch (error) {
      this.#break(error)
    }
    this.#pending = null
    return true
  }

  /** Its error is the last that the subscriber hears. */
  #break(error: unknown): void {
    this.cancel()
    this.#ready.push(write({ errors: [toGraphQLError(error)] }, this.#graph, this.#context))
  }

  /** What was written at once was looked up for nobody: it is the same for everybody with the same rights. An error names its request. */
  #bodyOf(event: object): string | Promise<string> {
    const known = this.#shared.find(event)
    if (known !== undefined) return known
    const [graph, context] = [this.#graph, this.#context]
    const executed = execute(graph, this.#operation, context, event)
    if (isPromise(executed)) return Promise.resolve(executed).then((came) => write(came, graph, context))
    const body = write(executed, graph, context)
    if (!executed.errors && context.faults.length === 0) this.#shared.keep(event, body)
    return body
  }
}

/** The body of a query's or mutation's answer over a live transport. */
export async function executeLive(graph: Graph, operation: LiveOperation, context: GraphContext): Promise<string> {
  return write(await execute(graph, operation, context), graph, context)
}

function execute(
  graph: Graph,
  { document, operationName, variables }: LiveOperation,
  context: GraphContext,
  rootValue?: unknown,
): ExecutionResult | Promise<ExecutionResult> {
  const executed = graph.executor.execute({ document, operationName, variables, context, rootValue })
  if (executed) return executed as ExecutionResult | Promise<ExecutionResult>
  // Nothing was executed: graphql-js says what is wrong with the request.
  return executeByGraphql({ schema: graph.schema, document, operationName, variableValues: variables, contextValue: context })
}

function write(result: ExecutionResult, graph: Graph, context: GraphContext): string {
  return stringifyResult(formatAnswer(result, context, graph.answerOptions))
}

function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  return new GraphQLError('The subscription ended.', { originalError: error instanceof Error ? error : new Error(String(error)) })
}

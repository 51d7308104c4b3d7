import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute as executeByGraphql,
  type FormattedExecutionResult,
  GraphQLError,
} from 'graphql'
import { formatAnswer } from './answer.ts'
import type { GraphContext } from './context.ts'
import type { Graph } from './create-graph.ts'
import { isPromise } from './execution/promise.ts'
import type { BodiesOfAsking } from './shared-bodies.ts'
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
): Promise<AsyncIterable<readonly string[]> | FormattedExecutionResult> {
  const { document, operationName, variables } = operation
  const { schema, answerOptions } = graph
  const args = { schema, document, operationName, variableValues: variables, contextValue: context }
  const stream = await createSourceEventStream(args)
  if (Symbol.asyncIterator in stream) return writeEvents(graph, operation, context, stream)
  return formatAnswer(stream, context, answerOptions)
}

/** What a subscription field gives. */
interface EventStream extends AsyncIterable<unknown> {
  /** The next event without a wait; undefined: there is none yet. */
  nextAtHand?(): unknown
}

async function* writeEvents(graph: Graph, operation: LiveOperation, context: GraphContext, stream: EventStream) {
  const shared = graph.sharedBodies.of(operation, context.viewer)
  try {
    for await (const first of stream) {
      let ready: string[] = []
      for (let event: unknown = first; event !== undefined; event = stream.nextAtHand?.()) {
        const body = bodyOf(graph, operation, context, event as object, shared)
        if (typeof body === 'string') ready.push(body)
        else {
          // What is written already does not wait for a look-up.
          if (ready.length > 0) yield ready
          ready = [await body]
        }
      }
      yield ready
    }
  } catch (error) {
    yield [write({ errors: [toGraphQLError(error)] }, graph, context)]
  }
}

/** What was written at once was looked up for nobody: it is the same for everybody with the same rights. An error names its request. */
function bodyOf(
  graph: Graph,
  operation: LiveOperation,
  context: GraphContext,
  event: object,
  shared: BodiesOfAsking,
): string | Promise<string> {
  const known = shared.find(event)
  if (known !== undefined) return known
  const executed = execute(graph, operation, context, event)
  if (isPromise(executed)) return Promise.resolve(executed).then((came) => write(came, graph, context))
  const body = write(executed, graph, context)
  if (!executed.errors && context.faults.length === 0) shared.keep(event, body)
  return body
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

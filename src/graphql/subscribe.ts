import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
} from 'graphql'
import { formatAnswer } from './answer.ts'
import type { GraphContext } from './context.ts'
import type { Graph } from './create-graph.ts'
import { stringifyResult } from './stringify.ts'

export interface LiveOperation {
  /** Prepared. */
  readonly document: DocumentNode
  readonly operationName: string | null
  readonly variables: Record<string, unknown>
}

/** The bodies of a subscription's events, each written out; or why there are none. A stream that breaks ends with its error. */
export async function subscribe(
  graph: Graph,
  operation: LiveOperation,
  context: GraphContext,
): Promise<AsyncIterable<string> | FormattedExecutionResult> {
  const { document, operationName, variables } = operation
  const { schema, answerOptions } = graph
  const args = { schema, document, operationName, variableValues: variables, contextValue: context }
  const stream = await createSourceEventStream(args)
  if (Symbol.asyncIterator in stream) return writeEvents(graph, operation, context, stream)
  return formatAnswer(stream, context, answerOptions)
}

async function* writeEvents(graph: Graph, operation: LiveOperation, context: GraphContext, stream: AsyncIterable<unknown>) {
  try {
    for await (const event of stream) yield await executeLive(graph, operation, context, event)
  } catch (error) {
    yield write({ errors: [toGraphQLError(error)] }, graph, context)
  }
}

/** The body of one answer: an event's, or that of a query or mutation over a live transport. */
export async function executeLive(
  graph: Graph,
  { document, operationName, variables }: LiveOperation,
  context: GraphContext,
  rootValue?: unknown,
): Promise<string> {
  const executed = await graph.executor.execute({ document, operationName, variables, context, rootValue })
  if (executed) return write(executed as ExecutionResult, graph, context)
  // Nothing was executed: graphql-js says what is wrong with the request.
  const args = { schema: graph.schema, document, operationName, variableValues: variables, contextValue: context }
  return write(await execute(args), graph, context)
}

function write(result: ExecutionResult, graph: Graph, context: GraphContext): string {
  return stringifyResult(formatAnswer(result, context, graph.answerOptions))
}

function toGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  return new GraphQLError('The subscription ended.', { originalError: error instanceof Error ? error : new Error(String(error)) })
}

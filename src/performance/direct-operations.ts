import { getOperationAST } from 'graphql'
import { isPromise } from '../graphql/executor.ts'
import { type ResponseContext, toHttpStatus } from '../graphql/format-response.ts'
import type { Operation, OperationPipeline } from '../graphql/operation-pipeline.ts'
import type { GraphResponse, GraphServer, OperationRequest } from '../graphql/server.ts'

/**
 * A server that runs ordinary operations by the pipeline alone and leaves the others to Apollo Server: a GET, an operation
 * that does not exist, a subscription. Both give the same responses.
 */
export function runDirectly<Context extends ResponseContext>(
  apollo: GraphServer<Context>,
  pipeline: OperationPipeline<Context>,
): GraphServer<Context> {
  return {
    async answer(request, context) {
      const operation = toOperation(request, context)
      if (!operation) return apollo.answer(request, context)
      const running = pipeline.run(operation, request.headers['x-deskgraph-cost'] === '1')
      const result = isPromise(running) ? await running : running
      const headers = { 'content-type': request.contentType }
      return { status: toHttpStatus(result), headers, body: pipeline.stringify(result) } satisfies GraphResponse
    },
    stop: apollo.stop,
  }
}

/** null: Apollo Server looks into what is unusual about the request. */
function toOperation<Context>(request: OperationRequest, context: Context): Operation<Context> | null {
  const { method, document, operationName, variables } = request
  if (method === 'GET') return null
  const type = getOperationAST(document, operationName)?.operation
  if (type === undefined || type === 'subscription') return null
  return { document, operationName, variables, context }
}
